// @ts-check
/* The Training page: asks for the open model's run, and replays its sample colorings epoch by epoch. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PACE = 900; // milliseconds an epoch is shown while playing

  /** @type {any} what the page's data element holds: epochs, series, categories, samples */
  let run = null;
  /** @type {number[]} every epoch the slider knows */
  let epochs = [];
  let preview = null; // the epoch under the pointer in a chart
  let chosen = null; // the sample photo shown large
  let timer = 0;
  /** @type {Map<string, string>} sample pictures as object URLs */
  const pictures = new Map();

  const byId = (id) => document.getElementById(id);
  const shown = () => V.state.get().page === "training";

  /** The epoch kept by the slider: the state's if the run has it, else the last. */
  function kept() {
    const { epoch } = V.state.get();
    return epochs.includes(epoch) ? epoch : epochs[epochs.length - 1];
  }

  const epoch = () => preview ?? kept();

  // ---- the run -----------------------------------------------------------------------------------------------

  function ask() {
    const { model } = V.state.get();
    if (!shown() || !model) return;
    const seen = byId("training-data")?.dataset.seen || "";
    window["dash_clientside"].set_props("training-asked", { data: { model, seen, at: Date.now() } });
  }

  /** A new body has come from the server. */
  function mounted() {
    const data = byId("training-data");
    stop();
    run = data ? JSON.parse(data.dataset.run || "null") : null;
    if (!run) return;
    epochs = [...new Set([...run.epochs, ...(run.samples?.epochs || [])])].sort((a, b) => a - b);
    pictures.forEach((url) => URL.revokeObjectURL(url));
    pictures.clear();
    preview = null;
    const photos = run.samples?.photos || [];
    chosen = [chosen, V.state.get().photo].find((photo) => photos.includes(photo)) ?? photos[0] ?? null;
    buildReplay();
    V.trainingCharts.mounted(run, { hover, choose });
    show();
    prefetch(run);
  }

  /** All sample pictures, one after another, so that the slider then moves without a request. */
  async function prefetch(mine) {
    if (!mine.samples) return;
    const wanted = [...mine.samples.epochs].reverse().flatMap((e) => mine.samples.photos.map((photo) => [e, photo]));
    for (const [e, photo] of wanted) {
      const reply = await fetch(address(e, photo)).catch(() => null);
      if (run !== mine) return;
      if (reply?.ok) pictures.set(`${e}/${photo}`, URL.createObjectURL(await reply.blob()));
    }
    document.documentElement.dataset.replay = "ready";
  }

  function address(e, photo) {
    const { model, samples } = run;
    return `/data/checkpoint/${encodeURIComponent(model)}/samples/${e}/${encodeURIComponent(photo)}.webp?v=${samples.version}`;
  }

  /** A sample's picture; where an epoch has none, the one before it. */
  function source(e, photo) {
    const known = run.samples.epochs.filter((each) => each <= e);
    const nearest = known.length ? known[known.length - 1] : run.samples.epochs[0];
    return pictures.get(`${nearest}/${photo}`) || address(nearest, photo);
  }

  // ---- replay ------------------------------------------------------------------------------------------------

  function button(text, label, act) {
    const made = V.element("button", "", text);
    made.setAttribute("type", "button");
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }

  function picture(className, alt, src) {
    const made = /** @type {HTMLImageElement} */ (V.element("img", className));
    Object.assign(made, { alt, draggable: false, decoding: "async" });
    if (src) made.src = src;
    return made;
  }

  const thumbnail = (photo) => `/thumb/${encodeURIComponent(photo)}`;

  function buildReplay() {
    const bar = byId("replay-bar"), stage = byId("replay-stage");
    if (!bar || !stage) return;
    const input = /** @type {HTMLInputElement} */ (V.element("input", ""));
    Object.assign(input, { type: "range", id: "replay-epoch", min: "0", max: String(epochs.length - 1), step: "1" });
    input.setAttribute("aria-label", "epoch");
    input.addEventListener("input", () => { stop(); choose(epochs[Number(input.value)]); });
    const play = button("", "Play", () => (timer ? stop() : start()));
    play.id = "replay-play";
    /** @type {HTMLButtonElement} */ (play).disabled = input.disabled = epochs.length < 2;
    bar.replaceChildren(play, input, V.element("output", "replay-number"));
    if (run.samples) stage.replaceChildren(large(), all());
    else stage.replaceChildren();
  }

  /** The chosen photo: target, painted, and the strip of every epoch. */
  function large() {
    const pair = V.element("div", "replay-pair",
      V.element("figure", "", picture("replay-target", ""), V.element("figcaption", "", "target")),
      V.element("figure", "", picture("replay-painted", ""), V.element("figcaption", "replay-caption", "")));
    const strip = V.element("div", "replay-strip");
    strip.setAttribute("role", "group");
    strip.setAttribute("aria-label", "every epoch of this photo");
    strip.append(...run.samples.epochs.map((e) => {
      const item = button("", `epoch ${e}`, () => { stop(); choose(e); });
      item.dataset.epoch = String(e);
      item.append(picture("", ""), V.element("span", "", String(e)));
      return item;
    }));
    return V.element("div", "replay-large", pair, strip);
  }

  /** Every sample photo at the shown epoch; one is chosen. */
  function all() {
    const box = V.element("div", "replay-all");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "sample photos");
    box.append(...run.samples.photos.map((photo) => {
      const item = button("", photo, () => { chosen = photo; show(); });
      item.dataset.photo = photo;
      item.append(picture("", ""), V.element("span", "", photo));
      return item;
    }));
    return box;
  }

  /** @param {ParentNode} within @param {string} selector @param {string} src */
  function paint(within, selector, src) {
    const image = /** @type {HTMLImageElement | null} */ (within.querySelector(selector));
    if (image && image.getAttribute("src") !== src) image.src = src;
  }

  function show() {
    const bar = byId("replay-bar"), stage = byId("replay-stage");
    if (!run || !epochs.length) return;
    const now = epoch();
    if (bar) {
      const input = /** @type {HTMLInputElement} */ (bar.querySelector("input"));
      input.value = String(epochs.indexOf(now));
      input.setAttribute("aria-valuetext", V.trainingCharts.sentence(now));
      bar.querySelector("output").textContent = `epoch ${now} of ${epochs[epochs.length - 1]}`;
    }
    if (stage && run.samples) showSamples(stage, now);
    V.trainingCharts.show(now);
  }

  function showSamples(stage, now) {
    paint(stage, ".replay-target", thumbnail(chosen));
    paint(stage, ".replay-painted", source(now, chosen));
    stage.querySelector(".replay-target").alt = `${chosen}, target`;
    stage.querySelector(".replay-painted").alt = `${chosen}, painted after epoch ${now}`;
    stage.querySelector(".replay-caption").textContent = `painted after epoch ${now}`;
    for (const item of stage.querySelectorAll(".replay-strip button")) {
      paint(item, "img", source(Number(item.dataset.epoch), chosen));
      item.setAttribute("aria-pressed", String(Number(item.dataset.epoch) === now));
    }
    for (const item of stage.querySelectorAll(".replay-all button")) {
      paint(item, "img", source(now, item.dataset.photo));
      item.setAttribute("aria-pressed", String(item.dataset.photo === chosen));
    }
  }

  /** The pointer is over an epoch in a chart, or has left (null). */
  function hover(e) {
    if (timer || e === preview) return;
    preview = e;
    show();
  }

  function choose(e) {
    preview = null;
    V.state.set({ epoch: e });
    show();
  }

  function start() {
    if (epochs.length < 2) return;
    if (kept() === epochs[epochs.length - 1]) choose(epochs[0]);
    timer = window.setInterval(() => {
      const next = epochs[epochs.indexOf(kept()) + 1];
      if (next === undefined || !shown()) stop();
      else choose(next);
    }, PACE);
    pressed(true);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    pressed(false);
  }

  function pressed(playing) {
    const play = byId("replay-play");
    play?.setAttribute("aria-label", playing ? "Pause" : "Play");
    play?.classList.toggle("playing", playing);
  }

  (V.onStart = V.onStart || []).push(() => {
    const body = byId("training-body");
    if (!body) return;
    new MutationObserver(mounted).observe(body, { childList: true });
    V.state.on(["page", "model"], ask);
    V.state.on(["epoch", "page"], () => run && show());
    ask();
  });
})();
