/** The address bar: a link opens the same page, model, photo, layer, filter and pixel. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const PAGES = { "/": "inspect", "/compare": "compare", "/colors": "colors", "/training": "training",
    "/evaluation": "evaluation" };
  const CHOICES = {
    sort: ["index", "mean", "max", "active"], scale: ["layer", "map"], extra: ["entropy", "difference", "a", "b"],
    measure: ["ciede2000", "ab"], score: ["psnr", "ciede2000", "auc", "colorfulness_difference"], gallery: ["every", "above"],
    metric: ["balanced_auc", "auc", "psnr", "ssim", "ciede2000", "rmse_ab", "colorfulness", "colorfulness_difference", "accuracy", "relaxed_accuracy"],
  };
  const MIRRORED = ["model", "photo", "layer", "pinnedLayer", "filter", "x", "y", "t", "sort", "scale", "extra", "lambda", "epoch", "runs", "weights",
    "columns", "pair", "measure", "score", "gallery", "order", "curves", "metric"];

  const whole = (text) => (/^\d{1,6}$/.test(text || "") ? Number(text) : null);

  /** A number in 0..1, or what stands for none. */
  function share(text, none) {
    const value = text === null || text.trim() === "" ? NaN : Number(text);
    return value >= 0 && value <= 1 ? value : none;
  }

  /** @returns {object} the part of the state that the address tells; anything odd in it counts as not given */
  function read() {
    const query = new URLSearchParams(location.search);
    const found = { page: PAGES[location.pathname] || "inspect", t: share(query.get("t"), V.state.DEFAULTS.t) };
    found.lambda = share(query.get("lambda"), null);
    for (const key of ["model", "photo", "layer", "runs", "weights", "columns", "pair", "order", "curves"]) found[key] = query.get(key) || null;
    for (const key of ["filter", "x", "y", "epoch"]) found[key] = whole(query.get(key));
    for (const [key, allowed] of Object.entries(CHOICES)) {
      found[key] = allowed.includes(query.get(key)) ? query.get(key) : V.state.DEFAULTS[key];
    }
    found.pinnedLayer = found.layer;
    return found;
  }

  /** @returns {string} the address of the state; what other parts keep in the query (`off`) stays */
  function write(state) {
    const query = new URLSearchParams(location.search);
    const shown = { ...state, layer: state.pinnedLayer || state.layer };
    for (const key of MIRRORED.filter((name) => name !== "pinnedLayer")) {
      const plain = shown[key] === null || (key in CHOICES || key === "t") && shown[key] === V.state.DEFAULTS[key];
      if (plain) query.delete(key);
      else query.set(key, shown[key]);
    }
    const path = Object.keys(PAGES).find((name) => PAGES[name] === state.page);
    const text = query.toString();
    return path + (text ? `?${text}` : "");
  }

  let timer = 0;
  function replaceNow() {
    clearTimeout(timer);
    timer = 0;
    history.replaceState(null, "", write(V.state.get()));
  }

  V.url = { read, write, settle: replaceNow };

  (V.onStart = V.onStart || []).push(() => {
    V.state.on(MIRRORED, () => {
      if (!timer) timer = setTimeout(replaceNow, 250);
    });
    V.state.on(["page"], (state) => {
      if (PAGES[location.pathname] !== state.page) history.pushState(null, "", write(state));
    });
    addEventListener("popstate", () => {
      const { model, photo, ...rest } = read();
      V.state.set({ ...rest, ...(model && { model }), ...(photo && { photo }) });
    });
  });
})();
