/**
 * Opening a photo: the state's `photo`, `model` and what it is `told` become one question to the server, and its answer `V.trace`.
 * Everything else the page does is answered in the browser. What was opened before is shown at once, and the server
 * asked whether it still holds.
 */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const PATIENCE = 2500;
  const SILENCES = 6;
  const KNOWN = 64;
  const LATER = 200;
  const known = new Map(); // what the server said of photos by what was asked, the longest unused first
  let count = 0;
  let pending = null;
  let watchdog = 0;
  let reopened = null;

  /** The progress line moves while an answer is awaited; an older photo steps back meanwhile. */
  function loading(yes, stale = yes && Boolean(V.trace)) {
    document.documentElement.dataset.loading = String(yes);
    document.documentElement.dataset.stale = String(stale);
    document.getElementById("main").setAttribute("aria-busy", String(yes));
  }

  function settle() {
    pending = null;
    clearTimeout(watchdog);
    loading(false);
  }

  /** While an answer is awaited: is anybody there? A slow server is waited for, a dead one is told at once. */
  async function watch(silences = 0) {
    let silent = 0;
    try {
      await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    } catch (error) {
      silent = error.name === "TimeoutError" ? silences + 1 : SILENCES;
    }
    if (!pending) return;
    if (silent >= SILENCES) V.lost();
    else watchdog = setTimeout(watch, PATIENCE, silent);
  }

  /** What the state asks for. */
  function wanted({ model, photo, told } = V.state.get()) {
    return { model, photo, told: V.told.of(model, told) };
  }

  /** What the page shows, as a state asks for it. */
  const standing = () => V.trace && { photo: V.trace.photo.key, model: V.trace.model, told: V.trace.category };

  const same = (one, other) => ["photo", "model", "told"].every((key) => one[key] === other[key]);

  async function ask() {
    const { model, photo, told } = wanted();
    if (!photo || !model) return;
    const asked = (pending = { model, photo, told, again: false });
    const key = JSON.stringify([model, photo, told]);
    const before = known.get(key);
    if (before) {
      V.opened(before);
      await new Promise((resolve) => setTimeout(resolve, LATER)); // what it shows comes first
      if (pending !== asked) return;
    }
    loading(true, Boolean(V.trace && !before));
    clearTimeout(watchdog);
    watchdog = setTimeout(watch, PATIENCE);
    try {
      const meta = await V.data.post("/open", { model, photo, category: told });
      remember(key, meta);
      if (pending !== asked) return;
      settle();
      V.dismiss("lost");
      if (!before || asked.again || before.trace !== meta.trace) V.opened(meta);
    } catch (error) {
      if (pending === asked) refused(error);
    }
  }

  /** Opens another photo at once, without waiting for the frame in which a changed state is heard. */
  V.open = (photo) => {
    if (photo === V.state.get().photo) return;
    V.state.set({ photo });
    ask();
  };

  function remember(key, meta) {
    known.delete(key);
    known.set(key, meta);
    for (const old of [...known.keys()].slice(0, -KNOWN)) known.delete(old);
  }

  /** @param {object} state @param {object} meta keeps what the new trace also has, and lets go of the rest */
  function fitted(state, meta) {
    const names = meta.layers.map((layer) => layer.name);
    const layer = names.includes(state.layer) ? state.layer : names[0];
    const channels = meta.layers.find((each) => each.name === layer).channels;
    const inside = (value, end) => (value !== null && value < end ? value : null);
    const x = inside(state.x, meta.size);
    const y = inside(state.y, meta.size);
    return {
      layer, pinnedLayer: names.includes(state.pinnedLayer) ? state.pinnedLayer : null, hoverFilter: null,
      filter: layer === state.layer || state.layer === null ? inside(state.filter, channels) : null,
      x: y === null ? null : x, y: x === null ? null : y, pixelPinned: state.pixelPinned && x !== null && y !== null,
    };
  }

  /** Shows a photo by what the server says of it. */
  V.opened = (meta) => {
    const state = V.state.get();
    const asked = !V.trace && new URLSearchParams(location.search).has("t");
    const usual = V.trace ? V.trace.temperature : V.state.DEFAULTS.t; // a T that nobody moved follows the model's
    const t = state.t === usual && !asked ? meta.temperature : state.t;
    V.trace = meta;
    V.data.hurry();
    V.state.set({ ...fitted(state, meta), t, photo: meta.photo.key, model: meta.model, told: meta.category, trace: (count += 1) });
    V.announce(`${meta.photo.label} opened with ${V.told.phrase(meta.model, meta.category)}.`);
  };

  /** The photo or model was refused: back to the one that stands, or to the first that can be opened. */
  function refused(error) {
    const failed = pending;
    settle();
    V.notice(error.message, "error");
    const { catalog } = V;
    const first = { photo: catalog.photos[0] ? catalog.photos[0].key : null, model: catalog.model, told: null };
    const next = standing() || first;
    if (same(next, failed)) return;
    V.state.set(next);
    if (!V.trace) ask();
  }

  /** The server does not answer: say so once, and offer to try again. */
  V.lost = () => {
    settle();
    V.notice("VisML does not answer. Is it still running where it was started?", "error", {
      key: "lost", label: "Try again", run: ask,
    });
  };

  /** A picture's data is gone on the server (expired, or its cache emptied): open the photo once more. */
  V.reopen = () => {
    if (pending) pending.again = true;
    if (!V.trace || reopened === V.trace.trace || pending) return;
    reopened = V.trace.trace;
    ask();
  };

  /** Fills the pages that Dash leaves empty. */
  function fill() {
    for (const [name, inside] of Object.entries(V.pages)) document.getElementById(`page-${name}`).innerHTML = inside;
  }

  /** Dash calls this once with the catalog: the page stands, so the state is read and the first photo asked for. */
  V.start = (catalog) => {
    V.catalog = catalog;
    const whenMounted = () => {
      if (!document.getElementById("page-inspect")) return requestAnimationFrame(whenMounted);
      fill();
      const found = V.url.read();
      const first = catalog.photos[0] ? catalog.photos[0].key : null;
      V.state.set({ ...found, model: found.model || catalog.model, photo: found.photo || first });
      V.runStart();
      if (!catalog.model) V.notice("There is no model to open: train one or import its weights, then load this page again.");
      ask();
      V.state.on(["photo", "model", "told"], (state) => {
        const shown = pending || standing();
        if (!shown || !same(shown, wanted(state))) ask();
      });
    };
    whenMounted();
  };

  /** Dash calls this with what a server callback has to say. */
  V.noticed = (note) => {
    if (!note) return;
    V.notice(note.text, note.kind);
  };
})();
