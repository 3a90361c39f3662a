// @ts-check
/* Accuracy curves: whose are drawn, and what they are at the error under the pointer or the slider. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KINDS = ["raw", "balanced"];
  const MOST = 5; // models drawn while nobody has chosen
  const LAST = 150;

  /** @typedef {{key: string, name: string, color: number, dash: string, raw: number[] | null, balanced: number[] | null}} Series */

  /** @type {{series: Series[], readAt: number} | null} */
  let group = null;
  let at = 25;
  /** The error under the pointer. @type {number | null} */
  let preview = null;

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  const charts = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".evaluation-curve .evaluation-chart")]);
  const isModel = (/** @type {Series} */ each) => !each.key.startsWith("~");

  /** The keys of what is drawn. @returns {string[]} */
  function drawn() {
    const { curves, model } = V.state.get(), all = group?.series || [];
    const chosen = curves === null ? [] : all.filter(({ key }) => curves.split(",").includes(key));
    if (chosen.length || curves === "") return chosen.map(({ key }) => key);
    const usual = all.filter((each, i) => (isModel(each) ? i < MOST || each.key === model : each.name.startsWith("gray")));
    return usual.map(({ key }) => key);
  }

  /** @param {string} key @param {boolean} yes */
  function choose(key, yes) {
    const now = drawn(), next = yes ? [...now, key] : now.filter((each) => each !== key);
    V.state.set({ curves: next.join(",") });
  }

  // ---- the list -------------------------------------------------------------------------------------------------

  function legend() {
    const box = byId("evaluation-legend"), { element } = V.draw;
    if (!box || !group) return;
    const heads = ["drawn", "every pixel", "balanced"].map((text, i) => element("th", { scope: "col", ...(i && { class: "evaluation-read" }), text }));
    const slider = element("input", { type: "range", min: 0, max: LAST, step: 1, value: at, "aria-label": "ab error at which the curves are read" });
    slider.addEventListener("input", () => { at = Number(slider.value); preview = null; read(); });
    box.replaceChildren(
      element("table", { class: "num" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...group.series.map(entry))),
      element("label", { class: "evaluation-at num" }, element("span", { text: "read at error" }), slider, element("output")));
  }

  /** @param {Series} series */
  function entry(series) {
    const { element } = V.draw, box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => choose(series.key, box.checked));
    const label = element("label", { title: series.name }, box, key(series), element("span", { class: "evaluation-name", text: series.name }));
    return element("tr", { "data-series": series.key, class: isModel(series) ? "" : "is-baseline" },
      element("th", { scope: "row" }, label), ...KINDS.map((kind) => element("td", { "data-kind": kind })));
  }

  /** The line that a series is drawn as. @param {Series} series */
  function key({ color, dash }) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS(svg.namespaceURI, "line");
    for (const [name, value] of Object.entries({ width: 26, height: 8, "aria-hidden": "true", class: "evaluation-line" })) svg.setAttribute(name, String(value));
    const drawing = { x1: 0, x2: 26, y1: 4, y2: 4, "stroke-width": 2, "stroke-dasharray": dash === "solid" ? "none" : dash.replaceAll("px", "") };
    for (const [name, value] of Object.entries(drawing)) line.setAttribute(name, String(value));
    svg.style.setProperty("--series", `var(--series-${color})`);
    svg.append(line);
    return svg;
  }

  // ---- the charts -----------------------------------------------------------------------------------------------

  /** A chart's axes, once plotly has drawn it. @param {HTMLElement} chart */
  function axes(chart) {
    const layout = /** @type {any} */ (chart.querySelector(".js-plotly-plot"))?._fullLayout;
    return layout?.xaxis?._length ? { x: layout.xaxis, y: layout.yaxis } : null;
  }

  /** Shows the lines that are drawn, in the page's colors. @param {HTMLElement} chart */
  function arrange(chart) {
    const keys = JSON.parse(chart.dataset.series || "[]"), shown = drawn(), { model } = V.state.get();
    chart.querySelectorAll(".scatterlayer .trace").forEach((trace, i) => {
      const line = /** @type {SVGElement} */ (trace), series = group?.series.find(({ key }) => key === keys[i]);
      line.style.display = shown.includes(keys[i]) ? "" : "none";
      line.style.setProperty("--series", `var(--series-${series?.color ?? 3})`);
      line.classList.toggle("lit", keys[i] === model);
    });
    place(chart);
  }

  /** Puts the cursor over the error that is read. @param {HTMLElement} chart */
  function place(chart) {
    const cursor = /** @type {HTMLElement | null} */ (chart.querySelector(".evaluation-cursor")), on = axes(chart);
    if (!cursor) return;
    cursor.hidden = !on;
    if (!on) return;
    Object.assign(cursor.style, {
      left: `${on.x._offset + on.x.d2p(preview ?? at)}px`, top: `${on.y._offset}px`, height: `${on.y._length}px`,
    });
  }

  /** @param {HTMLElement} chart */
  function listen(chart) {
    const cursor = V.element("div", "evaluation-cursor");
    cursor.hidden = true;
    chart.append(cursor);
    chart.addEventListener("pointermove", (event) => {
      const on = axes(chart);
      if (!on) return;
      const error = Math.round(on.x.p2d(event.clientX - chart.getBoundingClientRect().left - on.x._offset));
      preview = Math.max(0, Math.min(LAST, error));
      read();
    });
    chart.addEventListener("pointerleave", () => { preview = null; read(); });
    chart.addEventListener("click", () => { at = preview ?? at; read(); });
    new ResizeObserver(() => arrange(chart)).observe(chart);
    new MutationObserver(() => arrange(chart)).observe(chart, { childList: true, subtree: true }); // plotly comes later
  }

  /** Writes every curve's share at the error that is read. */
  function read() {
    const box = byId("evaluation-legend"), error = preview ?? at;
    if (!box || !group) return;
    for (const series of group.series) {
      const row = [...box.querySelectorAll("tr")].find((tr) => tr.dataset.series === series.key);
      for (const kind of KINDS) V.draw.say(row?.querySelector(`[data-kind="${kind}"]`) ?? null, V.evaluation.text(series[/** @type {"raw"} */ (kind)]?.[error], ".1%"));
    }
    const slider = /** @type {HTMLInputElement | null} */ (box.querySelector(".evaluation-at input"));
    if (slider && Number(slider.value) !== error) slider.value = String(error);
    V.draw.say(box.querySelector("output"), String(error));
    charts().forEach(place);
  }

  function show() {
    const keys = drawn(), { model } = V.state.get();
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#evaluation-legend [data-series]"))) {
      /** @type {HTMLInputElement} */ (row.querySelector("input")).checked = keys.includes(row.dataset.series || "");
      row.classList.toggle("is-chosen", row.dataset.series === model);
    }
    charts().forEach(arrange);
  }

  /** @param {any} data the group that has come */
  function mounted(data) {
    group = data;
    preview = null;
    legend();
    charts().forEach(listen);
    show();
    read();
  }

  V.evaluationCurves = { mounted };
  (V.onStart ||= []).push(() => V.state.on(["curves", "model"], show));
})();
