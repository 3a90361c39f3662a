// @ts-check
/* Switch off: the photo without some filters, and how that differs from the network's own prediction. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 120; // a slider's steps are not asked for one by one
  const ENDS = [1, 2, 5, 10, 20]; // of the difference's scale: the first that few pixels go beyond
  const FEW = 0.01;

  /** @type {Record<string, (rgba: Uint8ClampedArray) => void>} */
  const paint = {};
  /** The photo without the filters. @type {{key: string, scene: any, difference: Float32Array} | null} */
  let answered = null;
  let asked = "";
  let timer = 0;
  /** @type {ReturnType<typeof V.ask.latest>} */
  let run;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  /** The answer to what is asked now. */
  const made = () => (answered?.key === asked && answered.scene.meta === V.trace ? answered : null);

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
    if (key === asked) return repaint();
    asked = key;
    if (wanted) run((/** @type {AbortSignal} */ signal) => answer(wanted, key, signal));
    else {
      run(null);
      forget();
    }
  }

  function forget() {
    answered = null;
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
    try {
      if (/^\d/.test(wanted.to)) await V.ask.wait(REST_MS);
      if (signal.aborted) return;
      const output = await V.ask.output("off", wanted, signal);
      if (signal.aborted) return;
      await show(key, V.ask.variant(output), signal);
    } catch (failure) {
      if (!signal.aborted) {
        asked = "";
        forget();
      }
      throw failure;
    }
  }

  // ---- showing ---------------------------------------------------------------------------------------------------

  /** The new picture at once; the photo's parts when they are there. @param {string} key @param {any} scene @param {AbortSignal} signal */
  async function show(key, scene, signal) {
    answered = { key, scene, difference: new Float32Array(scene.size ** 2) };
    byId("off-results").hidden = false;
    pictures();
    measure();
    waiting(false);
    await V.offTable.fetchParts(signal);
    if (!signal.aborted) table();
  }

  function pictures() {
    const found = made();
    if (!found) return;
    paint.own(V.scene.current.painted.rgba);
    paint.new(found.scene.painted.rgba);
    read();
  }

  /** What takes longer than a frame: differences, bins, the table. */
  function measure() {
    const found = made();
    if (!found) return;
    found.difference = V.change.difference(V.scene.current, found.scene);
    const high = end(found.difference), mean = `\u0394E2000 ${V.draw.fixed(V.metrics.mean(found.difference), 2)}`;
    paint.difference(V.change.shaded(found.difference, high));
    V.draw.say(byId("off-difference-scale").lastElementChild, `${high}+`);
    V.draw.say(document.querySelector("#off-difference-card .sub"), `mean ${mean}`);
    V.draw.say(byId("filter-off-see"), `all off: ${mean} \u2193`);
    table();
    region();
    read();
  }

  /** Where the difference's scale ends: what is small is to be seen as well. @param {Float32Array} values */
  function end(values) {
    const most = Float32Array.from(values).sort()[Math.floor((1 - FEW) * (values.length - 1))];
    return ENDS.find((each) => each >= most) || V.pictures.LARGEST_DIFFERENCE;
  }

  function table() {
    const found = made();
    if (found) V.offTable.show(V.scene.current, found.scene, found.difference);
  }

  /** What is told of the region, or of the whole photo without one. */
  function region() {
    const found = made();
    if (!found) return;
    const own = V.scene.current, inside = V.region.inside(own.size), weights = V.offMeasure.weights(own, inside);
    const where = V.region.box() ? "the region" : "whole photo", L = V.offMeasure.over(own.lab.L, inside).mean;
    V.draw.say(byId("off-where"), `${where}, Lab units`);
    V.draw.say(byId("off-moved-where"), `${where}, percentage points`);
    V.offPlane.show({ from: V.offMeasure.color(own, weights), to: V.offMeasure.color(found.scene, weights), L });
    V.offBins.show(own, found.scene, weights, L);
  }

  /** The numbers under the crosshair. */
  function read() {
    const found = made();
    if (!found) return;
    const { index } = V.scene.pixel(V.state.get());
    color("own", V.scene.current.painted, index);
    color("new", found.scene.painted, index);
    value("difference", `\u0394E ${V.draw.fixed(found.difference[index], 1)}`, null);
  }

  /** @param {string} name @param {any} painted @param {number} index */
  function color(name, { a, b, rgba }, index) {
    const [red, green, blue] = rgba.subarray(4 * index);
    value(name, `a ${V.draw.fixed(a[index], 1)}  b ${V.draw.fixed(b[index], 1)}`, `rgb(${red} ${green} ${blue})`);
  }

  /** @param {string} name @param {string} text @param {string | null} css */
  function value(name, text, css) {
    const [swatch, words] = byId(`off-${name}-value`).children;
    swatch.hidden = css === null;
    if (css) swatch.style.background = css;
    V.draw.say(words, text);
  }

  /** The temperature or the prior moved, perhaps while another question was shown. */
  function repaint() {
    const found = made();
    if (!found || !V.ask.shown("off")) return;
    V.scene.paint(found.scene, V.state.get().t);
    pictures();
    clearTimeout(timer);
    timer = window.setTimeout(measure, V.scene.SETTLE_MS);
  }

  (V.onStart ||= []).push(() => {
    run = V.ask.latest("off");
    for (const name of ["own", "new", "difference"]) paint[name] = V.ask.picture(`off-${name}`);
    byId("off-difference-scale").children[1].style.background = V.scales.gradient(V.scales.viridis);
    V.state.on(["off", "to", "ask", "page"], plan);
    V.state.on(["region"], () => { table(); region(); });
    V.state.on(["x", "y"], read);
    V.scene.listen("opened", plan);
    V.scene.listen("painted", repaint);
  });

  V.askOff = { get made() { return made(); } };
})();
