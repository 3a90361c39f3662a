/** The address bar: a link opens the same page, model, photo, layer, filter and pixel. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const PAGES = { "/": "inspect", "/compare": "compare", "/colors": "colors", "/training": "training",
    "/evaluation": "evaluation" };
  const here = () => PAGES[location.pathname] || "inspect";
  const CHOICES = {
    kind: ["all", "color", "grayscale", "yours"],
    sort: ["index", "mean", "max", "active", "push"], scale: ["layer", "map"], extra: ["entropy", "difference", "a", "b", "modes", "margin", "gamut"],
    method: ["gradient_x_input", "integrated_gradients", "occlusion"], baseline: ["gray", "mean"],
    measure: ["ciede2000", "ab"], score: ["psnr", "ciede2000", "auc", "colorfulness_difference"], gallery: ["every", "above"],
    metric: ["balanced_auc", "auc", "psnr", "ssim", "ciede2000", "rmse_ab", "colorfulness", "colorfulness_difference", "accuracy", "relaxed_accuracy"],
  };
  const MIRRORED = ["model", "told", "photo", "kind", "category", "layer", "pinnedLayer", "filter", "x", "y", "pixelPinned", "t", "prior", "sort", "scale", "extra", "brush", "lambda", "epoch", "runs", "weights",
    "columns", "pair", "measure", "score", "gallery", "by", "order", "curves", "metric", "rank", "ask", "about", "against", "method", "baseline", "field", "region", "off", "to", "toward", "samples", "what", "own", "donor", "graft", "from"];

  const whole = (text) => (/^\d{1,6}$/.test(text || "") ? Number(text) : null);

  /** A number in 0..1, or what stands for none. */
  function share(text, none) {
    const value = text === null || text.trim() === "" ? NaN : Number(text);
    return value >= 0 && value <= 1 ? value : none;
  }

  const matching = (text, form, none) => (form.test(text || "") ? text : none);

  /** @param {string} [address] what follows the path
   * @returns {object} the part of the state that an address tells; anything odd in it counts as not given */
  function read(address = location.search) {
    const query = new URLSearchParams(address);
    const found = { page: here(), t: share(query.get("t"), V.trace?.temperature ?? V.state.DEFAULTS.t) };
    found.prior = share(query.get("prior"), V.state.DEFAULTS.prior);
    found.samples = matching(query.get("samples"), /^[01](\.\d{1,2})?,\d{1,2}(\.\d)?,\d{1,6}$/, null);
    found.lambda = share(query.get("lambda"), null);
    for (const key of ["model", "told", "photo", "category", "layer", "runs", "weights", "columns", "pair", "by", "rank", "order", "curves", "ask", "region", "off", "what", "donor", "graft", "from"]) found[key] = query.get(key) || null;
    for (const key of ["filter", "x", "y", "epoch"]) found[key] = whole(query.get(key));
    for (const [key, allowed] of Object.entries(CHOICES)) {
      found[key] = allowed.includes(query.get(key)) ? query.get(key) : V.state.DEFAULTS[key];
    }
    found.to = matching(query.get("to"), /^(zero|mean|\d{1,2}(\.\d{1,3})?)$/, V.state.DEFAULTS.to);
    found.brush = matching(query.get("brush"), /^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?){0,200}$/, null);
    found.about = matching(query.get("about"), /^(likeliest|own|red|green|yellow|blue|\d{1,3})$/, V.state.DEFAULTS.about);
    found.against = matching(query.get("against"), /^\d{1,3}$/, null);
    found.field = query.get("field") || null;
    found.toward = matching(query.get("toward"), /^(blue|yellow|red|green|\d{1,3})$/, V.state.DEFAULTS.toward);
    for (const key of ["pixelPinned", "own"]) found[key] = query.get(key) === "true";
    found.pinnedLayer = found.layer;
    return found;
  }

  /** @returns {string} the address of the state; what else the query holds stays */
  function write(state) {
    const query = new URLSearchParams(location.search);
    const shown = { ...state, layer: state.pinnedLayer || state.layer };
    for (const key of MIRRORED.filter((name) => name !== "pinnedLayer")) {
      const usual = key === "t" && V.trace ? V.trace.temperature : V.state.DEFAULTS[key];
      const plain = shown[key] === null || shown[key] === usual;
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
  document.documentElement.dataset.page = here(); // before Dash draws the first tool, so that none comes and goes

  (V.onStart = V.onStart || []).push(() => {
    if (V.saved) return; // a file's address is no place for the state
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
