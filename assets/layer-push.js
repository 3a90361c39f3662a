// @ts-check
/* Color pushes of the shown layer's filters, while they are sorted by them: estimates of all at once, then exact ones,
   the strongest first, in parts that can be stopped. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 250; // a layer that is only passed by asks for nothing
  const SETTLE_MS = 700; // between the estimates and the exact values
  const PART = 4; // filters of one request: nobody else waits long for the network
  const KEPT = 12;
  /** @type {Record<string, [number, number]>} directions of the ab plane */
  const COLORS = { blue: [0, -1], yellow: [0, 1], red: [1, 0], green: [-1, 0] };

  /** @typedef {{key: string, layer: string, pairs: Float32Array, exact: Uint8Array, left: number}} Pushes
   *   pairs: a and b of each filter, Lab units; exact: 1 where it is no estimate; left: how many are not */

  /** The last ones, the newest at the end. @type {Map<string, Pushes>} */
  const kept = new Map();
  /** @type {ReturnType<typeof V.ask.latest>} */
  let run;
  let running = "";
  /** The bin pointed at last. @type {number | null} */
  let bin = null;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const bins = () => V.trace.output.kind === "bins";
  const sorting = () => V.state.get().sort === "push";

  /** What the pushes hang on, as an address says it; null where there are none to be had. */
  function question() {
    const { layer, t, page } = V.state.get();
    if (!sorting() || page !== "inspect" || !V.trace || V.scene.current?.meta !== V.trace || !V.data.names().includes(layer)) return null;
    return bins() && t === 0 ? null : { layer, t: bins() ? t : 1, ...V.region.parameters() };
  }

  /** @param {object} asked */
  const keyOf = (asked) => `${V.trace.trace} ${JSON.stringify(asked)}`;

  /** The pushes that belong to the shown layer, region and temperature; null while they are not there. @returns {Pushes | null} */
  function current() {
    const asked = question();
    return asked && kept.get(keyOf(asked)) || null;
  }

  /** These, or meanwhile the last ones of the same layer. @returns {Pushes | null} */
  function shown() {
    const asked = question();
    if (!asked) return null;
    const before = [...kept.values()].reverse().find(({ key, layer }) => layer === asked.layer && key.startsWith(`${V.trace.trace} `));
    return current() || before || null;
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  function plan() {
    const asked = question(), key = asked ? keyOf(asked) : "", found = current();
    told();
    if (key === running) return;
    running = key;
    byId("push-progress").replaceChildren();
    if (found) changed();
    if (!asked || found && !found.left) return run(null);
    return run((/** @type {AbortSignal} */ signal) => work(asked, key, signal));
  }

  /** @param {any} asked @param {string} key @param {AbortSignal} signal */
  async function work(asked, key, signal) {
    try {
      if (!kept.has(key)) {
        await V.ask.wait(REST_MS);
        if (signal.aborted) return;
        keep(key, asked.layer, (await V.ask.json("pushes", asked, signal)).pushes);
        changed();
      }
      await V.ask.wait(SETTLE_MS);
      if (!signal.aborted) await refine(asked, key, signal);
    } finally {
      if (running === key) running = "";
    }
  }

  /** @param {string} key @param {string} layer @param {[number, number][]} pairs */
  function keep(key, layer, pairs) {
    const silent = V.data.peek(layer)?.info.silent || [];
    const exact = Uint8Array.from(pairs, (_, filter) => (silent[filter] ? 1 : 0)); // what is 0 everywhere pushes nowhere
    kept.set(key, { key, layer, pairs: Float32Array.from(pairs.flat()), exact, left: exact.filter((each) => !each).length });
    for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old);
  }

  /** Exact values, the strongest estimates first. @param {any} asked @param {string} key @param {AbortSignal} signal */
  async function refine(asked, key, signal) {
    const found = /** @type {Pushes} */ (kept.get(key)), { pairs, exact } = found;
    const strength = (/** @type {number} */ filter) => Math.hypot(pairs[2 * filter], pairs[2 * filter + 1]);
    const queue = [...exact.keys()].filter((filter) => !exact[filter]).sort((one, two) => strength(two) - strength(one));
    const whole = await V.ask.parts(byId("push-progress"), Math.ceil(queue.length / PART), async (/** @type {number} */ part) => {
      const filters = queue.slice(part * PART, (part + 1) * PART);
      const { pushes } = await V.ask.json("pushes-exact", { ...asked, filters: filters.join(",") }, signal);
      if (signal.aborted) return;
      filters.forEach((filter, i) => { pairs.set(pushes[i], 2 * filter); exact[filter] = 1; });
      found.left -= filters.length;
      changed();
    }, signal);
    if (!whole && !signal.aborted) goOn();
  }

  /** After a stop: a button that goes on. */
  function goOn() {
    const button = V.draw.element("button", { class: "button", type: "button", text: "Go on" });
    button.addEventListener("click", plan);
    byId("push-progress").replaceChildren(button);
  }

  // ---- telling ---------------------------------------------------------------------------------------------------

  /** The unit vector that pushes are measured along. @returns {[number, number]} */
  function direction() {
    const { toward } = V.state.get(), center = V.scene.current?.bins?.centers[toward];
    if (!center) return COLORS[toward] || COLORS.blue;
    const own = V.offMeasure.color(V.scene.current, V.offMeasure.weights(V.scene.current, V.region.inside(V.scene.current.size)));
    const a = center[0] - own.a, b = center[1] - own.b, length = Math.hypot(a, b) || 1;
    return [a / length, b / length];
  }

  /** How far each filter pushes that way, Lab units; null where that is not known. @returns {Float32Array | null} */
  function values() {
    const found = shown();
    if (!found) return null;
    const [a, b] = direction();
    return Float32Array.from(found.exact, (_, filter) => a * found.pairs[2 * filter] + b * found.pairs[2 * filter + 1]);
  }

  const pair = (/** @type {number[]} */ [a, b]) => `a ${V.draw.fixed(a, 0)}, b ${V.draw.fixed(b, 0)}`;

  /** What the direction is called. */
  function name() {
    const { toward } = V.state.get(), center = V.scene.current?.bins?.centers[toward];
    return center ? pair(center) : toward in COLORS ? toward : "blue";
  }

  const where = () => (V.region.box() ? "region" : "whole photo");

  /** How far it has come. */
  function state() {
    const found = current();
    if (!question()) return bins() && V.state.get().t === 0 ? "At T 0 a color jumps from bin to bin: choose a T above 0." : "";
    if (!found) return `${where()}: estimating\u2026`;
    const known = found.left ? `${found.exact.length - found.left} of ${found.exact.length} exact` : "all exact";
    return `${where()}: ${known}${V.prior.told() ? ", nothing divided out" : ""}`;
  }

  /** The bin that stands beside the four colors: the chosen one, or the one pointed at last. */
  function offer() {
    const { toward } = V.state.get(), number = /^\d/.test(toward) ? Number(toward) : bin, center = V.scene.current?.bins?.centers[number ?? -1];
    const button = byId("push-bin");
    button.disabled = !center;
    button.title = center ? "the bin pointed at last" : bins() ? "Point at a color of the bins first" : "This model has no bins";
    button.value = center ? String(number) : "";
    V.draw.say(button, center ? `bin ${pair(center)}` : "bin");
  }

  function told() {
    byId("layer-push").hidden = !sorting();
    if (!sorting() || !V.trace) return;
    V.draw.say(byId("push-state"), state());
    offer();
    for (const button of byId("layer-toward").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === V.state.get().toward));
  }

  /** New values: whoever shows the layer shows them. The order stands still under the pointer. */
  function changed() {
    told();
    V.layerView.refresh(V.state.get().hoverFilter === null);
  }

  (V.onStart ||= []).push(() => {
    run = V.ask.latest();
    byId("layer-toward").addEventListener("click", (/** @type {any} */ { target }) => {
      const button = target.closest("button");
      if (button?.value) V.state.set({ toward: button.value });
    });
    V.state.on(["hoverBin"], ({ hoverBin }) => {
      if (hoverBin === null || hoverBin === undefined) return;
      bin = hoverBin;
      told();
    });
    V.state.on(["sort", "layer", "region", "t", "page"], plan);
    V.state.on(["toward", "region", "prior"], () => { told(); if (sorting() && V.layerView.current) V.layerView.refresh(true); });
    V.scene.listen("opened", plan);
    told();
  });

  V.pushes = { current, shown, values, name, where };
})();
