/**
 * What the page shows: one frozen object, changed by `V.state.set` and heard at most once per animation frame.
 * The server knows nothing of it but which photo and model to open (open.js); the address bar mirrors it (url.js).
 */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});

  /**
   * @typedef {object} State
   * @property {"inspect"|"compare"|"colors"|"training"|"evaluation"} page
   * @property {?string} model        a checkpoint's name; null until the catalog is read
   * @property {?string} told         the category that a class-conditioned model is told; null is nothing
   * @property {?string} photo        a gallery key
   * @property {"all"|"color"|"grayscale"|"yours"} kind  which photos the strip lists
   * @property {?string} category     of the photos that the strip lists; null is any
   * @property {?string} layer        the layer shown
   * @property {?string} pinnedLayer  the layer that stays when the pointer leaves the network
   * @property {?number} filter       the pinned filter, counted from 0
   * @property {?number} hoverFilter  the filter under the pointer
   * @property {?number} x            input pixel, 0 at the left
   * @property {?number} y            input pixel, 0 at the top
   * @property {boolean} pixelPinned  whether the crosshair stays there
   * @property {number} t             temperature of the decoding, 0..1
   * @property {number} prior         how much of the training pictures' prior is divided out, 0..1
   * @property {"index"|"mean"|"max"|"active"|"push"} sort
   * @property {"layer"|"map"} scale
   * @property {"entropy"|"difference"|"a"|"b"|"modes"|"margin"|"gamut"} extra
   * @property {?string} brush        colors selected on the ab plane: numbers of bins, "12-15,40"; null is none
   * @property {string} about         of Why here: bin A, a direction of color (own, red, green, yellow, blue), or "likeliest"
   * @property {?string} against      of Why here: bin B; null is none
   * @property {"gradient_x_input"|"integrated_gradients"|"occlusion"} method  of Why here
   * @property {"gray"|"mean"} baseline  of Why here: what the lightness is compared with
   * @property {?string} field        of Why here: the layer whose field is drawn; null is the last
   * @property {?number} lambda       of the rebalancing weights on Colors, 0..1; null is the paper's
   * @property {?number} epoch        replayed on Training; null is the last
   * @property {?string} runs         of Training: "model,model", drawn beside the open model's; null is none
   * @property {?string} weights      of Training: the layer whose weights are shown, by its dotted name; null is the first
   * @property {?string} columns      of Compare: "model~T,model,model~~told"; null are the usual ones
   * @property {?string} pair         of Compare: the difference's two sides, as "A,target"; null are the usual ones
   * @property {"ciede2000"|"ab"} measure  of Compare: what an error is
   * @property {"psnr"|"ciede2000"|"auc"|"colorfulness_difference"} score  of the gallery's cells
   * @property {"every"|"above"} gallery   its columns: every model, or the columns above
   * @property {?string} by           the gallery's column that its photos are sorted by, "-" before it for the worst first; null is the strip's order
   * @property {?string} order        of Evaluation's table: a score's key, "-" before it for the worst first; null is by class-balanced AuC
   * @property {?string} curves       of Evaluation: whose are drawn, "model,~gray"; null are the usual ones
   * @property {string} metric        of Evaluation's categories: a score's key
   * @property {?string} rank         of Evaluation's categories: the column they are sorted by, "-" before it for the worst first; null is by name
   * @property {?string} ask          the question shown under "Ask why"
   * @property {?string} region       the part of the photo that questions are about: "left,top,right,bottom"; null is all of it
   * @property {?string} off          filters that are switched off: "conv4:12,17;conv5:3"; null is none
   * @property {string} to            what they give instead: "zero", "mean" or a factor
   * @property {string} toward        where the push that filters are sorted by goes: "blue", "yellow", "red", "green" or a bin's number
   * @property {?string} samples      what samples are drawn with: "T,coherence,seed"; null is the usual
   * @property {?string} what         edits of the lightness: "curve:0-0_50-70_100-100;blur:2"; null is none
   * @property {boolean} own          of What if: new colors are painted on the photo's own lightness, not on the edited one
   * @property {?string} donor        the photo that features are taken from, a gallery key; null is none yet
   * @property {?string} graft        the layer that they are taken at; null is the layer shown
   * @property {?string} from         the corner "x,y" of the donor's region; null is the same place
   * @property {number} listed        grows when the strip lists other photos
   * @property {number} trace         grows with every opened photo; the photo itself is V.trace
   * @property {"light"|"dark"} theme
   */

  /** @type {Readonly<State>} */
  const DEFAULTS = Object.freeze({
    page: "inspect", model: null, told: null, photo: null, kind: "all", category: null, layer: null, pinnedLayer: null, filter: null, hoverFilter: null,
    x: null, y: null, pixelPinned: false, t: 0.38, prior: 0, sort: "mean", scale: "layer", extra: "entropy", brush: null, lambda: null, epoch: null, runs: null, weights: null,
    columns: null, pair: null, measure: "ciede2000", score: "psnr", gallery: "every", by: null, order: null,
    curves: null, metric: "balanced_auc", rank: null, ask: null, about: "likeliest", against: null, method: "gradient_x_input", baseline: "gray", field: null, region: null, off: null, to: "zero", toward: "blue", samples: null, what: null, own: false, donor: null, graft: null, from: null, listed: 0, trace: 0, theme: "light",
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
