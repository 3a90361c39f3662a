// @ts-check
/* Charts and pictures as figures that stand alone: title, drawing, scale, and what it is of; as PNG or as SVG. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MARGIN = 12;
  const LINE = 18;
  const NARROWEST = 260; // room for the words
  const SHARPEST = 2; // at least so many pixels of a PNG for one of the page

  /**
   * @typedef {object} Chart
   * @property {string} title @property {string} sub
   * @property {string} finding what a screen reader is told that a chart of plotly's shows
   * @property {HTMLElement} box what holds the canvases, or plotly's own element
   * @property {HTMLElement | null} scale low, ramp, high
   */

  const seen = (/** @type {HTMLElement} */ box) => box.offsetParent !== null && box.clientWidth > 0 && !box.closest(".is-empty");
  const words = (/** @type {Element | null | undefined} */ node) => (node instanceof HTMLElement ? node.innerText : "").replace(/\s+/g, " ").trim();

  /** What a panel's title says; a title that is a choice says what is chosen. @param {Element | null | undefined} title */
  function heading(title) {
    const select = title?.querySelector("select");
    return select ? select.selectedOptions[0]?.text || "" : words(title);
  }

  /** Every chart that the page shows now. @returns {Chart[]} */
  function charts() {
    const boxes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("main :is(.stage, .drawing, .grid-box, .gamut-stage, .js-plotly-plot)")]);
    return numbered(boxes.filter((box) => seen(box) && (box.querySelector(":scope > canvas") || plotted(box))).map(chart));
  }

  /** No two of one name. @param {Chart[]} all @returns {Chart[]} */
  function numbered(all) {
    const before = (/** @type {number} */ place) => all.slice(0, place).filter(({ title }) => title === all[place].title).length;
    return all.map((chart, place) => ({ ...chart, title: before(place) ? `${chart.title}, ${before(place) + 1}` : chart.title }));
  }

  const plotted = (/** @type {HTMLElement} */ box) => box.classList.contains("js-plotly-plot");

  /** @param {HTMLElement} box @returns {Chart} */
  function chart(box) {
    const holder = box.closest(".picture-card, .plane-box, section, figure, .panel"), title = heading(holder?.querySelector(".panel-title"));
    const named = box.closest("[data-figure]"), told = named?.getAttribute("data-figure"), alone = told !== undefined && told !== null;
    const label = box.closest("[aria-label]")?.getAttribute("aria-label") || "Chart";
    return {
      box, title: alone ? told.replace("{}", title) : title || label.split(/[.:]/)[0],
      finding: plotted(box) ? label : "",
      sub: alone && !told.includes("{}") ? "" : words(holder?.querySelector(".panel-head > .sub")),
      scale: box.matches(".drawing") ? null : holder?.querySelector(":scope > :is(.panel-head, .picture-foot) > .scale") || null,
    };
  }

  /** On Compare: the photo in a column's network, or the two sides of a difference. @param {HTMLElement} box */
  function compared(box) {
    const photo = V.compare.reference()?.meta.photo.label ?? "", card = V.compare.cards.find((/** @type {any} */ { element }) => element.contains(box));
    if (card) return `${photo} in ${V.columns.phrase(card.column)}`;
    return box.closest("#compare-difference") ? `${photo}, ${V.compareDifference.sides().join(" and ")}` : photo;
  }

  /** What the page shows: the photo in the network, and the layer where it is a layer's chart. @param {Chart} chart */
  function about({ box }) {
    const { page, model, layer } = V.state.get();
    if (page === "compare") return compared(box);
    if (page !== "inspect" || !V.trace) return model || "";
    return `${V.trace.photo.label} in ${V.told.phrase(V.trace.model, V.trace.category)}${box.closest("#view-layer") ? `, ${layer}` : ""}`;
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  const canvases = (/** @type {HTMLElement} */ box) => /** @type {HTMLCanvasElement[]} */ ([...box.querySelectorAll(":scope > canvas")]);

  /** The figure's own size. @param {Chart} chart */
  function size({ box, title, sub, scale }) {
    const head = LINE * [title, sub].filter(Boolean).length, foot = LINE * (scale && words(scale) ? 2 : 1);
    const width = Math.max(NARROWEST, box.clientWidth) + 2 * MARGIN;
    return { width, height: box.clientHeight + head + foot + 2 * MARGIN, head };
  }

  /** Paints a figure by any context that knows what a canvas does. @param {any} context @param {Chart} chart @param {number} ratio */
  function paint(context, chart, ratio) {
    const { width, height, head } = size(chart);
    context.fillStyle = V.draw.token("--panel");
    context.fillRect(0, 0, width, height);
    let y = MARGIN + 12;
    write(context, chart.title, MARGIN, y, "--ink", "bold 13px");
    if (chart.sub) write(context, chart.sub, MARGIN, (y += LINE), "--muted", "11.5px");
    context.save();
    context.translate(MARGIN, MARGIN + head);
    body(context, chart.box, ratio);
    context.restore();
    y = MARGIN + head + chart.box.clientHeight + LINE - 3;
    if (chart.scale && words(chart.scale)) { ramp(context, chart.scale, y); y += LINE; }
    write(context, about(chart), MARGIN, y, "--muted", "11.5px");
  }

  /** @param {any} context @param {string} text @param {number} x @param {number} y @param {string} token @param {string} font */
  function write(context, text, x, y, token, font) {
    Object.assign(context, { font: `${font} ${V.draw.token("--font")}`, fillStyle: V.draw.token(token), textAlign: "left", textBaseline: "alphabetic" });
    context.fillText(text, x, y);
    return context.measureText(text).width;
  }

  /** Drawings are painted anew, pictures as they are. @param {any} context @param {HTMLElement} box @param {number} ratio */
  function body(context, box, ratio) {
    const { clientWidth: width, clientHeight: height } = box;
    if (plotted(box)) V.plot(context, box);
    for (const canvas of canvases(box)) {
      const painter = V.draw.painters.get(canvas);
      context.save();
      if (painter) painter(context, width, height, ratio);
      else if (canvas.width && canvas.height) context.drawImage(canvas, 0, 0, width, height);
      context.restore();
    }
  }

  /** @param {any} context @param {HTMLElement} scale @param {number} y */
  function ramp(context, scale, y) {
    const [low, bar, high] = /** @type {HTMLElement[]} */ ([...scale.children]), long = 96;
    const colors = getComputedStyle(bar).backgroundImage.match(/rgba?\([^)]*\)/g) || [];
    const left = MARGIN + write(context, words(low), MARGIN, y, "--muted", "11.5px") + 6;
    const gradient = context.createLinearGradient(left, 0, left + long, 0);
    colors.forEach((color, i) => gradient.addColorStop(i / Math.max(1, colors.length - 1), color));
    context.fillStyle = gradient;
    context.fillRect(left, y - 8, long, 8);
    write(context, words(high), left + long + 6, y, "--muted", "11.5px");
  }

  // ---- files -----------------------------------------------------------------------------------------------------

  const sharpness = () => Math.max(SHARPEST, window.devicePixelRatio || 1);

  /** @param {Chart} chart @returns {Promise<Blob>} */
  async function png(chart) {
    const { width, height } = size(chart), ratio = sharpness(), canvas = V.draw.sheet(Math.round(width * ratio), Math.round(height * ratio));
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    if (plotted(chart.box)) context.drawImage(await picture(await svg(chart)), 0, 0);
    else paint(context, chart, ratio);
    return V.draw.png(canvas);
  }

  /** @param {Chart} chart @returns {Promise<Blob>} */
  async function svg(chart) {
    const { width, height } = size(chart), context = V.vector(width, height);
    context.add("title", {}).textContent = `${chart.title}, ${about(chart)}`;
    if (chart.finding) context.add("desc", {}).textContent = chart.finding;
    paint(context, chart, 1);
    return new Blob([context.text()], { type: "image/svg+xml" });
  }

  /** @param {Blob} file an SVG @returns {Promise<HTMLImageElement>} */
  async function picture(file) {
    const image = new Image(), address = URL.createObjectURL(file);
    image.src = address;
    await image.decode();
    URL.revokeObjectURL(address);
    return image;
  }

  V.figure = { about, charts, png, svg };
})();
