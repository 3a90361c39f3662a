// @ts-check
/* Why here: what is asked and when, and the signed map over the photo. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NAME = "why";
  const PATH_PARTS = 24; // of integrated gradients, as the library's
  const WINDOW = 16, STRIDE = 8; // of occlusion, in pixels, as the library's
  /** Share of pixels that lie within the scale: single pixels are far stronger than all others. */
  const WITHIN = 0.995;
  const REST_MS = 300; // of a pinned pixel that keys or a finger move

  /**
   * @typedef {object} Answer
   * @property {any} asked what was asked, see V.whyAbout.asked
   * @property {Float32Array} values S * S so far
   * @property {number | null} low the quantity at the baseline @property {number | null} high on the photo
   * @property {number} part how many parts are in @property {number} count of how many
   * @property {number} end of the scale
   */
  /** @type {Answer | null} */
  let answer = null;
  const latest = V.ask.latest();
  /** @type {(rgba: Uint8ClampedArray) => void} */
  let put = () => {};

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const ready = () => V.ask.shown(NAME) && V.scene.current && V.scene.current.meta === V.trace;

  // ---- asking ------------------------------------------------------------------------------------------------------

  /** @param {string} method @param {number} size */
  function partsOf(method, size) {
    if (method === "occlusion") return Math.ceil(Math.max(0, size - WINDOW) / STRIDE) + 1;
    return method === "integrated_gradients" ? PATH_PARTS : 1;
  }

  const ask = () => latest(async (/** @type {AbortSignal} */ signal) => {
    if (!ready()) return;
    const asked = V.whyAbout.asked(), done = V.change.waiting(byId("why-status"));
    stale(true);
    try {
      await Promise.all([attribution(asked, signal), V.whyCarriers.ask(asked, signal)]);
    } finally {
      done();
      if (!signal.aborted) stale(false);
    }
  });

  /** @param {any} asked @param {AbortSignal} signal */
  async function attribution(asked, signal) {
    const { size } = V.trace, count = partsOf(asked.method, size), parameters = { ...asked.parameters, method: asked.method, baseline: asked.baseline };
    const made = { asked, values: new Float32Array(size * size), low: null, high: null, part: 0, count, end: 0 };
    const each = async (/** @type {number} */ part) => {
      const found = new Float32Array(await (await V.ask.get("why", { ...parameters, part }, signal)).arrayBuffer());
      if (signal.aborted) return;
      add(made, found);
      answer = made;
      show();
    };
    if (count === 1) await each(0);
    else await V.ask.parts(byId("why-progress"), count, each, signal);
    if (!signal.aborted) V.announce(byId("why-words").textContent);
  }

  /** @param {any} made @param {Float32Array} found the part's map, then the quantity at its two ends */
  function add(made, found) {
    const area = made.values.length;
    for (let i = 0; i < area; i++) made.values[i] += found[i];
    made.low ??= found[area];
    made.high = found[area + 1];
    made.part++;
    made.end = quantile(made.values, WITHIN) || 1e-9;
  }

  /** @param {Float32Array} values @param {number} share of their sizes that lie below */
  function quantile(values, share) {
    const sizes = values.map(Math.abs).sort();
    return sizes[Math.floor(share * (sizes.length - 1))] || sizes[sizes.length - 1];
  }

  // ---- showing -----------------------------------------------------------------------------------------------------

  function show() {
    if (!ready()) return;
    put(shaded());
    mark();
    words();
    read();
  }

  /** The photo's lightness, toned down, with purple where a pixel takes away and orange where it adds. */
  function shaded() {
    const scene = V.scene.current, { L } = scene.lab, rgba = new Uint8ClampedArray(4 * L.length);
    for (let i = 0, p = 0; i < L.length; i++, p += 4) {
      const value = answer ? Math.max(-1, Math.min(1, answer.values[i] / answer.end)) : 0;
      const gray = answer ? 95 + 0.9 * L[i] : 2.55 * L[i], color = value > 0 ? V.whyScale.MORE : V.whyScale.LESS, share = Math.abs(value);
      for (let c = 0; c < 3; c++) rgba[p + c] = gray + share * (color[c] - gray);
      rgba[p + 3] = 255;
    }
    return rgba;
  }

  /** Where it was asked, a pixel or a region. */
  function mark() {
    const asked = answer?.asked.box, node = /** @type {HTMLElement} */ (document.querySelector("#why-picture .why-asked"));
    node.hidden = !asked;
    if (!asked) return;
    const whole = asked.right - asked.left > 1 || asked.bottom - asked.top > 1;
    node.classList.toggle("is-region", whole);
    V.whyScale.place(node, whole ? asked : { left: asked.left + 0.5, top: asked.top + 0.5 });
  }

  function words() {
    const [low, , high] = /** @type {any} */ (byId("why-scale").children);
    const asked = answer?.asked, number = V.draw.significant;
    V.draw.say(low, answer ? number(-answer.end) : "");
    V.draw.say(high, answer ? `+${number(answer.end)} ${asked.unit}` : "");
    byId("why-scale").hidden = !answer;
    V.draw.say(byId("why-words"), answer ? `${asked.title} ${asked.where}: ${told(answer)}` : "Nothing is asked yet.");
    V.draw.say(byId("why-check"), answer ? check(answer) : "");
  }

  /** @param {Answer} found */
  function told({ asked, low, high, part, count }) {
    const number = (/** @type {number | null} */ value) => `${V.draw.significant(value)} ${asked.unit}${V.whyAbout.plain(asked, value)}`;
    const end = asked.method === "integrated_gradients" && part < count ? `${part} of ${count} parts of the way` : "on the photo";
    return `${number(high)} ${end}, ${number(low)} where all lightness is ${asked.level}.`;
  }

  /** Whether the map's sum is the difference that it should be. @param {Answer} found */
  function check({ asked, values, low, high, part, count }) {
    const sum = values.reduce((total, value) => total + value, 0), difference = /** @type {number} */ (high) - /** @type {number} */ (low);
    const number = V.draw.significant, stopped = part < count ? ` So far ${part} of ${count} parts.` : "";
    const sums = `The map sums to ${number(sum)}, the difference is ${number(difference)} ${asked.unit}`;
    if (asked.method === "integrated_gradients") return `${sums}: off by ${number(Math.abs(sum - difference))}.${stopped}`;
    if (asked.method === "occlusion") return `By how much it falls where a window of 16 \u00d7 16 pixels is replaced.${stopped}`;
    return `${sums}: a gradient knows small changes only.`;
  }

  /** The number under the crosshair. */
  function read() {
    if (!ready()) return;
    const value = answer ? answer.values[V.scene.pixel(V.state.get()).index] : 0;
    const sign = value > 0 ? "+" : "";
    V.draw.say(byId("why-value"), answer ? `${sign}${V.draw.significant(value)} ${answer.asked.unit}` : "");
  }

  /** @param {boolean} yes */
  function stale(yes) {
    for (const node of document.querySelectorAll("#ask-why :is(.why-map .stage, .why-layers, .why-words)")) node.classList.toggle("is-stale", yes && Boolean(answer));
  }

  /** A new photo or network: what was asked of the last one means nothing any more. */
  function forget() {
    latest(null);
    answer = null;
    byId("why-progress").replaceChildren();
    stale(false);
    V.whyCarriers.forget();
  }

  // ---- when to ask -------------------------------------------------------------------------------------------------

  let linked = true, timer = 0;

  /** A pinned pixel asks by itself, and so does a link that names a pixel or region. */
  function shown() {
    if (!ready()) return;
    show();
    const { pixelPinned, x, region } = V.state.get();
    if (!answer && (pixelPinned || (linked && (x !== null || region)))) ask();
    linked = false;
  }

  /** Pinning a pixel asks; so does moving it while it is pinned, once it rests and where the answer is quick.
   * @param {any} state @param {Set<string>} changed */
  function moved({ pixelPinned, method }, changed) {
    read();
    clearTimeout(timer);
    if (!pixelPinned || V.region.box()) return;
    if (changed.has("pixelPinned")) ask();
    else if (answer && partsOf(method, V.trace.size) === 1) timer = window.setTimeout(ask, REST_MS);
  }

  (V.onStart ||= []).push(() => {
    put = V.ask.picture("why-picture");
    /** @type {any} */ (document.querySelector("#why-scale .ramp")).style.background = V.whyScale.gradient();
    byId("why-ask").addEventListener("click", ask);
    V.scene.listen("opened", () => { forget(); shown(); });
    V.state.on(["ask", "page"], shown);
    V.state.on(["about", "against", "method", "baseline"], () => answer && ask());
    V.state.on(["x", "y", "pixelPinned"], moved);
  });

  V.why = { ask, ready, partsOf, get answer() { return answer; } };
})();
