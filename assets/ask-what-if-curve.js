// @ts-check
/* The tone curve: its points are dragged with the mouse, or moved with the arrow keys once Tab has come to them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST = 16;
  const FAR = 10;
  /** @type {Record<string, [number, number]>} */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  /** @type {any} */
  let drawing = null;
  /** @type {HTMLElement} */
  let box;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const clamp = (/** @type {number} */ value, low = 0, high = 100) => Math.max(low, Math.min(high, value));

  // ---- drawing -----------------------------------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    const x = (/** @type {number} */ level) => (level / 100) * width, y = (/** @type {number} */ level) => height - (level / 100) * height;
    bars(context, width, height);
    context.strokeStyle = V.draw.token("--line");
    context.beginPath();
    for (const level of [25, 50, 75]) {
      context.moveTo(x(level), 0);
      context.lineTo(x(level), height);
      context.moveTo(0, y(level));
      context.lineTo(width, y(level));
    }
    context.stroke();
    context.setLineDash([3, 4]);
    context.strokeStyle = V.draw.token("--line-strong");
    context.beginPath();
    context.moveTo(0, height);
    context.lineTo(width, 0);
    context.stroke();
    context.setLineDash([]);
    line(context, x, y);
  }

  /** The photo's own lightness, behind the curve. @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function bars(context, width, height) {
    const counts = V.trace?.lightness_histogram || [], most = Math.max(1, ...counts), step = width / (counts.length || 1);
    context.fillStyle = V.draw.token("--raised");
    counts.forEach((/** @type {number} */ count, /** @type {number} */ i) => {
      const tall = Math.sqrt(count / most) * height * 0.9;
      context.fillRect(i * step, height - tall, step + 0.5, tall);
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {(level: number) => number} x @param {(level: number) => number} y */
  function line(context, x, y) {
    const points = V.edits.curve();
    context.strokeStyle = V.draw.token("--ink");
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x(0), y(points[0][1]));
    for (const [input, output] of points) context.lineTo(x(input), y(output));
    context.lineTo(x(100), y(points[points.length - 1][1]));
    context.stroke();
    context.lineWidth = 1;
  }

  // ---- points ------------------------------------------------------------------------------------------------------

  /** Moves a point, the ends straight up and down and the others between their neighbors.
   * @param {number} at @param {number} input @param {number} output @param {unknown} part */
  function move(at, input, output, part) {
    const points = V.edits.curve(), last = points.length - 1;
    const low = at ? points[at - 1][0] + 1 : points[0][0], high = at < last ? points[at + 1][0] - 1 : points[last][0];
    const across = at === 0 || at === last ? points[at][0] : clamp(Math.round(input), low, high);
    points[at] = [across, clamp(Math.round(output))];
    V.edits.bend(points, part);
  }

  /** A new point on the curve. @param {number} input @param {unknown} [part] @returns {number} its place, or -1 where there is no room */
  function insert(input, part = null) {
    const points = V.edits.curve(), at = points.findIndex(([x]) => x > input);
    if (points.length >= MOST || at < 1 || points.some(([x]) => Math.abs(x - input) < 1)) return -1;
    const [left, low] = points[at - 1], [right, high] = points[at];
    points.splice(at, 0, [input, Math.round(low + ((input - left) / (right - left)) * (high - low))]);
    V.edits.bend(points, part);
    place();
    return at;
  }

  /** In the middle of the widest gap. */
  function add() {
    const points = V.edits.curve(), gaps = points.slice(1).map(([x], i) => x - points[i][0]);
    const at = gaps.indexOf(Math.max(...gaps)), made = insert(Math.round((points[at][0] + points[at + 1][0]) / 2));
    handles()[made]?.focus();
  }

  /** @param {number} at */
  function remove(at) {
    const points = V.edits.curve();
    if (at < 1 || at >= points.length - 1) return;
    points.splice(at, 1);
    V.edits.bend(points);
    place();
    handles()[Math.min(at, points.length - 1)].focus();
  }

  // ---- handles -----------------------------------------------------------------------------------------------------

  const handles = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll(".curve-point")]);

  function place() {
    const points = V.edits.curve(), all = handles();
    while (all.length < points.length) all.push(handle());
    all.splice(points.length).forEach((extra) => extra.remove());
    all.forEach((each, at) => {
      const [input, output] = points[at];
      each.style.left = `${input}%`;
      each.style.top = `${100 - output}%`;
      each.setAttribute("aria-label", `Point ${at + 1} of ${points.length}: lightness ${input} becomes ${output}`);
    });
    tell();
    drawing.repaint();
  }

  function tell() {
    const at = handles().indexOf(/** @type {HTMLElement} */ (document.activeElement)), [input, output] = V.edits.curve()[at] || [];
    V.draw.say(byId("what-if-point"), at < 0 ? "drag a point" : `L ${input} becomes ${output}`);
  }

  function handle() {
    const made = V.draw.element("button", { class: "curve-point", type: "button" });
    made.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => pressed(event, made));
    made.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => drag(event, made));
    made.addEventListener("focus", tell);
    made.addEventListener("blur", tell);
    box.append(made);
    return made;
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} made */
  function pressed(event, made) {
    const at = handles().indexOf(made), step = STEPS[event.key], [input, output] = V.edits.curve()[at];
    const far = event.shiftKey ? FAR : 1;
    if (step) move(at, input + far * step[0], output + far * step[1], made);
    else if (event.key === "Delete" || event.key === "Backspace") remove(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  function under(event) {
    const { left, top, width, height } = box.getBoundingClientRect();
    return [clamp((100 * (event.clientX - left)) / width), clamp(100 - (100 * (event.clientY - top)) / height)];
  }

  /** @param {PointerEvent} event @param {HTMLElement} made @param {unknown} [part] what is undone with it */
  function drag(event, made, part = {}) {
    if (event.button) return;
    const at = handles().indexOf(made);
    made.focus();
    made.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
    const moved = (/** @type {PointerEvent} */ next) => {
      const [input, output] = under(next);
      move(at, input, output, part);
    };
    const end = () => made.removeEventListener("pointermove", moved);
    made.addEventListener("pointermove", moved);
    made.addEventListener("pointerup", end, { once: true });
    made.addEventListener("pointercancel", end, { once: true });
  }

  (V.onStart ||= []).push(() => {
    box = byId("what-if-curve");
    drawing = V.draw.sharp(box, paint);
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const part = {}, at = insert(Math.round(under(event)[0]), part);
      if (at >= 0) drag(event, handles()[at], part);
    });
    byId("what-if-add").addEventListener("click", add);
    byId("what-if-presets").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const { curve } = /** @type {HTMLElement} */ (event.target).dataset;
      if (curve) V.edits.bend(curve.split("_").map((point) => point.split("-").map(Number)));
    });
    byId("what-if-invert").addEventListener("click", () => V.edits.add("invert"));
    V.state.on(["what", "trace"], place);
    place();
  });
})();
