// @ts-check
/* The shown layer as a model: its maps, the order of its filters, its scale, and the filter looked at. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /**
   * @typedef {object} View
   * @property {string} trace @property {string} name
   * @property {any} info numbers of each filter
   * @property {Uint8Array} pixels the maps, each from its own min (0) to its own max (255)
   * @property {number[]} order filters as shown
   * @property {Int32Array} rank place of each filter in that order
   * @property {number} low @property {number} high the layer's common scale
   * @property {number} silent how many filters never answered
   */

  /** @type {View | null} */
  let current = null;
  /** @type {((view: View) => void)[]} */
  const listeners = [];

  /** What the filters can be sorted by. @type {Record<string, (info: any) => ArrayLike<number> | null>} */
  const KEYS = {
    index: () => null, mean: (info) => info.mean, max: (info) => info.max, active: (info) => info.active_share,
    push: (info) => V.pushes.values() || info.mean, // until the pushes are there
  };

  /** @param {any} info @param {string} sort largest first; equal ones by index */
  function ordered(info, sort) {
    const order = Array.from({ length: info.channels }, (_, filter) => filter), values = (KEYS[sort] || KEYS.index)(info);
    return values ? order.sort((one, two) => values[two] - values[one] || one - two) : order;
  }

  async function update() {
    const trace = V.trace, { layer } = V.state.get();
    if (!trace || !layer || !V.data.names().includes(layer)) return;
    const ready = V.data.peek(layer);
    const data = ready || await V.data.layer(layer);
    if (V.trace !== trace || V.state.get().layer !== layer) return;
    current = view(trace.trace, layer, data, V.state.get().sort);
    listeners.forEach((listener) => listener(/** @type {View} */ (current)));
  }

  /** @param {string} trace @param {string} name @param {any} data @param {string} sort @returns {View} */
  function view(trace, name, { info, pixels }, sort) {
    const order = ordered(info, sort), rank = new Int32Array(order.length);
    order.forEach((filter, place) => { rank[filter] = place; });
    const silent = info.silent.filter(Boolean).length;
    return { trace, name, info, pixels, order, rank, low: Math.min(0, ...info.min), high: Math.max(...info.max), silent };
  }

  /** The filters' numbers by which they are sorted changed. @param {boolean} reorder no leaves them where they are */
  function refresh(reorder) {
    if (!current || current.name !== V.state.get().layer) return;
    const { trace, name, info, pixels } = current;
    if (reorder) current = view(trace, name, { info, pixels }, V.state.get().sort);
    listeners.forEach((listener) => listener(/** @type {View} */ (current)));
  }

  /** @param {(view: View) => void} listener */
  function listen(listener) {
    listeners.push(listener);
    if (current) listener(current);
  }

  /** The filter looked at: under the pointer, else pinned, else the first in order.
   * @returns {{filter: number, why: "hover" | "pinned" | "first"}} */
  function looked() {
    const { hoverFilter, filter } = V.state.get(), view = /** @type {View} */ (current);
    const valid = (/** @type {number | null} */ value) => value !== null && value < view.info.channels;
    if (valid(hoverFilter)) return { filter: hoverFilter, why: "hover" };
    return valid(filter) ? { filter, why: "pinned" } : { filter: view.order[0], why: "first" };
  }

  /** @param {number} filter @returns {Uint8Array} its map's bytes */
  function map(filter) {
    const { pixels, info } = /** @type {View} */ (current), area = info.height * info.width;
    return pixels.subarray(filter * area, (filter + 1) * area);
  }

  /** The scale that maps are shown on: one position has no range of its own. */
  function scale() {
    const { info } = /** @type {View} */ (current);
    return info.width * info.height > 1 ? V.state.get().scale : "layer";
  }

  /**
   * Pixels of the viridis scale for the 256 bytes of a filter's map.
   * The scale is common to the layer, or the map's own from min to max.
   * @param {number} filter
   */
  function shades(filter) {
    if (scale() === "map") return V.scales.viridis;
    const { info, low, high } = /** @type {View} */ (current), { min, max } = info, shades = new Uint32Array(256);
    const start = (255 * (min[filter] - low)) / (high - low || 1), step = (max[filter] - min[filter]) / (high - low || 1);
    for (let byte = 0; byte < 256; byte++) shades[byte] = V.scales.viridis[Math.min(255, Math.max(0, (start + step * byte + 0.5) | 0))];
    return shades;
  }

  /** A click: pins a filter, or lets go of it. @param {number | null} filter */
  const pin = (filter) => V.state.set({ filter: V.state.get().filter === filter ? null : filter });

  /** A click pins; with Alt it switches off. @param {MouseEvent} event @param {number | null} filter */
  function clicked(event, filter) {
    if (filter === null) return;
    if (event.altKey) V.off.toggle(/** @type {View} */ (current).name, filter);
    else pin(filter);
  }

  /**
   * Arrow keys over filters in the shown order, as the mouse would move; Enter pins.
   * @param {KeyboardEvent} event
   * @param {number} row filters to step for up and down
   */
  function pressed(event, row) {
    if (!current) return;
    const { order, rank } = current, at = rank[looked().filter], last = order.length - 1;
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - row, ArrowDown: at + row, Home: 0, End: last };
    if (event.key === "Enter" || event.key === " ") pin(looked().filter);
    else if (event.key in to) {
      if (to[event.key] >= 0 && to[event.key] <= last) V.state.set({ hoverFilter: order[to[event.key]] });
    } else return;
    event.preventDefault();
  }

  (V.onStart ||= []).push(() => {
    V.state.on(["trace", "layer", "sort"], () => update().catch(() => undefined));
  });

  /** A filter by its number, and what it stands for where it has a name. @param {number} filter */
  function named(filter) {
    const name = current?.info.channel_names[filter];
    return `${filter}${name ? `, ${name}` : ""}`;
  }

  V.layerView = { listen, named, refresh, looked, map, scale, shades, pin, clicked, pressed, get current() { return current; } };
})();
