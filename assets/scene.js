// @ts-check
/* The open photo as numbers: its Lab planes, the network's output, and the prediction at the chosen temperature.

   opened: a new photo and its output are there     painted: the prediction was painted anew (new photo, temperature)
   settled: scores and differences, too slow for every step of a slider, agree with the prediction again            */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const SETTLE_MS = 70;

  /**
   * @typedef {object} Scene
   * @property {any} meta what the page was told of the trace
   * @property {number} size side S of the squashed photo
   * @property {Uint8ClampedArray} photo S * S pixels
   * @property {{L: Float32Array, a: Float32Array, b: Float32Array}} lab of the photo
   * @property {boolean} hasColor
   * @property {number} width @property {number} height of the network's output
   * @property {any | null} distributions of a model with bins; once painted, with as much of the prior divided out as asked
   * @property {any | null} bins
   * @property {{a: Float32Array, b: Float32Array}} coarse the output's colors at the temperature
   * @property {{a: Float32Array, b: Float32Array, rgba: Uint8ClampedArray}} painted S * S
   * @property {Float32Array | null} difference CIEDE2000 to the photo at each of S * S pixels
   * @property {Scores | null} scores @property {Scores | null} gray
   *
   * @typedef {{psnr: number, ciede2000: number, auc: number, colorfulness: number}} Scores
   */

  /** @type {Scene | null} */
  let current = null;
  /** @type {Record<string, ((scene: Scene) => void)[]>} */
  const listeners = { opened: [], painted: [], settled: [] };
  let timer = 0;

  /** @param {"opened" | "painted" | "settled"} kind @param {(scene: Scene) => void} listener */
  function listen(kind, listener) {
    listeners[kind].push(listener);
    if (current) listener(current);
  }

  /** One listener that fails does not stop the others. @param {string} kind @param {Scene} scene */
  function emit(kind, scene) {
    for (const listener of listeners[kind]) {
      try {
        listener(scene);
      } catch (error) {
        console.error(error);
      }
    }
  }

  async function open() {
    const meta = V.trace;
    if (!meta) return;
    const bins = meta.output.kind === "bins";
    const [photo, output] = await Promise.all([V.data.photo(), bins ? V.data.logits() : V.data.ab()]);
    if (V.trace !== meta) return;
    current = build(meta, photo.rgba, output);
    emit("opened", current);
    repaint();
  }

  /** @param {any} meta @param {Uint8ClampedArray} photo @param {any} output @returns {Scene} */
  function build(meta, photo, output) {
    const { kind, width, height, centers } = meta.output, size = meta.size, count = size * size;
    const plane = (/** @type {number} */ length) => new Float32Array(length);
    const classifier = kind === "bins", positions = width * height;
    return {
      meta, size, photo, lab: V.color.toLab(photo), hasColor: meta.photo.has_color, width, height,
      distributions: classifier ? output : null,
      bins: classifier ? V.bins.index(centers) : null,
      coarse: classifier ? { a: plane(positions), b: plane(positions) } : output,
      painted: { a: plane(count), b: plane(count), rgba: new Uint8ClampedArray(4 * count) },
      difference: null, scores: null, gray: null,
    };
  }

  /** Paints a scene at a temperature. @param {Scene} scene @param {number} t */
  function paint(scene, t) {
    const { coarse, painted, width, height, size } = scene;
    if (scene.distributions) {
      scene.distributions = V.prior.of(scene.distributions, scene.meta);
      V.decode.colors(scene.distributions, t, coarse.a, coarse.b);
    }
    V.color.upsample(coarse.a, width, height, size, painted.a);
    V.color.upsample(coarse.b, width, height, size, painted.b);
    V.color.paint(scene.lab.L, painted.a, painted.b, painted.rgba);
  }

  function repaint() {
    if (!current) return;
    paint(current, V.state.get().t);
    emit("painted", current);
    clearTimeout(timer);
    timer = window.setTimeout(settle, SETTLE_MS);
  }

  /** Scores a painted scene whose photo has color. @param {Scene} scene */
  function judge(scene) {
    const { lab, painted } = scene, difference = V.metrics.ciede2000(lab, V.color.toLab(painted.rgba));
    scene.difference = difference;
    scene.scores = scores(scene, painted.rgba, painted.a, painted.b, difference);
  }

  function settle() {
    if (!current) return;
    if (current.hasColor) {
      judge(current);
      current.gray ||= grayScores(current);
    }
    emit("settled", current);
  }

  /** @param {Scene} scene @param {Uint8ClampedArray} rgba @param {Float32Array} a @param {Float32Array} b
   * @param {Float32Array} difference @returns {Scores} */
  function scores(scene, rgba, a, b, difference) {
    return {
      psnr: V.metrics.psnr(scene.photo, rgba), ciede2000: V.metrics.mean(difference),
      auc: V.metrics.auc(scene.lab, a, b), colorfulness: V.metrics.colorfulness(rgba),
    };
  }

  /** The same of plain gray: the photo's lightness with a = b = 0. @param {Scene} scene @returns {Scores} */
  function grayScores(scene) {
    const none = new Float32Array(scene.size ** 2), rgba = lightness(scene);
    return scores(scene, rgba, none, none, V.metrics.ciede2000(scene.lab, V.color.toLab(rgba)));
  }

  /** The photo without its color. @param {Scene} scene */
  function lightness(scene) {
    const none = new Float32Array(scene.size ** 2), rgba = new Uint8ClampedArray(4 * none.length);
    V.color.paint(scene.lab.L, none, none, rgba);
    return rgba;
  }

  /** The pixel looked at, the middle one until somebody points. @param {any} state
   * @returns {{x: number, y: number, index: number, position: number, column: number, row: number}} */
  function pixel(state) {
    const scene = /** @type {Scene} */ (current), { size, width, height } = scene;
    const x = Math.min(size - 1, state.x ?? size >> 1), y = Math.min(size - 1, state.y ?? size >> 1);
    const column = Math.floor((x * width) / size), row = Math.floor((y * height) / size);
    return { x, y, index: y * size + x, column, row, position: row * width + column };
  }

  V.scene = { listen, pixel, lightness, build, paint, judge, grayScores, SETTLE_MS, get current() { return current; } };
  (V.onStart ||= []).push(() => {
    V.state.on(["trace"], () => open().catch(() => undefined));
    V.state.on(["t", "prior"], repaint);
  });
})();
