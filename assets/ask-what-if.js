// @ts-check
/* What if: the edited lightness and the colors predicted from it, asked for as the edits are made. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NAME = "what-if";

  /** An answer: the new output, the edited lightness as gray pixels, and as a scene. What it answers is its key.
   * @type {{key: string, scene: any, rgba: Uint8ClampedArray, lab: any} | null} */
  let answered = null;
  /** @type {Float32Array | null} */
  let difference = null;
  /** @type {Record<string, (rgba: Uint8ClampedArray) => void>} */
  const put = {};

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const ready = () => V.ask.shown(NAME) && V.scene.current && V.scene.current.meta === V.trace;
  const wanted = () => `${V.trace.trace} ${V.state.get().what || ""}`;

  // ---- asking ------------------------------------------------------------------------------------------------------

  const refresh = V.change.live(async () => {
    if (!ready() || answered?.key === wanted()) return;
    const key = wanted(), { what } = V.state.get();
    const done = V.change.waiting(byId("what-if-status"));
    try {
      const found = what ? await ask(what) : plain();
      if (!V.trace || key.split(" ")[0] !== V.trace.trace) return;
      const lab = found.lab || V.scene.current.lab;
      answered = { key, rgba: found.rgba, lab, scene: V.ask.variant(found.output, V.state.get().own ? V.scene.current.lab : lab) };
      show();
      V.answered(NAME);
    } finally {
      done();
    }
  });

  /** @param {string} what */
  async function ask(what) {
    const base = `/ask/${V.trace.trace}/what-if-lightness?${new URLSearchParams({ what })}`;
    const lightness = V.data.picture(base).catch(() => null); // the output's refusal has the sentence
    const output = await V.ask.output("what-if", { what }), picture = await lightness;
    if (!picture) throw new Error("The server could not answer this question.");
    return { output, rgba: picture.rgba, lab: V.color.toLab(picture.rgba) };
  }

  /** Nothing is edited: the photo as it is. */
  function plain() {
    const scene = V.scene.current, { distributions, coarse } = scene;
    const output = distributions ? distributions.own || distributions : { a: coarse.a.slice(), b: coarse.b.slice() };
    return { output, rgba: V.scene.lightness(scene), lab: null };
  }

  // ---- showing -----------------------------------------------------------------------------------------------------

  function show() {
    if (!answered || !ready()) return;
    put.lightness(answered.rgba);
    put.result(answered.scene.painted.rgba);
    put.own(V.scene.current.painted.rgba);
    measure();
  }

  function measure() {
    if (!answered || !ready()) return;
    const own = V.scene.current, made = answered.scene, values = (difference = V.change.difference(own, made));
    put.difference(V.change.shaded(values));
    const rows = [{ name: "whole photo", own, made, values, inside: () => true }];
    if (V.region.box()) rows.unshift({ name: "region", own, made, values, inside: V.region.inside(own.size) });
    byId("what-if-numbers").replaceChildren(...rows.map(V.change.row));
    read();
  }

  /** Another temperature or prior: painted at once, measured when it rests. */
  function repaint() {
    if (!answered || !ready() || answered.key !== wanted()) return void refresh();
    V.scene.paint(answered.scene, V.state.get().t);
    put.result(answered.scene.painted.rgba);
    put.own(V.scene.current.painted.rgba);
  }

  /** The numbers under the crosshair. */
  function read() {
    if (!answered || !ready()) return;
    const { index } = V.scene.pixel(V.state.get()), fixed = (/** @type {number} */ value) => V.draw.fixed(value, 1);
    const ab = ({ a, b }) => `a ${fixed(a[index])}  b ${fixed(b[index])}`;
    V.draw.say(byId("what-if-lightness-value"), `L ${fixed(answered.lab.L[index])}`);
    V.draw.say(byId("what-if-result-value"), ab(answered.scene.painted));
    V.draw.say(byId("what-if-own-value"), ab(V.scene.current.painted));
    V.draw.say(byId("what-if-difference-value"), difference ? `\u0394E ${fixed(difference[index])}` : "");
  }

  /** @param {MouseEvent} event */
  function choose(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button) V.state.set({ own: button.dataset.on === "own" });
  }

  /** Which lightness the new colors are painted on. */
  function chosen() {
    const { own } = V.state.get();
    for (const each of /** @type {any} */ (byId("what-if-on").children)) each.setAttribute("aria-pressed", String(own === (each.dataset.on === "own")));
    if (!answered) return;
    answered.scene.lab = own ? V.scene.current.lab : answered.lab;
    repaint();
    measure();
  }

  (V.onStart ||= []).push(() => {
    for (const name of ["lightness", "result", "own", "difference"]) put[name] = V.ask.picture(`what-if-${name}-picture`);
    /** @type {any} */ (document.querySelector("#ask-what-if .ramp")).style.background = V.scales.gradient(V.scales.viridis);
    byId("what-if-on").addEventListener("click", choose);
    V.state.on(["what", "ask", "page"], refresh);
    V.state.on(["own"], chosen);
    chosen();
    V.state.on(["region"], measure);
    V.state.on(["x", "y"], read);
    V.scene.listen("opened", () => { answered = null; });
    V.scene.listen("painted", repaint);
    V.scene.listen("settled", measure);
  });

  V.whatIf = { get answered() { return answered; } };
})();
