// @ts-check
/* The Colors page: five drawings of the bins, the lambda slider, the bin under the pointer, the table.
   The model's numbers come once by /data/checkpoint/<model>/colors.json; the photo's are counted here. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const SHARES = { low: -7, high: -0.3 }; // one scale for every share, so that photo and training set compare
  const WEIGHTS = { low: -2, high: 3 };
  const PAPER = 0.5;
  const KINDS = {
    prior: { label: "Training prior", scale: SHARES },
    smoothed: { label: "Smoothed training prior", scale: SHARES },
    weight: { label: "Rebalancing weights", scale: WEIGHTS },
    target: { label: "Colors of the open photo", scale: SHARES },
    predicted: { label: "Predicted colors of the open photo", scale: SHARES },
  };

  /** @type {Record<string, any>} */
  const drawings = {};
  /** @type {Record<string, Float64Array | number[] | null>} */
  const values = { prior: null, smoothed: null, weight: null, target: null, predicted: null };
  const models = new Map();
  let numbers = null; // what the server tells of the model
  let bins = null;
  let hovered = null;
  let pinned = null;
  let own = null; // the open photo's most common color, shown when no other is asked for

  const byId = (id) => document.getElementById(id);
  const lambda = () => V.state.get().lambda ?? PAPER;
  const shown = () => V.state.get().page === "colors";
  const current = () => hovered ?? pinned ?? own;
  const view = () => ({ numbers, values, bins, lambda: lambda(), bin: current(), pinned, own });

  // ---- numbers -----------------------------------------------------------------------------------------------

  /** The model's training colors, asked for once. @param {string} model */
  function ask(model) {
    if (!models.has(model)) {
      const asked = fetch(`/data/checkpoint/${encodeURIComponent(model)}/colors.json`)
        .then((reply) => (reply.ok ? reply.json() : Promise.reject(new Error(String(reply.status)))));
      asked.catch(() => models.delete(model));
      models.set(model, asked);
    }
    return models.get(model);
  }

  async function openModel() {
    const { model } = V.state.get();
    if (!shown() || numbers?.model === model) return;
    if (!model) return V.colorWords.noModel();
    try {
      const told = await ask(model);
      if (V.state.get().model !== model) return;
      numbers = told;
      bins = V.bins.index(told.centers);
      Object.assign(values, { prior: told.prior, smoothed: told.smoothed });
      V.colorWords.missing(numbers);
      reweigh();
      paint(["target", "predicted"]);
      openPhoto();
    } catch {
      V.lost?.();
    }
  }

  function reweigh() {
    values.weight = values.smoothed && V.rebalancing.weights(values.smoothed, lambda());
    V.colorWords.weights(values.weight);
    paint(["prior", "smoothed", "weight"]);
  }

  /** Counts as shares. @param {Float64Array} counts */
  function shares(counts) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => count / total);
  }

  let photoAsked = 0;
  let counted = { trace: null, target: null }; // the target does not change with the temperature

  async function openPhoto() {
    const trace = V.trace;
    if (!shown() || !trace || !bins) return;
    const turn = ++photoAsked;
    try {
      const target = trace.photo.has_color ? await countTarget() : null;
      if (turn !== photoAsked) return;
      values.target = target;
      await countPredicted(turn);
    } catch {
      values.predicted = null;
    }
    if (turn !== photoAsked) return;
    own = V.gamutDots.vivid(bins, values.target || values.predicted);
    paint(["target", "predicted"]);
  }

  async function countTarget() {
    if (counted.trace !== V.trace.trace) {
      const trace = V.trace.trace, { a, b } = V.color.toLab((await V.data.photo()).rgba);
      counted = { trace, target: shares(V.bins.histogram(bins, a, b)) };
    }
    return counted.target;
  }

  function decoded(distributions) {
    const a = new Float32Array(distributions.positions), b = new Float32Array(distributions.positions);
    V.decode.colors(V.prior.of(distributions, V.trace), V.state.get().t, a, b);
    return { a, b };
  }

  /** The prediction at the page's temperature, at the network's own resolution. @param {number} turn */
  async function countPredicted(turn) {
    const { a, b } = V.trace.output.kind === "bins" ? decoded(await V.data.logits()) : await V.data.ab();
    if (turn === photoAsked) values.predicted = shares(V.bins.histogram(bins, a, b));
  }

  // ---- drawing -----------------------------------------------------------------------------------------------

  /** @param {string[]} kinds */
  function paint(kinds) {
    if (!shown() || !bins) return;
    for (const kind of kinds) drawings[kind].show({ bins, colors: numbers.colors, values: values[kind] });
    V.colorWords.photo(view());
    V.colorWords.set(view());
    mark();
    if (byId("colors-details").open) V.colorWords.table(view());
  }

  function mark() {
    for (const kind of Object.keys(drawings)) drawings[kind].mark(current());
    V.colorWords.bin(view());
  }

  // ---- controls ----------------------------------------------------------------------------------------------

  function legend(kind) {
    const { scale } = KINDS[kind], weight = kind === "weight";
    const steps = weight ? [1000, 100, 10, 1, 0.1, 0.01] : [0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];
    const written = weight
      ? (value) => (value === steps[0] ? "\u2265 " : "") + V.rebalancing.number(value) : V.rebalancing.percent;
    const rows = steps.map((value) => {
      const dot = V.element("span", "gamut-dot");
      dot.style.setProperty("--size", V.gamutDots.radius(value, scale).toFixed(3));
      return V.element("li", "", dot, written(value));
    });
    byId(`colors-${kind}-legend`).append(V.element("ul", "", ...rows), V.element("p", "sub", "log scale"));
  }

  function slider() {
    const input = /** @type {HTMLInputElement} */ (document.createElement("input"));
    Object.assign(input, { type: "range", id: "colors-lambda-input", min: "0", max: "1", step: "0.01", value: String(lambda()) });
    const value = V.element("output", "num", lambda().toFixed(2));
    const label = V.element("label", "", V.terms.word("lambda", "\u03bb"), ", share of the uniform distribution");
    label.setAttribute("for", input.id);
    input.addEventListener("input", () => V.state.set({ lambda: Number(input.value) }));
    const stop = (text, note, to) => {
      const button = V.element("button", "", V.element("b", "", text), ` ${note}`);
      button.setAttribute("type", "button");
      button.addEventListener("click", () => V.state.set({ lambda: to }));
      return button;
    };
    byId("colors-lambda").append(V.element("div", "colors-lambda-head", label, value), input, V.element("div", "colors-stops",
      stop("0", "inverse frequency", 0), stop("\u00bd", "the paper\u2019s", PAPER), stop("1", "no rebalancing", 1)));
    V.state.on(["lambda"], () => {
      input.value = String(lambda());
      value.textContent = lambda().toFixed(2);
      if (numbers) reweigh();
    });
  }

  function start() {
    if (!byId("colors-grid")) return;
    const tell = {
      hover: (bin) => { if (bin !== hovered) { hovered = bin; mark(); } },
      pin: (bin) => { pinned = bin === pinned ? null : bin; mark(); },
      where: current,
    };
    for (const [kind, { label, scale }] of Object.entries(KINDS)) {
      drawings[kind] = V.gamutDots.create(byId(`colors-${kind}`), label, tell);
      drawings[kind].scale = scale;
      legend(kind);
    }
    byId("colors-formula").append(V.rebalancing.formula(), V.element("p", "sub", "scaled so that ", V.rebalancing.scaling()));
    slider();
    byId("colors-details").addEventListener("toggle", () => bins && V.colorWords.table(view()));
    V.state.on(["page", "model"], openModel);
    V.state.on(["page", "trace"], openPhoto);
    V.state.on(["t", "prior"], openPhoto);
    V.state.on(["page", "theme"], () => paint(Object.keys(KINDS)));
    openModel();
  }

  (V.onStart = V.onStart || []).push(start);
})();
