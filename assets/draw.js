// @ts-check
/* What every drawing needs: sharp canvases, the page's colors, elements, numbers as text. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @type {Map<string, string>} */
  const tokens = new Map();

  const LONGEST = 80; // letters of a name that are shown at most

  /** How each drawing is painted, for whoever wants it elsewhere than on its canvas. @type {WeakMap<HTMLCanvasElement, Paint>} */
  const painters = new WeakMap();

  /** @typedef {(context: CanvasRenderingContext2D, width: number, height: number, ratio: number) => void} Paint */

  /** A color of the page, by its CSS variable. @param {string} name */
  function token(name) {
    if (!tokens.has(name)) tokens.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return /** @type {string} */ (tokens.get(name));
  }

  /**
   * A new element.
   * @param {string} tag @param {Record<string, any>} [properties] attributes; `text` is its text @param {...Node} children
   * @returns {any}
   */
  function element(tag, properties = {}, ...children) {
    const { text, ...attributes } = properties, made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /**
   * A canvas that fills a box at the screen's own resolution; `paint` is called when the box or the theme changes.
   * @param {HTMLElement} box
   * @param {(context: CanvasRenderingContext2D, width: number, height: number, ratio: number) => void} paint
   *   width and height in CSS pixels; the context is scaled to them and cleared
   * @returns {{canvas: HTMLCanvasElement, repaint: () => void, width: () => number, height: () => number}}
   */
  function sharp(box, paint) {
    const canvas = element("canvas", { class: "fill", "aria-hidden": "true" });
    painters.set(canvas, paint);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    let width = 0, height = 0;
    const repaint = () => {
      if (!width || !height) return;
      const ratio = window.devicePixelRatio || 1;
      const wide = Math.round(width * ratio), high = Math.round(height * ratio);
      if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      paint(context, width, height, ratio);
    };
    box.append(canvas);
    new ResizeObserver(() => {
      if (box.clientWidth === width && box.clientHeight === height) return;
      ({ clientWidth: width, clientHeight: height } = box);
      repaint();
    }).observe(box);
    V.state.on(["theme"], () => { tokens.clear(); repaint(); });
    return { canvas, repaint, width: () => width, height: () => height };
  }

  /** A canvas that holds pixels as they are. @param {number} width @param {number} height */
  function sheet(width, height) {
    const canvas = element("canvas");
    Object.assign(canvas, { width, height });
    return /** @type {HTMLCanvasElement} */ (canvas);
  }

  /** @param {HTMLCanvasElement} canvas @param {Uint8ClampedArray} rgba */
  function put(canvas, rgba) {
    const image = new ImageData(/** @type {any} */ (rgba), canvas.width, canvas.height);
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  }

  /** As much of a text as fits a width in the context's font. @param {any} context @param {string} text @param {number} width */
  function fitted(context, text, width) {
    const letters = [...text].slice(0, LONGEST), fits = (/** @type {string} */ part) => context.measureText(part).width <= width;
    if (letters.length === [...text].length && fits(text)) return text;
    while (letters.length > 1 && !fits(`${letters.join("")}\u2026`)) letters.pop();
    return `${letters.join("")}\u2026`;
  }

  /** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
  function png(canvas) {
    return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("This picture is too large to be drawn."))), "image/png"));
  }

  /** Sets an element's text only where it changed. @param {Element | null} node @param {string} text */
  function say(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }

  const MINUS = "\u2212";

  /** A number with fixed decimals and a real minus, never "-0.0". @param {number} value @param {number} decimals */
  function fixed(value, decimals) {
    const text = Math.abs(value).toFixed(decimals);
    return value < 0 && Number(text) !== 0 ? MINUS + text : text;
  }

  /** A number with three significant digits. @param {number} value */
  function significant(value) {
    const size = Math.abs(value);
    if (size !== 0 && size < 0.001) return value.toExponential(1).replace("e-", "e" + MINUS).replace(/^-/, MINUS);
    return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  }

  V.draw = { token, painters, element, sharp, sheet, put, png, fitted, say, fixed, significant };
})();
