// @ts-check
/* The Training page: asks for the open model's run and for those drawn with it, and holds the one shown epoch. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PAUSE = 15_000; // milliseconds between two questions about a run that goes on
  const MOST = 4; // runs drawn together

  /** @typedef {{model: string, run: string, at: number | null, epochs: number[], categories: string[], overall: any,
   *   byCategory: any, samples: any, kept: Record<string, string>, least: number | null, weights: string | null,
   *   underWay: boolean}} Run what the server says of the open model's run */

  /** @type {Run | null} */
  let run = null;
  /** @type {{runs: any[], charts: any[], others: string[]} | null} the runs drawn, the open model's first */
  let curves = null;
  /** @type {number[]} every epoch there is something of */
  let epochs = [];
  /** @type {number | null} the epoch under the pointer in a chart */
  let preview = null;
  let timer = 0;
  /** @type {Record<string, Function[]>} */
  const listeners = { own: [], curves: [], rest: [], show: [] };

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  const shown = () => V.state.get().page === "training";

  /** @param {"own" | "curves" | "rest" | "show"} kind @param {Function} listener */
  const listen = (kind, listener) => listeners[kind].push(listener);
  /** @param {string} kind @param {any} [value] */
  const emit = (kind, value) => listeners[kind].forEach((listener) => listener(value));

  // ---- asking ------------------------------------------------------------------------------------------------

  /** The models whose runs are drawn beside the open one's, as the address has them. @returns {string[]} */
  const beside = () => [...new Set(/** @type {string[]} */ ((V.state.get().runs || "").split(",").filter(Boolean)))];

  function ask() {
    const { model } = V.state.get();
    clearTimeout(timer);
    if (!shown() || !model) return;
    const seen = byId("training-data")?.dataset.seen || "", drawn = byId("training-curves-data")?.dataset.seen || "";
    window["dash_clientside"].set_props("training-asked", { data: { model, beside: beside(), seen, drawn, at: Date.now() } });
    if (run?.underWay) timer = window.setTimeout(ask, PAUSE);
  }

  /** @param {string} id @param {string} key */
  const told = (id, key) => JSON.parse(byId(id)?.dataset[key] || "null");

  function own() {
    run = told("training-data", "run");
    preview = null;
    clearTimeout(timer);
    if (run?.underWay) timer = window.setTimeout(ask, PAUSE);
    gather();
    emit("own", run);
    show();
  }

  function drawn() {
    curves = told("training-curves-data", "curves");
    gather();
    emit("curves", curves);
    show();
  }

  function rest() {
    emit("rest", run);
    show();
  }

  function gather() {
    const all = [...(run?.epochs || []), ...(run?.samples?.epochs || []), ...(curves?.runs || []).flatMap((each) => each.epochs)];
    epochs = [...new Set(all)].sort((one, two) => one - two);
  }

  // ---- the shown epoch ---------------------------------------------------------------------------------------

  /** The epoch that stays: the state's, or that of the open weights, or the run's last. @returns {number | undefined} */
  function kept() {
    const last = run?.epochs[run.epochs.length - 1] ?? epochs[epochs.length - 1];
    return [V.state.get().epoch, run?.at, last].find((epoch) => epochs.includes(epoch));
  }

  /** @returns {number | undefined} */
  const epoch = () => preview ?? kept();

  function show() {
    if (epochs.length) emit("show", epoch());
  }

  /** The pointer is over an epoch in a chart, or has left (null). @param {number | null} at */
  function hover(at) {
    if (at === preview || V.trainingBar.playing()) return;
    preview = at;
    show();
  }

  /** @param {number | undefined} at */
  function choose(at) {
    if (at === undefined) return;
    preview = null;
    V.state.set({ epoch: at });
    show();
  }

  /** The epoch so many further on, or undefined beyond the ends. @param {number} by */
  const further = (by) => epochs[epochs.indexOf(/** @type {number} */ (epoch())) + by];

  (V.onStart ||= []).push(() => {
    for (const [id, tell] of /** @type {[string, () => void][]} */ ([
      ["training-body", own], ["training-curves", drawn], ["training-rest", rest],
    ])) {
      const part = byId(id);
      if (part) new MutationObserver(tell).observe(part, { childList: true });
    }
    V.state.on(["page", "model", "runs"], ask);
    V.state.on(["epoch", "page"], show);
    document.addEventListener("visibilitychange", () => document.hidden || !run?.underWay || ask());
    ask();
  });

  V.training = {
    MOST, ask, beside, listen, shown, hover, choose, further, epoch, kept,
    get run() { return run; },
    get curves() { return curves; },
    get epochs() { return epochs; },
  };
})();
