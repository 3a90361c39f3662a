// @ts-check
/* Edges that color and lightness do not share, as the server defines them (visml/insight/spill.py). Pure. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const STEPS = 56; // to a side
  const STRONG = 0.95; // the share of pixels whose edges are weaker than one that counts in full
  const FAINTEST = 0.5; // Lab units a pixel
  const REACH = 4; // standard deviations to which the blur is computed

  /** @param {number} value @param {number} last */
  const within = (value, last) => (value < 0 ? 0 : value > last ? last : value);

  /** Weights of a Gaussian, sum 1. @param {number} sigma */
  function gaussian(sigma) {
    const radius = Math.floor(REACH * sigma + 0.5);
    const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  }

  /**
   * Every line of a plane, rows or columns, with its edges repeated, told to `each`.
   * @param {Float32Array} plane @param {number} size @param {number} radius @param {number} step 1 along rows, size along columns
   * @param {(line: Float64Array, i: number) => number} each the new value from `line`, whose i-th value is the old one less `radius`
   */
  function along(plane, size, radius, step, each) {
    const out = new Float32Array(plane.length), line = new Float64Array(size + 2 * radius), jump = step === 1 ? size : 1;
    for (let at = 0; at < size; at++) {
      const start = at * jump;
      for (let i = 0; i < line.length; i++) line[i] = plane[start + within(i - radius, size - 1) * step];
      for (let i = 0; i < size; i++) out[start + i * step] = each(line, i);
    }
    return out;
  }

  /** @param {Float32Array} plane @param {number} size @param {number} sigma */
  function blur(plane, size, sigma) {
    const weights = gaussian(sigma), radius = weights.length >> 1;
    const sum = (/** @type {Float64Array} */ line, /** @type {number} */ i) => {
      let total = 0;
      for (let k = 0; k < weights.length; k++) total += weights[k] * line[i + k];
      return total;
    };
    return along(along(plane, size, radius, 1, sum), size, radius, size, sum);
  }

  /** The strongest within `radius` to each side. @param {Float32Array} plane @param {number} size @param {number} radius */
  function near(plane, size, radius) {
    const most = (/** @type {Float64Array} */ line, /** @type {number} */ i) => {
      let best = line[i];
      for (let k = i + 1; k <= i + 2 * radius; k++) if (line[k] > best) best = line[k];
      return best;
    };
    return along(along(plane, size, radius, 1, most), size, radius, size, most);
  }

  /** Squared length of Sobel's gradient, added to `out`. @param {Float32Array} plane @param {number} size @param {Float32Array} out */
  function sobel(plane, size, out) {
    for (let y = 0, i = 0; y < size; y++) {
      const up = Math.max(0, y - 1) * size, here = y * size, down = Math.min(size - 1, y + 1) * size;
      for (let x = 0; x < size; x++, i++) {
        const left = Math.max(0, x - 1), right = Math.min(size - 1, x + 1);
        const a = plane[up + left], b = plane[up + x], c = plane[up + right], d = plane[here + left], e = plane[here + right];
        const f = plane[down + left], g = plane[down + x], h = plane[down + right];
        const across = (c + 2 * e + h - a - 2 * d - f) / 8, along = (f + 2 * g + h - a - 2 * b - c) / 8;
        out[i] += across * across + along * along;
      }
    }
  }

  /** The value below which a share of them lies, between its two neighbors in order. @param {Float32Array} values @param {number} share */
  function quantile(values, share) {
    const sorted = values.slice().sort(), at = share * (values.length - 1), low = Math.floor(at);
    return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
  }

  /** Strength of the edges of planes taken together, 0..1. @param {Float32Array[]} planes @param {number} size */
  function edges(planes, size) {
    const length = new Float32Array(size * size);
    for (const plane of planes) sobel(blur(plane, size, size / STEPS / 2), size, length);
    for (let i = 0; i < length.length; i++) length[i] = Math.sqrt(length[i]);
    const strong = Math.max(FAINTEST, quantile(length, STRONG));
    return length.map((value) => Math.min(1, value / strong));
  }

  /** @param {Float32Array} one @param {Float32Array} other strongest near by */
  const beyond = (one, other) => one.map((value, i) => Math.max(0, value - other[i]));

  /**
   * @param {Float32Array} light edges of lightness @param {Float32Array} color edges of color @param {number} size
   * @returns {{spilled: Float32Array, missed: Float32Array}}
   */
  function spill(light, color, size) {
    const radius = Math.floor(size / STEPS + 0.5);
    return { spilled: beyond(color, near(light, size, radius)), missed: beyond(light, near(color, size, radius)) };
  }

  V.edges = { edges, spill };
})();
