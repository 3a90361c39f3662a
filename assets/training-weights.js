// @ts-check
/* A layer's weights: a heatmap of their histograms over the epochs, and the shown epoch's histogram below on the same axis.
   The histograms of all layers are fetched once, when the panel comes into view. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PARTS = 192; // across the heatmap
  const TALLEST = 288, ROW = 24; // pixels: the heatmap, and one epoch of a few
  const BEYOND = 0.001; // share of the weights left out at either end of the narrower range
  const RANGES = { most: "central 99.8 %", all: "all" };

  /** @typedef {{epochs: number[], layers: Record<string, any[]>}} Weights */

  /** @type {Weights | null} */
  let weights = null;
  let wanted = ""; // the address of the open run's histograms
  let fetched = ""; // the one that was asked for
  let visible = false;
  let range = "most";
  /** @type {{name: string, histograms: any[], from: number, to: number, tallest: number} | null} the layer drawn */
  let layer = null;
  /** @type {number | null} the part of the shown histogram that is read */
  let part = null;
  /** @type {any} */
  let map = null;
  /** @type {any} */
  let bars = null;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const select = () => /** @type {HTMLSelectElement} */ (byId("weights-layer"));

  // ---- the data ----------------------------------------------------------------------------------------------

  /** @param {any} run */
  function own(run) {
    const before = wanted.split("?")[0];
    wanted = run?.weights ? `/data/checkpoint/${encodeURIComponent(run.run)}/weights.json?v=${run.weights}` : "";
    if (wanted.split("?")[0] !== before) weights = layer = null; // another run's
    absent(wanted ? "" : "This run kept no histograms of its weights (weights.json).");
    if (visible) load();
  }

  /** @param {string} text what is said instead of a drawing, "" for none */
  function absent(text) {
    V.draw.say(byId("weights-absent"), text);
    byId("weights-absent").hidden = !text;
    for (const id of ["weights-drawing", "weights-told", "weights-layer", "weights-range"]) byId(id).hidden = Boolean(text);
  }

  async function load() {
    if (!wanted || wanted === fetched) return;
    const mine = (fetched = wanted);
    const found = await fetch(mine).then((reply) => (reply.ok ? reply.json() : null), () => null);
    if (mine !== wanted) return;
    if (!found) fetched = "";
    weights = found;
    absent(found ? "" : "The histograms of this run's weights cannot be read.");
    if (found) fill();
  }

  /** The layers to choose from, as the network names them. */
  function fill() {
    const options = Object.entries(/** @type {Weights} */ (weights).layers).map(([name, histograms]) => {
      const count = V.histograms.total(histograms[0]).toLocaleString("en-US");
      return V.draw.element("option", { value: name, text: `${name} \u00b7 ${count}` });
    });
    select().replaceChildren(...options);
    choose();
  }

  /** The layer of the address; else, of a companion, the first of its own; else the first. */
  function choose() {
    if (!weights) return;
    const names = Object.keys(weights.layers), companion = V.training.run?.model.split(":")[1];
    const name = [V.state.get().weights, names.find((each) => companion && each.startsWith(`${companion}.`)), names[0]]
      .find((each) => each && names.includes(each));
    if (!name) return;
    select().value = name;
    const histograms = weights.layers[name], [from, to] = V.histograms.ends(histograms, range === "most" ? BEYOND : 0);
    layer = { name, histograms, from, to, tallest: Math.max(...histograms.map(density)) };
    part = null;
    byId("weights-map").style.height = `${Math.min(TALLEST, ROW * weights.epochs.length)}px`;
    labels();
    map.repaint();
    show();
  }

  /** The greatest share of a histogram's weights in a part, over the part's width. @param {any} histogram */
  function density(histogram) {
    const width = (histogram.high - histogram.low) / histogram.counts.length;
    return width ? Math.max(...histogram.counts) / V.histograms.total(histogram) / width : 0;
  }

  // ---- the drawing -------------------------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paintMap(context, width, height) {
    if (!layer) return;
    const { histograms, from, to } = layer, rows = histograms.map((each) => V.histograms.spread(each, from, to, PARTS));
    const most = Math.max(...rows.map((row) => Math.max(...row))) || 1, sheet = V.draw.sheet(PARTS, rows.length);
    const pixels = new Uint32Array(PARTS * rows.length), step = (to - from) / PARTS;
    rows.forEach((row, y) => row.forEach((share, x) => {
      const inside = from + (x + 1) * step > histograms[y].low && from + x * step <= histograms[y].high;
      if (inside) pixels[y * PARTS + x] = V.scales.viridis[Math.round(255 * Math.sqrt(share / most))];
    }));
    V.draw.put(sheet, new Uint8ClampedArray(pixels.buffer));
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, 0, 0, width, height);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paintBars(context, width, height) {
    const shown = histogram();
    if (!layer || !shown) return;
    const { low, high, counts } = shown, { from, to, tallest } = layer, all = V.histograms.total(shown) || 1;
    const x = (/** @type {number} */ value) => ((value - from) / (to - from)) * width, wide = (high - low) / counts.length;
    context.fillStyle = V.draw.token("--line");
    if (from < 0 && to > 0) context.fillRect(Math.round(x(0)), 0, 1, height);
    counts.forEach((/** @type {number} */ count, /** @type {number} */ i) => {
      const tall = wide ? (count / all / wide / (tallest || 1)) * (height - 2) : height - 2;
      const left = wide ? x(low + i * wide) : x(low) - 2, right = wide ? x(low + (i + 1) * wide) : x(low) + 2;
      context.fillStyle = V.draw.token(i === part ? "--accent" : "--chart");
      if (count) context.fillRect(left, height - tall, Math.max(1, right - left - 0.5), tall);
    });
    context.fillStyle = V.draw.token("--line-strong");
    context.fillRect(0, height - 1, width, 1);
  }

  /** Round values under the drawing, and some epochs beside it. */
  function labels() {
    if (!layer || !weights) return;
    const { from, to } = layer, { values, decimals } = V.histograms.ticks(from, to, byId("weights-map").clientWidth < 420 ? 4 : 8);
    byId("weights-axis").replaceChildren(...values.map((/** @type {number} */ value) =>
      label(V.draw.fixed(value, decimals), "left", (value - from) / (to - from))));
    const { epochs } = weights, every = Math.ceil(epochs.length / 12);
    byId("weights-epochs").replaceChildren(...epochs.flatMap((epoch, i) =>
      (i % every === 0 ? [label(String(epoch), "top", (i + 0.5) / epochs.length)] : [])));
  }

  /** @param {string} text @param {"left" | "top"} side @param {number} share */
  function label(text, side, share) {
    const made = V.draw.element("span", { text });
    made.style[side] = `${100 * share}%`;
    return made;
  }

  // ---- the shown epoch ---------------------------------------------------------------------------------------

  /** Where in the histograms the shown epoch is: its own, or the one before it. */
  function row() {
    const { epochs } = /** @type {Weights} */ (weights), now = V.training.epoch();
    return Math.max(0, epochs.filter((epoch) => epoch <= now).length - 1);
  }

  const histogram = () => (layer && weights ? layer.histograms[row()] : null);

  function show() {
    const shown = histogram();
    if (!shown || !weights) return;
    const cursor = /** @type {HTMLElement} */ (byId("weights-map").querySelector(".weights-row")), { length } = weights.epochs;
    cursor.style.top = `${(100 * row()) / length}%`;
    cursor.style.height = `${100 / length}%`;
    bars.repaint();
    tell(shown);
  }

  /** @param {any} shown */
  function tell(shown) {
    const { low, high, counts } = shown, text = (/** @type {number} */ value) => V.trainingCharts.digits(value, 3), all = V.histograms.total(shown);
    const epoch = /** @type {Weights} */ (weights).epochs[row()], rows = [["epoch", String(epoch)], ["least", text(low)], ["greatest", text(high)]];
    byId("weights-bars").setAttribute("aria-label",
      `Histogram of the ${all.toLocaleString("en-US")} weights of ${layer?.name} after epoch ${epoch}, from ${text(low)} to ${text(high)}. `
      + "Left and right arrows read its parts, up and down change the epoch.");
    const wide = (high - low) / counts.length;
    rows.push(part === null ? ["weights", all.toLocaleString("en-US")]
      : [`${text(low + part * wide)} to ${text(low + (part + 1) * wide)}`, `${((100 * counts[part]) / (all || 1)).toFixed(2)} %`]);
    byId("weights-told").replaceChildren(...rows.map(([name, value]) =>
      V.draw.element("span", {}, V.draw.element("span", { class: "sub", text: name }), V.draw.element("b", { text: value }))));
  }

  /** @param {number | null} next */
  function read(next) {
    if (next === part) return;
    part = next;
    show();
  }

  // ---- pointer and keys --------------------------------------------------------------------------------------

  /** @param {HTMLElement} box @param {PointerEvent} event */
  function point(box, event) {
    if (!layer || !weights) return;
    const { left, top, width, height } = box.getBoundingClientRect(), { epochs } = weights;
    const down = Math.floor(((event.clientY - top) / height) * epochs.length);
    if (box.id === "weights-map") V.training.hover(epochs[Math.min(epochs.length - 1, Math.max(0, down))]);
    const value = layer.from + ((event.clientX - left) / width) * (layer.to - layer.from), { low, high, counts } = histogram();
    read(high > low && value >= low && value < high ? Math.floor(((value - low) / (high - low)) * counts.length) : null);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key], by = { ArrowUp: -1, ArrowDown: 1 }[event.key], shown = histogram();
    if (!shown) return;
    if (along) {
      const middle = shown.counts.indexOf(Math.max(...shown.counts));
      read(part === null ? middle : Math.min(shown.counts.length - 1, Math.max(0, part + along)));
      V.announce([...byId("weights-told").lastElementChild.children].map((each) => each.textContent).join(": "));
    } else if (by) V.training.choose(V.training.further(by));
    else if (event.key === "Escape") read(null);
    else return;
    event.preventDefault();
  }

  function buildRanges() {
    byId("weights-range").replaceChildren(...Object.entries(RANGES).map(([name, text]) => {
      const made = V.draw.element("button", { type: "button", text, "aria-pressed": String(name === range) });
      made.addEventListener("click", () => { range = name; buildRanges(); choose(); });
      return made;
    }));
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("weights-map")) return;
    map = V.draw.sharp(byId("weights-map"), paintMap);
    bars = V.draw.sharp(byId("weights-bars"), paintBars);
    byId("weights-map").append(V.element("div", "weights-row"));
    buildRanges();
    for (const box of [byId("weights-map"), byId("weights-bars")]) {
      box.addEventListener("pointermove", (event) => point(box, event));
      box.addEventListener("pointerleave", () => { read(null); V.training.hover(null); });
      box.addEventListener("click", () => V.training.choose(V.training.epoch()));
    }
    byId("weights-bars").addEventListener("keydown", onKey);
    byId("weights-bars").addEventListener("blur", () => read(null));
    select().addEventListener("change", () => V.state.set({ weights: select().value }));
    new ResizeObserver(labels).observe(byId("weights-map"));
    new IntersectionObserver(([entry]) => { visible = entry.isIntersecting; if (visible) load(); }, { rootMargin: "300px" })
      .observe(byId("training-weights"));
    V.training.listen("own", own);
    // Not before what stands above it: an empty page would bring it into view.
    V.training.listen("rest", (/** @type {any} */ run) => { byId("training-weights").hidden = !run?.epochs.length; });
    V.training.listen("show", show);
    V.state.on(["weights"], choose);
  });
})();
