// @ts-check
/* The layer's title, its choices of order and scale, and the scale's legend. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @param {any} view */
  function title(view) {
    const { info, name, silent } = view, many = info.channels === 1 ? "filter" : "filters";
    V.draw.say(document.getElementById("layer-title"), name);
    V.draw.say(document.getElementById("layer-size"), `${info.channels} ${many} \u00b7 ${info.width} \u00d7 ${info.height} \u00b7 `);
    V.draw.say(document.getElementById("layer-field"), ` ${info.receptive_field} px`);
    /** @type {HTMLElement} */ (document.getElementById("layer-field-word")).hidden = false;
    const warning = /** @type {HTMLElement} */ (document.getElementById("layer-silent"));
    warning.hidden = !silent;
    V.draw.say(warning, `${silent} silent`);
    document.getElementById("grid")?.setAttribute("aria-label",
      `${info.channels} maps of ${name}, ${silent} silent. Arrow keys move over them, Enter pins one.`);
  }

  function choices() {
    const { sort } = V.state.get(), view = V.layerView.current, scale = view ? V.layerView.scale() : V.state.get().scale;
    const senseless = view ? without(view.info) : [];
    for (const [group, value] of [["sort", sort], ["scale", scale]]) {
      for (const button of document.querySelectorAll(`#layer-${group} button`)) {
        const choice = /** @type {HTMLButtonElement} */ (button);
        choice.setAttribute("aria-pressed", String(choice.value === value));
        choice.disabled = senseless.includes(choice.value);
      }
    }
    if (view) legend(view, scale);
  }

  /** Choices that make no difference to a layer. @param {any} info @returns {string[]} */
  const without = (info) => [...(info.active_share ? [] : ["active"]), ...(info.width * info.height > 1 ? [] : ["map"])];

  /** @param {any} view @param {string} scale */
  function legend(view, scale) {
    const [low, bar, high] = /** @type {any} */ (document.getElementById("layer-legend")).children;
    V.draw.say(low, scale === "map" ? "its min" : V.draw.significant(view.low).replace("0.000", "0"));
    V.draw.say(high, scale === "map" ? "its max" : V.draw.significant(view.high));
    bar.style.background ||= V.scales.gradient(V.scales.viridis);
  }

  (V.onStart ||= []).push(() => {
    for (const group of ["sort", "scale"]) {
      document.getElementById(`layer-${group}`)?.addEventListener("click", (event) => {
        const button = /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
        if (button) V.state.set({ [group]: button.value });
      });
    }
    V.layerView.listen((/** @type {any} */ view) => { title(view); choices(); });
    V.state.on(["sort", "scale"], choices);
  });
})();
