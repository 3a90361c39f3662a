// @ts-check
/* Ask why: the tabs of the questions, and how a question is asked, once or in parts. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const tabs = () => /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("#ask-tabs [role=tab]")]);

  /** Whether a question's panel is what the page shows. @param {string} name */
  const shown = (name) => V.state.get().page === "inspect" && V.state.get().ask === name;

  // ---- asking ----------------------------------------------------------------------------------------------------

  /**
   * The server's answer to a question about the open photo. What it refuses is told to the reader and thrown.
   * @param {string} question @param {Record<string, string | number>} parameters @param {AbortSignal} [signal]
   * @returns {Promise<Response>}
   */
  async function get(question, parameters = {}, signal) {
    const query = new URLSearchParams(/** @type {any} */ (parameters));
    const response = await fetch(`/ask/${V.trace.trace}/${question}?${query}`, { signal });
    if (response.status === 404) V.reopen?.();
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({ error: "The server could not answer this question." }));
    throw new Error(error);
  }

  /** Its answer as a JSON value. @param {string} question @param {Record<string, string | number>} parameters
   * @param {AbortSignal} [signal] @returns {Promise<any>} */
  const json = async (question, parameters, signal) => (await get(question, parameters, signal)).json();

  /** Its answer as another output of the network: distributions, or a and b planes.
   * @param {string} question @param {Record<string, string | number>} parameters @param {AbortSignal} [signal] */
  async function output(question, parameters, signal) {
    const told = V.trace.output, buffer = await (await get(question, parameters, signal)).arrayBuffer();
    if (told.kind === "bins") return V.decode.open(buffer, told.centers);
    const planes = new Float32Array(buffer), half = planes.length / 2;
    return { a: planes.subarray(0, half), b: planes.subarray(half) };
  }

  /**
   * Runs one task at a time: a new one ends the one before, and what that still brings is dropped.
   * @param {string} [question] whose answer is announced once it is there
   * @returns {(task: ((signal: AbortSignal) => Promise<void>) | null) => Promise<void>} null only ends
   */
  function latest(question) {
    let controller = new AbortController();
    return async (task) => {
      controller.abort();
      controller = new AbortController();
      const { signal } = controller;
      if (!task) return;
      try {
        await task(signal);
        if (question && !signal.aborted) V.answered(question);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof TypeError) V.lost?.();
        else V.notice(/** @type {Error} */ (error).message, "error", undefined);
      }
    };
  }

  /**
   * A long question in parts, with a bar that fills and a button that stops it.
   * @param {HTMLElement} place where bar and button stand meanwhile
   * @param {number} count @param {(part: number) => Promise<void>} each @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether all parts were asked
   */
  async function parts(place, count, each, signal) {
    const bar = V.draw.element("progress", { max: count, value: 0, "aria-label": "Progress" });
    const stop = V.draw.element("button", { class: "button", type: "button", text: "Stop" });
    let stopped = false;
    stop.addEventListener("click", () => { stopped = true; });
    place.replaceChildren(bar, stop);
    try {
      for (let part = 0; part < count && !stopped; part++) {
        await each(part);
        if (signal.aborted) return false;
        bar.value = part + 1;
      }
      return !stopped;
    } finally {
      if (place.contains(bar)) place.replaceChildren();
    }
  }

  const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

  // ---- other outputs on the same photo ---------------------------------------------------------------------------

  /**
   * A scene of the open photo with another output, painted at the page's temperature.
   * @param {any} found as `output` gives it @param {{L: Float32Array, a: Float32Array, b: Float32Array}} [lab] another lightness to paint on
   */
  function variant(found, lab = V.scene.current.lab) {
    const scene = V.scene.current, count = scene.size ** 2, positions = scene.width * scene.height;
    const plane = (/** @type {number} */ length) => new Float32Array(length);
    const made = {
      ...scene, lab, difference: null, scores: null,
      distributions: scene.distributions ? found : null,
      coarse: scene.distributions ? { a: plane(positions), b: plane(positions) } : found,
      painted: { a: plane(count), b: plane(count), rgba: new Uint8ClampedArray(4 * count) },
    };
    V.scene.paint(made, V.state.get().t);
    return made;
  }

  /** A canvas in a `.picture` of the page, in the photo's shape, with the crosshair and the region of all pictures.
   * @param {string} id of the `.picture`, which holds a `.stage` @returns {(rgba: Uint8ClampedArray) => void} paints it */
  function picture(id) {
    const region = byId(id), stage = /** @type {HTMLElement} */ (region.querySelector(".stage"));
    const canvas = V.draw.sheet(1, 1);
    canvas.setAttribute("aria-hidden", "true");
    stage.prepend(canvas);
    V.crosshair.link(region, stage);
    V.region.link(region, stage);
    return (rgba) => {
      V.pictures.fit(canvas, V.scene.current);
      V.draw.put(canvas, rgba);
    };
  }

  // ---- tabs ------------------------------------------------------------------------------------------------------

  function show() {
    const { ask } = V.state.get(), all = tabs(), known = all.some((tab) => tab.value === ask);
    all.forEach((tab, place) => {
      const selected = tab.value === ask;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected || (!known && place === 0) ? 0 : -1;
      byId(`ask-${tab.value}`).hidden = !selected;
    });
    byId("ask-hint").hidden = known;
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const all = tabs(), at = all.indexOf(/** @type {any} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 };
    if (at < 0 || !(event.key in places)) return;
    const next = all[(places[event.key] + all.length) % all.length];
    next.focus();
    V.state.set({ ask: next.value });
    event.preventDefault();
  }

  (V.onStart ||= []).push(() => {
    byId("ask-tabs").addEventListener("click", (event) => {
      const tab = /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (event.target).closest("[role=tab]"));
      if (tab) V.state.set({ ask: tab.getAttribute("aria-selected") === "true" ? null : tab.value });
    });
    byId("ask-tabs").addEventListener("keydown", pressed);
    byId("ask-hint").addEventListener("click", (event) => {
      const { value } = /** @type {HTMLButtonElement} */ (event.target);
      if (!value) return;
      V.state.set({ ask: value });
      byId(`ask-tab-${value}`).focus({ preventScroll: true });
    });
    V.state.on(["ask"], show);
    show();
  });

  V.ask = { shown, get, json, output, latest, parts, wait, variant, picture };
})();
