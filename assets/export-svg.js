// @ts-check
/* A drawing context whose strokes become SVG: what a canvas is painted by paints vectors and real text as well. It knows
   what the page's drawings use of CanvasRenderingContext2D, and draws canvases as embedded pictures. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NAMESPACE = "http://www.w3.org/2000/svg";
  /** @type {Record<string, any>} what save and restore keep, as a new context has it */
  const PLAIN = {
    fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, lineCap: "butt", lineJoin: "miter", globalAlpha: 1,
    font: "10px sans-serif", textAlign: "start", textBaseline: "alphabetic", imageSmoothingEnabled: true,
    imageSmoothingQuality: "low",
  };
  /** @type {Record<string, string>} */
  const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
  /** How far below the middle a baseline lies, in heights of the font. @type {Record<string, number>} */
  const DROPS = { alphabetic: 0, middle: 0.35, top: 0.8, bottom: -0.2 };

  const short = (/** @type {number} */ value) => String(Math.round(value * 1000) / 1000);
  const ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));

  /** A color as every reader of SVG knows it. @param {string} css @returns {{color: string, opacity: number}} */
  function plain(css) {
    ruler.fillStyle = "#000";
    ruler.fillStyle = css;
    const found = String(ruler.fillStyle), parts = found.match(/[\d.]+/g) || [];
    if (found.startsWith("#")) return { color: found, opacity: 1 };
    return { color: `rgb(${parts.slice(0, 3).join(",")})`, opacity: Number(parts[3] ?? 1) };
  }

  class Vector {
    /** @param {number} width @param {number} height */
    constructor(width, height) {
      this.root = document.createElementNS(NAMESPACE, "svg");
      this.set(this.root, { xmlns: NAMESPACE, width, height, viewBox: `0 0 ${width} ${height}` });
      this.definitions = this.add("defs", {});
      /** @type {Element} what is drawn in the same place stands together */
      this.group = this.root;
      /** @type {Map<any, string>} */
      this.defined = new Map();
      this.path = "";
      this.matrix = new DOMMatrix();
      /** @type {number[]} */
      this.dashes = [];
      /** @type {any[]} */
      this.kept = [];
      Object.assign(this, PLAIN);
    }

    // ---- elements ------------------------------------------------------------------------------------------------

    /** @param {Element} node @param {Record<string, string | number>} attributes */
    set(node, attributes) {
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, typeof value === "number" ? short(value) : value);
      return node;
    }

    /** @param {string} tag @param {Record<string, string | number>} attributes @param {Element} [parent] */
    add(tag, attributes, parent = this.root) {
      const node = this.set(document.createElementNS(NAMESPACE, tag), attributes);
      return parent.appendChild(node);
    }

    /** A shape where the context stands. @param {string} tag @param {Record<string, string | number>} attributes */
    shape(tag, attributes) {
      const { a, b, c, d, e, f } = this.matrix, transform = `matrix(${[a, b, c, d, e, f].map(short).join(" ")})`;
      if (this.matrix.isIdentity) return this.add(tag, attributes, (this.group = this.root));
      if (this.group.getAttribute("transform") !== transform) this.group = this.add("g", { transform });
      return this.add(tag, attributes, this.group);
    }

    /** Something defined once. @param {any} key @param {string} tag @param {Record<string, string | number>} attributes
     * @param {(node: Element) => void} fill */
    define(key, tag, attributes, fill) {
      const found = this.defined.get(key);
      if (found) return found;
      const id = `d${this.defined.size + 1}`;
      this.defined.set(key, id);
      fill(this.add(tag, { id, ...attributes }, this.definitions));
      return id;
    }

    /** @param {any} style a color, or what createPattern or createLinearGradient gave @param {"fill" | "stroke"} kind */
    paint(style, kind) {
      const alpha = /** @type {any} */ (this).globalAlpha;
      if (typeof style !== "string") return { [kind]: `url(#${style.id()})`, ...(alpha < 1 && { [`${kind}-opacity`]: alpha }) };
      const { color, opacity } = plain(style), seen = opacity * alpha;
      return { [kind]: color, ...(seen < 1 && { [`${kind}-opacity`]: seen }) };
    }

    filled() { return this.paint(/** @type {any} */ (this).fillStyle, "fill"); }

    stroked() {
      const { strokeStyle, lineWidth, lineCap, lineJoin } = /** @type {any} */ (this);
      const dashes = this.dashes.length ? { "stroke-dasharray": this.dashes.map(short).join(" ") } : {};
      return { fill: "none", "stroke-width": lineWidth, "stroke-linecap": lineCap, "stroke-linejoin": lineJoin, ...dashes, ...this.paint(strokeStyle, "stroke") };
    }

    // ---- what CanvasRenderingContext2D has -------------------------------------------------------------------------

    save() {
      const values = Object.fromEntries(Object.keys(PLAIN).map((key) => [key, /** @type {any} */ (this)[key]]));
      this.kept.push({ ...values, matrix: DOMMatrix.fromMatrix(this.matrix), dashes: this.dashes });
    }

    restore() { Object.assign(this, this.kept.pop()); }

    /** @param {number} x @param {number} y */
    translate(x, y) { this.matrix.translateSelf(x, y); }

    /** @param {number} angle in radians */
    rotate(angle) { this.matrix.rotateSelf((angle * 180) / Math.PI); }

    /** @param {number} x @param {number} y */
    scale(x, y) { this.matrix.scaleSelf(x, y); }

    /** @param {number[]} dashes */
    setLineDash(dashes) { this.dashes = dashes; }

    clearRect() { /* nothing was there */ }

    /** @param {number} x @param {number} y @param {number} width @param {number} height */
    fillRect(x, y, width, height) { this.shape("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), ...this.filled() }); }

    /** @param {number} x @param {number} y @param {number} width @param {number} height */
    strokeRect(x, y, width, height) { this.shape("rect", { x, y, width, height, ...this.stroked() }); }

    beginPath() { this.path = ""; }

    closePath() { this.path += "Z"; }

    /** @param {number} x @param {number} y */
    moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }

    /** @param {number} x @param {number} y */
    lineTo(x, y) { this.path += `${this.path ? "L" : "M"}${short(x)} ${short(y)}`; }

    /** @param {number} x @param {number} y @param {number} radius @param {number} from @param {number} to in radians */
    arc(x, y, radius, from, to) {
      const at = (/** @type {number} */ angle) => `${short(x + radius * Math.cos(angle))} ${short(y + radius * Math.sin(angle))}`;
      const half = (/** @type {number} */ end) => `A${short(radius)} ${short(radius)} 0 0 1 ${at(end)}`, middle = (from + to) / 2;
      this.path += `${this.path ? "L" : "M"}${at(from)}${half(middle)}${half(to)}`;
    }

    fill() { if (this.path) this.shape("path", { d: this.path, ...this.filled() }); }

    stroke() { if (this.path) this.shape("path", { d: this.path, ...this.stroked() }); }

    /** @param {string} text @param {number} x @param {number} y @param {Record<string, string | number>} paint */
    write(text, x, y, paint) {
      const { font, textAlign, textBaseline } = /** @type {any} */ (this);
      ruler.font = font;
      const [, style, size, family] = ruler.font.match(/^(.*?)([\d.]+)px (.*)$/) || ["", "", "10", "sans-serif"];
      const drop = (DROPS[textBaseline] || 0) * Number(size), weight = /bold|[5-9]00/.exec(style)?.[0];
      const node = this.shape("text", {
        x, y: y + drop, "font-family": family.replaceAll('"', "'"), "font-size": Number(size), "text-anchor": ANCHORS[textAlign] || "start",
        ...(weight && { "font-weight": weight }), ...paint,
      });
      node.textContent = text;
    }

    /** @param {string} text @param {number} x @param {number} y */
    fillText(text, x, y) { this.write(text, x, y, this.filled()); }

    /** @param {string} text @param {number} x @param {number} y */
    strokeText(text, x, y) { this.write(text, x, y, this.stroked()); }

    /** @param {string} text */
    measureText(text) {
      ruler.font = /** @type {any} */ (this).font;
      return ruler.measureText(text);
    }

    /** The whole of a canvas, or a part of it, in a box. @param {HTMLCanvasElement} canvas @param {number[]} numbers */
    drawImage(canvas, ...numbers) {
      const { width: wide, height: high } = canvas, whole = [0, 0, wide, high];
      const box = numbers.length === 2 ? [...numbers, wide, high] : numbers;
      const [left, top, across, down, x, y, width, height] = box.length === 8 ? box : [...whole, ...box];
      const { globalAlpha, imageSmoothingEnabled } = /** @type {any} */ (this);
      const id = this.define(canvas, "image", { width: wide, height: high }, (node) => node.setAttribute("href", canvas.toDataURL("image/png")));
      const frame = this.shape("svg", {
        x, y, width, height, viewBox: `${left} ${top} ${across} ${down}`, preserveAspectRatio: "none",
        ...(globalAlpha < 1 && { opacity: globalAlpha }), ...(!imageSmoothingEnabled && { style: "image-rendering:pixelated" }),
      });
      this.add("use", { href: `#${id}` }, frame);
    }

    /** @param {HTMLCanvasElement} tile */
    createPattern(tile) {
      const { width, height } = tile;
      const id = () => this.define(tile, "pattern", { width, height, patternUnits: "userSpaceOnUse" }, (node) => {
        this.add("image", { width, height, href: tile.toDataURL("image/png") }, node);
      });
      return { id };
    }

    /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
    createLinearGradient(x1, y1, x2, y2) {
      /** @type {[number, string][]} */
      const stops = [], made = { id: () => "", addColorStop: (/** @type {number} */ at, /** @type {string} */ css) => stops.push([at, css]) };
      made.id = () => this.define(made, "linearGradient", { x1, y1, x2, y2, gradientUnits: "userSpaceOnUse" }, (node) => {
        for (const [offset, css] of stops) this.add("stop", { offset, "stop-color": plain(css).color }, node);
      });
      return made;
    }

    /** @returns {string} the file */
    text() { return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(this.root)}\n`; }
  }

  /** @param {number} width @param {number} height @returns {Vector} */
  V.vector = (width, height) => new Vector(width, height);
})();
