// @ts-check
/* The prior after the fact: how much of the training pictures' own colors is divided out of what the network says. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const WHAT = "Divides out how often each color occurs in the training pictures: 0 leaves the network as it is, 1 takes out all of it";
  const NO_BINS = "This model gives colors itself: there is no distribution to divide a prior out of";
  const UNKNOWN = "The prior of this model's training pictures is not known: its folder has no prior.json";

  /** Where the slider stands by itself: telling it what it told would undo a newer move. @type {number | null} */
  let slid = null;

  const setProps = (/** @type {any} */ props) => window["dash_clientside"].set_props("prior", props);

  /** How much is divided out of what a trace's network says. @param {any} meta the trace's description */
  const strength = (meta) => (meta && meta === V.trace && meta.log_prior ? V.state.get().prior : 0);

  /**
   * The distributions as the page shows them: the network's own while the slider is at 0.
   * @param {any} distributions the network's own, or what this gave for them before @param {any} meta
   */
  function of(distributions, meta) {
    const wanted = strength(meta), own = distributions.own || distributions;
    if (wanted === (distributions.strength || 0)) return distributions;
    return wanted ? V.decode.divided(own, meta.log_prior, wanted, distributions.own && distributions.shifted) : own;
  }

  /** What was done to the network's distributions, to follow a temperature: "" or ", prior 0.50". */
  function told() {
    const divided = strength(V.trace);
    return divided ? `, prior ${V.draw.fixed(divided, 2)}` : "";
  }

  /** Dash calls this when the slider moves. */
  V.choosePrior = (/** @type {unknown} */ prior) => {
    if (typeof prior !== "number") return;
    slid = prior;
    V.state.set({ prior });
  };

  function show() {
    const { prior } = V.state.get();
    V.draw.say(document.getElementById("prior-value"), prior.toFixed(2));
    if (prior === slid) return;
    slid = prior;
    setProps({ value: prior });
  }

  function opened() {
    const bins = V.trace.output.kind === "bins", known = Boolean(V.trace.log_prior);
    setProps({ disabled: !known });
    document.getElementById("prior-tool")?.setAttribute("title", known ? WHAT : bins ? UNKNOWN : NO_BINS);
  }

  (V.onStart ||= []).push(() => {
    V.state.on(["prior"], show);
    V.state.on(["trace"], opened);
    show();
  });

  V.prior = { of, told };
})();
