// @ts-check
/* The arithmetic of histograms whose ranges differ: on common parts, their middle, and round numbers for an axis. No page
   state. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @typedef {{low: number, high: number, counts: number[]}} Histogram counts in equally wide parts between low and high */

  /** @param {Histogram} histogram */
  const total = ({ counts }) => counts.reduce((sum, count) => sum + count, 0);

  /**
   * A histogram on other parts: what lies in a part is spread evenly over it.
   * @param {Histogram} histogram
   * @param {number} from
   * @param {number} to above from
   * @param {number} parts
   * @returns {Float64Array} share 0..1 of the weights in each of so many equal parts between from and to
   */
  function spread({ low, high, counts }, from, to, parts) {
    const shares = new Float64Array(parts), all = total({ low, high, counts }) || 1, step = (to - from) / parts;
    const width = (high - low) / counts.length;
    if (!width) { // all weights are the same
      const at = Math.min(parts - 1, Math.floor((low - from) / step));
      if (low >= from && low <= to) shares[at] = total({ low, high, counts }) / all;
      return shares;
    }
    counts.forEach((count, i) => {
      const left = low + i * width, right = left + width;
      const first = Math.max(0, Math.floor((left - from) / step)), last = Math.min(parts - 1, Math.floor((right - from) / step));
      for (let part = first; part <= last; part++) {
        const inside = Math.min(right, from + (part + 1) * step) - Math.max(left, from + part * step);
        if (inside > 0) shares[part] += (count / all) * (inside / width);
      }
    });
    return shares;
  }

  /** The value below which a share of the weights lies, taken as even within a part. @param {Histogram} histogram @param {number} share */
  function quantile({ low, high, counts }, share) {
    const width = (high - low) / counts.length;
    let left = share * total({ low, high, counts });
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] && left <= counts[i]) return low + (i + left / counts[i]) * width;
      left -= counts[i];
    }
    return high;
  }

  /**
   * Ends of an axis that holds histograms.
   * @param {Histogram[]} histograms at least one
   * @param {number} beyond share 0..0.5 of each one's weights that may lie beyond either end
   * @returns {[number, number]} the first below the second
   */
  function ends(histograms, beyond) {
    const from = Math.min(...histograms.map((each) => (beyond ? quantile(each, beyond) : each.low)));
    const to = Math.max(...histograms.map((each) => (beyond ? quantile(each, 1 - beyond) : each.high)));
    const room = from < to ? 0 : Math.abs(from) / 2 || 1;
    return [from - room, to + room];
  }

  /**
   * Round numbers between two ends.
   * @param {number} from @param {number} to @param {number} most how many at most, at least 2
   * @returns {{values: number[], decimals: number}} ascending, and the decimals they are written with
   */
  function ticks(from, to, most) {
    const raw = (to - from) / most, power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10), values = [];
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) values.push(i * step);
    return { values, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  V.histograms = { total, spread, quantile, ends, ticks };
})();
