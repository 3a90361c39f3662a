// @ts-check
/* Samples: colorings drawn by the server, painted side by side, and how far they lie apart. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const COUNT = 6;
  const USUAL = { t: 1, coherence: 16, seed: 0 };
  const SPREAD = 40; // Lab units at the end of the scale, the same for every photo so that photos compare
  const PATIENCE_MS = 150;

  /** @typedef {{a: Float32Array, b: Float32Array}} Planes */
  /** @typedef {{scene: any, drawn: Planes[], spread: Float32Array}} Strip */

  /** @type {((rgba: Uint8ClampedArray) => void)[]} */
  let paints = [];
  /** @type {Strip | null} */
  let strip = null;
  /** What the strip was asked with. */
  let answered = "";
  let timer = 0;
  /** @type {(task: (signal: AbortSignal) => Promise<void>) => Promise<void>} */
  let latest;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** @returns {{t: number, coherence: number, seed: number}} what samples are drawn with */
  function chosen() {
    const parts = (V.state.get().samples || "").split(",").map(Number);
    return parts.length === 3 && parts.every(Number.isFinite) ? { t: Math.min(1, parts[0]), coherence: parts[1], seed: parts[2] } : USUAL;
  }

  /** @param {Partial<{t: number, coherence: number, seed: number}>} part */
  function choose(part) {
    const { t, coherence, seed } = { ...chosen(), ...part }, { t: T, coherence: c, seed: s } = USUAL;
    V.state.set({ samples: t === T && coherence === c && seed === s ? null : `${t},${coherence},${seed}` });
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  function question() {
    const { prior } = V.state.get();
    return { count: COUNT, ...chosen(), ...(V.trace.log_prior && prior ? { prior } : {}) };
  }

  /** Asks for the samples once nothing has moved for a moment; nothing while they are not shown. */
  function soon() {
    clearTimeout(timer);
    if (!V.ask.shown("samples") || !V.scene.current) return;
    const scene = V.scene.current, bins = Boolean(scene.distributions);
    byId("samples-absence").hidden = bins;
    byId("samples-body").hidden = !bins;
    if (bins && key(scene) !== answered) timer = window.setTimeout(ask, PATIENCE_MS);
  }

  const key = (/** @type {any} */ scene) => `${scene.meta.trace} ${JSON.stringify(question())}`;

  function ask() {
    const scene = V.scene.current, asked = key(scene);
    waiting(true);
    latest(async (signal) => {
      try {
        const buffer = await (await V.ask.get("samples", question(), signal)).arrayBuffer();
        if (signal.aborted || scene !== V.scene.current) return;
        answered = asked;
        show(scene, new Float32Array(buffer));
      } finally {
        if (!signal.aborted) waiting(false);
      }
    });
  }

  /** @param {boolean} yes */
  function waiting(yes) {
    byId("samples-strip").classList.toggle("is-waiting", yes);
    byId("samples-strip").setAttribute("aria-busy", String(yes));
    V.draw.say(byId("samples-waiting"), yes ? "drawing \u2026" : "");
  }

  // ---- showing ---------------------------------------------------------------------------------------------------

  /** @param {any} scene @param {Float32Array} values (N, 2, h, w) */
  function show(scene, values) {
    const positions = scene.width * scene.height;
    const drawn = Array.from({ length: values.length / (2 * positions) }, (_, n) => {
      const start = 2 * n * positions;
      return { a: values.subarray(start, start + positions), b: values.subarray(start + positions, start + 2 * positions) };
    });
    strip = { scene, drawn, spread: spread(drawn, positions) };
    drawn.forEach((planes, n) => paints[n](painted(scene, planes)));
    paints[COUNT](map(scene, strip.spread));
    read();
  }

  /** @param {any} scene @param {Planes} planes */
  function painted({ lab, width, height, size }, planes) {
    const rgba = new Uint8ClampedArray(4 * size * size);
    const fine = (/** @type {Float32Array} */ plane) => V.color.upsample(plane, width, height, size);
    V.color.paint(lab.L, fine(planes.a), fine(planes.b), rgba);
    return rgba;
  }

  /** Root of the mean squared distance to the samples' mean, in Lab units. @param {Planes[]} drawn @param {number} positions */
  function spread(drawn, positions) {
    const variance = (/** @type {"a" | "b"} */ name, /** @type {number} */ p) => {
      const mean = drawn.reduce((sum, planes) => sum + planes[name][p], 0) / drawn.length;
      return drawn.reduce((sum, planes) => sum + (planes[name][p] - mean) ** 2, 0) / drawn.length;
    };
    return Float32Array.from({ length: positions }, (_, p) => Math.sqrt(variance("a", p) + variance("b", p)));
  }

  /** @param {any} scene @param {Float32Array} plane */
  function map({ width, height, size }, plane) {
    const rgba = new Uint8ClampedArray(4 * size * size);
    V.scales.paint(V.color.upsample(plane, width, height, size), 0, SPREAD, V.scales.viridis, new Uint32Array(rgba.buffer));
    return rgba;
  }

  /** The color that each sample has under the crosshair. */
  function read() {
    if (!strip || strip.scene !== V.scene.current || !V.ask.shown("samples")) return;
    const { position, index } = V.scene.pixel(V.state.get()), L = strip.scene.lab.L[index];
    strip.drawn.forEach(({ a, b }, n) => {
      const [swatch, value] = /** @type {any} */ (byId(`samples-${n}-value`).children);
      swatch.hidden = false;
      swatch.style.background = V.color.css(L, a[position], b[position]);
      V.draw.say(value, `a ${V.draw.fixed(a[position], 0)}  b ${V.draw.fixed(b[position], 0)}`);
    });
    V.draw.say(byId("samples-spread-value").lastElementChild, `${V.draw.fixed(strip.spread[position], 1)} Lab units`);
  }

  // ---- controls --------------------------------------------------------------------------------------------------

  /** @param {string} name @param {"t" | "coherence"} of @param {Record<string, number>} range @param {(value: number) => string} tell */
  function slider(name, of, range, tell) {
    const input = V.draw.element("input", { type: "range", ...range }), output = V.draw.element("output", { class: "num" });
    byId(name).append(input, output);
    input.addEventListener("input", () => choose({ [of]: Number(input.value) }));
    return () => {
      const value = chosen()[of];
      if (Number(input.value) !== value) input.value = String(value);
      V.draw.say(output, tell(value));
    };
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("samples-strip")) return;
    latest = V.ask.latest("samples");
    paints = [...Array(COUNT).keys(), "spread"].map((name) => V.ask.picture(`samples-${name}-picture`));
    const [, ramp, end] = /** @type {any} */ (byId("samples-scale").children);
    ramp.style.background = V.scales.gradient(V.scales.viridis);
    V.draw.say(end, `${SPREAD}+`);
    const t = slider("samples-t", "t", { min: 0, max: 1, step: 0.01 }, (value) => value.toFixed(2));
    const coherence = slider("samples-coherence", "coherence", { min: 0, max: 20, step: 0.5 }, (value) => `${value} positions`);
    const shown = () => { t(); coherence(); V.draw.say(byId("samples-seed"), `draw ${chosen().seed}`); };
    byId("samples-others").addEventListener("click", () => choose({ seed: chosen().seed + 1 }));
    V.state.on(["samples"], shown);
    V.state.on(["samples", "ask", "page", "prior"], soon);
    V.state.on(["x", "y", "ask"], read);
    V.scene.listen("opened", soon);
    shown();
  });
})();
