// @ts-check
/* The numbers behind the charts, as tables that are made when they are unfolded. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const make = (/** @type {string} */ tag, properties = {}, ...children) => V.draw.element(tag, properties, ...children);

  /** The columns of a run: its name in the charts, and its values by epoch as text. @param {number} place
   * @returns {[string, string[]][]} */
  function columns(place) {
    const { run, curves } = V.training, { written } = V.trainingCharts, { name, epochs } = curves.runs[place];
    const found = curves.charts.flatMap((/** @type {any} */ chart) => chart.lines
      .filter((/** @type {any} */ line) => line.run === place)
      .map((/** @type {any} */ line) => [
        chart.form === "loss" ? `${chart.title}, ${line.kind}` : chart.title, line.values.map((/** @type {any} */ value) => written(chart.form, value)),
      ]));
    const own = run?.run === name ? run : { categories: [] };
    const rows = own.categories.map((/** @type {string} */ category, /** @type {number} */ row) =>
      [category, own.byCategory.accuracy[row].map(V.trainingCharts.percent)]);
    return [["epoch", epochs.map(String)], ...found, ...rows];
  }

  /** @param {number} place */
  function table(place) {
    const { name, epochs } = V.training.curves.runs[place], told = columns(place), label = `${name}, epoch by epoch`;
    const head = make("tr", {}, ...told.map(([title]) => make("th", { scope: "col", text: title })));
    const body = epochs.map((/** @type {number} */ _, /** @type {number} */ at) =>
      make("tr", {}, ...told.map(([, values]) => make("td", { text: values[at] }))));
    const numbers = make("table", { class: "num" }, make("caption", { text: name }), make("thead", {}, head), make("tbody", {}, ...body));
    return make("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, numbers);
  }

  function build() {
    const box = document.getElementById("training-tables"), runs = V.training.curves?.runs || [];
    if (!box) return;
    const open = Boolean(box.querySelector("details")?.open);
    if (!runs.length) return box.replaceChildren();
    const details = make("details", { class: "panel numbers" }, make("summary", { text: "All epochs as a table" }));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) {
        details.append(...runs.map((/** @type {any} */ _, /** @type {number} */ place) => table(place)));
      }
    });
    box.replaceChildren(details);
    details.open = open;
    return undefined;
  }

  (V.onStart ||= []).push(() => {
    V.training.listen("curves", build);
    V.training.listen("own", build);
  });
})();
