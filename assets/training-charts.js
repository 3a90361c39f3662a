// @ts-check
/* The Training page's charts: plotly draws them once; the cursor over the shown epoch, the lit category and the numbers
   in the legends are elements beside and above, so that moving costs no redraw. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MEASURES = { accuracy: "likeliest bin", relaxed_accuracy: "five likeliest" };

  /** @type {any} */
  let run = null;
  /** @type {any} */
  let tell = null;
  let measure = "accuracy";
  let lit = null; // the category under the pointer or the arrow keys
  let now = null;

  const byId = (id) => document.getElementById(id);
  const percent = (value) => (value === null || value === undefined ? "\u2013" : `${(100 * value).toFixed(1)} %`);

  /** How a series' value is written. @param {string} series @param {number | null | undefined} value */
  function written(series, value) {
    if (value === null || value === undefined) return "\u2013";
    if (series === "lr") return V.rebalancing.number(value);
    return series.startsWith("loss:") ? value.toFixed(3) : percent(value);
  }

  /** A category's or all pictures' value at an epoch. @param {number} row @param {number} epoch */
  const valueOf = (row, epoch) => run.byCategory[measure][row][run.epochs.indexOf(epoch)];

  /** What a screen reader hears at an epoch. @param {number} epoch */
  function sentence(epoch) {
    const at = run?.epochs.indexOf(epoch);
    const accuracy = at >= 0 ? run.series.accuracy[at] : null;
    return accuracy === null || at < 0 ? `epoch ${epoch}` : `epoch ${epoch}, accuracy ${percent(accuracy)}`;
  }

  /** A new run is on the page. @param {any} data @param {{hover: Function, choose: Function}} listeners */
  function mounted(data, listeners) {
    run = data;
    tell = listeners;
    lit = null;
    now = null;
    measure = "accuracy";
    document.querySelectorAll("#training-body .chart").forEach(listen);
    buildMeasures();
    buildCategories();
  }

  // ---- pointer -----------------------------------------------------------------------------------------------

  /** A chart's axes, once plotly has drawn it. */
  function axes(chart) {
    const layout = chart.querySelector(".js-plotly-plot")?._fullLayout;
    return layout?.xaxis?._length ? { x: layout.xaxis, y: layout.yaxis } : null;
  }

  function listen(chart) {
    const cursor = V.element("div", "chart-cursor");
    const row = V.element("div", "chart-row");
    cursor.hidden = row.hidden = true;
    chart.append(cursor, ...(chart.dataset.chart === "heatmap" ? [row] : []));
    chart.addEventListener("pointermove", (event) => point(chart, event));
    chart.addEventListener("pointerleave", () => { light(null); tell.hover(null); });
    chart.addEventListener("click", () => { if (now !== null) tell.choose(now); });
    new ResizeObserver(() => place(chart)).observe(chart);
    const drawn = new MutationObserver(() => place(chart)); // plotly comes later than the page
    drawn.observe(chart, { childList: true, subtree: true });
  }

  function point(chart, event) {
    const on = axes(chart), box = chart.getBoundingClientRect();
    if (!on) return;
    const at = on.x.p2d(event.clientX - box.left - on.x._offset), y = event.clientY - box.top - on.y._offset;
    const nearest = run.epochs.reduce((best, each) => (Math.abs(each - at) < Math.abs(best - at) ? each : best));
    tell.hover(nearest);
    if (chart.dataset.chart === "heatmap") light(within(Math.round(on.y.p2d(y))));
    if (chart.dataset.chart === "lines") light(nearestLine(on, nearest, y));
  }

  const within = (row) => (row >= 0 && row < run.categories.length ? row : null);

  /** The category whose line is closest to the pointer at an epoch, if it is close. */
  function nearestLine(on, epoch, y) {
    let best = null, least = 14;
    run.categories.forEach((_, row) => {
      const value = valueOf(row, epoch);
      const distance = value === null ? Infinity : Math.abs(on.y.d2p(value) - y);
      if (distance < least) { least = distance; best = row; }
    });
    return best;
  }

  // ---- the shown epoch ---------------------------------------------------------------------------------------

  /** @param {number} epoch */
  function show(epoch) {
    now = epoch;
    if (!run) return;
    const at = run.epochs.indexOf(epoch);
    for (const place of document.querySelectorAll("#training-body [data-series]")) {
      place.textContent = written(place.dataset.series, run.series[place.dataset.series]?.[at]);
    }
    for (const item of document.querySelectorAll("#training-categories [data-row]")) {
      item.lastChild.textContent = percent(valueOf(Number(item.dataset.row), epoch));
    }
    document.querySelectorAll("#training-body .chart").forEach(place);
  }

  /** Puts a chart's cursor over the shown epoch. */
  function place(chart) {
    const cursor = chart.querySelector(".chart-cursor"), on = axes(chart);
    if (!cursor) return;
    cursor.hidden = !on || now === null || !run.epochs.includes(now);
    if (cursor.hidden) return;
    const column = chart.dataset.chart === "heatmap", middle = on.x._offset + on.x.d2p(now);
    const width = column ? on.x._length / (on.x.range[1] - on.x.range[0]) : 0;
    cursor.classList.toggle("column", column);
    chart.classList.toggle("narrow", column && width < 26);
    Object.assign(cursor.style, {
      left: `${middle - width / 2}px`, top: `${on.y._offset}px`, width: `${width || 1}px`, height: `${on.y._length}px`,
    });
  }

  // ---- categories --------------------------------------------------------------------------------------------

  function buildMeasures() {
    const box = byId("training-measure");
    if (!box) return;
    box.replaceChildren(...Object.entries(MEASURES).map(([name, label]) => {
      const made = V.element("button", "", label);
      made.setAttribute("type", "button");
      made.setAttribute("aria-pressed", String(name === measure));
      made.dataset.measure = name;
      made.addEventListener("click", () => choose(name));
      return made;
    }));
  }

  function choose(name) {
    measure = name;
    byId("training-measure").querySelectorAll("button")
      .forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.measure === name)));
    const plot = (key) => document.querySelector(`[data-chart="${key}"] .js-plotly-plot`);
    const rows = run.byCategory[name], plotly = window["Plotly"];
    plotly?.restyle(plot("heatmap"), { z: [rows] });
    plotly?.restyle(plot("lines"), { y: [...rows, run.series[name]] }).then(() => light(lit, true));
    show(now);
  }

  function buildCategories() {
    const list = byId("training-categories");
    if (!list) return;
    list.tabIndex = 0;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "categories, the most accurate first");
    list.replaceChildren(...run.categories.map((name, row) => {
      const cut = name.lastIndexOf("/") + 1;
      const label = V.element("span", "category-name", V.element("span", "category-parent", name.slice(0, cut)), name.slice(cut));
      const item = V.element("div", "category", label, V.element("span", "category-value", "\u2013"));
      item.id = `training-category-${row}`;
      item.title = name;
      item.dataset.row = String(row);
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.addEventListener("pointerenter", () => light(row));
      return item;
    }));
    list.addEventListener("pointerleave", () => light(null));
    list.addEventListener("blur", () => light(null));
    list.addEventListener("keydown", onKey);
  }

  function onKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key], along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) light(Math.min(run.categories.length - 1, Math.max(0, lit === null ? 0 : lit + step)));
    else if (along) tell.choose(run.epochs[run.epochs.indexOf(now) + along] ?? now);
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
      item.setAttribute("aria-selected", String(Number(item.dataset.row) === row)));
    if (row === null) list?.removeAttribute("aria-activedescendant");
    else list?.setAttribute("aria-activedescendant", `training-category-${row}`);
    markRow();
    document.querySelectorAll('[data-chart="lines"] .scatterlayer .trace').forEach((trace, index) =>
      trace.classList.toggle("lit", index === row));
  }

  /** The heatmap's row of the lit category. */
  function markRow() {
    const chart = document.querySelector('[data-chart="heatmap"]'), row = chart?.querySelector(".chart-row");
    const on = row && axes(chart);
    if (!row) return;
    row.hidden = !on || lit === null;
    if (row.hidden) return;
    const height = on.y._length / run.categories.length;
    Object.assign(row.style, {
      left: `${on.x._offset}px`, width: `${on.x._length}px`, height: `${height}px`,
      top: `${on.y._offset + on.y.d2p(lit) - height / 2}px`,
    });
  }

  V.trainingCharts = { mounted, show, sentence };
})();
