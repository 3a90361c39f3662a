// @ts-check
/* What changed where: the whole photo, the region, and the photo's parts, which a row outlines in the pictures. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const STAGES = ["#picture-target", "#picture-lightness", "#picture-predicted", "#picture-extra", "#off-own", "#off-new", "#off-difference"];
  const WIDTH = 2; // pixels of the photo, of the white line and of the black one
  const EDGE = (255 << 24 | 0xffffff) >>> 0, RIM = (255 << 24) >>> 0;

  /** @typedef {(index: number) => boolean} Inside */
  /** @typedef {{name: string, key: string, inside: Inside, part: number | null}} Row */

  /** The photo's parts, by trace. @type {{trace: string, labels: Uint8Array} | null} */
  let parts = null;
  /** @type {number | null} */
  let kept = null;
  let rows = "";

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** The parts of the open photo, asked for once. @param {AbortSignal} signal */
  async function fetchParts(signal) {
    const { trace } = V.trace;
    if (parts?.trace === trace) return;
    const labels = new Uint8Array(await (await V.ask.get("segments", {}, signal)).arrayBuffer());
    parts = { trace, labels };
    outline(kept = null);
  }

  /** Where in the photo a part lies, in words. @param {Uint8Array} labels @param {number} part @param {number} size */
  function place(labels, part, size) {
    let x = 0, y = 0, count = 0;
    labels.forEach((label, i) => {
      if (label !== part) return;
      x += i % size;
      y += Math.floor(i / size);
      count++;
    });
    const third = (/** @type {number} */ sum) => Math.min(2, Math.floor((3 * sum) / (count * size)));
    const words = [["upper", "", "lower"][third(y)], ["left", "", "right"][third(x)]].filter(Boolean);
    return words.join(" ") || "middle";
  }

  /** @returns {Row[]} */
  function list() {
    const { size } = V.scene.current, labels = parts?.trace === V.trace.trace ? parts?.labels : null, box = V.region.box();
    const all = [{ name: "whole photo", key: "whole", inside: () => true, part: null }];
    if (box) all.push({ name: "the region", key: "region", inside: V.region.inside(size), part: null });
    if (!labels) return all;
    const names = Array.from({ length: Math.max(...labels) + 1 }, (_, part) => `part ${part + 1}, ${place(labels, part, size)}`);
    return [...all, ...names.map((name, part) => ({ name, key: `part-${part}`, inside: (/** @type {number} */ i) => labels[i] === part, part }))];
  }

  /** @param {any} own the photo as it is @param {any} made without the filters @param {Float32Array} difference */
  function show(own, made, difference) {
    const body = byId("off-parts"), all = list(), key = all.map(({ name }) => name).join("|");
    if (key !== rows) body.replaceChildren(...all.map(row));
    rows = key;
    all.forEach(({ inside }, i) => {
      const weights = V.offMeasure.weights(own, inside), one = V.offMeasure.color(own, weights), two = V.offMeasure.color(made, weights);
      const { mean, share } = V.offMeasure.over(difference, inside), [, , ...cells] = /** @type {any} */ (body.children[i].children);
      V.draw.say(body.children[i].children[1], `${V.draw.fixed(100 * share, 0)} %`);
      const texts = [V.offMeasure.signed(two.a - one.a, 2), V.offMeasure.signed(two.b - one.b, 2), V.draw.fixed(mean, 2)];
      texts.forEach((text, j) => V.draw.say(cells[j], text));
      const swatch = body.children[i].querySelector(".swatch");
      if (swatch) /** @type {HTMLElement} */ (swatch).style.background = V.color.css(V.offMeasure.over(own.lab.L, inside).mean, two.a, two.b);
    });
  }

  /** @param {Row} row @returns {HTMLElement} */
  function row({ name, key, part }) {
    const swatch = V.draw.element("span", { class: "swatch", "aria-hidden": "true" });
    const head = V.draw.element("th", { scope: "row" });
    if (part === null) head.append(swatch, name);
    else head.append(V.draw.element("button", { type: "button", class: "off-part", "aria-pressed": "false", "data-part": part, title: "Outline it in the pictures" }, swatch, name));
    const cells = Array.from({ length: 4 }, () => V.draw.element("td"));
    return V.draw.element("tr", { "data-key": key, ...(part === null ? {} : { "data-part": part }) }, head, ...cells);
  }

  // ---- outlines --------------------------------------------------------------------------------------------------

  /** The sheet over a picture that outlines are drawn on. @param {string} picture @returns {HTMLCanvasElement | null} */
  function sheet(picture) {
    const stage = document.querySelector(`${picture} .stage`), { size } = V.scene.current;
    if (!stage) return null;
    /** @type {HTMLCanvasElement | null} */
    let canvas = stage.querySelector(".off-outline");
    if (!canvas) {
      canvas = V.draw.sheet(size, size);
      Object.assign(/** @type {any} */ (canvas), { className: "off-outline", ariaHidden: "true" });
      stage.append(/** @type {any} */ (canvas));
    }
    if (canvas && canvas.width !== size) Object.assign(canvas, { width: size, height: size });
    return canvas;
  }

  /** Its edge: white inside, black outside. @param {Uint8Array} labels @param {number} part @param {number} size */
  function edge(labels, part, size) {
    const rgba = new Uint8ClampedArray(4 * labels.length), out = new Uint32Array(rgba.buffer);
    const is = (/** @type {number} */ x, /** @type {number} */ y) => labels[Math.max(0, Math.min(size - 1, y)) * size + Math.max(0, Math.min(size - 1, x))] === part;
    for (let y = 0, i = 0; y < size; y++) {
      for (let x = 0; x < size; x++, i++) {
        const mine = is(x, y), far = WIDTH;
        const crossed = [is(x - far, y), is(x + far, y), is(x, y - far), is(x, y + far)].some((other) => other !== mine);
        if (crossed) out[i] = mine ? EDGE : RIM;
      }
    }
    return rgba;
  }

  /** @param {number | null} part null takes the outline away */
  function outline(part) {
    const labels = parts?.trace === V.trace?.trace ? parts?.labels : null, size = V.scene.current?.size;
    const rgba = labels && part !== null ? edge(labels, part, size) : null;
    for (const canvas of rgba ? STAGES.map(sheet) : document.querySelectorAll(".off-outline")) {
      if (rgba && canvas) V.draw.put(canvas, rgba);
      /** @type {any} */ (canvas)?.toggleAttribute("hidden", !rgba);
    }
    for (const button of document.querySelectorAll(".off-part")) {
      button.setAttribute("aria-pressed", String(kept !== null && Number(/** @type {any} */ (button).dataset.part) === kept));
    }
  }

  /** @param {Event} event @returns {number | null} */
  function under(event) {
    const part = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("tr[data-part]"))?.dataset.part;
    return part === undefined ? null : Number(part);
  }

  (V.onStart ||= []).push(() => {
    const body = document.getElementById("off-parts");
    if (!body) return;
    body.addEventListener("pointerover", (event) => outline(under(event) ?? kept));
    body.addEventListener("pointerleave", () => outline(kept));
    body.addEventListener("focusin", (event) => outline(under(event) ?? kept));
    body.addEventListener("focusout", () => outline(kept));
    body.addEventListener("click", (event) => {
      const part = under(event);
      if (part === null) return;
      kept = kept === part ? null : part;
      outline(kept);
    });
    V.state.on(["trace"], () => outline(kept = null));
  });

  V.offTable = { fetchParts, show };
})();
