// @ts-check
/* Maps of the plane of colors over the photo: the mass of some bins, modes, margin, colors beyond sRGB. Pure. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** The same as the library's. */
  const FAINTEST_MODE = 0.05;
  const SEEN = 0.5; // Lab units: pixels moved less by clipping do not count as clipped

  /** @typedef {{shifted: Float32Array, total: Float64Array, count: number, positions: number}} Distributions */

  /** Probabilities of all bins at all positions, made once. @type {WeakMap<object, Float32Array>} */
  const made = new WeakMap();

  /** @param {Distributions} d @returns {Float32Array} positions * Q values */
  function shares(d) {
    let found = made.get(d);
    if (found) return found;
    const { shifted, total, count, positions } = d;
    found = new Float32Array(shifted.length);
    for (let p = 0, i = 0; p < positions; p++) {
      const sum = total[p];
      for (const end = i + count; i < end; i++) found[i] = Math.exp(shifted[i]) / sum;
    }
    made.set(d, found);
    return found;
  }

  /** The probability of a set of bins at every position. @param {Distributions} d @param {number[]} bins each once */
  function mass(d, bins) {
    const all = shares(d), out = new Float32Array(d.positions);
    for (let p = 0, start = 0; p < d.positions; p++, start += d.count) {
      let sum = 0;
      for (let i = 0; i < bins.length; i++) sum += all[start + bins[i]];
      out[p] = sum;
    }
    return out;
  }

  /** The up to eight bins around each, by number. @param {any} bins as V.bins.index gives them @returns {number[][]} */
  function around({ centers, grid }) {
    const step = V.bins.STEP;
    return centers.map((/** @type {number[]} */ [a, b]) => {
      const found = [];
      for (const da of [-step, 0, step]) {
        for (const db of [-step, 0, step]) {
          const bin = V.bins.at({ grid }, a + da, b + db);
          if ((da || db) && bin >= 0) found.push(bin);
        }
      }
      return found;
    });
  }

  /**
   * How many separate colors each position leans to: bins above 5 % of the largest probability that no bin around
   * them exceeds; of neighbors just as likely only the first counts.
   * @param {Distributions} d @param {any} bins
   */
  function modes(d, bins) {
    const near = around(bins), least = Math.log(FAINTEST_MODE), out = new Float32Array(d.positions);
    for (let p = 0, start = 0; p < d.positions; p++, start += d.count) {
      const z = d.shifted.subarray(start, start + d.count);
      for (let q = 0; q < d.count; q++) {
        if (z[q] > least && near[q].every((other) => (q < other ? z[q] >= z[other] : z[q] > z[other]))) out[p]++;
      }
    }
    return out;
  }

  /** The likeliest bin's probability less the second likeliest's. @param {Distributions} d */
  function margin(d) {
    const all = shares(d), out = new Float32Array(d.positions);
    for (let p = 0, i = 0; p < d.positions; p++) {
      let first = 0, second = 0;
      for (const end = i + d.count; i < end; i++) {
        if (all[i] > first) { second = first; first = all[i]; }
        else if (all[i] > second) second = all[i];
      }
      out[p] = first - second;
    }
    return out;
  }

  /** How far clipping to sRGB moves each color, in Lab units (CIE76).
   * @param {Float32Array} L @param {Float32Array} a @param {Float32Array} b */
  function beyond(L, a, b) {
    const out = new Float32Array(L.length);
    for (let i = 0; i < L.length; i++) out[i] = V.color.clipped(L[i], a[i], b[i]);
    return out;
  }

  /** What clipping did. @param {Float32Array} distance @returns {{share: number, mean: number, most: number}} share of
   * pixels moved by more than half a unit, and how far these were moved on average and at most */
  function clipping(distance) {
    let count = 0, sum = 0, most = 0;
    for (const value of distance) {
      if (value <= SEEN) continue;
      count++;
      sum += value;
      most = Math.max(most, value);
    }
    return { share: count / distance.length, mean: count ? sum / count : 0, most };
  }

  V.gamutMaps = { mass, modes, margin, beyond, clipping };
})();
