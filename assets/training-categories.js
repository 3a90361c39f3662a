// @ts-check
/* Accuracy by category: a list beside the heatmap and the lines, all three lit together. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MEASURES = { accuracy: "likeliest bin", relaxed_accuracy: "five likeliest" };
  const NEAR = 14; // pixels from a line at which the pointer is on it

  /** @type {any} the run whose categories are shown, or null */
  let run = null;
  let measure = "accuracy";
  /** @type {number | null} the category under the pointer or the arrow keys */
  let lit = null;

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  /** @param {string} key @returns {HTMLElement | null} */
  const chartOf = (key) => document.querySelector(`#training-rest [data-chart="${key}"]`);

  /** A category's value at an epoch. @param {number} row @param {number} epoch */
  const valueOf = (row, epoch) => run.byCategory[measure][row][run.epochs.indexOf(epoch)];

  /** @param {any} next */
  function rest(next) {
    run = next?.categories.length && byId("training-categories") ? next : null;
    lit = null;
    measure = "accuracy";
    if (!run) return;
    buildMeasures();
    buildList();
    const row = V.element("div", "chart-row");
    row.hidden = true;
    chartOf("heatmap")?.append(row);
    for (const key of ["heatmap", "lines"]) {
      chartOf(key)?.addEventListener("pointermove", (event) => point(key, event));
      chartOf(key)?.addEventListener("pointerleave", () => light(null));
    }
  }

  // ---- pointer -----------------------------------------------------------------------------------------------

  /** @param {string} key @param {PointerEvent} event */
  function point(key, event) {
    const chart = /** @type {HTMLElement} */ (chartOf(key)), on = V.trainingCharts.axes(chart);
    if (!on) return;
    const y = event.clientY - chart.getBoundingClientRect().top - on.y._offset;
    light(key === "lines" ? nearest(on, V.training.epoch(), y) : within(Math.round(on.y.p2d(y))));
  }

  /** @param {number} row */
  const within = (row) => (row >= 0 && row < run.categories.length ? row : null);

  /** The category whose line is closest to the pointer at an epoch, if it is close.
   * @param {any} on the chart's axes @param {number} epoch @param {number} y */
  function nearest(on, epoch, y) {
    let best = null, least = NEAR;
    run.categories.forEach((/** @type {string} */ _, /** @type {number} */ row) => {
      const value = valueOf(row, epoch), distance = value === null ? Infinity : Math.abs(on.y.d2p(value) - y);
      if (distance < least) { least = distance; best = row; }
    });
    return best;
  }

  // ---- the list ----------------------------------------------------------------------------------------------

  function buildMeasures() {
    byId("training-measure")?.replaceChildren(...Object.entries(MEASURES).map(([name, label]) => {
      const made = V.draw.element("button", { type: "button", text: label, "aria-pressed": String(name === measure), "data-measure": name });
      made.addEventListener("click", () => choose(name));
      return made;
    }));
  }

  /** @param {string} name */
  function choose(name) {
    measure = name;
    byId("training-measure")?.querySelectorAll("button")
      .forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.measure === name)));
    const plot = (/** @type {string} */ key) => chartOf(key)?.querySelector(".js-plotly-plot");
    const rows = run.byCategory[name], plotly = window["Plotly"];
    plotly?.restyle(plot("heatmap"), { z: [rows] });
    plotly?.restyle(plot("lines"), { y: [...rows, run.overall[name]] }).then(() => light(lit, true));
    show(V.training.epoch());
  }

  function buildList() {
    const list = /** @type {HTMLElement} */ (byId("training-categories"));
    list.tabIndex = 0;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "categories, the most accurate first");
    list.replaceChildren(...run.categories.map((/** @type {string} */ name, /** @type {number} */ row) => {
      const cut = name.lastIndexOf("/") + 1;
      const label = V.element("span", "category-name", V.element("span", "category-parent", name.slice(0, cut)), name.slice(cut));
      const item = V.element("div", "category", label, V.element("span", "category-value", V.trainingCharts.NONE));
      Object.assign(item, { id: `training-category-${row}`, title: name });
      item.dataset.row = String(row);
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.addEventListener("pointerenter", () => light(row));
      return item;
    }));
    list.onpointerleave = list.onblur = () => light(null);
    list.onkeydown = onKey;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key], along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) light(Math.min(run.categories.length - 1, Math.max(0, lit === null ? 0 : lit + step)));
    else if (along) V.training.choose(V.training.further(along));
    else if (event.key === "Escape") light(null);
    else return;
    event.preventDefault();
  }

  /** Marks one category in the list, its line and its row. @param {number | null} row @param {boolean} [again] */
  function light(row, again = false) {
    if (row === lit && !again) return;
    lit = row;
    const list = byId("training-categories");
    list?.querySelectorAll("[data-row]").forEach((item) =>
      item.setAttribute("aria-selected", String(Number(/** @type {HTMLElement} */ (item).dataset.row) === row)));
    if (row === null) list?.removeAttribute("aria-activedescendant");
    else list?.setAttribute("aria-activedescendant", `training-category-${row}`);
    markRow();
    chartOf("lines")?.querySelectorAll(".scatterlayer .trace").forEach((trace, index) => trace.classList.toggle("lit", index === row));
  }

  /** The heatmap's row of the lit category. */
  function markRow() {
    const chart = chartOf("heatmap"), row = /** @type {HTMLElement | null} */ (chart?.querySelector(".chart-row"));
    const on = chart && V.trainingCharts.axes(chart);
    if (!row) return;
    row.hidden = !on || lit === null;
    if (row.hidden || !on || lit === null) return;
    const height = on.y._length / run.categories.length;
    Object.assign(row.style, {
      left: `${on.x._offset}px`, width: `${on.x._length}px`, height: `${height}px`,
      top: `${on.y._offset + on.y.d2p(lit) - height / 2}px`,
    });
  }

  /** @param {number} epoch */
  function show(epoch) {
    if (!run) return;
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#training-categories [data-row]"))) {
      V.draw.say(item.lastElementChild, V.trainingCharts.percent(valueOf(Number(item.dataset.row), epoch)));
    }
  }

  (V.onStart ||= []).push(() => {
    V.training.listen("rest", rest);
    V.training.listen("show", show);
  });
})();
