// @ts-check
/* Which filters are switched off: the state's `off`, read, changed, undone; the same set for every photo of a model. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KEPT = 100;
  /** What was off before each change, the last one at the end. @type {(string | null)[]} */
  const before = [];
  let model = "";

  /** @typedef {Map<string, Set<number>>} Filters by layer, in the network's order */

  /** What an address says, less what the open model does not have. @param {string | null} text @returns {Filters} */
  function parse(text) {
    /** @type {Filters} */
    const found = new Map((V.trace?.layers || []).map((/** @type {any} */ layer) => [layer.name, new Set()]));
    for (const part of (text || "").split(";")) {
      const colon = part.lastIndexOf(":"), layer = V.trace?.layers.find((/** @type {any} */ each) => each.name === part.slice(0, colon));
      if (colon < 0 || !layer) continue;
      for (const number of part.slice(colon + 1).split(",")) {
        if (/^\d{1,5}$/.test(number) && Number(number) < layer.channels) found.get(layer.name)?.add(Number(number));
      }
    }
    for (const [name, numbers] of found) if (!numbers.size) found.delete(name);
    return found;
  }

  /** @param {Filters} filters @returns {string | null} */
  function format(filters) {
    const parts = [...filters].filter(([, numbers]) => numbers.size)
      .map(([name, numbers]) => `${name}:${[...numbers].sort((one, two) => one - two).join(",")}`);
    return parts.join(";") || null;
  }

  /** @returns {Filters} what is off now */
  const all = () => parse(V.state.get().off);

  /** The filters of a layer that are off. @param {string} layer @returns {Set<number>} */
  const of = (layer) => all().get(layer) || new Set();

  /** Changes what is off and shows what follows from it. @param {string | null} off */
  function change(off) {
    if (off === V.state.get().off) return;
    before.push(V.state.get().off);
    before.splice(0, before.length - KEPT);
    V.state.set({ off, ask: "off" });
  }

  /** @param {string} layer @param {number} filter */
  function toggle(layer, filter) {
    const filters = parse(V.state.get().off), numbers = filters.get(layer) || new Set(), off = !numbers.has(filter);
    if (off) numbers.add(filter);
    else numbers.delete(filter);
    const ordered = V.trace.layers.map((/** @type {any} */ each) => each.name)
      .map((/** @type {string} */ name) => [name, name === layer ? numbers : filters.get(name) || new Set()]);
    change(format(new Map(ordered)));
    V.announce(`Filter ${filter} of ${layer} is ${off ? "off" : "on again"}.`);
  }

  /** The filter looked at; none where nobody points at one, has pinned one or is in the layer's panels. */
  function toggleLooked() {
    const view = V.layerView.current, box = /** @type {HTMLElement} */ (document.getElementById("view-layer"));
    if (!view || box.hidden || V.state.get().page !== "inspect") return;
    const { filter, why } = V.layerView.looked();
    if (why !== "first" || box.contains(document.activeElement)) toggle(view.name, filter);
  }

  function undo() {
    if (!before.length) return;
    V.state.set({ off: /** @type {string | null} */ (before.pop()) });
    V.announce("Undone.");
  }

  /** Another model has other filters: what it does not have is on. */
  function opened() {
    if (V.trace.model !== model) before.length = 0;
    model = V.trace.model;
    const off = format(all());
    if (off !== V.state.get().off) V.state.set({ off });
  }

  (V.onStart ||= []).push(() => V.state.on(["trace"], opened));

  V.off = { all, of, toggle, toggleLooked, undo, clear: () => change(null), get undoable() { return before.length > 0; } };
})();
