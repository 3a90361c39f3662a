// @ts-check
/* The four linked pictures: target, lightness, predicted, and one more quantity of each pixel. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NAMES = ["target", "lightness", "predicted", "extra"];
  const LARGEST_DIFFERENCE = 40;
  const LARGEST_CHROMA = 60;
  /** The word that explains a choice of the fourth picture, where it is another. @type {Record<string, string>} */
  const TERMS = { difference: "ciede2000", a: "ab-plane", b: "ab-plane", gamut: "out-of-gamut", probability: "bin", mass: "bin" };

  /**
   * @typedef {object} Extra what the fourth picture shows
   * @property {string} label what a screen reader calls it
   * @property {string} unit
   * @property {Float32Array} values S * S
   * @property {number} low @property {number} high ends of the scale
   * @property {Uint32Array} scale
   * @property {(index: number) => string} tell a pixel's value
   * @property {(end: number) => string} end an end of the scale as text
   * @property {string} [choice] what the choice says, where it is not what was chosen
   * @property {string} [words] a sentence about the whole photo
   */

  /** @type {Record<string, HTMLCanvasElement>} */
  const canvases = {};
  /** @type {Extra | null} */
  let extra = null;
  /** The distributions that the fourth picture was painted of. @type {any} */
  let drawn = null;

  /** @param {any} scene @param {any} state @returns {Extra | null} */
  function choose(scene, state) {
    const brushed = scene.distributions ? V.brush.bins() : [];
    if (brushed.length) return V.extras.mass(scene, brushed);
    if (state.hoverBin !== null && state.hoverBin !== undefined && scene.distributions) return likelihood(scene, state.hoverBin);
    if (state.extra in V.extras) return V.extras[state.extra](scene);
    if (state.extra === "difference") return difference(scene);
    if (state.extra === "a" || state.extra === "b") return channel(scene, state.extra);
    return entropy(scene);
  }

  /** @param {any} scene @param {Float32Array} plane */
  const fine = (scene, plane) => V.color.upsample(plane, scene.width, scene.height, scene.size);

  /** The output's own value under a pixel. @param {any} scene @param {Float32Array} plane @param {number} index */
  function coarse(scene, plane, index) {
    const x = index % scene.size, y = Math.floor(index / scene.size);
    return plane[Math.floor((y * scene.height) / scene.size) * scene.width + Math.floor((x * scene.width) / scene.size)];
  }

  /** @param {any} scene @returns {Extra | null} */
  function entropy(scene) {
    if (!scene.distributions) return null;
    const plane = scene.distributions.entropy;
    return {
      label: "Entropy", unit: "bits", values: fine(scene, plane),
      low: 0, high: Math.log2(scene.distributions.count), scale: V.scales.viridis,
      tell: (index) => `${V.draw.fixed(coarse(scene, plane, index), 1)} bits`, end: (end) => V.draw.fixed(end, 1).replace(".0", ""),
    };
  }

  /** @param {any} scene @returns {Extra | null} */
  function difference(scene) {
    const values = scene.difference;
    return values && {
      label: "Difference to the target", unit: "\u0394E2000", values, low: 0, high: LARGEST_DIFFERENCE,
      scale: V.scales.viridis, tell: (/** @type {number} */ index) => `\u0394E ${V.draw.fixed(values[index], 1)}`,
      end: (/** @type {number} */ end) => `${end}${end ? "+" : ""}`,
    };
  }

  /** @param {any} scene @param {"a" | "b"} name @returns {Extra} */
  function channel(scene, name) {
    const values = scene.painted[name];
    return {
      label: `Predicted ${name}`, unit: name === "a" ? "green to red" : "blue to yellow", values,
      low: -LARGEST_CHROMA, high: LARGEST_CHROMA, scale: V.scales.diverging,
      tell: (index) => `${name} ${V.draw.fixed(values[index], 1)}`, end: (end) => V.draw.fixed(end, 0),
    };
  }

  /** @param {any} scene @param {number} bin @returns {Extra} */
  function likelihood(scene, bin) {
    const plane = V.decode.likelihood(scene.distributions, bin), high = Math.max(...plane);
    const [a, b] = scene.bins.centers[bin], name = `a ${V.draw.fixed(a, 0)}, b ${V.draw.fixed(b, 0)}`;
    return {
      label: `Probability of ${name}`, choice: "probability", unit: name, values: fine(scene, plane), low: 0, high, scale: V.scales.viridis,
      tell: (index) => `${V.draw.fixed(100 * coarse(scene, plane, index), 1)} %`,
      end: (end) => `${V.draw.significant(100 * end)} %`.replace("0.000", "0"),
    };
  }

  /** Gives a canvas the scene's pixels and its stage the photo's shape. @param {HTMLCanvasElement} canvas @param {any} scene */
  function fit(canvas, { size, meta }) {
    const { width, height } = meta.photo, longer = Math.max(width, height);
    const stage = /** @type {HTMLElement} */ (canvas.parentElement);
    if (canvas.width !== size) Object.assign(canvas, { width: size, height: size });
    stage.style.width = `${(100 * Math.max(width, longer / 40)) / longer}%`;
    stage.style.height = `${(100 * Math.max(height, longer / 40)) / longer}%`;
  }

  /** @param {any} scene */
  function opened(scene) {
    for (const name of NAMES) fit(canvases[name], scene);
    const target = document.getElementById("picture-target");
    target?.classList.toggle("is-empty", !scene.hasColor);
    V.draw.put(canvases.target, scene.photo);
    V.draw.put(canvases.lightness, V.scene.lightness(scene));
    paintExtra();
  }

  /** @param {any} scene */
  function painted(scene) {
    V.draw.put(canvases.predicted, scene.painted.rgba);
    const sub = scene.distributions ? `T ${V.draw.fixed(V.state.get().t, 2)}${V.prior.told()}` : "";
    V.draw.say(document.querySelector("#picture-predicted-card .sub"), sub);
    if (["a", "b"].includes(V.state.get().extra)) paintExtra();
  }

  function paintExtra() {
    const scene = V.scene.current, state = V.state.get();
    if (!scene) return;
    extra = choose(scene, state);
    drawn = scene.distributions;
    const card = /** @type {HTMLElement} */ (document.getElementById("picture-extra-card"));
    const absence = missing(scene, state);
    card.querySelector(".picture")?.classList.toggle("is-empty", Boolean(absence));
    V.draw.say(card.querySelector(".absence"), absence);
    legend(card, state);
    if (!extra) return;
    const rgba = new Uint8ClampedArray(4 * scene.size ** 2);
    V.scales.paint(extra.values, extra.low, extra.high, extra.scale, new Uint32Array(rgba.buffer));
    V.draw.put(canvases.extra, rgba);
    V.readout?.refresh();
  }

  /** @param {HTMLElement} card @param {any} state */
  function legend(card, state) {
    const chosen = /** @type {HTMLSelectElement} */ (card.querySelector("select"));
    chosen.value = extra?.choice || state.extra;
    V.terms.explain(document.getElementById("extra-term"), TERMS[chosen.value] || chosen.value);
    V.draw.say(card.querySelector(".sub"), extra ? extra.unit : "");
    const [low, bar, high] = /** @type {any} */ (card.querySelector(".scale")).children;
    V.draw.say(low, extra ? extra.end(extra.low) : "");
    V.draw.say(high, extra ? extra.end(extra.high) : "");
    bar.style.background = extra ? V.scales.gradient(extra.scale) : "none";
    V.draw.say(document.getElementById("extra-words"), extra?.words || "");
  }

  /** What a model that gives colors itself has none of. @type {Record<string, string>} */
  const OF_BINS = { entropy: "it has no entropy", modes: "it leans to one color alone", margin: "there is no second likeliest color" };

  /** Why there is nothing to show, or an empty text. @param {any} scene @param {any} state */
  function missing(scene, state) {
    if (state.extra === "difference" && !scene.hasColor) return "This photo is gray: there is no target to differ from.";
    if (state.extra in OF_BINS && !scene.distributions) return `This model gives colors, no distribution: ${OF_BINS[state.extra]}.`;
    return "";
  }

  (V.onStart ||= []).push(() => {
    for (const name of NAMES) {
      const stage = document.querySelector(`#picture-${name} .stage`);
      canvases[name] = V.draw.sheet(V.trace?.size || 224, V.trace?.size || 224);
      canvases[name].setAttribute("aria-hidden", "true");
      stage?.prepend(canvases[name]);
    }
    const select = /** @type {HTMLSelectElement} */ (document.getElementById("extra-choice"));
    select.addEventListener("change", () => V.state.set({ extra: select.value, brush: null }));
    V.scene.listen("opened", opened);
    V.scene.listen("painted", painted);
    V.scene.listen("settled", (/** @type {any} */ scene) => (["difference", "gamut"].includes(V.state.get().extra) || scene.distributions !== drawn) && paintExtra());
    V.state.on(["extra", "hoverBin", "brush"], paintExtra);
  });

  V.pictures = { NAMES, LARGEST_DIFFERENCE, fit, fine, coarse, get extra() { return extra; }, get lightness() { return canvases.lightness; } };
})();
