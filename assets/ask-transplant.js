// @ts-check
/* Transplant: the photo with a donor's features in the region of a layer, asked for as region and layer change. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NAME = "transplant";

  /** @type {{key: string, scene: any} | null} */
  let answered = null;
  /** @type {Float32Array | null} */
  let difference = null;
  /** @type {Record<string, (rgba: Uint8ClampedArray) => void>} */
  const put = {};

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const ready = () => V.ask.shown(NAME) && V.scene.current && V.scene.current.meta === V.trace;

  /** The layer that features are taken at: the chosen one, or the one that the page shows. */
  function layer() {
    const { graft, pinnedLayer, layer: shown } = V.state.get(), names = V.trace.layers.map((/** @type {any} */ each) => each.name);
    return [graft, pinnedLayer, shown].find((name) => names.includes(name)) || names[0];
  }

  /** What an address says, but for the layer. */
  const parameters = () => ({ donor: V.donor.current.handle, ...V.region.parameters(), ...V.donor.parameters() });

  /** What an answer hangs on, but for the layer. */
  const place = () => [V.trace.trace, V.state.get().donor, V.state.get().region, V.donor.parameters().from].join(" ");
  const wanted = () => `${place()} ${layer()}`;

  // ---- asking ------------------------------------------------------------------------------------------------------

  const refresh = V.change.live(async () => {
    if (!ready() || answered?.key === wanted()) return;
    const key = wanted(), meta = V.trace;
    const done = V.change.waiting(byId("transplant-status"));
    try {
      if (!(await V.donor.open()) || meta !== V.trace) return show();
      const output = await V.ask.output(NAME, { layer: layer(), ...parameters() });
      if (meta !== V.trace) return;
      answered = { key, scene: V.ask.variant(output) };
      show();
      V.answered(NAME);
    } finally {
      done();
    }
  });

  // ---- showing -----------------------------------------------------------------------------------------------------

  function show() {
    if (!ready()) return;
    put.own(V.scene.current.painted.rgba);
    put.result((made() || V.scene.current).painted.rgba);
    measure();
  }

  /** The answer's scene, where there is one of this photo and a donor is chosen. */
  const made = () => (V.state.get().donor && answered ? answered.scene : null);

  function measure() {
    if (!ready()) return;
    const scene = made(), own = V.scene.current;
    difference = V.change.difference(own, scene || own);
    put.difference(V.change.shaded(difference));
    byId("transplant-numbers").replaceChildren(...(scene ? rows(own, scene, difference) : []));
    read();
  }

  /** @param {any} own @param {any} scene @param {Float32Array} values */
  function rows(own, scene, values) {
    const inside = V.region.inside(own.size), box = V.region.box();
    const share = toward(scene), way = share === null ? "the two are alike" : percent(share);
    const whole = [{ name: box ? "inside the region" : "whole photo", own, made: scene, inside, values, more: [way] }];
    if (box) whole.push({ name: "outside", own, made: scene, inside: (/** @type {number} */ index) => !inside(index), values, more: [] });
    return whole.map(V.change.row);
  }

  const percent = (/** @type {number} */ share) => `${V.draw.fixed(100 * share, 0)} %`;

  /** Which share of the way to the donor's mean color the region's has gone, along their line; null where the two are
   * less than one Lab unit apart. @param {any} scene @returns {number | null} */
  function toward(scene) {
    const inside = V.region.inside(scene.size), weights = V.offMeasure.weights(scene, inside);
    const own = V.offMeasure.color(V.scene.current, weights), now = V.offMeasure.color(scene, weights);
    const there = V.offMeasure.weights(scene, V.change.within(V.donor.box(), scene.size));
    const donor = V.offMeasure.color(V.donor.current.scene, there), a = donor.a - own.a, b = donor.b - own.b;
    const length = a * a + b * b;
    return length < 1 ? null : ((now.a - own.a) * a + (now.b - own.b) * b) / length;
  }

  /** Another temperature or prior: painted at once, measured when it rests. */
  function repaint() {
    if (!ready()) return;
    V.donor.paint();
    const scene = made();
    if (scene) V.scene.paint(scene, V.state.get().t);
    put.own(V.scene.current.painted.rgba);
    put.result((scene || V.scene.current).painted.rgba);
    if (answered?.key !== wanted()) refresh();
  }

  /** The numbers under the crosshair. */
  function read() {
    if (!ready()) return;
    const { index } = V.scene.pixel(V.state.get()), scene = made() || V.scene.current, fixed = (/** @type {number} */ value) => V.draw.fixed(value, 1);
    const ab = (/** @type {any} */ { a, b }) => `a ${fixed(a[index])}  b ${fixed(b[index])}`;
    V.draw.say(byId("transplant-own-value"), ab(V.scene.current.painted));
    V.draw.say(byId("transplant-result-value"), ab(scene.painted));
    V.draw.say(byId("transplant-difference-value"), difference ? `\u0394E ${fixed(difference[index])}` : "");
  }

  // ---- choosing ----------------------------------------------------------------------------------------------------

  function offer() {
    if (!ready()) return;
    const { donor, graft } = V.state.get(), select = byId("transplant-layer");
    V.change.offer(byId("transplant-donor"), "choose a photo", donor);
    const names = V.trace.layers.map((/** @type {any} */ each) => each.name);
    const options = names.map((/** @type {string} */ name) => V.draw.element("option", { value: name, text: name }));
    select.replaceChildren(V.draw.element("option", { value: "", text: `the one shown (${layer()})` }), ...options);
    select.value = names.includes(graft) ? graft : "";
  }

  (V.onStart ||= []).push(() => {
    for (const name of ["own", "result", "difference"]) put[name] = V.ask.picture(`transplant-${name}-picture`);
    /** @type {any} */ (document.querySelector("#ask-transplant .ramp")).style.background = V.scales.gradient(V.scales.viridis);
    byId("transplant-donor").addEventListener("change", () => V.state.set({ donor: byId("transplant-donor").value || null, from: null }));
    byId("transplant-layer").addEventListener("change", () => V.state.set({ graft: byId("transplant-layer").value || null }));
    V.state.on(["donor", "graft", "layer", "pinnedLayer", "region", "from", "ask", "page", "listed"], refresh);
    V.state.on(["donor", "graft", "layer", "pinnedLayer", "ask", "page", "listed"], offer);
    V.state.on(["x", "y"], read);
    V.scene.listen("opened", () => { answered = null; offer(); });
    V.scene.listen("painted", repaint);
    V.scene.listen("settled", measure);
  });

  V.transplant = { layer, parameters, place, toward, percent, ready, get answered() { return answered; } };
})();
