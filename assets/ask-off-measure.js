// @ts-check
/* What changed in a part of the photo: colors, probabilities, differences. Pure: scenes in, numbers out. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /**
   * How much each position of the output counts for a part of the photo: the mean over the part's pixels, each in its
   * position's color. @param {any} scene @param {(index: number) => boolean} inside @returns {Float64Array} sum 1, or all 0
   */
  function weights({ size, width, height }, inside) {
    const counts = new Float64Array(width * height);
    let total = 0;
    for (let y = 0, i = 0; y < size; y++) {
      const row = Math.floor((y * height) / size) * width;
      for (let x = 0; x < size; x++, i++) {
        if (!inside(i)) continue;
        counts[row + Math.floor((x * width) / size)]++;
        total++;
      }
    }
    return total ? counts.map((count) => count / total) : counts;
  }

  /** @param {ArrayLike<number>} plane @param {Float64Array} weights */
  function mean(plane, weights) {
    let sum = 0;
    for (let p = 0; p < weights.length; p++) sum += weights[p] * plane[p];
    return sum;
  }

  /** The part's mean color. @param {any} scene @param {Float64Array} weights */
  const color = ({ coarse }, weights) => ({ a: mean(coarse.a, weights), b: mean(coarse.b, weights) });

  /** The part's mean probability of each bin, T 1. @param {any} scene @param {Float64Array} weights @returns {Float64Array} */
  function probabilities({ distributions }, weights) {
    const sums = new Float64Array(distributions.count), row = new Float32Array(distributions.count);
    for (let p = 0; p < weights.length; p++) {
      if (!weights[p]) continue;
      V.decode.probabilities(distributions, p, row);
      for (let q = 0; q < row.length; q++) sums[q] += weights[p] * row[q];
    }
    return sums;
  }

  /** The mean of a quantity of pixels over a part. @param {Float32Array} values S * S @param {(index: number) => boolean} inside */
  function over(values, inside) {
    let sum = 0, count = 0;
    for (let i = 0; i < values.length; i++) {
      if (!inside(i)) continue;
      sum += values[i];
      count++;
    }
    return { mean: count ? sum / count : 0, share: count / values.length };
  }

  /** A number with its sign. @param {number} value @param {number} decimals */
  function signed(value, decimals) {
    const text = V.draw.fixed(value, decimals);
    return value > 0 && Number(text) !== 0 ? `+${text}` : text;
  }

  V.offMeasure = { weights, color, probabilities, over, signed };
})();
