// @ts-check
/* The ten likeliest bins of the pixel, and what its distribution becomes: annealed mean, mode, mean, and the truth. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const TEN = 10;
  /** Marks on the plane and in the list. @type {Record<string, string>} */
  const MARKS = { annealed: "\u00d7", mode: "\u25b3", mean: "+", truth: "\u25cb" };
  /** @type {Float32Array} */
  let probabilities = new Float32Array(0);

  /** @param {number} a @param {number} b @param {number} decimals */
  const ab = (a, b, decimals) => `a ${V.draw.fixed(a, decimals)}, b ${V.draw.fixed(b, decimals)}`;

  /** The colors the distribution becomes, truth only where the photo has any.
   * @returns {{name: string, mark: string, a: number, b: number}[]} */
  function outcomes() {
    const scene = V.scene.current, { t } = V.state.get(), { position, index } = V.scene.pixel(V.state.get());
    const at = (/** @type {number} */ temperature) => V.decode.color(scene.distributions, position, temperature);
    const pairs = { annealed: at(t), mode: at(0), mean: at(1) };
    const all = Object.entries(pairs).map(([name, [a, b]]) => ({ name, mark: MARKS[name], a, b }));
    if (scene.hasColor) all.push({ name: "truth", mark: MARKS.truth, a: scene.lab.a[index], b: scene.lab.b[index] });
    return all;
  }

  /** @param {Float32Array} values probabilities of the bins at the pixel */
  function show(values) {
    probabilities = values;
    const scene = V.scene.current, { index, position } = V.scene.pixel(V.state.get()), L = scene.lab.L[index];
    const best = V.decode.largest(values, TEN), rows = /** @type {HTMLElement[]} */ ([...(document.getElementById("ten")?.children || [])]);
    let mass = 0;
    best.forEach((/** @type {number} */ bin, /** @type {number} */ i) => {
      mass += values[bin];
      row(rows[i], scene, bin, L, values[best[0]]);
    });
    V.draw.say(document.getElementById("pixel-entropy"), `${V.draw.fixed(scene.distributions.entropy[position], 1)} bits`);
    V.draw.say(document.getElementById("pixel-mass"), `${V.draw.fixed(100 * mass, 0)} %`);
    becomes(L);
    point();
  }

  /** @param {HTMLElement} item @param {any} scene @param {number} bin @param {number} L @param {number} most */
  function row(item, scene, bin, L, most) {
    const [swatch, name, hue, percent, track] = /** @type {any} */ (item.children), [a, b] = scene.bins.centers[bin];
    item.dataset.bin = String(bin);
    swatch.style.background = V.color.css(L, a, b);
    V.draw.say(name, ab(a, b, 0));
    V.draw.say(hue, V.hue(L, a, b));
    V.draw.say(percent, `${V.draw.fixed(100 * probabilities[bin], 1)} %`);
    track.firstElementChild.style.transform = `scaleX(${(probabilities[bin] / most).toFixed(4)})`;
  }

  /** @param {number} L */
  function becomes(L) {
    const all = new Map(outcomes().map((each) => [each.name, each]));
    for (const name of Object.keys(MARKS)) {
      const item = /** @type {HTMLElement} */ (document.getElementById(`becomes-${name}`)), outcome = all.get(name);
      const [swatch, , value] = /** @type {any} */ (item.children);
      swatch.style.background = outcome ? V.color.css(L, outcome.a, outcome.b) : "none";
      V.draw.say(value, outcome ? `${V.hue(L, outcome.a, outcome.b)}, ${ab(outcome.a, outcome.b, 1)}` : "the photo is gray");
    }
    V.draw.say(document.getElementById("becomes-t"), `T ${V.draw.fixed(V.state.get().t, 2)}`);
  }

  /** A bin's name at the pixel's lightness. @param {any} scene @param {number} bin */
  function named(scene, bin) {
    const [a, b] = scene.bins.centers[bin], { index } = V.scene.pixel(V.state.get());
    return `${V.hue(scene.lab.L[index], a, b)}, ${ab(a, b, 0)}`;
  }

  /** What the bin under the pointer is, and how likely here. */
  function point() {
    const bin = V.state.get().hoverBin, scene = V.scene.current;
    if (!scene?.bins || !probabilities.length) return;
    for (const item of document.querySelectorAll("#ten > li")) {
      item.classList.toggle("is-hovered", /** @type {HTMLElement} */ (item).dataset.bin === String(bin));
    }
    const none = bin === null || bin === undefined, brushed = V.brush.words(probabilities);
    V.draw.say(document.getElementById("gamut-bin"), brushed ? brushed
      : none ? "Point at a color: the fourth picture shows where it is likely. Drag over several to sum them."
      : `${named(scene, bin)}: ${V.draw.significant(100 * probabilities[bin])} % here`);
  }

  (V.onStart ||= []).push(() => {
    const list = document.getElementById("ten");
    list?.addEventListener("pointerover", (event) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-bin]"));
      if (item) V.state.set({ hoverBin: Number(item.dataset.bin) });
    });
    list?.addEventListener("pointerleave", () => V.state.set({ hoverBin: null }));
  });

  V.candidates = { MARKS, outcomes, show, point };
})();
