// @ts-check
/* The same region taken at every layer, one request each: at which layer does the donor's color come across? */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @type {{layer: string, scene: any, button: HTMLElement}[]} */
  let results = [];
  /** What the results hang on. */
  let asked = "";
  /** @type {(task: ((signal: AbortSignal) => Promise<void>) | null) => Promise<void>} */
  let run;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

  const every = () => run(async (signal) => {
    const names = V.trace.layers.map((/** @type {any} */ each) => each.name);
    clear();
    if (!(await V.donor.open())) return;
    asked = V.transplant.place();
    await V.ask.parts(byId("transplant-progress"), names.length, async (/** @type {number} */ part) => {
      const output = await V.ask.output("transplant", { layer: names[part], ...V.transplant.parameters() }, signal);
      if (!signal.aborted) add(names[part], V.ask.variant(output));
    }, signal);
  });

  function clear() {
    results = [];
    asked = "";
    byId("transplant-layers").replaceChildren();
    byId("transplant-progress").replaceChildren();
  }

  /** @param {string} layer @param {any} scene */
  function add(layer, scene) {
    const bar = V.draw.element("span"), canvas = V.draw.sheet(scene.size, scene.size), { width, height } = V.trace.photo;
    canvas.style.aspectRatio = `${width} / ${height}`;
    canvas.setAttribute("aria-hidden", "true");
    const button = V.draw.element("button", { class: "layer-result", type: "button" },
      V.draw.element("span", { class: "track", "aria-hidden": "true" }, bar), V.draw.element("b", { class: "num" }), canvas, V.draw.element("span", { text: layer }));
    button.addEventListener("click", () => V.state.set({ graft: layer }));
    byId("transplant-layers").append(V.draw.element("li", {}, button));
    results.push({ layer, scene, button });
    show(results[results.length - 1]);
    mark();
  }

  /** @param {{layer: string, scene: any, button: HTMLElement}} result */
  function show({ layer, scene, button }) {
    const share = V.transplant.toward(scene), canvas = /** @type {HTMLCanvasElement} */ (button.querySelector("canvas"));
    const bar = /** @type {HTMLElement} */ (button.querySelector(".track > span"));
    V.draw.put(canvas, scene.painted.rgba);
    bar.style.height = `${100 * Math.max(0, Math.min(1, share ?? 0))}%`;
    V.draw.say(button.querySelector("b"), share === null ? "alike" : V.transplant.percent(share));
    button.setAttribute("aria-label", `${layer}: ${share === null ? "the two colors are alike" : `${V.transplant.percent(share)} of the way`}`);
  }

  function mark() {
    if (!results.length) return;
    const chosen = V.transplant.layer();
    for (const { layer, button } of results) button.setAttribute("aria-pressed", String(layer === chosen));
  }

  /** Another photo, donor or region: what stands here answers something else. */
  function stale() {
    byId("transplant-every").disabled = !V.state.get().donor;
    if (!asked || (V.trace && asked === V.transplant.place())) return;
    run(null);
    clear();
  }

  function repaint() {
    if (!V.transplant.ready()) return;
    for (const result of results) {
      V.scene.paint(result.scene, V.state.get().t);
      show(result);
    }
  }

  (V.onStart ||= []).push(() => {
    run = V.ask.latest("transplant");
    byId("transplant-every").addEventListener("click", every);
    V.state.on(["trace", "donor", "region", "from"], stale);
    V.state.on(["graft", "layer", "pinnedLayer"], mark);
    V.scene.listen("settled", repaint);
    stale();
  });
})();
