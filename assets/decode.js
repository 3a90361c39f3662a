// @ts-check
/* Logits over color bins -> probabilities, entropy, colors at any temperature. Pure: typed arrays in and out. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @type {Float32Array | null} */
  let table = null;
  /** @type {Float64Array | null} */
  let exponentials = null;

  /** Every float16 as a float32, by its 16 bits. */
  function float16Table() {
    if (table) return table;
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) {
      const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
      table[bits] = sign * (exponent === 31 ? (fraction ? NaN : Infinity)
        : exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
    }
    return table;
  }

  /** The exponential of every float16, by its 16 bits: read three times as fast as it is computed. */
  const exponentialTable = () => (exponentials ||= Float64Array.from(float16Table(), Math.exp));

  /**
   * @typedef {object} Distributions one distribution over Q bins per position
   * @property {Float32Array} shifted logits less their position's largest, positions * Q values
   * @property {Float64Array} total sum of exp(shifted) at each position
   * @property {Float32Array} entropy bits at each position
   * @property {Float32Array} centersA
   * @property {Float32Array} centersB
   * @property {number} count Q
   * @property {number} positions
   */

  /**
   * @param {ArrayBuffer} buffer float16, little-endian, (positions, Q)
   * @param {number[][]} centers Q pairs a, b
   * @returns {Distributions}
   */
  function open(buffer, centers) {
    const halves = new Uint16Array(buffer), float = float16Table(), exponential = exponentialTable();
    const count = centers.length, positions = halves.length / count;
    const shifted = new Float32Array(halves.length), total = new Float64Array(positions), entropy = new Float32Array(positions);
    for (let p = 0, start = 0; p < positions; p++, start += count) {
      let largest = -Infinity, sum = 0, weighted = 0;
      for (let i = start; i < start + count; i++) {
        const bits = halves[i], z = (shifted[i] = float[bits]), e = exponential[bits];
        if (z > largest) largest = z;
        sum += e;
        weighted += e * z;
      }
      for (let i = start; i < start + count; i++) shifted[i] -= largest;
      if (sum > 1e-200 && sum < 1e200) {
        total[p] = sum / Math.exp(largest);
        entropy[p] = (Math.log(sum) - weighted / sum) / Math.LN2;
      } else [total[p], entropy[p]] = sums(shifted, start, count); // logits of hundreds
    }
    const centersA = Float32Array.from(centers, (c) => c[0]), centersB = Float32Array.from(centers, (c) => c[1]);
    return { shifted, total, entropy, centersA, centersB, count, positions };
  }

  /** One position's sum of exp(z) and its entropy in bits.
   * @param {Float32Array} shifted @param {number} start @param {number} count @returns {[number, number]} */
  function sums(shifted, start, count) {
    let sum = 0, weighted = 0;
    for (let i = start; i < start + count; i++) {
      const e = Math.exp(shifted[i]);
      sum += e;
      weighted += e * shifted[i];
    }
    return [sum, (Math.log(sum) - weighted / sum) / Math.LN2];
  }

  /** Distributions with a prior divided out: z' = z - strength * log p. Sums and entropies are made when first read. */
  class Divided {
    /**
     * @param {Distributions} own the network's @param {number[]} logPrior Q values @param {number} strength
     * @param {Float32Array} [room] written into instead of new memory
     */
    constructor(own, logPrior, strength, room = new Float32Array(own.shifted.length)) {
      const { count, positions, centersA, centersB } = own;
      Object.assign(this, { own, strength, count, positions, centersA, centersB });
      this.shifted = room;
      const offset = Float64Array.from(logPrior, (value) => strength * value), z = own.shifted;
      for (let p = 0, start = 0; p < positions; p++, start += count) {
        let largest = -Infinity;
        for (let q = 0, i = start; q < count; q++, i++) {
          room[i] = z[i] - offset[q];
          if (room[i] > largest) largest = room[i];
        }
        for (let i = start; i < start + count; i++) room[i] -= largest;
      }
    }

    get total() { return this.#sums().total; }

    get entropy() { return this.#sums().entropy; }

    /** @type {{total: Float64Array, entropy: Float32Array} | null} */
    #made = null;

    #sums() {
      if (this.#made) return this.#made;
      const { positions, count, shifted } = /** @type {any} */ (this);
      const total = new Float64Array(positions), entropy = new Float32Array(positions);
      for (let p = 0; p < positions; p++) [total[p], entropy[p]] = sums(shifted, p * count, count);
      return (this.#made = { total, entropy });
    }
  }

  /** @param {Distributions} own @param {number[]} logPrior @param {number} strength 0..1 @param {Float32Array} [room] */
  const divided = (own, logPrior, strength, room) => new Divided(own, logPrior, strength, room);

  /**
   * The annealed mean of every position: the color expected under softmax(z / T). T = 0 is the mode.
   * @param {Distributions} d
   * @param {number} temperature
   * @param {Float32Array} a written, one value a position
   * @param {Float32Array} b written
   */
  function colors(d, temperature, a, b) {
    for (let p = 0; p < d.positions; p++) position(d, temperature, p, a, b);
  }

  /** @param {Distributions} d @param {number} temperature @param {number} p
   * @param {Float32Array} a @param {Float32Array} b */
  function position(d, temperature, p, a, b) {
    const { shifted, count, centersA, centersB } = d, start = p * count;
    if (temperature === 0) {
      const mode = shifted.subarray(start, start + count).indexOf(0);
      a[p] = centersA[mode];
      b[p] = centersB[mode];
      return;
    }
    const sharpness = 1 / temperature;
    const negligible = -17 / sharpness; // exp(-17) = 4e-8: what float32 sums cannot show
    let sum = 0, sumA = 0, sumB = 0;
    for (let q = 0; q < count; q++) {
      const z = shifted[start + q];
      if (z < negligible) continue;
      const e = Math.exp(z * sharpness);
      sum += e;
      sumA += e * centersA[q];
      sumB += e * centersB[q];
    }
    a[p] = sumA / sum;
    b[p] = sumB / sum;
  }

  /**
   * One position's color at a temperature.
   * @param {Distributions} d @param {number} p @param {number} temperature @returns {[number, number]}
   */
  function color(d, p, temperature) {
    const row = { ...d, shifted: d.shifted.subarray(p * d.count, (p + 1) * d.count) };
    const a = new Float32Array(1), b = new Float32Array(1);
    position(row, temperature, 0, a, b);
    return [a[0], b[0]];
  }

  /**
   * One position's probabilities at T = 1.
   * @param {Distributions} d @param {number} p @param {Float32Array} [out]
   */
  function probabilities(d, p, out = new Float32Array(d.count)) {
    for (let q = 0; q < d.count; q++) out[q] = Math.exp(d.shifted[p * d.count + q]) / d.total[p];
    return out;
  }

  /**
   * One bin's probability at every position, T = 1.
   * @param {Distributions} d @param {number} bin @returns {Float32Array}
   */
  function likelihood(d, bin) {
    const out = new Float32Array(d.positions);
    for (let p = 0; p < d.positions; p++) out[p] = Math.exp(d.shifted[p * d.count + bin]) / d.total[p];
    return out;
  }

  /**
   * Bins of the largest values, likeliest first; equal ones in the bins' order.
   * @param {Float32Array} values @param {number} count @returns {number[]}
   */
  function largest(values, count) {
    /** @type {number[]} */
    const best = [];
    for (let q = 0; q < values.length; q++) {
      if (best.length === count && values[q] <= values[best[count - 1]]) continue;
      let at = Math.min(best.length, count - 1);
      while (at > 0 && values[best[at - 1]] < values[q]) { best[at] = best[at - 1]; at--; }
      best[at] = q;
    }
    return best;
  }

  V.decode = { float16Table, open, divided, colors, color, probabilities, likelihood, largest };
})();
