// @ts-check
/* The difference between two pictures of Compare as a map: two columns, or a column and the target or gray. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** Ends of the scales, the same for every photo so that photos compare. */
  const LARGEST = { get ciede2000() { return V.pictures.LARGEST_DIFFERENCE; }, ab: 60 };
  const FIXED = ["target", "gray"];

  /** @typedef {{L: Float32Array, a: Float32Array, b: Float32Array}} Lab */

  /** @type {HTMLCanvasElement} */
  let canvas;
  /** @type {Record<string, any>} */
  let rows = {};
  /** @type {{scene: any, values: Float32Array} | null} */
  let map = null;
  let frame = 0;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const choice = (/** @type {"one" | "other"} */ side) => /** @type {HTMLSelectElement} */ (byId(`compare-${side}`));

  // ---- which two -------------------------------------------------------------------------------------------------

  const hasTarget = () => V.compare.reference()?.hasColor !== false;

  /** What a side can be. @returns {string[]} letters of columns, then target and gray */
  function sides() {
    const letters = V.compare.cards.map((/** @type {any} */ { letter }) => letter);
    return [...letters, ...FIXED.filter((name) => name !== "target" || hasTarget())];
  }

  /** The two sides: the asked-for ones where there are such, else the first two columns, or a column and its target. */
  function pair() {
    const all = sides(), asked = (V.state.get().pair || "").split(",");
    return asked.length === 2 && asked.every((name) => all.includes(name)) ? asked : all.slice(0, 2);
  }

  /** @param {string} name */
  function label(name) {
    const card = V.compare.cards.find((/** @type {any} */ { letter }) => letter === name);
    return card ? `${name} ${card.column ? V.told.phrase(card.column.model, card.column.told) : ""}` : name;
  }

  function offer() {
    const all = sides(), chosen = pair();
    [choice("one"), choice("other")].forEach((select, i) => {
      const options = all.map((name) => V.draw.element("option", { value: name, text: label(name) }));
      select.replaceChildren(...options);
      select.value = chosen[i];
    });
  }

  // ---- the map ---------------------------------------------------------------------------------------------------

  const sceneOf = (/** @type {string} */ name) => V.compare.cards.find((/** @type {any} */ { letter }) => letter === name)?.scene;

  /** A side's colors on a scene's photo: a coarser model's are put on the finer one's lightness, as when a photo is colored.
   * @param {string} name @param {any} scene the finest @returns {{a: Float32Array, b: Float32Array}} */
  function colors(name, scene) {
    if (name === "target") return scene.lab;
    if (name === "gray") return { a: new Float32Array(scene.size ** 2), b: new Float32Array(scene.size ** 2) };
    const { painted, coarse, width, height, size } = sceneOf(name);
    if (size === scene.size) return painted;
    const plane = (/** @type {Float32Array} */ values) => V.color.upsample(values, width, height, scene.size);
    return { a: plane(coarse.a), b: plane(coarse.b) };
  }

  /** The Lab of these colors as they are painted, inside sRGB. @param {string} name @param {any} scene @returns {Lab} */
  function painted(name, scene) {
    if (name === "target") return scene.lab;
    const { a, b } = colors(name, scene), rgba = new Uint8ClampedArray(4 * scene.size ** 2);
    V.color.paint(scene.lab.L, a, b, rgba);
    return V.color.toLab(rgba);
  }

  /** At the size of the finer of the two. @returns {{scene: any, values: Float32Array} | null} */
  function compute() {
    const names = pair(), scenes = names.filter((name) => !FIXED.includes(name)).map(sceneOf);
    if (scenes.some((scene) => !scene)) return null;
    const scene = scenes.length ? scenes.reduce((best, each) => (best.size >= each.size ? best : each)) : V.compare.reference();
    if (!scene) return null;
    if (V.state.get().measure === "ciede2000") {
      return { scene, values: V.metrics.ciede2000(painted(names[0], scene), painted(names[1], scene)) };
    }
    const [one, other] = names.map((name) => colors(name, scene));
    return { scene, values: one.a.map((a, i) => Math.hypot(a - other.a[i], one.b[i] - other.b[i])) };
  }

  function repaint() {
    frame = 0;
    if (!V.compare.shown()) return;
    const { measure } = V.state.get(), high = LARGEST[measure], found = compute();
    map = found;
    byId("compare-difference").classList.toggle("is-waiting", !found);
    V.draw.say(byId("compare-difference-sub"), V.compareValues.NAMES[measure]);
    V.draw.say(byId("compare-mean"), found ? V.draw.fixed(V.metrics.mean(found.values), 1) : "\u2013");
    V.draw.say(byId("compare-most"), found ? V.draw.fixed(found.values.reduce((most, value) => Math.max(most, value), 0), 1) : "\u2013");
    V.draw.say(/** @type {Element} */ (document.querySelector("#compare-difference .scale")).lastElementChild, `${high}+`);
    read();
    if (!found) return;
    V.pictures.fit(canvas, found.scene);
    const rgba = new Uint8ClampedArray(4 * found.values.length);
    V.scales.paint(found.values, 0, high, V.scales.viridis, new Uint32Array(rgba.buffer));
    V.draw.put(canvas, rgba);
  }

  /** However many columns settle in a frame, the map is made once. */
  const soon = () => { frame ||= requestAnimationFrame(repaint); };

  function read() {
    rows.here?.(map && `${V.compareValues.NAMES[V.state.get().measure]} ${V.draw.fixed(map.values[V.compareValues.pixel(map.scene.size)], 1)}`);
  }

  // ---- controls --------------------------------------------------------------------------------------------------

  function choose() {
    V.state.set({ pair: `${choice("one").value},${choice("other").value}` });
  }

  function measures() {
    const { measure } = V.state.get();
    for (const button of byId("compare-measure").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.measure === measure));
    }
    soon();
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("compare-difference")) return;
    canvas = V.compareCard.canvas(byId("compare-difference-picture"));
    rows = V.compareCard.rows(byId("compare-difference-pixel"), ["here"]);
    /** @type {any} */ (document.querySelector("#compare-difference .ramp")).style.background = V.scales.gradient(V.scales.viridis);
    byId("compare-measure").addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (button) V.state.set({ measure: button.dataset.measure });
    });
    choice("one").addEventListener("change", choose);
    choice("other").addEventListener("change", choose);
    V.compare.listen("arranged", () => { offer(); soon(); });
    V.compare.listen("opened", () => { offer(); soon(); });
    V.compare.listen("settled", soon);
    V.state.on(["measure"], measures);
    V.state.on(["pair"], () => { offer(); soon(); });
    measures();
  });

  V.compareDifference = { read, sides: () => pair().map(label) };
})();
