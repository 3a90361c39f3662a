// @ts-check
/* Trust: how sure the network is at each position and whether it is right, and where color and lightness disagree. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const ENDS = [0.05, 0.1, 0.2, 0.5, 1]; // where the scale of confidences can end

  /**
   * @typedef {object} Sure of a model with bins, at T 1
   * @property {Float32Array} confidence at each position @property {Uint8Array | null} right of a photo with color
   * @typedef {{spilled: Float32Array, missed: Float32Array}} Spill
   */

  /** @type {Record<string, (rgba: Uint8ClampedArray) => void>} */
  const paints = {};
  /** What is shown, and of which scene. @type {{scene: any, sure: Sure | null, spill: Spill | null, own: Spill | null} | null} */
  let found = null;
  /** Edges of a photo's lightness, and what its own colors spill, once for each photo. @type {WeakMap<any, any>} */
  const known = new WeakMap();

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const percent = (/** @type {number} */ share, decimals = 1) => `${V.draw.fixed(100 * share, decimals)} %`;

  // ---- how sure, and whether right --------------------------------------------------------------------------------

  /** @param {any} scene @returns {Sure | null} */
  function sureness(scene) {
    if (!scene.distributions) return null;
    const own = scene.distributions.own || scene.distributions;
    return { confidence: Float32Array.from(own.total, (total) => 1 / total), right: scene.hasColor ? rightness(scene, own) : null };
  }

  /** Whether each position's likeliest bin is the photo's own, in the middle of what the position stands for.
   * @param {any} scene @param {any} own */
  function rightness({ lab, bins, width, height, size }, own) {
    const middle = (/** @type {number} */ at, /** @type {number} */ positions) => Math.floor(((2 * at + 1) * size) / (2 * positions));
    return Uint8Array.from({ length: own.positions }, (_, p) => {
      const index = middle(Math.floor(p / width), height) * size + middle(p % width, width);
      const likeliest = own.shifted.subarray(p * own.count, (p + 1) * own.count).indexOf(0);
      return Number(likeliest === V.bins.nearest(bins, lab.a[index], lab.b[index]));
    });
  }

  // ---- spill -----------------------------------------------------------------------------------------------------

  /** @param {any} scene */
  function ofPhoto(scene) {
    const { lab, size, hasColor } = scene;
    if (!known.has(lab)) {
      const light = V.edges.edges([lab.L], size);
      known.set(lab, { light, own: hasColor ? V.edges.spill(light, V.edges.edges([lab.a, lab.b], size), size) : null });
    }
    return known.get(lab);
  }

  /** @param {any} scene */
  function spills(scene) {
    const { light, own } = ofPhoto(scene), { a, b } = scene.painted;
    return { spill: V.edges.spill(light, V.edges.edges([a, b], scene.size), scene.size), own };
  }

  // ---- showing ---------------------------------------------------------------------------------------------------

  function refresh() {
    const scene = V.scene.current;
    if (!scene || !V.ask.shown("trust")) return;
    const same = found?.scene === scene;
    found = { scene, sure: same ? /** @type {any} */ (found).sure : sureness(scene), ...spills(scene) };
    paintSure();
    map("spilled", found.spill?.spilled, 1);
    map("missed", found.spill?.missed, 1);
    numbers();
    read();
    V.trustCalibration.asked(scene);
  }

  function paintSure() {
    const { scene, sure } = /** @type {any} */ (found);
    byId("trust-confidence-picture").classList.toggle("is-empty", !sure);
    const most = sure ? sure.confidence.reduce((/** @type {number} */ best, /** @type {number} */ value) => Math.max(best, value), 0) : 1;
    const end = ENDS.find((each) => each >= most) ?? 1;
    map("confidence", sure && V.color.upsample(sure.confidence, scene.width, scene.height, scene.size), end);
  }

  /** @param {string} name @param {Float32Array | null | undefined} values S * S @param {number} end of the scale */
  function map(name, values, end) {
    const [low, ramp, high] = /** @type {any} */ (byId(`trust-${name}-scale`).children);
    byId(`trust-${name}-scale`).hidden = !values;
    if (!values) return;
    V.draw.say(low, "0");
    V.draw.say(high, percent(end, 0));
    ramp.style.background = V.scales.gradient(V.scales.viridis);
    const rgba = new Uint8ClampedArray(4 * values.length);
    V.scales.paint(values, 0, end, V.scales.viridis, new Uint32Array(rgba.buffer));
    paints[name](rgba);
  }

  /** The means over the region's pixels, the whole photo's without one. */
  function numbers() {
    if (!found || !V.ask.shown("trust")) return;
    const { scene, sure, spill, own } = found, size = scene.size, inside = V.region.inside(size);
    const pixels = Array.from({ length: size * size }, (_, i) => i).filter(inside);
    const mean = (/** @type {ArrayLike<number>} */ values, at = (/** @type {number} */ i) => i) =>
      pixels.reduce((sum, i) => sum + values[at(i)], 0) / pixels.length;
    const tell = (/** @type {string} */ id, /** @type {any} */ values, /** @type {any} */ at) =>
      V.draw.say(byId(id), values ? percent(mean(values, at)) : "\u2013");
    const coarse = (/** @type {number} */ i) => position(scene, i % size, Math.floor(i / size));
    tell("trust-sure", sure?.confidence, coarse);
    tell("trust-right", sure?.right, coarse);
    tell("trust-spill", spill?.spilled, undefined);
    tell("trust-miss", spill?.missed, undefined);
    tell("trust-own-spill", own?.spilled, undefined);
    tell("trust-own-miss", own?.missed, undefined);
    V.draw.say(byId("trust-where"), V.region.box() ? "region" : "whole photo");
  }

  /** @param {any} scene @param {number} x @param {number} y */
  const position = ({ width, height, size }, x, y) => Math.floor((y * height) / size) * width + Math.floor((x * width) / size);

  /** The values under the crosshair. */
  function read() {
    if (!found || found.scene !== V.scene.current || !V.ask.shown("trust")) return;
    const { sure, spill } = found, { position: p, index } = V.scene.pixel(V.state.get());
    const verdict = sure?.right ? (sure.right[p] ? ", right" : ", wrong") : "";
    V.draw.say(byId("trust-confidence-value"), sure ? `${percent(sure.confidence[p])}${verdict}` : "");
    V.draw.say(byId("trust-spilled-value"), spill ? percent(spill.spilled[index], 0) : "");
    V.draw.say(byId("trust-missed-value"), spill ? percent(spill.missed[index], 0) : "");
    V.trustCalibration.point(sure ? sure.confidence[p] : null);
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("trust-confidence-picture")) return;
    for (const name of ["confidence", "spilled", "missed"]) paints[name] = V.ask.picture(`trust-${name}-picture`);
    V.scene.listen("settled", refresh);
    V.state.on(["ask", "page"], refresh);
    V.state.on(["region"], numbers);
    V.state.on(["x", "y"], read);
  });
})();
