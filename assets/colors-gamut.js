// @ts-check
/* A drawing of one number per bin on the ab plane: a dot in the bin's own color, as large as the number's logarithm.
   It takes the pointer and the arrow keys, and tells which bin they are on; a ring, not a repaint, marks it. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MARGIN = { left: 42, right: 4, top: 4, bottom: 32 };
  const SMALLEST = 0.07; // of a cell's side: the radius at the scale's low end
  const LARGEST = 0.46;
  const AWAY = 15; // ab units from gray from where a color has a name

  /** @typedef {{low: number, high: number}} Scale logarithms to base ten of the ends of the scale */

  /** A dot's radius in cells; 0 for nothing. @param {number} value @param {Scale} scale */
  function radius(value, scale) {
    if (!(value > 0)) return 0;
    const share = (Math.log10(value) - scale.low) / (scale.high - scale.low);
    return SMALLEST + (LARGEST - SMALLEST) * Math.min(1, Math.max(0, share));
  }

  /**
   * @param {HTMLElement} stage the box to fill
   * @param {string} label what a screen reader calls the drawing
   * @param {{hover: (bin: number | null) => void, pin: (bin: number | null) => void, where: () => number | null}} tell
   */
  function create(stage, label, tell) {
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "chart of the color bins");
    canvas.setAttribute("aria-label", `${label}. Arrow keys move over the bins, Enter pins one, Escape lets go.`);
    const ring = document.createElement("div");
    ring.className = "gamut-ring";
    ring.hidden = true;
    stage.replaceChildren(canvas, ring);
    const self = { canvas, ring, bins: null, colors: [], values: null, scale: { low: -7, high: 0 } };
    canvas.addEventListener("pointermove", (event) => tell.hover(hit(self, event)));
    canvas.addEventListener("pointerleave", () => tell.hover(null));
    canvas.addEventListener("blur", () => tell.hover(null));
    canvas.addEventListener("click", (event) => tell.pin(hit(self, event)));
    canvas.addEventListener("keydown", (event) => onKey(self, event, tell));
    new ResizeObserver(() => draw(self)).observe(stage);
    return Object.assign(self, {
      /** @param {number | null} bin */
      mark: (bin) => mark(self, bin),
      /** @param {Partial<typeof self>} what */
      show: (what) => { Object.assign(self, what); draw(self); },
    });
  }

  /** The drawing's cells on the canvas, in CSS pixels. */
  function place(self) {
    const width = self.canvas.clientWidth, height = self.canvas.clientHeight;
    const plane = V.bins.plane(self.bins, width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    return {
      width, height, side: plane.side,
      x: (a) => plane.x(a) + MARGIN.left, y: (b) => plane.y(b) + MARGIN.top,
      a: (x) => plane.a(x - MARGIN.left), b: (y) => plane.b(y - MARGIN.top),
    };
  }

  /** The bin under a pointer, or null. */
  function hit(self, event) {
    if (!self.bins) return null;
    const plane = place(self);
    const bin = V.bins.at(self.bins, plane.a(event.offsetX), plane.b(event.offsetY));
    return bin >= 0 ? bin : null;
  }

  const STEPS = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, 10], ArrowDown: [0, -10] };

  function onKey(self, event, tell) {
    const step = STEPS[event.key];
    if (!self.bins) return;
    if (step) move(self, step, tell);
    else if (event.key === "Enter" || event.key === " ") tell.pin(tell.where());
    else if (event.key === "Escape") { tell.hover(null); tell.pin(null); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** One bin on; at the gamut's edge it stays. The first step starts at gray. */
  function move(self, [da, db], tell) {
    const bin = tell.where();
    if (bin === null) return tell.hover(V.bins.nearest(self.bins, 0, 0));
    const [a, b] = self.bins.centers[bin];
    const next = V.bins.at(self.bins, a + da, b + db);
    if (next >= 0) tell.hover(next);
  }

  function mark(self, bin) {
    self.ring.hidden = bin === null || !self.bins;
    if (self.ring.hidden) return;
    const plane = place(self), [a, b] = self.bins.centers[bin];
    const side = plane.side + 4;
    Object.assign(self.ring.style, {
      width: `${side}px`, height: `${side}px`,
      transform: `translate(${plane.x(a) - side / 2}px, ${plane.y(b) - side / 2}px)`,
    });
  }

  /** What a drawing takes from the page's style, read once a drawing. */
  function style() {
    const read = getComputedStyle(document.documentElement);
    const token = (name) => read.getPropertyValue(name).trim();
    return {
      muted: token("--muted"), edge: token("--gamut-edge"), font: `10.5px ${token("--font") || "sans-serif"}`,
      tile: Number(token("--gamut-tile")) || 0.16,
    };
  }

  function draw(self) {
    const { canvas, bins } = self, width = canvas.clientWidth, height = canvas.clientHeight;
    const context = canvas.getContext("2d");
    if (!bins || !width || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const plane = place(self), look = style();
    axes(context, plane, bins, look);
    context.globalAlpha = look.tile;
    bins.centers.forEach((center, bin) => tile(context, plane, center, self.colors[bin]));
    context.globalAlpha = 1;
    context.strokeStyle = look.edge;
    context.lineWidth = 0.8;
    if (self.values) bins.centers.forEach((center, bin) => dot(context, plane, center, bin, self));
  }

  function tile(context, plane, [a, b], color) {
    const side = plane.side - 1;
    context.fillStyle = color;
    context.fillRect(plane.x(a) - side / 2, plane.y(b) - side / 2, side, side);
  }

  function dot(context, plane, [a, b], bin, self) {
    const size = radius(self.values[bin], self.scale) * plane.side;
    if (!size) return;
    context.beginPath();
    context.arc(plane.x(a), plane.y(b), size, 0, 2 * Math.PI);
    context.fillStyle = self.colors[bin];
    context.fill();
    context.stroke();
  }

  /** A minus as typeset. @param {number} value */
  const signed = (value) => String(value).replace("-", "\u2212");

  function axes(context, plane, bins, look) {
    context.fillStyle = look.muted;
    context.font = look.font;
    context.textAlign = "center";
    const base = plane.y(bins.lowB) + plane.side / 2, left = plane.x(bins.lowA) - plane.side / 2;
    for (const a of [-50, 0, 50, 100]) context.fillText(signed(a), plane.x(a), base + 12);
    context.fillText("a: green to red", plane.x(5), base + 26);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const b of [-100, -50, 0, 50, 100]) context.fillText(signed(b), left - 5, plane.y(b));
    context.translate(left - 34, plane.y(-5));
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText("b: blue to yellow", 0, 0);
    context.rotate(Math.PI / 2);
    context.translate(34 - left, -plane.y(-5));
  }

  /** The largest number's bin away from gray; gray only where nothing else is. @param {any} bins @param {any} values */
  function vivid(bins, values) {
    if (!values) return null;
    const away = bins.centers.map(([a, b], q) => (Math.hypot(a, b) >= AWAY ? values[q] : 0));
    const from = away.some((value) => value > 0) ? away : Array.from(values);
    return from.indexOf(Math.max(...from));
  }

  V.gamutDots = { create, radius, vivid };
})();
