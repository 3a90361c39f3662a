// @ts-check
/* The mean color's way on the ab plane, as an arrow over the colors around it, all at the part's own lightness. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REACHES = [0.5, 1, 2, 5, 10, 20, 40, 80, 160]; // Lab units from the middle to the edge
  const ROOM = 1.25; // around the arrow
  const CELLS = 25;
  const LEFT = 34;
  const FOOT = 18;

  /** @typedef {{a: number, b: number}} Color */
  /** @type {{from: Color, to: Color, L: number} | null} */
  let way = null;
  /** @type {any} */
  let drawing = null;

  /** @param {{from: Color, to: Color}} way */
  function reach({ from, to }) {
    const most = ROOM * Math.max(Math.abs(to.a - from.a), Math.abs(to.b - from.b));
    return REACHES.find((each) => each >= most) || Math.ceil(most);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    if (!way) return;
    const { from, to } = way, far = reach(way), side = Math.min(width - LEFT, height - FOOT), left = LEFT + (width - LEFT - side) / 2;
    const x = (/** @type {number} */ a) => left + (side * (a - from.a + far)) / (2 * far);
    const y = (/** @type {number} */ b) => (side * (from.b + far - b)) / (2 * far);
    context.drawImage(colors(way, far), left, 0, side, side);
    lines(context, { left, side, x, y });
    labels(context, { left, side, far });
    arrow(context, x(from.a), y(from.b), x(to.a), y(to.b));
  }

  /** The colors around the arrow's start. @param {{from: Color, L: number}} way @param {number} far */
  function colors({ from, L }, far) {
    const count = CELLS * CELLS, a = new Float32Array(count), b = new Float32Array(count);
    const rgba = new Uint8ClampedArray(4 * count), at = (/** @type {number} */ i) => ((i + 0.5) / CELLS) * 2 * far - far;
    for (let i = 0; i < count; i++) {
      a[i] = from.a + at(i % CELLS);
      b[i] = from.b - at(Math.floor(i / CELLS));
    }
    V.color.paint(new Float32Array(count).fill(L), a, b, rgba);
    const sheet = V.draw.sheet(CELLS, CELLS);
    V.draw.put(sheet, rgba);
    return sheet;
  }

  /** Where a or b is 0. @param {CanvasRenderingContext2D} context @param {any} at */
  function lines(context, { left, side, x, y }) {
    context.fillStyle = "rgb(0 0 0 / 45%)";
    if (x(0) > left && x(0) < left + side) context.fillRect(Math.round(x(0)), 0, 1, side);
    if (y(0) > 0 && y(0) < side) context.fillRect(left, Math.round(y(0)), side, 1);
  }

  /** @param {CanvasRenderingContext2D} context @param {any} at */
  function labels(context, { left, side, far }) {
    const { from } = /** @type {any} */ (way), decimals = far < 5 ? 1 : 0;
    context.fillStyle = V.draw.token("--muted");
    context.font = `11px ${V.draw.token("--font") || "sans-serif"}`;
    context.textAlign = "left";
    context.fillText(V.draw.fixed(from.a - far, decimals), left, side + 13);
    context.textAlign = "center";
    context.fillText("a", left + side / 2, side + 13);
    context.textAlign = "right";
    context.fillText(V.draw.fixed(from.a + far, decimals), left + side, side + 13);
    for (const [text, at] of [[V.draw.fixed(from.b + far, decimals), 10], ["b", side / 2 + 4], [V.draw.fixed(from.b - far, decimals), side]]) {
      context.fillText(/** @type {string} */ (text), left - 5, /** @type {number} */ (at));
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
  function arrow(context, x0, y0, x1, y1) {
    const angle = Math.atan2(y1 - y0, x1 - x0), length = Math.hypot(x1 - x0, y1 - y0), head = length < 4 ? 0 : Math.min(9, length);
    context.lineCap = context.lineJoin = "round";
    for (const [color, extra] of [["#fff", 3], ["#000", 0]]) {
      context.strokeStyle = context.fillStyle = /** @type {string} */ (color);
      context.lineWidth = 2 + Number(extra);
      context.beginPath();
      context.arc(x0, y0, 2, 0, 2 * Math.PI);
      context.stroke();
      context.beginPath();
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      for (const turn of [-2.6, 2.6]) {
        context.moveTo(x1, y1);
        context.lineTo(x1 + head * Math.cos(angle + turn), y1 + head * Math.sin(angle + turn));
      }
      context.stroke();
    }
  }

  /** @param {{from: Color, to: Color, L: number}} next */
  function show(next) {
    way = next;
    const { from, to } = next, { signed } = V.offMeasure, a = to.a - from.a, b = to.b - from.b;
    V.draw.say(document.getElementById("off-delta-a"), signed(a, 2));
    V.draw.say(document.getElementById("off-delta-b"), signed(b, 2));
    V.draw.say(document.getElementById("off-delta-length"), V.draw.fixed(Math.hypot(a, b), 2));
    document.getElementById("off-plane")?.setAttribute("aria-label",
      `On the ab plane the mean color goes from a ${V.draw.fixed(from.a, 1)}, b ${V.draw.fixed(from.b, 1)} `
      + `to a ${V.draw.fixed(to.a, 1)}, b ${V.draw.fixed(to.b, 1)}.`);
    drawing?.repaint();
  }

  (V.onStart ||= []).push(() => {
    const box = document.getElementById("off-plane");
    if (box) drawing = V.draw.sharp(box, paint);
  });

  V.offPlane = { show };
})();
