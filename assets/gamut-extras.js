// @ts-check
/* What the fourth picture can show of the plane of colors: brushed colors, modes, margin, colors beyond sRGB. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST_MODES = 6;
  const FARTHEST = 20; // Lab units

  const percent = (/** @type {number} */ share) => `${V.draw.fixed(100 * share, 1)} %`;
  const most = (/** @type {Float32Array} */ plane) => plane.reduce((high, value) => Math.max(high, value), 0);
  const end = (/** @type {number} */ share) => `${V.draw.significant(100 * share)} %`.replace("0.000", "0");

  /** The output's own values at every pixel, unmixed: between one mode and three lie no two. @param {any} scene @param {Float32Array} plane */
  function sharp(scene, plane) {
    const out = new Float32Array(scene.size ** 2);
    for (let i = 0; i < out.length; i++) out[i] = V.pictures.coarse(scene, plane, i);
    return out;
  }

  /** A plane of shares of 1. @param {any} scene @param {Float32Array} plane */
  const shares = (scene, plane) => ({
    values: V.pictures.fine(scene, plane), low: 0, high: most(plane), scale: V.scales.viridis, end,
    tell: (/** @type {number} */ index) => percent(V.pictures.coarse(scene, plane, index)),
  });

  /** @param {any} scene @param {number[]} bins */
  function mass(scene, bins) {
    const plane = V.gamutMaps.mass(scene.distributions, bins);
    const one = bins.length === 1, count = one ? "1 color" : `${bins.length} colors`, held = percent(V.metrics.mean(plane));
    const words = `${one ? "This color holds" : `These ${count} hold`} ${held} of the photo\u2019s probability.`;
    return { label: "Probability of the brushed colors", choice: "mass", unit: count, words, ...shares(scene, plane) };
  }

  /** @param {any} scene */
  function margin(scene) {
    if (!scene.distributions) return null;
    const plane = V.gamutMaps.margin(scene.distributions);
    const words = `The likeliest color is ${percent(V.metrics.mean(plane))} ahead of the second on average.`;
    return { label: "Margin", unit: "", words, ...shares(scene, plane) };
  }

  /** @param {any} scene */
  function modes(scene) {
    if (!scene.distributions) return null;
    const plane = V.gamutMaps.modes(scene.distributions, scene.bins), several = plane.filter((/** @type {number} */ count) => count > 1).length;
    return {
      label: "Modes", unit: "", values: sharp(scene, plane), low: 1, high: MOST_MODES, scale: V.scales.viridis,
      tell: (/** @type {number} */ index) => counted(V.pictures.coarse(scene, plane, index)),
      end: (/** @type {number} */ count) => (count === MOST_MODES ? `${count}+` : `${count}`),
      words: `${percent(several / plane.length)} of positions lean to more than one color.`,
    };
  }

  const counted = (/** @type {number} */ count) => `${count} ${count === 1 ? "mode" : "modes"}`;

  /** @param {any} scene */
  function gamut(scene) {
    const { a, b } = scene.painted, values = V.gamutMaps.beyond(scene.lab.L, a, b);
    return {
      label: "Out of gamut", unit: "", values, low: 0, high: FARTHEST, scale: V.scales.viridis, words: clipping(values),
      tell: (/** @type {number} */ index) => `${V.draw.fixed(values[index], 1)} Lab units`,
      end: (/** @type {number} */ far) => (far ? `${far}+` : "0"),
    };
  }

  /** @param {Float32Array} values */
  function clipping(values) {
    const { share, mean, most: farthest } = V.gamutMaps.clipping(values);
    if (!share) return "No pixel leaves sRGB by more than 0.5 Lab units.";
    return `${percent(share)} of pixels leave sRGB and are clipped, by ${V.draw.fixed(mean, 1)} Lab units on average, ${V.draw.fixed(farthest, 1)} at most.`;
  }

  V.extras = { mass, modes, margin, gamut };
})();
