// @ts-check
/* The Training page's charts: plotly draws them once; the cursor over the shown epoch and the numbers in the legends are
   elements beside and above, so that moving costs no redraw. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NONE = "\u2013";
  const percent = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? NONE : `${(100 * value).toFixed(1)} %`);

  /** A number with so many significant digits and a real minus; a power of ten where zeros would have to be counted.
   * @param {number} value @param {number} count */
  function digits(value, count) {
    const size = Math.abs(value), plain = size >= 1e-4 && size < 10 ** count;
    return (plain ? value.toPrecision(count) : V.rebalancing.number(value)).replace("-", "\u2212");
  }

  /** How a chart's value is written. @param {"loss" | "share" | "rate"} form @param {number | null | undefined} value */
  function written(form, value) {
    if (value === null || value === undefined) return NONE;
    if (form === "share") return percent(value);
    return form === "rate" ? V.rebalancing.number(value) : digits(value, 4);
  }

  /** What a screen reader hears at an epoch. @param {number} epoch */
  function sentence(epoch) {
    const { run } = V.training, at = run ? run.epochs.indexOf(epoch) : -1;
    const accuracy = at >= 0 ? run.overall.accuracy[at] : null;
    return accuracy === null ? `epoch ${epoch}` : `epoch ${epoch}, accuracy ${percent(accuracy)}`;
  }

  // ---- pointer -----------------------------------------------------------------------------------------------

  /** A chart's axes, once plotly has drawn it. @param {Element} chart @returns {{x: any, y: any} | null} */
  function axes(chart) {
    const layout = /** @type {any} */ (chart.querySelector(".js-plotly-plot"))?._fullLayout;
    return layout?.xaxis?._length ? { x: layout.xaxis, y: layout.yaxis } : null;
  }

  /** The epochs that a chart has something of. @param {HTMLElement} chart @returns {number[]} */
  const epochsOf = (chart) => (chart.closest("#training-curves") ? V.training.epochs : V.training.run?.epochs) || [];

  /** Makes the charts of a part answer the pointer. @param {string} part */
  function listen(part) {
    document.querySelectorAll(`#${part} .chart:not([data-chart="sweep"])`).forEach((found) => {
      const chart = /** @type {HTMLElement} */ (found), cursor = V.element("div", "chart-cursor");
      cursor.hidden = true;
      chart.append(cursor);
      chart.addEventListener("pointermove", (event) => point(chart, event));
      chart.addEventListener("pointerleave", () => V.training.hover(null));
      chart.addEventListener("click", () => V.training.choose(V.training.epoch()));
      new ResizeObserver(() => place(chart)).observe(chart);
      const drawn = new MutationObserver(() => place(chart)); // plotly comes later than the page
      drawn.observe(chart, { childList: true, subtree: true });
    });
  }

  /** @param {HTMLElement} chart @param {PointerEvent} event */
  function point(chart, event) {
    const on = axes(chart), known = epochsOf(chart);
    if (!on || !known.length) return;
    const at = on.x.p2d(event.clientX - chart.getBoundingClientRect().left - on.x._offset);
    V.training.hover(known.reduce((best, each) => (Math.abs(each - at) < Math.abs(best - at) ? each : best)));
  }

  // ---- the shown epoch ---------------------------------------------------------------------------------------

  /** @param {number} epoch */
  function show(epoch) {
    fill(epoch);
    document.querySelectorAll("#training .chart").forEach((chart) => place(/** @type {HTMLElement} */ (chart)));
  }

  /** The legends' numbers. @param {number} epoch */
  function fill(epoch) {
    const { curves } = V.training;
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#training-curves [data-of]"))) {
      const { of, run, kind } = cell.dataset, chart = curves?.charts.find((/** @type {any} */ each) => each.key === of);
      const line = chart?.lines.find((/** @type {any} */ each) => each.run === Number(run) && each.kind === kind);
      const at = line ? curves.runs[line.run].epochs.indexOf(epoch) : -1;
      V.draw.say(cell, at < 0 ? NONE : written(chart.form, line.values[at]));
    }
  }

  /** Puts a chart's cursor over the shown epoch. @param {HTMLElement} chart */
  function place(chart) {
    const cursor = /** @type {HTMLElement | null} */ (chart.querySelector(".chart-cursor")), on = axes(chart);
    const now = V.training.epoch();
    if (!cursor) return;
    cursor.hidden = !on || !epochsOf(chart).includes(now);
    if (cursor.hidden || !on) return;
    const column = chart.dataset.chart === "heatmap", middle = on.x._offset + on.x.d2p(now);
    const width = column ? on.x._length / (on.x.range[1] - on.x.range[0]) : 0;
    cursor.classList.toggle("column", column);
    chart.classList.toggle("narrow", column && width < 26);
    Object.assign(cursor.style, {
      left: `${middle - width / 2}px`, top: `${on.y._offset}px`, width: `${width || 1}px`, height: `${on.y._length}px`,
    });
  }

  (V.onStart ||= []).push(() => {
    V.training.listen("curves", () => listen("training-curves"));
    V.training.listen("rest", () => listen("training-rest"));
    V.training.listen("show", show);
  });

  V.trainingCharts = { NONE, axes, digits, percent, sentence, written };
})();
