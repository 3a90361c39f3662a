// @ts-check
/* Stopwatches inside the page, put there by the benchmarks before its own scripts run.

   A stopwatch is started by an input event, at the time the browser got it, and stopped after the frame in which what
   it waits for was painted. */
(function () {
  "use strict";
  const QUIET_MS = 500;

  /** @type {any} */
  const probe = { paints: 0, layer: null, armed: null, started: null, stands: null, longTasks: [] };
  Object.assign(window, { visml_probe: probe });
  const page = () => /** @type {any} */ (window).dash_clientside?.visml;

  /** Calls back once the next frame is painted. @param {() => void} then */
  function afterFrame(then) {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { port1.close(); then(); };
      port2.postMessage(null);
    });
  }

  /** A promise of the next painted frame. */
  probe.frame = () => new Promise((resolve) => afterFrame(() => resolve(null)));

  /**
   * Starts at the next event of a type, stops after the frame in which `done` first holds: `probe.armed`, in ms.
   * @param {string} type @param {() => boolean} done
   */
  function arm(type, done) {
    let start = -1;
    addEventListener(type, (event) => { start = event.timeStamp; }, { capture: true, once: true });
    probe.armed = new Promise((resolve) => {
      const look = () => (start >= 0 && done() ? resolve(performance.now() - start) : afterFrame(look));
      afterFrame(look);
    });
  }

  /** Listens to the page; call it once a photo stands. */
  probe.attach = () => {
    const V = page();
    V.scene.listen("painted", () => { probe.paints += 1; });
    V.state.on(["layer"], (/** @type {any} */ state) => { probe.layer = state.layer; });
  };

  /** Until the predicted picture is painted anew. @param {string} type */
  probe.armPainted = (type) => {
    const before = probe.paints;
    arm(type, () => probe.paints > before);
  };

  /** Until a layer is shown. @param {string} type @param {string} name */
  probe.armLayer = (type, name) => arm(type, () => {
    const V = page(), view = V.layerView.current;
    if (name === V.trace.output.layer) return probe.layer === name;
    return probe.layer === name && view?.name === name && view.trace === V.trace.trace;
  });

  /** Whether the pictures of a photo stand. @param {string | null} key */
  function pictured(key) {
    const V = page();
    return Boolean(V?.trace) && (key === null || V.trace.photo.key === key) && V.scene?.current?.meta === V.trace;
  }

  /** Whether the maps of the shown layer stand beside them. */
  function mapped() {
    const V = page();
    return V.state.get().layer === V.trace.output.layer || V.layerView.current?.trace === V.trace.trace;
  }

  /** Until a photo stands, its pictures and the maps of the shown layer. @param {string} type @param {string} key */
  probe.armPhoto = (type, key) => arm(type, () => pictured(key) && mapped());

  /** Whether everything of the open photo was fetched. */
  probe.prefetched = () => pictured(null) && mapped() && document.documentElement.dataset.prefetched === page().trace.trace;

  /** When the page answers, in ms since it was asked for: everything stands, and no long task is near. */
  probe.interactive = () => {
    let at = probe.stands;
    for (const [start, end] of probe.longTasks) if (start < at + QUIET_MS && end > at) at = end;
    return at;
  };

  /** Notes when the page's scripts have started and when the first photo stands. */
  function watch() {
    const now = performance.now();
    if (probe.started === null && page()?.state?.get().photo) probe.started = now;
    if (pictured(null) && mapped()) probe.stands = now;
    else afterFrame(watch);
  }

  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) probe.longTasks.push([task.startTime, task.startTime + task.duration]);
  }).observe({ type: "longtask", buffered: true });
  afterFrame(watch);
})();
