// @ts-check
/* The bar that stays on top of the Training page: one slider of epochs for everything below, and what it can open. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PACE = 900; // milliseconds an epoch is shown while playing
  let timer = 0;
  /** @type {any} the bar's parts, once made */
  let bar = null;

  const make = (/** @type {string} */ tag, properties = {}, ...children) => V.draw.element(tag, properties, ...children);

  function build() {
    const input = make("input", { type: "range", id: "training-epoch", min: "0", step: "1", "aria-label": "epoch" });
    const play = make("button", { type: "button", id: "training-play", "aria-label": "Play" });
    const marks = make("div", { class: "epoch-marks", "aria-hidden": "true" });
    const number = make("output", { class: "epoch-number", for: "training-epoch" });
    const open = make("a", { class: "epoch-open", text: "Open these weights" });
    const absent = make("span", { class: "epoch-open sub", text: "weights not kept" });
    const least = make("button", { type: "button", class: "button epoch-least" });
    input.addEventListener("input", () => { stop(); V.training.choose(V.training.epochs[Number(input.value)]); });
    play.addEventListener("click", () => (timer ? stop() : start()));
    open.addEventListener("click", follow);
    least.addEventListener("click", () => { stop(); V.training.choose(V.training.run.least); });
    document.getElementById("training-bar").replaceChildren(
      play, make("div", { class: "epoch-slider" }, input, marks), number, make("div", { class: "epoch-tools" }, least, open, absent));
    bar = { input, play, marks, number, open, absent, least };
  }

  /** Another run, or more epochs. */
  function fit() {
    const { epochs, run } = V.training, end = epochs.length - 1;
    const box = document.getElementById("training-bar");
    box.hidden = !epochs.length;
    if (!epochs.length) return stop();
    bar.input.max = String(Math.max(end, 0));
    bar.play.disabled = bar.input.disabled = end < 1;
    bar.least.hidden = !run?.least;
    bar.least.textContent = `least validation loss: epoch ${run?.least}`;
    bar.marks.replaceChildren(...marks(run, epochs, end));
  }

  /** What is marked on the slider: the epochs whose weights were kept, and that of the least validation loss.
   * @param {any} run @param {number[]} epochs @param {number} end */
  function marks(run, epochs, end) {
    const at = (/** @type {number} */ epoch, /** @type {string} */ kind, /** @type {string} */ title) => {
      const mark = make("span", { class: `epoch-mark epoch-mark-${kind}`, title });
      mark.style.setProperty("--at", String(end ? epochs.indexOf(epoch) / end : 0));
      return mark;
    };
    const kept = Object.keys(run?.kept || {}).map(Number).filter((epoch) => epochs.includes(epoch));
    const least = run && epochs.includes(run.least) ? [at(run.least, "least", `least validation loss: epoch ${run.least}`)] : [];
    return [...kept.map((epoch) => at(epoch, "kept", `weights kept: epoch ${epoch}`)), ...least];
  }

  /** @param {number} epoch */
  function show(epoch) {
    const { epochs, run } = V.training, name = run?.kept[epoch], text = `epoch ${epoch} of ${epochs[epochs.length - 1]}`;
    bar.input.value = String(epochs.indexOf(epoch));
    bar.input.setAttribute("aria-valuetext", V.trainingCharts.sentence(epoch) + (name ? ", weights kept" : ""));
    V.draw.say(bar.number, text);
    bar.open.hidden = !name;
    bar.absent.hidden = Boolean(name) || !run?.epochs.length;
    bar.least.setAttribute("aria-pressed", String(run?.least === epoch));
    if (!name) return;
    const { photo, told } = V.state.get();
    bar.open.href = `/?model=${plain(name)}${told ? `&told=${plain(told)}` : ""}${photo ? `&photo=${plain(photo)}` : ""}`;
    bar.open.dataset.model = name;
    bar.open.title = `${name} on Inspect`;
  }

  /** A value of the address, as readable as it can be. @param {string} value */
  const plain = (value) => encodeURIComponent(value).replace(/%40/g, "@").replace(/%3A/g, ":");

  /** Weights that were there when the page was loaded open in it; newer ones by loading the page anew. @param {MouseEvent} event */
  function follow(event) {
    const { model } = bar.open.dataset;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !V.catalog.models.includes(model)) return;
    event.preventDefault();
    V.state.set({ page: "inspect", model });
  }

  function start() {
    const { epochs, kept, choose } = V.training;
    if (epochs.length < 2) return;
    if (kept() === epochs[epochs.length - 1]) choose(epochs[0]);
    timer = window.setInterval(() => {
      const next = V.training.epochs[V.training.epochs.indexOf(V.training.kept()) + 1];
      if (next === undefined || !V.training.shown()) stop();
      else V.training.choose(next);
    }, PACE);
    pressed(true);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    pressed(false);
  }

  /** @param {boolean} playing */
  function pressed(playing) {
    bar.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    bar.play.classList.toggle("playing", playing);
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("training-bar")) return;
    build();
    V.training.listen("own", () => { stop(); fit(); });
    V.training.listen("curves", fit);
    V.training.listen("show", show);
    V.state.on(["photo"], () => V.training.epochs.length && show(V.training.epoch()));
  });

  V.trainingBar = { playing: () => timer !== 0, stop };
})();
