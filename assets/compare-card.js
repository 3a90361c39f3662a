// @ts-check
/* A column of Compare: its model and temperature, its picture, and where its numbers go. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PIXEL = ["predicted", "error", "likeliest", "entropy"];
  /** The scores and their names are the target's, whose table the server wrote. */
  const scoreRows = () => [...document.querySelectorAll("#compare-target tbody tr")];

  /**
   * Rows of a read-out, filled later.
   * @param {Element} list a description list @param {string[]} names
   * @returns {Record<string, (text: string | null, color?: string | null) => void>} by name; null hides a row's value
   */
  function rows(list, names) {
    const entries = names.map((name) => {
      const swatch = V.draw.element("span", { class: "swatch" }), text = V.draw.element("span");
      const row = V.draw.element("div", {}, V.draw.element("dt", { text: name }), V.draw.element("dd", {}, swatch, text));
      list.append(row);
      const show = (/** @type {string | null} */ told, /** @type {string | null} */ color = null) => {
        row.hidden = told === null;
        swatch.hidden = color === null;
        if (color !== null) swatch.style.background = color;
        V.draw.say(text, told ?? "");
      };
      show(null);
      return [name, show];
    });
    return Object.fromEntries(entries);
  }

  /** Puts a canvas into a picture that moves the crosshair. @param {HTMLElement} picture @returns {HTMLCanvasElement} */
  function canvas(picture) {
    const made = V.draw.sheet(1, 1), stage = /** @type {HTMLElement} */ (picture.querySelector(".stage"));
    made.setAttribute("aria-hidden", "true");
    stage.prepend(made);
    V.crosshair.link(picture, stage);
    return made;
  }

  /**
   * @param {string} letter
   * @param {{model: (name: string) => void, told: (category: string | null) => void, temperature: (t: number) => void, remove: () => void}} tell
   */
  function create(letter, tell) {
    const { element } = V.draw;
    const select = element("select", { class: "title-choice", "aria-label": `Model of column ${letter}` });
    select.append(...V.columns.models().map((/** @type {string} */ name) => element("option", { text: name, value: name })));
    const slider = element("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": `Temperature of column ${letter}` });
    const value = element("output", { class: "num" }), remove = element("button", {
      class: "compare-remove", type: "button", text: "\u00d7", "aria-label": `Remove column ${letter}`, title: "Remove this column",
    });
    const temperature = element("div", { class: "compare-t" }, element("span", { class: "sub", text: "T", "aria-hidden": "true" }), slider, value);
    const plain = element("p", { class: "sub compare-t", text: "colors, no distribution: no T", title: "This model has no bins, so there is no temperature to choose." });
    const told = tellable(letter, tell.told);
    const picture = element("div", {
      class: "picture", tabindex: 0, role: "application",
      "aria-label": `Column ${letter}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it.`,
    }, element("div", { class: "stage" }), element("p", { class: "absence" }));
    const pixel = element("dl", { class: "compare-pixel num" });
    const table = element("table", { class: "scores", "aria-label": `Scores of column ${letter}` });
    const node = element("section", { class: "panel picture-card compare-card", "aria-label": `Column ${letter}` },
      element("div", { class: "panel-head" }, element("h3", { class: "panel-title", text: letter }), select, remove),
      element("div", { class: "compare-decoding" }, told.element, temperature, plain), picture, pixel, table);
    const scores = scoreTable(table, letter);
    select.addEventListener("change", () => tell.model(select.value));
    slider.addEventListener("input", () => tell.temperature(Number(slider.value)));
    remove.addEventListener("click", tell.remove);
    return {
      letter, element: node, select, remove, canvas: canvas(picture), values: rows(pixel, PIXEL), scores: scores.cells,
      describe: (/** @type {any} */ column, /** @type {any} */ meta) => {
        select.value = column.model;
        told.show(column);
        plain.hidden = !meta || meta.output.kind === "bins";
        temperature.hidden = !plain.hidden;
        const t = column.t ?? meta?.temperature;
        slider.disabled = t === undefined;
        V.draw.say(scores.size, meta ? `at ${meta.size} px` : letter);
        if (t === undefined) return;
        if (Number(slider.value) !== t) slider.value = String(t);
        V.draw.say(value, t.toFixed(2));
      },
      wait: (/** @type {boolean} */ yes) => {
        node.classList.toggle("is-waiting", yes);
        node.setAttribute("aria-busy", String(yes));
      },
      fail: (/** @type {string} */ sentence) => {
        picture.classList.toggle("is-empty", Boolean(sentence));
        V.draw.say(picture.querySelector(".absence"), sentence);
      },
    };
  }

  /** What the column's model is told, where it can be told anything.
   * @param {string} letter @param {(category: string | null) => void} tell */
  function tellable(letter, tell) {
    const { element } = V.draw, select = element("select", { class: "title-choice", "aria-label": `Category that the model of column ${letter} is told` });
    const row = element("div", { class: "compare-t compare-told" }, element("span", { class: "sub", text: "told", "aria-hidden": "true" }), select);
    let offered = "";
    select.addEventListener("change", () => tell(select.value || null));
    return {
      element: row,
      show: (/** @type {{model: string, told: string | null}} */ { model, told }) => {
        if (model !== offered) {
          select.replaceChildren(...V.told.options(offered = model).map(({ value, label }) => element("option", { text: label, value })));
        }
        row.hidden = select.options.length < 2;
        select.value = told ?? "";
      },
    };
  }

  /** @param {HTMLElement} table @param {string} letter @returns {{size: HTMLElement, cells: Record<string, HTMLElement>}} the cell of each score */
  function scoreTable(table, letter) {
    const { element } = V.draw, name = element("span", { class: "visually-hidden", text: "Score" });
    const size = element("th", { scope: "col", text: letter }), head = element("tr", {}, element("th", {}, name), size);
    const body = element("tbody"), cells = scoreRows().map((row) => {
      const cell = element("td", { text: "\u2013" }), th = /** @type {Element} */ (row.querySelector("th"));
      body.append(element("tr", {}, th.cloneNode(true), cell));
      return [/** @type {HTMLElement} */ (row).dataset.score, cell];
    });
    table.append(element("thead", {}, head), body);
    return { size, cells: Object.fromEntries(cells) };
  }

  V.compareCard = { create, rows, canvas };
})();
