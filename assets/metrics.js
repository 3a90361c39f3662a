// @ts-check
/* The scores of a coloring, defined as the server defines them. Pure: typed arrays in, numbers out. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const THRESHOLDS = 150;
  const EQUAL_PSNR = 100;
  const DEGREE = Math.PI / 180;
  const POWER = 25 ** 7;

  /** @typedef {{L: Float32Array, a: Float32Array, b: Float32Array}} Lab */

  /**
   * Peak signal-to-noise ratio of two opaque pictures in dB; 100 where they are equal.
   * @param {Uint8ClampedArray} target 4 bytes a pixel
   * @param {Uint8ClampedArray} painted
   */
  function psnr(target, painted) {
    let sum = 0;
    for (let p = 0; p < target.length; p += 4) {
      const red = target[p] - painted[p], green = target[p + 1] - painted[p + 1], blue = target[p + 2] - painted[p + 2];
      sum += red * red + green * green + blue * blue;
    }
    return sum ? 10 * Math.log10((65025 * 0.75 * target.length) / sum) : EQUAL_PSNR;
  }

  /**
   * Colorfulness as first defined (Hasler and Suesstrunk 2003, section 7), signed differences.
   * @param {Uint8ClampedArray} rgba
   */
  function colorfulness(rgba) {
    const count = rgba.length / 4;
    let rg = 0, yb = 0, rg2 = 0, yb2 = 0;
    for (let p = 0; p < rgba.length; p += 4) {
      const u = rgba[p] - rgba[p + 1], v = (rgba[p] + rgba[p + 1]) / 2 - rgba[p + 2];
      rg += u; yb += v; rg2 += u * u; yb2 += v * v;
    }
    rg /= count; yb /= count;
    const spread = Math.max(0, rg2 / count - rg * rg) + Math.max(0, yb2 / count - yb * yb);
    return Math.sqrt(spread) + 0.3 * Math.hypot(rg, yb);
  }

  /**
   * Area under the accuracy curve in percent: share of pixels whose ab error is at most t, t = 0..150, trapezoid rule.
   * @param {Lab} target
   * @param {Float32Array} a
   * @param {Float32Array} b
   */
  function auc(target, a, b) {
    const histogram = new Float64Array(THRESHOLDS + 2);
    for (let i = 0; i < a.length; i++) {
      const da = target.a[i] - a[i], db = target.b[i] - b[i];
      histogram[Math.min(THRESHOLDS + 1, Math.ceil(Math.sqrt(da * da + db * db)))]++;
    }
    let cumulative = 0, area = 0;
    for (let t = 0; t <= THRESHOLDS; t++) {
      cumulative += histogram[t];
      area += cumulative * (t === 0 || t === THRESHOLDS ? 0.5 : 1);
    }
    return (100 * area) / (a.length * THRESHOLDS);
  }

  /**
   * CIEDE2000 of each pixel (Sharma, Wu, Dalal 2005).
   * @param {Lab} one
   * @param {Lab} two
   * @returns {Float32Array}
   */
  function ciede2000(one, two) {
    const out = new Float32Array(one.L.length);
    for (let i = 0; i < out.length; i++) {
      out[i] = difference(one.L[i], one.a[i], one.b[i], two.L[i], two.a[i], two.b[i]);
    }
    return out;
  }

  /** @param {number} L1 @param {number} a1 @param {number} b1 @param {number} L2 @param {number} a2 @param {number} b2 */
  function difference(L1, a1, b1, L2, a2, b2) {
    const mean = (Math.sqrt(a1 * a1 + b1 * b1) + Math.sqrt(a2 * a2 + b2 * b2)) / 2;
    const stretch = 1.5 - 0.5 * Math.sqrt(seventh(mean));
    const A1 = a1 * stretch, A2 = a2 * stretch;
    const C1 = Math.sqrt(A1 * A1 + b1 * b1), C2 = Math.sqrt(A2 * A2 + b2 * b2);
    const h1 = hue(b1, A1), h2 = hue(b2, A2), product = C1 * C2;
    let turn = h2 - h1, sum = h1 + h2;
    if (product === 0) {
      turn = 0;
      sum *= 2;
    } else if (turn > Math.PI || turn < -Math.PI) {
      turn += turn > 0 ? -2 * Math.PI : 2 * Math.PI;
      sum += sum < 2 * Math.PI ? 2 * Math.PI : -2 * Math.PI;
    }
    const L = (L1 + L2) / 2 - 50, C = (C1 + C2) / 2, h = sum / 2;
    const dH = 2 * Math.sqrt(product) * Math.sin(turn / 2);
    const T = 1 - 0.17 * Math.cos(h - 30 * DEGREE) + 0.24 * Math.cos(2 * h)
      + 0.32 * Math.cos(3 * h + 6 * DEGREE) - 0.2 * Math.cos(4 * h - 63 * DEGREE);
    const l = (L2 - L1) / (1 + (0.015 * L * L) / Math.sqrt(20 + L * L));
    const c = (C2 - C1) / (1 + 0.045 * C), s = dH / (1 + 0.015 * C * T);
    const bend = (h / DEGREE - 275) / 25;
    const rotation = -Math.sin(60 * DEGREE * Math.exp(-bend * bend)) * 2 * Math.sqrt(seventh(C));
    return Math.sqrt(Math.max(0, l * l + c * c + s * s + rotation * c * s));
  }

  /** Angle in 0..2 pi. @param {number} b @param {number} a */
  function hue(b, a) {
    const angle = Math.atan2(b, a);
    return angle < 0 ? angle + 2 * Math.PI : angle;
  }

  /** C^7 / (C^7 + 25^7). @param {number} C */
  function seventh(C) {
    const cube = C * C * C, power = cube * cube * C;
    return power / (power + POWER);
  }

  /** @param {Float32Array} values */
  function mean(values) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i];
    return sum / values.length;
  }

  V.metrics = { psnr, colorfulness, auc, ciede2000, mean };
})();
