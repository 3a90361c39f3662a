// @ts-check
/* The whole photo at a glance: colors of target and prediction on the ab plane, lightness, and the scores. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAINT = 0.12;
  const LIGHTNESS = 62; // at which the bins' own colors are drawn: most of the plane is inside sRGB there
  /** @type {Record<"target" | "predicted", {drawing: any, counts: Float64Array | null}>} */
  const planes = { target: { drawing: null, counts: null }, predicted: { drawing: null, counts: null } };
  /** @type {any} */
  let lightness = null;

  /** Decimals of each score in the table. */
  const SCORES = { psnr: 1, ciede2000: 1, auc: 1, colorfulness: 1 };

  /** @param {"target" | "predicted"} name */
  const painter = (name) => (/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) => {
    const scene = V.scene.current, { counts } = planes[name];
    if (!scene || !counts) return;
    const bins = scene.bins || known(), plane = V.bins.plane(bins, width, height);
    const most = Math.max(1, ...counts);
    bins.centers.forEach((/** @type {number[]} */ [a, b], /** @type {number} */ bin) => {
      context.globalAlpha = counts[bin] ? FAINT + (1 - FAINT) * Math.pow(counts[bin] / most, 0.3) : FAINT;
      context.fillStyle = V.color.css(LIGHTNESS, a, b);
      const x = plane.x(a) - plane.side / 2, y = plane.y(b) - plane.side / 2;
      context.fillRect(x, y, plane.side, plane.side);
    });
    context.globalAlpha = 1;
  };

  /** A model without bins is shown on a plain grid of the same step. */
  const known = () => (grid ||= V.bins.index(Array.from({ length: 21 * 22 }, (_, i) => [10 * (i % 21) - 100, 10 * Math.floor(i / 21) - 110])));
  /** @type {any} */
  let grid = null;

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paintLightness(context, width, height) {
    const counts = V.trace?.lightness_histogram;
    if (!counts) return;
    const most = Math.max(1, ...counts), step = width / counts.length;
    context.fillStyle = V.draw.token("--chart");
    counts.forEach((/** @type {number} */ count, /** @type {number} */ i) => {
      const tall = Math.sqrt(count / most) * (height - 1);
      context.fillRect(i * step, height - 1 - tall, Math.max(1, step - 0.5), tall);
    });
    context.fillStyle = V.draw.token("--line-strong");
    context.fillRect(0, height - 1, width, 1);
  }

  /** @param {any} scene */
  function opened(scene) {
    const bins = scene.bins || known();
    planes.target.counts = scene.hasColor ? V.bins.histogram(bins, scene.lab.a, scene.lab.b) : null;
    document.getElementById("summary")?.classList.toggle("is-gray", !scene.hasColor);
    planes.target.drawing.repaint();
    lightness.repaint();
  }

  /** @param {any} scene */
  function settled(scene) {
    planes.predicted.counts = V.bins.histogram(scene.bins || known(), scene.painted.a, scene.painted.b);
    planes.predicted.drawing.repaint();
    for (const [name, decimals] of Object.entries(SCORES)) {
      cell(`score-${name}`, scene.scores?.[name], decimals);
      cell(`gray-${name}`, scene.gray?.[name], decimals);
    }
    if (!scene.hasColor) cell("score-colorfulness", V.metrics.colorfulness(scene.painted.rgba), SCORES.colorfulness);
    V.draw.say(document.getElementById("summary-t"), scene.distributions ? `T ${V.draw.fixed(V.state.get().t, 2)}${V.prior.told()}` : "");
  }

  /** @param {string} id @param {number | undefined} value @param {number} decimals */
  function cell(id, value, decimals) {
    V.draw.say(document.getElementById(id), value === undefined ? "\u2013" : V.draw.fixed(value, decimals));
  }

  (V.onStart ||= []).push(() => {
    for (const name of /** @type {("target" | "predicted")[]} */ (["target", "predicted"])) {
      planes[name].drawing = V.draw.sharp(document.getElementById(`plane-${name}`), painter(name));
    }
    lightness = V.draw.sharp(document.getElementById("lightness-histogram"), paintLightness);
    V.scene.listen("opened", opened);
    V.scene.listen("settled", settled);
  });
})();
