// @ts-check
/* The answer in words, while filters are sorted by push: which ones push most, and a way to switch them off. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST = 3;

  const box = () => /** @type {HTMLElement} */ (document.getElementById("push-best"));

  /** The filters that push most that way. @returns {number[]} */
  function best() {
    const values = V.state.get().sort === "push" && V.layerView.current ? V.pushes.values() : null;
    if (!values) return [];
    return V.decode.largest(values, Math.min(MOST, values.length)).filter((/** @type {number} */ filter) => values[filter] > 0);
  }

  function show() {
    const filters = best(), values = V.pushes.values(), layer = V.layerView.current?.name;
    const texts = filters.map((filter) => `${filter} ${V.offMeasure.signed(values[filter], 2)}`);
    const key = JSON.stringify([layer, V.pushes.name(), texts]);
    if (box().dataset.key === key) return;
    box().dataset.key = key;
    const { element } = V.draw;
    const buttons = filters.map((filter, i) => element("button", {
      type: "button", class: "button small", "data-filter": filter, text: texts[i], title: "Pin this filter",
      "aria-label": `Pin filter ${filter} of ${layer}, ${texts[i].split(" ")[1]} Lab units`,
    }));
    const off = element("button", { type: "button", class: "button small", "data-all": "", text: "Switch these off" });
    box().replaceChildren(...(filters.length ? [element("span", { class: "sub", text: `most toward ${V.pushes.name()}:` }), ...buttons, off] : []));
  }

  /** @param {Event} event */
  function clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    if (button?.dataset.filter) V.state.set({ filter: Number(button.dataset.filter) });
    else if (button) switchOff(V.layerView.current.name);
  }

  /** @param {string} layer */
  function switchOff(layer) {
    for (const filter of best()) if (!V.off.of(layer).has(filter)) V.off.toggle(layer, filter);
  }

  (V.onStart ||= []).push(() => {
    box().addEventListener("click", clicked);
    V.layerView.listen(show);
    V.state.on(["sort", "toward", "layer"], show);
  });
})();
