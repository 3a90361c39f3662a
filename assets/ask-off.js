// @ts-check
/* Switch off: what is off, the photo without it, and how that differs from the network's own prediction. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 120; // a slider's steps are not asked for one by one
  const FACTOR = /^\d/;

  /** @type {Record<string, (rgba: Uint8ClampedArray) => void>} */
  const paint = {};
  /** The photo without the filters. @type {{key: string, scene: any, difference: Float32Array} | null} */
  let made = null;
  let asked = "";
  let factor = "0.5";
  let timer = 0;
  /** @type {ReturnType<typeof V.ask.latest>} */
  let run;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

  // ---- asking ----------------------------------------------------------------------------------------------------

  /** What the address says of the filters, null where none is off. @returns {Record<string, string> | null} */
  function question() {
    const { off, to } = V.state.get();
    if (!off || !V.off.all().size) return null;
    return { off, to, ...(to === "mean" && V.trace.filter_means ? { made: V.trace.filter_means } : {}) };
  }

  function plan() {
    if (!V.ask.shown("off") || V.scene.current?.meta !== V.trace) return;
    const wanted = question(), key = wanted ? `${V.trace.trace} ${JSON.stringify(wanted)}` : "";
    if (key === asked) return;
    asked = key;
    if (wanted) run((/** @type {AbortSignal} */ signal) => answer(wanted, key, signal));
    else {
      run(null);
      forget();
    }
  }

  function forget() {
    made = null;
    byId("off-results").hidden = true;
    waiting(false);
  }

  /** @param {boolean} yes */
  function waiting(yes) {
    byId("off-results").classList.toggle("is-waiting", yes);
    V.draw.say(byId("off-status"), yes ? "running the network\u2026" : "");
  }

  /** @param {Record<string, string>} wanted @param {string} key @param {AbortSignal} signal */
  async function answer(wanted, key, signal) {
    waiting(true);
    if (FACTOR.test(wanted.to)) await wait(REST_MS);
    try {
      if (signal.aborted) return;
      const [output] = await Promise.all([V.ask.output("off", wanted, signal), V.offTable.fetchParts(signal)]);
      if (signal.aborted) return;
      const scene = V.ask.variant(output);
      made = { key, scene, difference: new Float32Array(scene.size ** 2) };
      byId("off-results").hidden = false;
      show();
      measure();
      waiting(false);
    } catch (failure) {
      if (!signal.aborted) {
        asked = "";
        forget();
      }
      throw failure;
    }
  }

  // ---- showing ---------------------------------------------------------------------------------------------------

  /** The pictures, at every step of the temperature. */
  function show() {
    if (!made || made.key !== asked) return;
    paint.own(V.scene.current.painted.rgba);
    paint.new(made.scene.painted.rgba);
    read();
  }

  /** What takes longer than a frame: differences, bins, the table. */
  function measure() {
    if (!made || made.key !== asked) return;
    const own = V.scene.current, { scene } = made, high = V.pictures.LARGEST_DIFFERENCE;
    made.difference = V.metrics.ciede2000(V.color.toLab(own.painted.rgba), V.color.toLab(scene.painted.rgba));
    const rgba = new Uint8ClampedArray(4 * made.difference.length);
    V.scales.paint(made.difference, 0, high, V.scales.viridis, new Uint32Array(rgba.buffer));
    paint.difference(rgba);
    const mean = `\u0394E2000 ${V.draw.fixed(V.metrics.mean(made.difference), 2)}`;
    V.draw.say(document.querySelector("#off-difference-card .sub"), `mean ${mean}`);
    V.draw.say(byId("filter-off-see"), `${mean} \u2193`);
    V.offTable.show(own, scene, made.difference);
    region();
    read();
  }

  /** What is told of the region, or of the whole photo without one. */
  function region() {
    if (!made || made.key !== asked) return;
    const own = V.scene.current, inside = V.region.inside(own.size), weights = V.offMeasure.weights(own, inside);
    const where = V.region.box() ? "the region" : "whole photo", L = V.offMeasure.over(own.lab.L, inside).mean;
    V.draw.say(byId("off-where"), `${where}, Lab units`);
    V.offPlane.show({ from: V.offMeasure.color(own, weights), to: V.offMeasure.color(made.scene, weights), L });
    V.offBins.show(own, made.scene, weights, L);
  }

  /** The numbers under the crosshair. */
  function read() {
    if (!made || made.key !== asked) return;
    const own = V.scene.current, { index } = V.scene.pixel(V.state.get()), { a, b, rgba } = made.scene.painted;
    const css = (/** @type {Uint8ClampedArray} */ from) => `rgb(${from[4 * index]} ${from[4 * index + 1]} ${from[4 * index + 2]})`;
    const ab = (/** @type {any} */ from) => `a ${V.draw.fixed(from.a[index], 1)}  b ${V.draw.fixed(from.b[index], 1)}`;
    value("own", ab(own.painted), css(own.painted.rgba));
    value("new", ab({ a, b }), css(rgba));
    value("difference", `\u0394E ${V.draw.fixed(made.difference[index], 1)}`, null);
  }

  /** @param {string} name @param {string} text @param {string | null} color */
  function value(name, text, color) {
    const [swatch, words] = byId(`off-${name}-value`).children;
    swatch.hidden = color === null;
    if (color) swatch.style.background = color;
    V.draw.say(words, text);
  }

  /** The temperature moved, or the photo's prediction was painted anew. */
  function repaint() {
    if (!made || made.key !== asked || !V.ask.shown("off")) return;
    V.scene.paint(made.scene, V.state.get().t);
    show();
    clearTimeout(timer);
    timer = window.setTimeout(measure, V.scene.SETTLE_MS);
  }

  // ---- controls --------------------------------------------------------------------------------------------------

  function controls() {
    const { to, layer } = V.state.get(), filters = V.off.all(), scaled = FACTOR.test(to);
    byId("off-guide").hidden = filters.size > 0;
    byId("filter-off-see").hidden = !filters.size;
    byId("off-undo").disabled = !V.off.undoable;
    byId("off-clear").disabled = !filters.size;
    V.draw.say(byId("off-layer"), layer || "\u2013");
    for (const button of byId("off-to").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === (scaled ? "scale" : to)));
      if (button.value !== "mean") continue;
      button.disabled = !V.trace?.filter_means;
      button.title = button.disabled ? "The means over a data set are not known for this model: visml patches index makes them."
        : "the filter's mean over a data set";
    }
    byId("off-factor").hidden = !scaled;
    if (!scaled) return;
    factor = to;
    byId("off-factor").querySelector("input").value = to;
    V.draw.say(byId("off-factor-value"), `\u00d7 ${V.draw.fixed(Number(to), 2)}`);
  }

  /** One button for each filter that is off; the same ones stay, and with them the focus. */
  function chips() {
    const list = byId("off-chips"), all = [...V.off.all()].flatMap(([layer, numbers]) => [...numbers]
      .sort((one, two) => one - two).map((filter) => ({ layer, filter })));
    const key = JSON.stringify(all);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...all.map(({ layer, filter }) => V.draw.element("li", {}, V.draw.element("button", {
      type: "button", class: "off-chip", "data-layer": layer, "data-filter": filter,
      "aria-label": `Switch filter ${filter} of ${layer} on again`, text: `${layer} ${filter}`,
    }))));
  }

  /** Takes a filter off the list; the focus goes to its neighbor. @param {HTMLElement} chip */
  function remove(chip) {
    const place = [...byId("off-chips").querySelectorAll("button")].indexOf(chip);
    V.off.toggle(chip.dataset.layer, Number(chip.dataset.filter));
    chips();
    const left = byId("off-chips").querySelectorAll("button");
    (left[Math.min(place, left.length - 1)] || byId("off-undo")).focus();
  }

  /** @param {string} toward a color: the way from here to the filters that push a part of the photo there */
  function seek(toward) {
    const { layer } = V.state.get(), names = V.data.names(), found = names.includes(layer) ? layer : names[Math.floor(names.length / 2)];
    V.state.set({ sort: "push", toward, layer: found, pinnedLayer: found });
    document.getElementById("layer-panel")?.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  function link() {
    for (const name of ["own", "new", "difference"]) paint[name] = V.ask.picture(`off-${name}`);
    const [, ramp, most] = byId("off-difference-scale").children;
    ramp.style.background = V.scales.gradient(V.scales.viridis);
    V.draw.say(most, `${V.pictures.LARGEST_DIFFERENCE}+`);
    const slider = V.draw.element("input", { type: "range", min: "0", max: "2", step: "0.05", value: factor, "aria-label": "Factor" });
    slider.addEventListener("input", () => V.state.set({ to: slider.value }));
    byId("off-factor").prepend(slider);
    byId("off-to").addEventListener("click", (/** @type {any} */ { target }) => {
      const button = target.closest("button");
      if (button) V.state.set({ to: button.value === "scale" ? factor : button.value });
    });
    byId("off-undo").addEventListener("click", V.off.undo);
    byId("off-clear").addEventListener("click", V.off.clear);
    byId("filter-off-see").addEventListener("click", () => {
      V.state.set({ ask: "off" });
      byId("ask").scrollIntoView({ block: "start", behavior: "smooth" });
    });
    byId("off-region").addEventListener("click", () => {
      byId("region-select").click();
      byId("picture-predicted").scrollIntoView({ block: "center", behavior: "smooth" });
      byId("picture-predicted").focus({ preventScroll: true });
    });
    for (const color of ["blue", "yellow", "red", "green"]) byId(`off-toward-${color}`).addEventListener("click", () => seek(color));
    byId("off-chips").addEventListener("click", (/** @type {any} */ { target }) => target.closest(".off-chip") && remove(target.closest(".off-chip")));
    byId("off-chips").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Delete" || event.key === "Backspace") remove(/** @type {HTMLElement} */ (event.target));
    });
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("off-results")) return;
    run = V.ask.latest();
    link();
    V.state.on(["off", "to", "layer", "trace"], controls);
    V.state.on(["off", "trace"], chips);
    V.state.on(["off", "to", "ask", "page"], plan);
    V.state.on(["region", "trace"], () => { if (made?.key === asked && made) { V.offTable.show(V.scene.current, made.scene, made.difference); region(); } });
    V.state.on(["x", "y"], read);
    V.scene.listen("opened", plan);
    V.scene.listen("painted", repaint);
    controls();
    chips();
  });

  V.askOff = { get made() { return made?.key === asked ? made : null; } };
})();
