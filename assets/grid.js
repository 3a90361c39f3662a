// @ts-check
/* Every map of the shown layer on one canvas. The ring around the one looked at is an element: hovering paints nothing. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const NARROWEST = 0.5; // cells have the photo's shape, but no more extreme than 1:2
  const STRETCH = 1.25; // how far from the photo's shape a cell may be to fill the panel
  const READABLE = 48; // a name on a narrower cell says nothing
  const CRISP = 1.6; // from this magnification on a map's positions are drawn as squares

  /** @type {{columns: number, rows: number, width: number, height: number}} */
  let layout = { columns: 1, rows: 1, width: 1, height: 1 };
  /** @type {any} */
  let sharp = null;
  /** All maps in color, side by side, as large as they are. @type {HTMLCanvasElement | null} */
  let sheet = null;
  let across = 1;

  /**
   * Cells that fill a box, as near to a shape as whole columns and rows allow; room is left rather than a cell distorted.
   * @param {number} count @param {number} width @param {number} height @param {number} shape width / height of a cell
   */
  function fit(count, width, height, shape) {
    let best = { columns: 1, rows: count, strain: Infinity };
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns), empty = (rows * columns - count) / count;
      const strain = Math.abs(Math.log((width / columns / (height / rows)) / shape)) + empty;
      if (strain < best.strain) best = { columns, rows, strain };
    }
    const { columns, rows } = best, wide = Math.min(width / columns, (height / rows) * shape * STRETCH);
    return { columns, rows, width: wide, height: Math.min(height / rows, (wide / shape) * STRETCH) };
  }

  function shape() {
    const photo = V.trace?.photo, ratio = photo ? photo.width / photo.height : 1;
    return Math.min(1 / NARROWEST, Math.max(NARROWEST, ratio));
  }

  /** Colors all maps of the layer. */
  function color() {
    const { info } = V.layerView.current, { channels, height, width } = info;
    across = Math.ceil(Math.sqrt(channels));
    const wide = across * width, high = Math.ceil(channels / across) * height;
    if (!sheet || sheet.width !== wide || sheet.height !== high) sheet = V.draw.sheet(wide, high);
    const rgba = new Uint8ClampedArray(4 * wide * high), out = new Uint32Array(rgba.buffer);
    for (let filter = 0; filter < channels; filter++) {
      const shades = V.layerView.shades(filter), map = V.layerView.map(filter);
      let to = Math.floor(filter / across) * height * wide + (filter % across) * width;
      for (let y = 0, i = 0; y < height; y++, to += wide - width) {
        for (let x = 0; x < width; x++, i++, to++) out[to] = shades[map[i]];
      }
    }
    V.draw.put(sheet, rgba);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {number} ratio */
  function paint(context, width, height, ratio) {
    const view = V.layerView.current;
    if (!view || !sheet) return;
    layout = fit(view.order.length, width, height, shape());
    const hatch = hatching(context), off = V.off.of(view.name);
    context.imageSmoothingEnabled = (layout.width * ratio) / view.info.width < CRISP;
    context.imageSmoothingQuality = "medium";
    view.order.forEach((/** @type {number} */ filter, /** @type {number} */ place) => {
      const [x, y, w, h] = cell(place, ratio);
      context.drawImage(/** @type {HTMLCanvasElement} */ (sheet), (filter % across) * view.info.width,
        Math.floor(filter / across) * view.info.height, view.info.width, view.info.height, x, y, w, h);
      if (view.info.silent[filter]) {
        context.fillStyle = V.draw.token("--raised");
        context.fillRect(x, y, w, h);
        context.fillStyle = hatch;
        context.fillRect(x, y, w, h);
      }
      if (off.has(filter)) cross(context, x, y, w, h);
      const name = view.info.channel_names[filter];
      if (name && w >= READABLE) caption(context, name, x, y + h, w);
    });
    place();
  }

  /** What a filter stands for, on its map's lower edge. @param {CanvasRenderingContext2D} context
   * @param {string} text @param {number} x @param {number} bottom @param {number} width */
  function caption(context, text, x, bottom, width) {
    Object.assign(context, { font: `11.5px ${V.draw.token("--font")}`, textAlign: "left", textBaseline: "alphabetic" });
    const shown = V.draw.fitted(context, text, width - 8);
    context.fillStyle = "rgb(0 0 0 / 60%)";
    context.fillRect(x, bottom - 18, Math.min(width, context.measureText(shown).width + 8), 18);
    context.fillStyle = "#fff";
    context.fillText(shown, x + 4, bottom - 5);
  }

  /** A filter that is switched off. @param {CanvasRenderingContext2D} context
   * @param {number} x @param {number} y @param {number} w @param {number} h */
  function cross(context, x, y, w, h) {
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.fillRect(x, y, w, h);
    for (const [color, width] of [["#000", 3.5], ["#fff", 1.5]]) {
      context.strokeStyle = String(color);
      context.lineWidth = Number(width);
      context.beginPath();
      context.moveTo(x + 2, y + 2);
      context.lineTo(x + w - 2, y + h - 2);
      context.moveTo(x + w - 2, y + 2);
      context.lineTo(x + 2, y + h - 2);
      context.stroke();
    }
  }

  /** A cell's box on whole device pixels, less the gap. @param {number} place @param {number} ratio */
  function cell(place, ratio) {
    const snap = (/** @type {number} */ value) => Math.round(value * ratio) / ratio;
    const column = place % layout.columns, row = Math.floor(place / layout.columns), gap = 1;
    const x = snap(column * layout.width), y = snap(row * layout.height);
    const right = snap((column + 1) * layout.width), bottom = snap((row + 1) * layout.height);
    return [x, y, right - x - (column < layout.columns - 1 ? gap : 0), bottom - y - gap];
  }

  /** Diagonal lines: a filter that never answered. @param {CanvasRenderingContext2D} context */
  function hatching(context) {
    const tile = V.draw.sheet(8, 8), brush = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
    brush.strokeStyle = V.draw.token("--line-strong");
    brush.lineWidth = 1;
    for (const shift of [-8, 0, 8]) {
      brush.moveTo(shift - 1, 9);
      brush.lineTo(shift + 9, -1);
    }
    brush.stroke();
    return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
  }

  /** Puts the rings around the filter looked at and the pinned one. */
  function place() {
    const view = V.layerView.current;
    if (!view) return;
    const { filter, hoverFilter } = V.state.get();
    ring("grid-pinned", filter !== null && filter < view.order.length ? filter : null);
    ring("grid-hover", hoverFilter !== null && hoverFilter < view.order.length ? hoverFilter : null);
  }

  /** @param {string} id @param {number | null} filter */
  function ring(id, filter) {
    const mark = /** @type {HTMLElement} */ (document.getElementById(id));
    mark.hidden = filter === null;
    if (filter === null) return;
    const [x, y, width, height] = cell(V.layerView.current.rank[filter], window.devicePixelRatio || 1);
    Object.assign(mark.style, { transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` });
  }

  /** @param {HTMLElement} box @param {PointerEvent | MouseEvent} event @returns {number | null} */
  function under(box, event) {
    const view = V.layerView.current, { left, top } = box.getBoundingClientRect();
    if (!view) return null;
    const column = Math.floor((event.clientX - left) / layout.width), row = Math.floor((event.clientY - top) / layout.height);
    if (column < 0 || column >= layout.columns || row < 0) return null;
    return view.order[row * layout.columns + column] ?? null;
  }

  function changed() {
    color();
    sharp.repaint();
  }

  (V.onStart ||= []).push(() => {
    const region = /** @type {HTMLElement} */ (document.getElementById("grid"));
    const box = /** @type {HTMLElement} */ (region.querySelector(".grid-box"));
    sharp = V.draw.sharp(box, paint);
    box.append(V.draw.element("span", { id: "grid-pinned", class: "ring is-pinned", hidden: "" }));
    box.append(V.draw.element("span", { id: "grid-hover", class: "ring", hidden: "" }));
    box.addEventListener("pointermove", (event) => V.state.set({ hoverFilter: under(box, event) }));
    box.addEventListener("pointerleave", () => V.state.set({ hoverFilter: null }));
    box.addEventListener("click", (event) => V.layerView.clicked(event, under(box, event)));
    region.addEventListener("keydown", (event) => V.layerView.pressed(event, layout.columns));
    region.addEventListener("blur", () => V.state.set({ hoverFilter: null }));
    V.layerView.listen(changed);
    V.state.on(["scale"], () => V.layerView.current && changed());
    V.state.on(["off"], () => sharp.repaint());
    V.state.on(["filter", "hoverFilter"], place);
  });

  V.grid = { fit };
})();
