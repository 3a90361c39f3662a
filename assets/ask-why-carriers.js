// @ts-check
/* Why here: the filters that carried a color, by layer, and the receptive field at the pixel. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** What was asked last. @type {any} */
  let asked = null;
  const latest = V.ask.latest();

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const buttons = () => /** @type {HTMLButtonElement[]} */ ([...byId("why-layers").querySelectorAll(".why-filter")]);

  /** @param {any} about @param {AbortSignal} signal */
  async function ask(about, signal) {
    const found = await V.ask.json("carriers", about.parameters, signal);
    if (signal.aborted) return;
    asked = about;
    show(found);
    await field();
  }

  // ---- the filters -------------------------------------------------------------------------------------------------

  /** The output itself is what is asked about: its maps are the colors. @param {any} found */
  function show({ layers, unit }) {
    const rows = layers.filter((/** @type {any} */ { layer }) => layer !== V.trace.output.layer || layers.length === 1);
    byId("why-layers").replaceChildren(...rows.map((/** @type {any} */ each) => row(each, unit)));
    const first = buttons()[0];
    if (first) first.tabIndex = 0;
    pinned();
  }

  /** @param {any} found @param {string} unit */
  function row({ layer, total, filters, values }, unit) {
    const title = `${layer}: all filters together ${V.offMeasure.signed(total, 2)} ${unit}`;
    const name = V.draw.element("button", { class: "why-layer", type: "button", text: layer, title });
    name.addEventListener("click", () => V.state.set({ layer, pinnedLayer: layer }));
    const made = filters.map((/** @type {number} */ filter, /** @type {number} */ i) => button(layer, filter, values[i], values[i] / values[0], unit));
    const group = { class: "why-filters", role: "group", "aria-label": `Filters of ${layer}, strongest first` };
    return V.draw.element("li", {}, name, V.draw.element("div", group, ...made));
  }

  /** @param {string} layer @param {number} filter @param {number} value @param {number} share of the strongest @param {string} unit */
  function button(layer, filter, value, share, unit) {
    const text = value > 0 ? `+${short(value)}` : short(value), title = `filter ${filter} of ${layer}: ${text} ${unit}`;
    const bar = V.draw.element("span", { class: `why-strength ${value > 0 ? "is-more" : "is-less"}`, "aria-hidden": "true" });
    bar.style.transform = `scaleX(${(Math.abs(share) || 0).toFixed(3)})`;
    const made = V.draw.element("button", { class: "why-filter", type: "button", tabindex: "-1", "aria-label": title, title },
      V.draw.element("span", { text: String(filter) }), V.draw.element("span", { class: "sub", text }), bar);
    Object.assign(made.dataset, { layer, filter });
    return made;
  }

  /** Two digits, one of small numbers: so many fit. @param {number} value */
  function short(value) {
    const size = Math.abs(value);
    if (size && size < 0.001) return value.toExponential(0).replace(/-/g, "\u2212");
    return V.draw.fixed(value, size >= 10 ? 0 : size >= 1 ? 1 : size >= 0.01 ? 2 : 3);
  }

  function pinned() {
    const { pinnedLayer, filter } = V.state.get();
    for (const each of buttons()) each.setAttribute("aria-pressed", String(each.dataset.layer === pinnedLayer && Number(each.dataset.filter) === filter));
  }

  /** A click pins the filter, a second one lets go of it. @param {MouseEvent} event */
  function clicked(event) {
    const found = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".why-filter"));
    if (!found) return;
    const { layer } = found.dataset, filter = found.getAttribute("aria-pressed") === "true" ? null : Number(found.dataset.filter);
    V.state.set({ layer, pinnedLayer: layer, filter });
  }

  /** The filter that an arrow key leads to, up and down from layer to layer. @param {Element} from @param {string} key */
  function beside(from, key) {
    const rows = [...byId("why-layers").children].map((each) => [...each.querySelectorAll(".why-filter")]), all = rows.flat();
    if (key === "ArrowLeft" || key === "ArrowRight") return all[all.indexOf(from) + (key === "ArrowLeft" ? -1 : 1)];
    const at = rows.findIndex((row) => row.includes(from)), next = rows[at + (key === "ArrowUp" ? -1 : 1)];
    return next?.[Math.min(rows[at].indexOf(from), next.length - 1)];
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const from = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".why-filter"));
    if (!from || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const next = /** @type {HTMLElement | undefined} */ (beside(from, event.key));
    if (!next) return;
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // ---- the receptive field -----------------------------------------------------------------------------------------

  /** The layer whose field is drawn: the chosen one, else the last. */
  function layer() {
    const names = V.trace.layers.map((/** @type {any} */ each) => each.name), { field: chosen } = V.state.get();
    return names.includes(chosen) ? chosen : names[names.length - 1];
  }

  const field = () => latest(async (/** @type {AbortSignal} */ signal) => {
    if (!asked || !V.why.ready()) return draw(null);
    const { left, top, right, bottom } = asked.box, name = layer();
    const x = Math.floor((left + right - 1) / 2), y = Math.floor((top + bottom - 1) / 2);
    const found = await V.ask.json("field", { layer: name, x, y }, signal);
    if (!signal.aborted) draw(found);
  });

  /** @param {any} found null for none */
  function draw(found) {
    const words = byId("why-field-words"), number = V.draw.fixed;
    frame(".why-declared", found, found?.declared);
    frame(".why-effective", found, found?.side);
    if (!found) return words.replaceChildren();
    const square = (/** @type {number} */ side) => `${number(side, 0)} \u00d7 ${number(side, 0)} px`;
    const declared = found.declared ? [line(true), `${square(found.declared)} can reach it.`, V.draw.element("br")] : [];
    const held = `${square(found.side)} hold 95 % of the gradient; root-mean-square radius ${number(found.radius, 1)} px.`;
    words.replaceChildren(...declared, line(false), held);
  }

  const line = (/** @type {boolean} */ dashed) => V.draw.element("span", { class: `why-line${dashed ? " is-dashed" : ""}`, "aria-hidden": "true" });

  /** @param {string} selector @param {any} found @param {number} side */
  function frame(selector, found, side) {
    const node = /** @type {HTMLElement} */ (document.querySelector(`#why-picture ${selector}`));
    node.hidden = !found || !side;
    if (node.hidden) return;
    const left = found.x + 0.5 - side / 2, top = found.y + 0.5 - side / 2;
    V.whyScale.place(node, { left, top, right: left + side, bottom: top + side });
  }

  function offer() {
    if (!V.trace) return;
    const names = V.trace.layers.map((/** @type {any} */ each) => V.draw.element("option", { value: each.name, text: each.name }));
    byId("why-field").replaceChildren(...names);
    byId("why-field").value = layer();
  }

  function forget() {
    latest(null);
    asked = null;
    draw(null);
    byId("why-layers").replaceChildren(V.draw.element("li", { class: "sub why-none", text: "They are listed once you ask." }));
    offer();
  }

  (V.onStart ||= []).push(() => {
    byId("why-layers").addEventListener("click", clicked);
    byId("why-layers").addEventListener("keydown", pressed);
    byId("why-field").addEventListener("change", () => V.state.set({ field: byId("why-field").value }));
    V.state.on(["pinnedLayer", "filter"], pinned);
    V.state.on(["field"], () => { offer(); field(); });
  });

  V.whyCarriers = { ask, forget };
})();
