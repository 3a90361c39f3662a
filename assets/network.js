// @ts-check
/* The network drawn as the navigation: a bar for each layer, as wide as its maps are, as tall as they are many. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const WIDEST = 48;
  const PER_HALVING = 9.8;

  /** Filters pinned, by layer: coming back finds them. @type {Map<string, number | null>} */
  const filters = new Map();
  /** @type {HTMLElement} */
  let list;
  let drawn = "";
  let shown = "";

  /** @param {any} layer @param {number} size the input's side */
  function bar(layer, size) {
    const width = Math.max(8, WIDEST + PER_HALVING * Math.log2(Math.max(layer.width, layer.height) / size));
    const height = 3 + 0.6 * Math.sqrt(layer.channels);
    return V.draw.element("span", { class: "bar", style: `width:${width.toFixed(1)}px;height:${height.toFixed(1)}px` });
  }

  /** @param {any} layer @param {number} size */
  function content(layer, size) {
    const dilation = layer.dilation > 1 ? `, d${layer.dilation}` : "";
    const extent = `${layer.channels} \u00b7 ${layer.width} \u00d7 ${layer.height}${dilation}`;
    const sub = V.draw.element("span", { class: "sub num", text: extent });
    if (dilation) sub.title = `dilation ${layer.dilation}`;
    const words = V.draw.element("span", { class: "words" }, V.draw.element("span", { class: "name", text: layer.name }), sub);
    return [V.draw.element("span", { class: "bar-box", "aria-hidden": "true" }, bar(layer, size)), words];
  }

  function build() {
    if (!V.trace) return;
    const { layers, size } = V.trace, key = JSON.stringify([V.trace.model, layers.map((/** @type {any} */ l) => [l.name, l.channels, l.width])]);
    if (key === drawn) return;
    drawn = key;
    const input = V.draw.element("li", { class: "layer-item is-input" }, ...content({ name: "input", channels: 1, width: size, height: size }, size));
    const items = layers.map((/** @type {any} */ layer) => V.draw.element("li", {},
      V.draw.element("button", { type: "button", class: "layer-item", "data-layer": layer.name, tabindex: "-1" }, ...content(layer, size))));
    list.replaceChildren(input, ...items);
    mark();
  }

  /** @returns {HTMLButtonElement[]} */
  const buttons = () => [...list.querySelectorAll("button")];

  function mark() {
    const { layer, pinnedLayer } = V.state.get();
    for (const button of buttons()) {
      const name = button.dataset.layer, current = name === layer;
      button.tabIndex = current ? 0 : -1;
      if (current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      button.setAttribute("aria-pressed", String(name === pinnedLayer));
      if (current) reveal(button);
    }
  }

  /** Where the list scrolls sideways, keeps the current layer in sight. @param {HTMLElement} button */
  function reveal(button) {
    const left = button.offsetLeft, right = left + button.offsetWidth;
    if (left < list.scrollLeft) list.scrollLeft = left;
    else if (right > list.scrollLeft + list.clientWidth) list.scrollLeft = right - list.clientWidth;
  }

  /** @param {Event} event @returns {string | undefined} */
  const named = (event) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-layer]"))?.dataset.layer;

  /** @param {string | undefined} name */
  function show(name) {
    if (name) V.state.set({ layer: name });
  }

  /** @param {string | undefined} name */
  function pin(name) {
    if (name) V.state.set({ layer: name, pinnedLayer: V.state.get().pinnedLayer === name ? null : name });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const all = buttons(), at = all.findIndex((button) => button.dataset.layer === V.state.get().layer);
    /** @type {Record<string, number>} */
    const to = { ArrowUp: at - 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 };
    const button = all[to[event.key]];
    if (!button) return;
    event.preventDefault();
    show(button.dataset.layer);
    button.focus();
  }

  /** A filter belongs to its layer: leaving one layer puts its pinned filter aside, coming back takes it up. */
  function swap(/** @type {any} */ state, /** @type {Set<string>} */ changed) {
    if (state.layer !== shown) {
      if (!changed.has("filter") && shown) V.state.set({ filter: filters.get(state.layer) ?? null, hoverFilter: null });
      shown = state.layer;
    } else filters.set(state.layer, state.filter);
  }

  function views() {
    const output = V.trace && V.trace.output.kind === "bins" && V.state.get().layer === V.trace.output.layer;
    for (const [id, yes] of [["view-layer", !output], ["view-bins", output]]) {
      const view = document.getElementById(String(id));
      if (view) view.hidden = !yes;
    }
  }

  (V.onStart ||= []).push(() => {
    const region = /** @type {HTMLElement} */ (document.getElementById("network"));
    list = /** @type {HTMLElement} */ (document.getElementById("network-list"));
    region.addEventListener("pointerover", (event) => event.pointerType !== "touch" && show(named(event)));
    region.addEventListener("pointerleave", () => show(V.state.get().pinnedLayer || undefined));
    region.addEventListener("focusout", (event) => {
      if (!region.contains(/** @type {Node | null} */ (event.relatedTarget))) show(V.state.get().pinnedLayer || undefined);
    });
    region.addEventListener("click", (event) => pin(named(event)));
    region.addEventListener("keydown", pressed);
    V.state.on(["trace"], () => { filters.clear(); build(); });
    V.state.on(["layer", "filter"], swap);
    V.state.on(["layer", "pinnedLayer", "trace"], () => { mark(); views(); });
    build();
  });
})();
