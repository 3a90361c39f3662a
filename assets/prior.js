// @ts-check
/* The prior after the fact: how much of the training pictures' own colors is divided out of what the network says. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const WHAT = "Divides out how often each color occurs in the training pictures: 0 leaves the network as it is, 1 takes out all of it";
  const NO_BINS = "This model gives colors itself: there is no distribution to divide a prior out of";
  const UNKNOWN = "The prior of this model's training pictures is not known: its folder has no prior.json";

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

  /** @param {HTMLInputElement} slider */
  function opened(slider) {
    const bins = V.trace.output.kind === "bins", known = Boolean(V.trace.log_prior);
    slider.disabled = !known;
    document.getElementById("prior-tool")?.setAttribute("title", known ? WHAT : bins ? UNKNOWN : NO_BINS);
  }

  (V.onStart ||= []).push(() => {
    const slider = V.slider("prior", "prior", "How much of the training pictures\u2019 prior is divided out");
    V.state.on(["trace"], () => opened(slider));
  });

  V.prior = { of, told };
})();
