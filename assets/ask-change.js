// @ts-check
/* What the questions that change the photo share: asking while something is dragged, photos to choose from, numbers. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST_PHOTOS = 500;
  const PATIENCE_MS = 300;

  /**
   * Does a task now, or once more when the one under way is done: of all wishes meanwhile the last one counts, and no
   * more than one is ever on its way. What the server refuses is told to the reader.
   * @param {() => Promise<void>} task @returns {() => Promise<void>}
   */
  function live(task) {
    let running = false, again = false;
    return async function run() {
      again = true;
      if (running) return;
      running = true;
      while (again) {
        again = false;
        await task().catch(failed);
      }
      running = false;
    };
  }

  /** @param {Error} error */
  function failed(error) {
    if (error instanceof TypeError) V.lost?.();
    else V.notice(error.message, "error", undefined);
  }

  /** Says that an answer is awaited, but only where it is awaited for long. @param {Element | null} status @returns {() => void} takes it back */
  function waiting(status) {
    const timer = setTimeout(() => V.draw.say(status, "asking \u2026"), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      V.draw.say(status, "");
    };
  }

  /** Whether each pixel lies in a box. @param {{left: number, top: number, right: number, bottom: number}} box @param {number} size */
  function within(box, size) {
    return (/** @type {number} */ index) => {
      const x = index % size, y = Math.floor(index / size);
      return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    };
  }

  /** The selected region, or the whole photo. */
  const region = () => V.region.box() || { left: 0, top: 0, right: V.trace.size, bottom: V.trace.size };

  /** CIEDE2000 of each pixel of two painted scenes. @param {any} one @param {any} other @returns {Float32Array} */
  const difference = (one, other) => V.metrics.ciede2000(V.color.toLab(one.painted.rgba), V.color.toLab(other.painted.rgba));

  /** A difference as pixels. @param {Float32Array} values @param {number} [high] where the scale ends */
  function shaded(values, high = V.pictures.LARGEST_DIFFERENCE) {
    const rgba = new Uint8ClampedArray(4 * values.length);
    V.scales.paint(values, 0, high, V.scales.viridis, new Uint32Array(rgba.buffer));
    return rgba;
  }

  /** Puts the other photos of the strip into a choice, and keeps what was chosen. @param {HTMLSelectElement} select
   * @param {string} none what stands for no choice @param {string | null} [chosen] */
  function offer(select, none, chosen = select.value) {
    const photos = V.listedPhotos().filter((/** @type {any} */ photo) => photo.key !== V.state.get().photo).slice(0, MOST_PHOTOS);
    const options = photos.map((/** @type {any} */ photo) => V.draw.element("option", { value: photo.key, text: photo.label }));
    const known = !chosen || photos.some((/** @type {any} */ photo) => photo.key === chosen);
    if (!known) options.push(V.draw.element("option", { value: chosen, text: name(/** @type {string} */ (chosen)) }));
    select.replaceChildren(V.draw.element("option", { value: "", text: none }), ...options);
    select.value = chosen || "";
  }

  /** What a gallery key is called. @param {string} key */
  function name(key) {
    const photo = V.listedPhotos().find((/** @type {any} */ each) => each.key === key);
    return photo ? photo.label : key.startsWith("upload:") ? "an upload" : key.split("/").pop() || key;
  }

  /** @typedef {{name: string, own: any, made: any, inside: (index: number) => boolean, values: Float32Array, more?: string[]}} Row */

  /** A mean color with its swatch. @param {any} scene @param {Float64Array} weights @param {(index: number) => boolean} inside */
  function color(scene, weights, inside) {
    const { a, b } = V.offMeasure.color(scene, weights), { mean: L } = V.offMeasure.over(scene.lab.L, inside);
    const swatch = V.draw.element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = V.color.css(L, a, b);
    return { a, b, cell: V.draw.element("td", {}, swatch, ` ${V.draw.fixed(a, 1)}, ${V.draw.fixed(b, 1)}`) };
  }

  /** A row of numbers: the mean color before and after, how far it moved, the mean difference. @param {Row} row */
  function row({ name: title, own, made, inside, values, more = [] }) {
    const weights = V.offMeasure.weights(own, inside), before = color(own, weights, inside), after = color(made, weights, inside);
    const a = V.offMeasure.signed(after.a - before.a, 1), b = V.offMeasure.signed(after.b - before.b, 1);
    const texts = [`${a}, ${b}`, V.draw.fixed(V.offMeasure.over(values, inside).mean, 1), ...more];
    const cells = texts.map((text) => V.draw.element("td", { text }));
    return V.draw.element("tr", {}, V.draw.element("th", { scope: "row", text: title }), before.cell, after.cell, ...cells);
  }

  V.change = { live, waiting, within, region, difference, shaded, offer, name, row };
})();
