// @ts-check
/* Every key of the page, in one list: the help shows it, and what works everywhere is run from it. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});
  const OFF = "visml-single-keys-off";

  /**
   * @typedef {object} Key
   * @property {string[]} keys as `KeyboardEvent.key` gives them, with "Shift+" or "Alt+" before
   * @property {string} tells what they do
   * @property {((key: string) => void)} [run] of a key that works everywhere; all others belong to what has the focus
   */

  /** What the keys belong to, where that takes the focus, and the keys.
   * @type {{title: string, at: string, list: Key[]}[]} */
  const GROUPS = [
    { title: "Everywhere", at: "", list: [
      { keys: ["[", "]"], tells: "previous and next layer", run: (key) => stepLayer(key === "[" ? -1 : 1) },
      { keys: [",", "."], tells: "previous and next photo", run: (key) => V.stepPhoto(key === "," ? -1 : 1) },
      { keys: ["o"], tells: "switch the filter looked at off, and on again", run: () => V.off.toggleLooked() },
      { keys: ["Escape"], tells: "let go of filter, pixel and brushed colors", run: letGo },
      { keys: ["?"], tells: "this help", run: () => V.help() },
    ] },
    { title: "Photos", at: "#strip .photo[tabindex='0']", list: [
      { keys: ["ArrowLeft", "ArrowRight", "Home", "End"], tells: "another photo" },
    ] },
    { title: "Network", at: "#network [aria-current]", list: [
      { keys: ["ArrowUp", "ArrowDown", "Home", "End"], tells: "another layer" },
    ] },
    { title: "Pictures", at: "#picture-predicted", list: [
      { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], tells: "move the crosshair; with Shift by ten pixels" },
      { keys: ["Enter", " "], tells: "pin the pixel, or set a corner while a region is selected" },
    ] },
    { title: "Maps and bars", at: "#grid", list: [
      { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"], tells: "another filter" },
      { keys: ["Enter", " "], tells: "pin the filter" },
    ] },
    { title: "Plane of colors, on the last layer", at: "#gamut", list: [
      { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], tells: "another color" },
      { keys: ["Shift+ArrowRight", "Shift+ArrowUp"], tells: "brush a rectangle of colors" },
      { keys: ["Enter", " "], tells: "brush one color" },
    ] },
    { title: "Questions", at: "#ask-tabs [tabindex='0']", list: [
      { keys: ["ArrowLeft", "ArrowRight", "Home", "End"], tells: "another question" },
    ] },
  ];

  /** How keys are written. @type {Record<string, string>} */
  const NAMES = { ArrowLeft: "\u2190", ArrowRight: "\u2192", ArrowUp: "\u2191", ArrowDown: "\u2193", " ": "Space", Escape: "Esc" };

  const stored = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
  let off = stored();

  const typing = (/** @type {EventTarget | null} */ target) => target instanceof Element
    && Boolean(target.closest("input:not([type=range]), textarea, select, [contenteditable=true], dialog:modal"));

  /** @param {number} by */
  function stepLayer(by) {
    if (!V.trace) return;
    const names = V.trace.layers.map((/** @type {any} */ layer) => layer.name);
    const at = names.indexOf(V.state.get().layer) + by;
    if (at >= 0 && at < names.length) V.state.set({ layer: names[at], pinnedLayer: names[at] });
  }

  function letGo() {
    V.state.set({ filter: null, hoverFilter: null, hoverBin: null, brush: null, pixelPinned: false });
  }

  /** Brackets are typed with AltGr on many keyboards, which browsers report as Ctrl and Alt. @param {KeyboardEvent} event */
  const plain = (event) => event.getModifierState("AltGraph") || !(event.ctrlKey || event.metaKey || event.altKey);

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.defaultPrevented || typing(event.target)) return;
    const found = GROUPS[0].list.find(({ keys }) => keys.includes(event.key));
    if (!found?.run || (event.key.length === 1 && (off || !plain(event)))) return;
    if (event.key.length === 1) event.preventDefault();
    found.run(event.key);
  }

  /** @param {string} key @returns {HTMLElement} */
  const cap = (key) => V.element("kbd", "", key.split("+").map((part) => NAMES[part] || part).join(" + "));

  /** The list as the help shows it. @returns {HTMLElement[]} */
  const table = () => GROUPS.flatMap(({ title, list }) => [
    V.element("h4", "", title),
    V.element("dl", "keys", ...list.map(({ keys, tells }) => V.element("div", "key",
      V.element("dt", "", ...keys.map(cap)), V.element("dd", "", tells)))),
  ]);

  (V.onStart ||= []).push(() => {
    const toggle = document.getElementById("single-keys"); // a saved inspection has none
    const show = () => toggle?.setAttribute("aria-checked", String(!off));
    toggle?.addEventListener("click", () => {
      off = !off;
      try { localStorage.setItem(OFF, off ? "yes" : "no"); } catch { /* the choice holds for this page */ }
      show();
    });
    show();
    document.getElementById("help-keys")?.replaceChildren(...table());
    document.addEventListener("keydown", pressed);
  });

  V.keys = { GROUPS };
})();
