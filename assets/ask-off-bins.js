// @ts-check
/* The bins that gained and lost most of a part's probability. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const COUNT = 5;
  const FEWEST = 0.005; // points: what would be shown as 0.00 did not move

  /** The own prediction's, which the temperature does not change. @type {{of: any, key: string, values: Float64Array} | null} */
  let kept = null;

  /** @param {any} scene @param {Float64Array} weights */
  function own(scene, weights) {
    const key = String(V.state.get().region), of = scene.distributions; // another one when the prior moves
    if (kept?.of !== of || kept?.key !== key) kept = { of, key, values: V.offMeasure.probabilities(scene, weights) };
    return kept.values;
  }

  /** @param {number} bin @param {number} points @param {number} L @param {any} bins */
  function row(bin, points, L, bins) {
    const [a, b] = bins.centers[bin], swatch = V.draw.element("span", { class: "swatch" });
    swatch.style.background = V.color.css(L, a, b);
    const name = V.draw.element("span", { text: `${V.hue(L, a, b)}, a ${V.draw.fixed(a, 0)}, b ${V.draw.fixed(b, 0)}` });
    return V.draw.element("li", { "data-bin": bin }, swatch, name, V.draw.element("b", { text: V.offMeasure.signed(points, 2) }));
  }

  /** @param {any} scene as it is @param {any} made without the filters @param {Float64Array} weights of the part's positions
   * @param {number} L the part's mean lightness, at which swatches are painted */
  function show(scene, made, weights, L) {
    const without = !scene.distributions;
    /** @type {any} */ (document.getElementById("off-moved")).hidden = without;
    /** @type {any} */ (document.getElementById("off-no-bins")).hidden = !without;
    if (without) return;
    const before = own(scene, weights), after = V.offMeasure.probabilities(made, weights);
    for (const [name, sign] of [["gained", 1], ["lost", -1]]) {
      const points = Float32Array.from(after, (value, bin) => 100 * Number(sign) * (value - before[bin]));
      const rows = V.decode.largest(points, COUNT).filter((/** @type {number} */ bin) => points[bin] >= FEWEST)
        .map((/** @type {number} */ bin) => row(bin, Number(sign) * points[bin], L, scene.bins));
      const none = V.draw.element("li", { class: "sub", text: "none" });
      document.getElementById(`off-${name}`)?.replaceChildren(...(rows.length ? rows : [none]));
    }
  }

  (V.onStart ||= []).push(() => {
    const box = document.getElementById("off-moved");
    box?.addEventListener("pointerover", (event) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-bin]"));
      if (item) V.state.set({ hoverBin: Number(item.dataset.bin) });
    });
    box?.addEventListener("pointerleave", () => V.state.set({ hoverBin: null }));
  });

  V.offBins = { show };
})();
