/**
 * What the page shows: one frozen object, changed by `V.state.set` and heard at most once per animation frame.
 * The server knows nothing of it but which photo and model to open (open.js); the address bar mirrors it (url.js).
 */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});

  /**
   * @typedef {object} State
   * @property {"inspect"|"colors"|"training"} page
   * @property {?string} model        a checkpoint's name; null until the catalog is read
   * @property {?string} photo        a gallery key
   * @property {?string} layer        the layer shown
   * @property {?string} pinnedLayer  the layer that stays when the pointer leaves the network
   * @property {?number} filter       the pinned filter, counted from 0
   * @property {?number} hoverFilter  the filter under the pointer
   * @property {?number} x            input pixel, 0 at the left
   * @property {?number} y            input pixel, 0 at the top
   * @property {number} t             temperature of the decoding, 0..1
   * @property {"index"|"mean"|"max"|"active"} sort
   * @property {"layer"|"map"} scale
   * @property {"entropy"|"difference"|"a"|"b"} extra
   * @property {?number} lambda       of the rebalancing weights on Colors, 0..1; null is the paper's
   * @property {?number} epoch        replayed on Training; null is the last
   * @property {number} trace         grows with every opened photo; the photo itself is V.trace
   * @property {"light"|"dark"} theme
   */

  /** @type {Readonly<State>} */
  const DEFAULTS = Object.freeze({
    page: "inspect", model: null, photo: null, layer: null, pinnedLayer: null, filter: null, hoverFilter: null,
    x: null, y: null, t: 0.38, sort: "mean", scale: "layer", extra: "entropy", lambda: null, epoch: null, trace: 0, theme: "light",
  });

  let state = DEFAULTS;
  let changed = new Set();
  let frame = 0;
  const listeners = new Set();

  /** Tells the listeners of every key changed since the last frame; one that fails does not stop the others. */
  function flush() {
    const keys = changed;
    frame = 0;
    changed = new Set();
    for (const listener of [...listeners]) {
      if (!listener.keys.some((key) => keys.has(key))) continue;
      try {
        listener.tell(state, keys);
      } catch (error) {
        console.error(error);
      }
    }
  }

  /** @param {Partial<State>} partial merged into the state; values that stay the same wake nobody */
  function set(partial) {
    const next = Object.entries(partial).filter(([key, value]) => !Object.is(state[key], value));
    if (!next.length) return;
    state = Object.freeze({ ...state, ...Object.fromEntries(next) });
    next.forEach(([key]) => changed.add(key));
    if (!frame) frame = requestAnimationFrame(flush);
  }

  /**
   * @param {string[]} keys
   * @param {(state: Readonly<State>, changed: Set<string>) => void} tell called in the next frame after a change
   * @returns {() => void} stops listening
   */
  function on(keys, tell) {
    const listener = { keys, tell };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  V.state = { get: () => state, set, on, DEFAULTS };
  V.trace = null;

  let started = false;
  const waiting = V.onStart || [];
  const attempt = (run) => { try { run(); } catch (error) { console.error(error); } };
  V.onStart = { push: (run) => (started ? attempt(run) : waiting.push(run)) };
  /** Runs what every file pushed to `V.onStart`, once, when the page's elements stand. */
  V.runStart = () => {
    if (started) return;
    started = true;
    waiting.forEach(attempt);
  };
})();
