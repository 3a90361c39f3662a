// @ts-check
/* The same again? The network run once more, whole and from each kept layer, against what was kept. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @typedef {{name: string, same: boolean, largest: number}} Difference */

  /** Run again, and gone on from each layer so far. @type {{output: Difference, layers: Difference[], resumed: Difference[]} | null} */
  let found = null;
  /** @type {(task: ((signal: AbortSignal) => Promise<void>) | null) => Promise<void>} */
  let latest;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  function run() {
    const names = V.trace.layers.map((/** @type {{name: string}} */ each) => each.name);
    clear();
    latest(async (signal) => {
      byId("trust-again-run").hidden = true;
      try {
        const all = await V.ask.parts(byId("trust-again-parts"), names.length + 1, (/** @type {number} */ part) => ask(names, part, signal), signal);
        if (!signal.aborted) verdict(all);
      } finally {
        if (!signal.aborted) byId("trust-again-run").hidden = false;
      }
    });
  }

  /** @param {string[]} names @param {number} part @param {AbortSignal} signal */
  async function ask(names, part, signal) {
    if (part === 0) found = { ...(await V.ask.json("again", {}, signal)), resumed: [] };
    else found?.resumed.push(await V.ask.json("again", { layer: names[part - 1] }, signal));
    if (!signal.aborted) rows();
  }

  function clear() {
    found = null;
    byId("trust-again-layers").hidden = true;
    byId("trust-again-run").hidden = false;
    byId("trust-again-parts").replaceChildren();
    V.draw.say(byId("trust-again-verdict"), "");
  }

  /** @param {Difference | undefined} difference */
  const text = (difference) => (difference ? (difference.same ? "the same" : V.draw.significant(difference.largest)) : "\u2026");

  function rows() {
    const { output, layers, resumed } = /** @type {any} */ (found), { element } = V.draw;
    const row = (/** @type {string} */ name, /** @type {string[]} */ cells) =>
      element("tr", {}, element("th", { scope: "row", text: name }), ...cells.map((each) => element("td", { text: each })));
    const made = layers.map((/** @type {Difference} */ layer, /** @type {number} */ i) => row(layer.name, [text(layer), text(resumed[i])]));
    byId("trust-again-rows").replaceChildren(...made, row("output", [text(output), ""]));
    byId("trust-again-layers").hidden = false;
  }

  /** @param {boolean} all whether every layer was gone on from */
  function verdict(all) {
    if (!found) return;
    const unit = V.trace.output.kind === "bins" ? "of logits" : "Lab units";
    const most = (/** @type {Difference[]} */ list) => list.reduce((best, { largest }) => Math.max(best, largest), 0);
    const again = [found.output, ...found.layers].every(({ same }) => same);
    const first = again ? "The same to the bit." : `Not the same to the bit: the output differs by at most ${V.draw.significant(found.output.largest)} ${unit}.`;
    const apart = most(found.resumed), onward = found.resumed.every(({ same }) => same);
    const second = onward || !found.resumed.length ? "" : ` Gone on from a layer, the output differs by at most ${V.draw.significant(apart)} ${unit}.`;
    /** @type {any} */ (byId("trust-again-layers")).open ||= !again || !onward;
    const told = `${first}${second}${all ? "" : " Stopped."}`;
    V.draw.say(byId("trust-again-verdict"), told);
    V.announce(told);
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("trust-again-run")) return;
    latest = V.ask.latest();
    byId("trust-again-run").addEventListener("click", run);
    V.state.on(["trace"], () => { latest(null); clear(); });
  });
})();
