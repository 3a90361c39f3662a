// @ts-check
/* What the Colors page says in words and numbers: the bin, the photo, the training set, the weights, the table. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /**
   * @typedef {object} View
   * @property {any} numbers what the server tells of the model
   * @property {Record<string, ArrayLike<number> | null>} values numbers per bin, by kind
   * @property {{centers: number[][]}} bins
   * @property {number} lambda
   * @property {number | null} bin the one under the pointer, or pinned
   * @property {number | null} pinned
   * @property {number | null} own the open photo's most common color
   */

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const signed = (/** @type {number} */ value) => String(value).replace("-", "\u2212");
  const name = (/** @type {number[]} */ [a, b]) => `a ${signed(a)}, b ${signed(b)}`;
  const NONE = "\u2013";

  /** The empty state: what is missing and what to do. @param {any} numbers */
  function missing(numbers) {
    const box = byId("colors-missing"), none = !numbers.prior;
    box.hidden = !none;
    byId("colors-control").hidden = none;
    byId("colors-grid").hidden = byId("colors-details").hidden = false;
    byId("colors-grid").classList.toggle("without-prior", none);
    if (!none) return;
    box.replaceChildren(
      V.element("h2", "panel-title", "No training colors for this model"),
      V.element("p", "", `${numbers.missing} It says how often each color occurs in the training pictures. `,
        "To make it from a folder of those pictures, run"),
      V.element("pre", "command", `visml prior PICTURES -o checkpoints/${numbers.model}/prior.json`),
      V.element("p", "sub", "and reload the page. The open photo\u2019s own colors are shown below."),
    );
  }

  /** The empty state of a page without any model. */
  function noModel() {
    byId("colors-missing").hidden = false;
    byId("colors-control").hidden = byId("colors-grid").hidden = byId("colors-details").hidden = true;
    byId("colors-missing").replaceChildren(
      V.element("h2", "panel-title", "No model is open"),
      V.element("p", "", "Put a checkpoint folder into checkpoints/ and reload the page."),
    );
  }

  /** @param {View} view */
  function photo({ values }) {
    const { photo } = V.trace || {};
    byId("colors-target-sub").textContent = !photo ? "no photo is open"
      : photo.has_color ? "share of its pixels per bin" : "this photo is gray: it has no colors of its own";
    byId("colors-predicted-sub").textContent = !photo ? "no photo is open"
      : values.predicted ? `share of its pixels per bin, T ${V.state.get().t.toFixed(2)}` : "reading \u2026";
  }

  /** @param {View} view */
  function set({ numbers }) {
    if (!numbers.prior) return void (byId("colors-facts").textContent = "");
    const never = numbers.prior.filter((/** @type {number} */ p) => p === 0).length;
    const entropy = numbers.prior.reduce((/** @type {number} */ sum, /** @type {number} */ p) =>
      sum - (p > 0 ? p * Math.log2(p) : 0), 0);
    const facts = [
      numbers.pictures && `${numbers.pictures.toLocaleString("en-US")} pictures`,
      numbers.pixels && `${V.rebalancing.number(numbers.pixels)} pixels`,
      `entropy ${entropy.toFixed(2)} of ${Math.log2(numbers.prior.length).toFixed(2)} bits`,
      never ? `${never} bins never seen` : "every bin seen",
    ];
    byId("colors-facts").textContent = `Training set: ${facts.filter(Boolean).join(" \u00b7 ")}`;
  }

  /** @param {ArrayLike<number> | null} w */
  function weights(w) {
    if (!w) return;
    const least = Math.min(...Array.from(w)), most = Math.max(...Array.from(w)), say = V.rebalancing.number;
    const rows = [["smallest weight", say(least)], ["largest weight", say(most)], ["largest : smallest", say(most / least)]];
    byId("colors-numbers").replaceChildren(...V.entries(rows));
  }

  /** A bin's numbers and their names. @param {View} view @returns {[string, string][]} */
  function rows({ numbers, values, bin, lambda }) {
    const { number, percent } = V.rebalancing;
    const say = (/** @type {string} */ kind, /** @type {(value: number) => string} */ write) => {
      const known = values[kind];
      return known ? write(known[/** @type {number} */ (bin)]) : NONE;
    };
    /** @type {[string, string][]} */
    const training = [
      ["prior", say("prior", percent)],
      ["smoothed", say("smoothed", percent)],
      [`weight, \u03bb ${lambda.toFixed(2)}`, say("weight", number)],
    ];
    return [
      ...(numbers.prior ? training : []),
      ["this photo, target", say("target", percent)],
      ["this photo, predicted", say("predicted", percent)],
    ];
  }

  /** @param {View} view */
  function bin(view) {
    const { bin, bins, numbers } = view, box = byId("colors-bin");
    byId("colors-bin-sub").textContent = bin === null ? "" : bin === view.pinned ? "pinned, Esc lets go"
      : bin === view.own ? "this photo\u2019s most common color; move over any other" : "a click pins it";
    beside(view);
    if (bin === null || !bins) {
      const hint = "Move over any bin, or focus a drawing and use the arrow keys, to read that color in all five.";
      return box.replaceChildren(V.element("p", "sub", hint));
    }
    const swatch = V.element("span", "colors-swatch");
    swatch.style.background = numbers.colors[bin];
    box.replaceChildren(
      V.element("p", "colors-bin-name", swatch, name(bins.centers[bin])),
      V.element("dl", "", ...V.entries(rows(view))),
    );
  }

  /** The bin's number beside every drawing. @param {View} view */
  function beside({ values, bins, bin }) {
    for (const [kind, known] of Object.entries(values)) {
      const write = kind === "weight" ? V.rebalancing.number : V.rebalancing.percent;
      const box = byId(`colors-${kind}-value`);
      if (bin === null || !known) box.replaceChildren();
      else box.replaceChildren(V.element("span", "sub", name(bins.centers[bin])), V.element("b", "", write(known[bin])));
    }
  }

  /** @param {View} view */
  function table({ values, bins }) {
    const { number, percent } = V.rebalancing;
    const kinds = { prior: percent, smoothed: percent, weight: number, target: percent, predicted: percent };
    const head = V.element("tr", "", ...["a", "b", ...Object.keys(kinds)].map((name) => {
      const cell = V.element("th", "", name);
      cell.setAttribute("scope", "col");
      return cell;
    }));
    const cells = (/** @type {number} */ q) => Object.entries(kinds).map(([kind, write]) => {
      const known = values[kind];
      return known ? write(known[q]) : NONE;
    });
    const rows = bins.centers.map((center, q) =>
      V.element("tr", "", ...[...center.map(signed), ...cells(q)].map((text) => V.element("td", "", text))));
    byId("colors-table").replaceChildren(
      V.element("table", "num", V.element("thead", "", head), V.element("tbody", "", ...rows)));
  }

  V.colorWords = { missing, noModel, photo, set, weights, bin, table };
})();
