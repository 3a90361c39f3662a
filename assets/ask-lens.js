// @ts-check
/* Color lens: the photo as each layer could already paint it. Layers come one after another while the tab is shown. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const BUDGET_MS = 12; // of painting in a frame: a slider stays quick however many layers there are
  const run = V.ask.latest("lens");

  /**
   * @typedef {object} Column
   * @property {string} name @property {any} facts what lens.json says of the layer, null for the network itself
   * @property {HTMLElement} item @property {(rgba: Uint8ClampedArray) => void} put
   * @property {any | null} scene the photo in this layer's colors, null until they are there
   * @property {boolean} stale whether it is to be painted anew
   */

  /** @type {{trace: string, facts: any, columns: Column[]} | null} */
  let open = null;
  let frame = 0;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  // ---- fetching --------------------------------------------------------------------------------------------------

  function refresh() {
    const scene = V.scene.current;
    if (!V.ask.shown("lens") || !scene || scene.meta !== V.trace) return;
    if (open && open.trace === V.trace.trace && open.columns.every((column) => column.scene)) paint();
    else run(load);
  }

  /** @param {AbortSignal} signal */
  async function load(signal) {
    const facts = await V.ask.json("lens.json", {}, signal), { trace } = V.trace;
    if (signal.aborted) return;
    const missing = facts.missing || "";
    V.draw.say(byId("lens-missing"), missing);
    byId("lens-missing").hidden = !missing;
    const same = open && open.facts.sha256 === facts.sha256;
    if (!same) open = { trace, facts, columns: missing ? [] : build(facts) };
    else if (/** @type {any} */ (open).trace !== trace) open = { trace, facts, columns: /** @type {any} */ (open).columns.map(emptied) };
    if (missing) byId("lens-strip").replaceChildren();
    V.draw.say(byId("lens-foot"), missing ? "" : foot(facts));
    say();
    if (missing) return;
    const waiting = /** @type {any} */ (open).columns.filter((/** @type {Column} */ column) => !column.scene);
    await V.ask.parts(byId("lens-progress"), waiting.length, (/** @type {number} */ part) => fetchLayer(waiting[part], facts, signal), signal);
    say();
  }

  /** @param {Column} column @param {any} facts @param {AbortSignal} signal */
  async function fetchLayer(column, facts, signal) {
    const found = await V.ask.output("lens", { layer: column.name, lens: facts.sha256.slice(0, 16) }, signal);
    if (signal.aborted) return;
    column.scene = scene(found, column.facts);
    column.stale = true;
    column.item.classList.remove("is-waiting");
    paint();
  }

  /** The open photo in a layer's colors, at the layer's grid. @param {any} found @param {{height: number, width: number}} facts */
  function scene(found, { height, width }) {
    const current = V.scene.current, count = current.size ** 2;
    const plane = (/** @type {number} */ length) => new Float32Array(length);
    return {
      ...current, height, width, difference: null, scores: null, distributions: current.bins ? found : null,
      coarse: current.bins ? { a: plane(height * width), b: plane(height * width) } : found,
      painted: { a: plane(count), b: plane(count), rgba: new Uint8ClampedArray(4 * count) },
    };
  }

  // ---- the strip -------------------------------------------------------------------------------------------------

  /** @param {any} facts @returns {Column[]} */
  function build(facts) {
    const { scores, low, high } = scale(facts);
    const told = [...facts.layers, null], strip = byId("lens-strip");
    const items = told.map((layer, place) => item(layer, place, scores[place], low, high));
    strip.replaceChildren(...items);
    return told.map((layer, place) => ({
      name: layer ? layer.name : "network", facts: layer, item: items[place],
      put: V.ask.picture(`lens-picture-${place}`), scene: layer ? null : V.scene.current, stale: true,
    }));
  }

  /** A column that waits for another photo. @param {Column} column @returns {Column} */
  function emptied(column) {
    column.item.classList.toggle("is-waiting", Boolean(column.facts));
    return { ...column, scene: column.facts ? null : V.scene.current, stale: true };
  }

  /** Each layer's score and the ends of their bars: gray, and the best of them. @param {any} facts */
  function scale(facts) {
    const of = (/** @type {any} */ quality) => quality.balanced_auc ?? quality.auc;
    const scores = [...facts.layers.map((/** @type {any} */ layer) => of(layer.bins || layer.ab)), of(facts.output)];
    return { scores, low: of(facts.gray), high: Math.max(...scores) };
  }

  /** @param {any} layer null for the network itself @param {number} place @param {number} score @param {number} low @param {number} high */
  function item(layer, place, score, low, high) {
    const { element } = V.draw, name = layer ? layer.name : "network";
    const label = `The photo as ${layer ? name : "the whole network"} paints it. Arrow keys move the crosshair, Enter pins it.`;
    const picture = element("div", { id: `lens-picture-${place}`, class: "picture", tabindex: 0, role: "application", "aria-label": label },
      element("div", { class: "stage" }));
    const fill = element("span", { class: "lens-fill" });
    fill.style.transform = `scaleX(${Math.max(0, high > low ? (score - low) / (high - low) : 0).toFixed(4)})`;
    const auc = element("p", { class: "lens-auc num", title: words(layer) },
      element("span", { class: "sub", text: "AuC" }), element("b", { text: V.draw.fixed(score, 1) }),
      element("span", { class: "lens-track" }, fill));
    return element("li", { class: layer ? "lens-layer is-waiting" : "lens-layer", "data-layer": name },
      element("h3", { class: "lens-name", text: name }), picture, auc,
      element("div", { class: "lens-gamut drawing" }), element("p", { class: "lens-color num" },
        element("span", { class: "swatch", "aria-hidden": "true" }), element("span", {})));
  }

  /** @param {any} layer */
  function words(layer) {
    if (!layer) return "Held-out, class-balanced area under the accuracy curve of the network itself, in percent";
    const ridge = layer.bins && layer.ab.balanced_auc !== null ? `; of the probe to ab ${V.draw.fixed(layer.ab.balanced_auc, 1)}` : "";
    return `Held-out, class-balanced area under the accuracy curve, in percent, read at ${layer.height} \u00d7 ${layer.width} positions${ridge}`;
  }

  /** @param {any} facts */
  function foot(facts) {
    const { low } = scale(facts), kind = facts.gray.balanced_auc === null ? "" : "class-balanced ";
    const discs = V.scene.current.bins ? " Discs: the pixel\u2019s probabilities over the colors at T 1; a disc\u2019s area is its probability." : "";
    return `AuC: ${kind}area under the accuracy curve in percent, on ${pictures(facts)}, at T ${V.draw.fixed(facts.temperature, 2)}; `
      + `plain gray has ${V.draw.fixed(low, 1)}, where the bars begin.${discs}`;
  }

  /** What was fitted and what was held out. @param {any} facts */
  function pictures({ data, held_out_data: other, pictures: fitted, held_out: held }) {
    return other === null ? `${held} pictures held out of \u201c${data}\u201d (${fitted} fitted)`
      : `${held} pictures of \u201c${other}\u201d (fitted to ${fitted} of \u201c${data}\u201d)`;
  }

  // ---- painting --------------------------------------------------------------------------------------------------

  function paint() {
    if (!frame) frame = requestAnimationFrame(paintSome);
  }

  /** Paints what is stale, as much as a frame has time for, and goes on in the next. */
  function paintSome() {
    frame = 0;
    if (!open || !V.ask.shown("lens") || V.scene.current.meta.trace !== open.trace) return;
    const end = performance.now() + BUDGET_MS, stale = open.columns.filter((column) => column.stale && column.scene);
    while (stale.length && performance.now() < end) paintOne(/** @type {Column} */ (stale.shift()));
    if (stale.length) paint();
    say();
  }

  /** @param {Column} column */
  function paintOne(column) {
    if (!column.facts) column.scene = V.scene.current;
    else V.scene.paint(column.scene, V.state.get().t);
    column.put(column.scene.painted.rgba);
    column.stale = false;
  }

  function restale() {
    open?.columns.forEach((column) => { column.stale = true; });
    paint();
  }

  const say = () => V.lensPixel.show(open);

  (V.onStart ||= []).push(() => {
    V.state.on(["ask", "page"], () => (V.ask.shown("lens") ? refresh() : run(null)));
    V.scene.listen("opened", refresh);
    V.scene.listen("painted", restale);
    V.state.on(["x", "y"], () => V.ask.shown("lens") && say());
  });
})();
