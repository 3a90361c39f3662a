// @ts-check
/* Models by categories: one score as a table whose cells are as light as their numbers are large. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @typedef {{key: string, title: string, form: string, better: string, meaning: string}} Metric */

  /** @type {{metrics: Metric[], columns: string[], categories: string[], values: {[key: string]: (number | null)[][]}} | null} */
  let group = null;
  const NAME = "category";

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  /** Scores that categories have, row 0 being all pictures. */
  const known = () => (group?.metrics || []).filter(({ key }) => group?.values[key].slice(1).some((row) => row.some((value) => value !== null)));
  const metric = () => known().find(({ key }) => key === V.state.get().metric) || known()[0];

  const heading = () => [...(group?.columns || []), "gray"];

  /** The column sorted by; null is by name. @returns {{column: number | null, worst: boolean}} */
  function order() {
    const text = V.state.get().rank || NAME, worst = text.startsWith("-"), column = heading().indexOf(worst ? text.slice(1) : text);
    return { column: column < 0 ? null : column, worst: worst && (column >= 0 || text.slice(1) === NAME) };
  }

  function choices() {
    const select = /** @type {HTMLSelectElement | null} */ (byId("evaluation-metric"));
    if (!select) return;
    select.replaceChildren(...known().map(({ key, title }) => V.draw.element("option", { value: key, text: title })));
    select.addEventListener("change", () => V.state.set({ metric: select.value }));
  }

  function show() {
    const table = byId("evaluation-categories"), chosen = metric();
    if (!table || !group || !chosen) return;
    const select = /** @type {HTMLSelectElement} */ (byId("evaluation-metric")), { element } = V.draw;
    select.value = chosen.key;
    select.title = chosen.meaning;
    const rows = group.values[chosen.key], color = scale(chosen, rows.slice(1).flat());
    table.style.setProperty("--columns", String(group.columns.length + 1));
    const focused = document.activeElement?.closest("#evaluation-categories button")?.getAttribute("data-column");
    const line = (/** @type {number} */ i) => element("tr", i ? {} : { class: "is-whole" }, name(i), ...rows[i].map((value) => cell(value, chosen, color)));
    table.replaceChildren(element("thead", {}, element("tr", {}, ...heads(chosen))), element("tbody", {}, ...sorted(chosen, rows).map(line)));
    if (focused) /** @type {HTMLElement | null} */ (table.querySelector(`button[data-column="${focused}"]`))?.focus();
  }

  /** Categories in the order of the sorting, after all pictures. @param {Metric} chosen @param {(number | null)[][]} rows @returns {number[]} */
  function sorted(chosen, rows) {
    const places = rows.map((_, i) => i), { column, worst } = order();
    if (column === null) return worst ? [0, ...places.slice(1).reverse()] : places;
    const value = (/** @type {number} */ i) => (rows[i][column] === null ? null : V.evaluation.merit(rows[i][column], chosen.better));
    return [0, ...V.evaluation.sorted(places.slice(1), value, worst)];
  }

  /** @param {Metric} chosen */
  function heads(chosen) {
    const { element } = V.draw, { column, worst } = order();
    return [NAME, ...heading()].map((text, i) => {
      const button = element("button", { type: "button", class: "evaluation-sort", "data-column": i, title: text }, element("span", { class: "evaluation-name", text }));
      button.addEventListener("click", () => press(i ? i - 1 : null));
      const th = element("th", { scope: "col" }, button);
      const by = column === (i ? i - 1 : null), better = i ? chosen.better : "less";
      if (by) th.setAttribute("aria-sort", V.evaluation.direction(better, worst));
      return th;
    });
  }

  /** @param {number | null} column */
  function press(column) {
    const now = order(), worst = now.column === column && !now.worst, name = column === null ? NAME : heading()[column];
    V.state.set({ rank: name === NAME && !worst ? null : `${worst ? "-" : ""}${name}` });
  }

  /** @param {number} i row of the values */
  function name(i) {
    const text = i ? group?.categories[i - 1] || "" : "all pictures", cut = text.lastIndexOf("/") + 1, { element } = V.draw;
    return element("th", { scope: "row", title: text }, element("span", { class: "evaluation-parent", text: text.slice(0, cut) }), element("span", { text: text.slice(cut) }));
  }

  /** @param {number | null} value @param {Metric} chosen @param {(value: number) => number} color */
  function cell(value, chosen, color) {
    const td = V.draw.element("td", { text: V.evaluation.text(value, chosen.form) });
    if (value === null) return td;
    const pixel = color(value);
    Object.assign(td.style, { background: V.scales.css(pixel), color: luminance(pixel) > 0.179 ? "#000" : "#fff" });
    return td;
  }

  /** Relative luminance, by which black or white text is told best (WCAG 2.2). @param {number} pixel */
  function luminance(pixel) {
    const linear = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map((c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  /** The color of a value: viridis over what is there, blue and red around zero; says so beside the title. @param {Metric} chosen @param {(number | null)[]} values */
  function scale(chosen, values) {
    const numbers = /** @type {number[]} */ (values.filter((value) => value !== null));
    const most = Math.max(...numbers.map(Math.abs)), around = chosen.better === "zero";
    const low = around ? -most : Math.min(...numbers), high = around ? most : Math.max(...numbers);
    const colors = around ? V.scales.diverging : V.scales.viridis, ramp = V.element("span", "ramp");
    ramp.style.background = V.scales.gradient(colors);
    const better = { more: "more is better", less: "less is better", zero: "0 is the photos\u2019 own", "": "" }[chosen.better] || "";
    byId("evaluation-scale")?.replaceChildren(V.evaluation.text(low, chosen.form), ramp, V.evaluation.text(high, chosen.form), V.element("span", "", better));
    return (/** @type {number} */ value) => colors[Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low || 1))))];
  }

  /** @param {any} data the group that has come */
  function mounted(data) {
    group = data;
    choices();
    show();
  }

  V.evaluationCategories = { mounted };
  (V.onStart ||= []).push(() => V.state.on(["metric", "rank"], show));
})();
