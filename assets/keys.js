/** Keys that work everywhere. Arrow keys belong to the region that has the focus. One-character keys can be turned off. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const OFF = "visml-single-keys-off";

  const stored = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
  let off = stored();

  const typing = (target) => target instanceof Element
    && Boolean(target.closest("input, textarea, select, [contenteditable=true], dialog"));

  function stepLayer(by) {
    if (!V.trace) return;
    const names = V.trace.layers.map((layer) => layer.name);
    const at = names.indexOf(V.state.get().layer) + by;
    if (at < 0 || at >= names.length) return;
    V.state.set({ layer: names[at], pinnedLayer: names[at] });
    V.announce(`Layer ${names[at]}`);
  }

  const ACTIONS = {
    "[": () => stepLayer(-1),
    "]": () => stepLayer(1),
    ",": () => V.stepPhoto(-1),
    ".": () => V.stepPhoto(1),
    "?": () => V.help(),
    o: () => V.off.toggleLooked(),
  };

  /** Brackets are typed with AltGr on many keyboards, which browsers report as Ctrl and Alt. */
  const plain = (event) => event.getModifierState("AltGraph") || !(event.ctrlKey || event.metaKey || event.altKey);

  function pressed(event) {
    if (event.defaultPrevented || typing(event.target)) return;
    if (event.key === "Escape") {
      V.state.set({ filter: null, hoverFilter: null, hoverBin: null, brush: null });
    } else if (!off && plain(event) && Object.hasOwn(ACTIONS, event.key)) {
      event.preventDefault();
      ACTIONS[event.key]();
    }
  }

  function showSwitch(toggle) {
    toggle.setAttribute("aria-checked", String(!off));
  }

  (V.onStart = V.onStart || []).push(() => {
    const toggle = document.getElementById("single-keys");
    toggle.addEventListener("click", () => {
      off = !off;
      try { localStorage.setItem(OFF, off ? "yes" : "no"); } catch { /* the choice holds for this page */ }
      showSwitch(toggle);
    });
    showSwitch(toggle);
    document.addEventListener("keydown", pressed);
  });
})();
