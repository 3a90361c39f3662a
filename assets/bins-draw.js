// @ts-check
/* The bins of the ab plane on a canvas: faint squares, discs as large as they are likely, a frame, a letter. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAINTEST = 1e-5; // no disc below this probability
  /** Colors of the bins at a lightness, made when first asked for. */
  let tints = { L: -1, centers: /** @type {any} */ (null), css: /** @type {string[]} */ ([]) };

  /** @param {any} bins @param {number} bin @param {number} L */
  function tint({ centers }, bin, L) {
    const rounded = Math.round(L);
    if (tints.L !== rounded || tints.centers !== centers) tints = { L: rounded, centers, css: [] };
    return (tints.css[bin] ||= V.color.css(rounded, ...centers[bin]));
  }

  /** Each bin's square, faint. @param {CanvasRenderingContext2D} context @param {any} at as V.bins.plane @param {any} bins */
  function squares(context, at, { centers }) {
    const dark = V.state.get().theme === "dark", side = at.side;
    context.globalAlpha = dark ? 0.16 : 0.2;
    for (const [a, b] of centers) {
      context.fillStyle = V.color.css(dark ? 60 : 75, a, b);
      context.fillRect(at.x(a) - side / 2 + 0.5, at.y(b) - side / 2 + 0.5, side - 1, side - 1);
    }
    context.globalAlpha = 1;
  }

  /** A disc for each bin, its area as its probability. @param {CanvasRenderingContext2D} context @param {any} at
   * @param {any} bins @param {ArrayLike<number>} probabilities @param {number} L */
  function discs(context, at, bins, probabilities, L) {
    const most = probabilities[V.decode.largest(probabilities, 1)[0]];
    context.lineWidth = 0.75;
    context.strokeStyle = V.draw.token("--line-strong");
    for (let bin = 0; bin < probabilities.length; bin++) {
      if (probabilities[bin] < FAINTEST) continue;
      const [a, b] = bins.centers[bin], radius = Math.max(0.9, 0.48 * at.side * Math.sqrt(probabilities[bin] / most));
      context.fillStyle = tint(bins, bin, L);
      context.beginPath();
      context.arc(at.x(a), at.y(b), radius, 0, 2 * Math.PI);
      context.fill();
      if (radius > 2.5) context.stroke();
    }
  }

  /** A frame around a bin, none for null. @param {CanvasRenderingContext2D} context @param {any} at @param {any} bins
   * @param {number | null | undefined} bin */
  function frame(context, at, bins, bin) {
    if (bin === null || bin === undefined) return;
    const [a, b] = bins.centers[bin];
    context.strokeStyle = V.draw.token("--ink");
    context.lineWidth = 2;
    context.strokeRect(at.x(a) - at.side / 2, at.y(b) - at.side / 2, at.side, at.side);
  }

  /** A mark, with a light rim to stand out from any color.
   * @param {CanvasRenderingContext2D} context @param {string} mark @param {number} x @param {number} y */
  function stamp(context, mark, x, y) {
    Object.assign(context, { font: "bold 13px sans-serif", textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3 });
    context.strokeStyle = V.draw.token("--panel");
    context.strokeText(mark, x, y);
    context.fillStyle = V.draw.token("--ink");
    context.fillText(mark, x, y);
    context.textBaseline = "alphabetic";
  }

  V.binsDraw = { squares, discs, frame, stamp };
})();
