// @ts-check
/* Where a color falls among the bins of the ab plane, and where a bin stands on a canvas. Pure. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const STEP = 10;
  const REACH = 12; // the published bins lie within -120..120
  /** Where arrow keys lead, in bins. @type {Record<string, [number, number]>} */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  /**
   * @typedef {object} Bins
   * @property {number[][]} centers Q pairs a, b
   * @property {Int16Array} grid bin at ((a / 10 + 12) * 25 + b / 10 + 12), -1 where there is none
   * @property {number} lowA @property {number} highA @property {number} lowB @property {number} highB
   */

  /** @param {number[][]} centers @returns {Bins} */
  function index(centers) {
    const grid = new Int16Array((2 * REACH + 1) ** 2).fill(-1);
    centers.forEach(([a, b], bin) => { grid[cell(a, b)] = bin; });
    const as = centers.map((c) => c[0]), bs = centers.map((c) => c[1]);
    return {
      centers, grid,
      lowA: Math.min(...as), highA: Math.max(...as), lowB: Math.min(...bs), highB: Math.max(...bs),
    };
  }

  /** @param {number} a @param {number} b */
  function cell(a, b) {
    const column = Math.round(a / STEP) + REACH, row = Math.round(b / STEP) + REACH;
    return column < 0 || row < 0 || column > 2 * REACH || row > 2 * REACH ? 0 : column * (2 * REACH + 1) + row;
  }

  /** The bin of the square a color falls into, -1 outside the gamut. @param {Bins} bins @param {number} a @param {number} b */
  function at(bins, a, b) {
    return bins.grid[cell(a, b)];
  }

  /** The bin that an arrow key leads to, the same one at the gamut's edge. @param {Bins} bins @param {number} bin @param {string} key */
  function beside(bins, bin, key) {
    const [a, b] = bins.centers[bin], [da, db] = STEPS[key], found = at(bins, a + da * STEP, b + db * STEP);
    return found < 0 ? bin : found;
  }

  /** The nearest bin. @param {Bins} bins @param {number} a @param {number} b */
  function nearest(bins, a, b) {
    const inside = at(bins, a, b);
    if (inside >= 0) return inside;
    let best = 0, least = Infinity;
    for (let q = 0; q < bins.centers.length; q++) {
      const da = bins.centers[q][0] - a, db = bins.centers[q][1] - b, squared = da * da + db * db;
      if (squared < least) { least = squared; best = q; }
    }
    return best;
  }

  /**
   * How many colors fall into each bin.
   * @param {Bins} bins @param {Float32Array} a @param {Float32Array} b @returns {Float64Array}
   */
  function histogram(bins, a, b) {
    const counts = new Float64Array(bins.centers.length);
    for (let i = 0; i < a.length; i++) counts[nearest(bins, a[i], b[i])]++;
    return counts;
  }

  /**
   * The ab plane on a box: a to the right, b up, one square a bin.
   * @param {Bins} bins @param {number} width @param {number} height
   */
  function plane(bins, width, height) {
    const columns = (bins.highA - bins.lowA) / STEP + 1, rows = (bins.highB - bins.lowB) / STEP + 1;
    const side = Math.min(width / columns, height / rows);
    const left = (width - side * columns) / 2, top = (height - side * rows) / 2;
    return {
      side,
      /** @param {number} a */ x: (a) => left + ((a - bins.lowA) / STEP + 0.5) * side,
      /** @param {number} b */ y: (b) => top + ((bins.highB - b) / STEP + 0.5) * side,
      /** @param {number} x */ a: (x) => bins.lowA + ((x - left) / side - 0.5) * STEP,
      /** @param {number} y */ b: (y) => bins.highB - ((y - top) / side - 0.5) * STEP,
    };
  }

  V.bins = { STEP, STEPS, index, at, beside, nearest, histogram, plane };
})();
