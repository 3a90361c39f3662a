// @ts-check
/* The numbers of Compare: of the pixel under the crosshair below each picture, and the scores of each column. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 400;
  /** Which of two scores is better: the sign of more, or null for the one nearest to the target's. */
  const BETTER = { psnr: 1, ciede2000: -1, auc: 1, colorfulness: null };
  const NAMES = { ciede2000: "\u0394E2000", ab: "ab distance" };

  /** @type {Record<string, any>} */
  let target = {};
  /** @type {HTMLCanvasElement} */
  let canvas;
  let timer = 0;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const css = (/** @type {Uint8ClampedArray} */ rgba, /** @type {number} */ i) => `rgb(${rgba[4 * i]} ${rgba[4 * i + 1]} ${rgba[4 * i + 2]})`;
  const ab = (/** @type {number} */ a, /** @type {number} */ b) => `a ${V.draw.fixed(a, 1)}  b ${V.draw.fixed(b, 1)}`;

  /** The crosshair as shares of the photo's sides: pictures of any size have their pixel there. */
  function place() {
    const scene = V.scene.current;
    if (!scene) return { u: 0.5, v: 0.5 };
    const { x, y } = V.scene.pixel(V.state.get());
    return { u: (x + 0.5) / scene.size, v: (y + 0.5) / scene.size };
  }

  /** The pixel of a square of that side under the crosshair. @param {number} size */
  function pixel(size) {
    const { u, v } = place();
    return Math.floor(v * size) * size + Math.floor(u * size);
  }

  /** The output's position under the crosshair. @param {any} scene */
  function position({ width, height }) {
    const { u, v } = place();
    return Math.floor(v * height) * width + Math.floor(u * width);
  }

  /** The painted pixel's error to the target's. @param {any} scene @param {number} i @param {string} measure */
  function error({ lab, painted }, i, measure) {
    if (measure === "ab") return Math.hypot(lab.a[i] - painted.a[i], lab.b[i] - painted.b[i]);
    const one = { L: lab.L.subarray(i, i + 1), a: lab.a.subarray(i, i + 1), b: lab.b.subarray(i, i + 1) };
    return V.metrics.ciede2000(one, V.color.toLab(painted.rgba.subarray(4 * i, 4 * i + 4)))[0];
  }

  // ---- the pixel -------------------------------------------------------------------------------------------------

  /** @param {any} card */
  function readColumn({ scene, values }) {
    if (!scene) return Object.values(values).forEach((show) => show(null));
    const i = pixel(scene.size), { measure } = V.state.get(), { painted, distributions, bins } = scene;
    values.predicted(ab(painted.a[i], painted.b[i]), css(painted.rgba, i));
    values.error(scene.hasColor ? `${NAMES[measure]} ${V.draw.fixed(error(scene, i, measure), 1)}` : null);
    if (!distributions) return [values.likeliest, values.entropy].forEach((show) => show(null));
    const p = position(scene), { count } = distributions, best = distributions.shifted.subarray(p * count, (p + 1) * count).indexOf(0);
    const [a, b] = bins.centers[best], share = V.draw.fixed(100 / distributions.total[p], 1);
    values.likeliest(`a ${V.draw.fixed(a, 0)} b ${V.draw.fixed(b, 0)}  ${share} %`, V.color.css(scene.lab.L[i], a, b));
    values.entropy(`${V.draw.fixed(distributions.entropy[p], 1)} bits`);
  }

  function readTarget() {
    const scene = V.compare.reference();
    if (!scene) return Object.values(target).forEach((show) => show(null));
    const i = pixel(scene.size), { L, a, b } = scene.lab, size = V.scene.current?.size ?? scene.size;
    const { u, v } = place();
    target.target(scene.hasColor ? ab(a[i], b[i]) : "no color", css(scene.photo, i));
    target.lightness(`L ${V.draw.fixed(L[i], 1)}`);
    target.pixel(`x ${Math.floor(u * size)}  y ${Math.floor(v * size)}`);
  }

  function read() {
    if (!V.compare.shown()) return;
    readTarget();
    V.compare.cards.forEach(readColumn);
    V.compareDifference?.read();
  }

  /** Once the crosshair rests, its numbers are spoken. */
  function moved() {
    read();
    clearTimeout(timer);
    if (V.compare.shown()) timer = window.setTimeout(speak, REST_MS);
  }

  function speak() {
    const told = [["target", byId("compare-target-pixel")], ...V.compare.cards.map((/** @type {any} */ card) =>
      [`${card.letter}, ${V.told.phrase(card.column.model, card.column.told)}`, card.element.querySelector(".compare-pixel")])];
    const words = told.map(([name, list]) => `${name}: ${[...list.querySelectorAll("div:not([hidden])")]
      .map((row) => `${row.firstChild.textContent} ${row.lastChild.textContent}`).join(", ")}`);
    V.announce(`${words.join("; ")}.`);
  }

  // ---- the scores ------------------------------------------------------------------------------------------------

  /** @param {string} score @param {"target" | "gray"} of */
  const targetCell = (score, of) => document.querySelector(`#compare-target [data-score="${score}"] [data-of="${of}"]`);

  function scoreTarget() {
    const scene = V.compare.reference();
    if (scene?.hasColor) scene.gray ||= V.scene.grayScores(scene);
    const own = scene && V.metrics.colorfulness(scene.photo);
    for (const score of Object.keys(BETTER)) {
      V.draw.say(targetCell(score, "target"), text(score === "colorfulness" && scene ? own : undefined));
      V.draw.say(targetCell(score, "gray"), text(scene?.gray?.[score]));
    }
    return own;
  }

  /** @param {any} scene */
  const scoresOf = (scene) => scene?.scores || (scene && { colorfulness: V.metrics.colorfulness(scene.painted.rgba) });
  const text = (/** @type {number | undefined} */ value) => (value === undefined ? "\u2013" : V.draw.fixed(value, 1));

  function score() {
    if (!V.compare.shown()) return;
    const own = scoreTarget(), cards = V.compare.cards, found = cards.map((/** @type {any} */ { scene }) => scoresOf(scene));
    const hasColor = V.compare.reference()?.hasColor;
    for (const [name, sign] of Object.entries(BETTER)) {
      const merits = found.map((/** @type {any} */ scores) =>
        (scores?.[name] === undefined ? -Infinity : sign === null ? -Math.abs(scores[name] - own) : sign * scores[name]));
      const best = Math.max(...merits), contest = hasColor && cards.length > 1 && best > -Infinity;
      cards.forEach((/** @type {any} */ card, /** @type {number} */ i) => {
        V.draw.say(card.scores[name], text(found[i]?.[name]));
        card.scores[name].classList.toggle("compare-best", contest && merits[i] === best);
      });
    }
  }

  // ---- the target ------------------------------------------------------------------------------------------------

  function paintTarget() {
    const scene = V.compare.reference();
    byId("compare-target").classList.toggle("is-waiting", !scene);
    if (!scene) return;
    V.draw.say(byId("compare-photo"), scene.meta.photo.label);
    V.draw.say(byId("compare-target-title"), scene.hasColor ? "Target" : "Photo");
    V.draw.say(byId("compare-target-sub"), scene.hasColor ? "the photo\u2019s own colors" : "gray: no colors to compare with");
    V.pictures.fit(canvas, scene);
    V.draw.put(canvas, scene.photo);
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("compare-cards")) return;
    canvas = V.compareCard.canvas(byId("compare-target-picture"));
    target = V.compareCard.rows(byId("compare-target-pixel"), ["target", "lightness", "pixel"]);
    V.compare.listen("opened", () => { paintTarget(); read(); });
    V.compare.listen("painted", read);
    V.compare.listen("settled", () => { score(); read(); });
    V.compare.listen("arranged", score);
    V.state.on(["measure", "page", "trace"], read);
    V.state.on(["x", "y"], moved);
  });

  V.compareValues = { NAMES, pixel };
})();
