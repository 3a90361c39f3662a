// @ts-check
/* A pixel's distribution over the bins, drawn on the ab plane: one disc a bin, in the bin's own color. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAINTEST = 1e-5; // no dot below this probability
  const LEFT = 42;
  const FOOT = 30;
  /** @type {any} */
  let ground = null;
  /** @type {any} */
  let discs = null;
  /** @type {Float32Array} */
  let probabilities = new Float32Array(0);
  /** @type {(string | null)[]} colors of the bins at a lightness, made when first asked for */
  let colors = [];
  let colorsFor = -1;

  /** The plane within the margins. @param {number} width @param {number} height */
  function plane(width, height) {
    return V.bins.plane(V.scene.current.bins, width - LEFT, height - FOOT);
  }

  /** @param {number} bin @param {number} L */
  function color(bin, L) {
    const rounded = Math.round(L);
    if (rounded !== colorsFor) {
      colors = [];
      colorsFor = rounded;
    }
    const [a, b] = V.scene.current.bins.centers[bin];
    return (colors[bin] ||= V.color.css(rounded, a, b));
  }

  /** The plane behind the discs: each bin's square, faint. @param {CanvasRenderingContext2D} context
   * @param {number} width @param {number} height */
  function paintGround(context, width, height) {
    const scene = V.scene.current;
    if (!scene?.bins) return;
    const at = plane(width, height), dark = V.state.get().theme === "dark", side = at.side;
    context.translate(LEFT, 0);
    context.globalAlpha = dark ? 0.16 : 0.2;
    for (const [a, b] of scene.bins.centers) {
      context.fillStyle = V.color.css(dark ? 60 : 75, a, b);
      context.fillRect(at.x(a) - side / 2 + 0.5, at.y(b) - side / 2 + 0.5, side - 1, side - 1);
    }
    context.globalAlpha = 1;
    axes(context, at, scene.bins);
    context.translate(-LEFT, 0);
  }

  /** @param {CanvasRenderingContext2D} context @param {any} at @param {any} bins */
  function axes(context, at, bins) {
    const left = at.x(bins.lowA) - at.side / 2, bottom = at.y(bins.lowB) + at.side / 2;
    context.fillStyle = V.draw.token("--muted");
    context.font = `11px ${V.draw.token("--font") || "sans-serif"}`;
    context.textAlign = "center";
    for (const a of [-50, 0, 50]) context.fillText(V.draw.fixed(a, 0), at.x(a), bottom + 12);
    context.fillText("a: green to red", at.x((bins.lowA + bins.highA) / 2), bottom + 26);
    context.textAlign = "right";
    for (const b of [-100, -50, 0, 50, 100]) context.fillText(V.draw.fixed(b, 0), left - 5, at.y(b) + 4);
    context.save();
    context.translate(left - LEFT + 10, at.y((bins.lowB + bins.highB) / 2));
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText("b: blue to yellow", 0, 0);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paintDiscs(context, width, height) {
    const scene = V.scene.current;
    if (!scene?.bins || !probabilities.length) return;
    const at = plane(width, height), { index } = V.scene.pixel(V.state.get()), L = scene.lab.L[index];
    const most = Math.max(...probabilities);
    context.translate(LEFT, 0);
    context.lineWidth = 0.75;
    context.strokeStyle = V.draw.token("--line-strong");
    for (let bin = 0; bin < probabilities.length; bin++) {
      if (probabilities[bin] < FAINTEST) continue;
      const [a, b] = scene.bins.centers[bin], radius = Math.max(0.9, 0.48 * at.side * Math.sqrt(probabilities[bin] / most));
      context.fillStyle = color(bin, L);
      context.beginPath();
      context.arc(at.x(a), at.y(b), radius, 0, 2 * Math.PI);
      context.fill();
      if (radius > 2.5) context.stroke();
    }
    for (const { mark, a, b } of V.candidates.outcomes()) stamp(context, mark, at.x(a), at.y(b));
    V.brush.outline(context, at);
    ring(context, at);
    context.translate(-LEFT, 0);
  }

  /** The bin under the pointer. @param {CanvasRenderingContext2D} context @param {any} at */
  function ring(context, at) {
    const bin = V.state.get().hoverBin;
    if (bin === null || bin === undefined) return;
    const [a, b] = V.scene.current.bins.centers[bin];
    context.strokeStyle = V.draw.token("--ink");
    context.lineWidth = 2;
    context.strokeRect(at.x(a) - at.side / 2, at.y(b) - at.side / 2, at.side, at.side);
  }

  /** The mark of an outcome, with a light rim to stand out from any color.
   * @param {CanvasRenderingContext2D} context @param {string} mark @param {number} x @param {number} y */
  function stamp(context, mark, x, y) {
    context.font = "bold 13px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = V.draw.token("--panel");
    context.strokeText(mark, x, y);
    context.fillStyle = V.draw.token("--ink");
    context.fillText(mark, x, y);
    context.textBaseline = "alphabetic";
  }

  /** The color under the pointer, null without bins. @param {HTMLElement} box @param {PointerEvent} event
   * @returns {{a: number, b: number} | null} */
  function under(box, event) {
    const { left, top } = box.getBoundingClientRect();
    if (!V.scene.current?.bins) return null;
    const at = plane(box.clientWidth, box.clientHeight);
    return { a: at.a(event.clientX - left - LEFT), b: at.b(event.clientY - top) };
  }

  /** The bin of a color, null where there is none. @param {{a: number, b: number} | null} color @returns {number | null} */
  function binOf(color) {
    const bin = color ? V.bins.at(V.scene.current.bins, color.a, color.b) : -1;
    return bin >= 0 ? bin : null;
  }

  /** Arrow keys move over the bins, the likeliest first. @param {KeyboardEvent} event */
  function pressed(event) {
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const scene = V.scene.current, step = steps[event.key];
    if (!scene?.bins || !step || event.shiftKey) return;
    const now = V.state.get().hoverBin, [a, b] = scene.bins.centers[now ?? V.decode.largest(probabilities, 1)[0]];
    const bin = V.bins.at(scene.bins, a + step[0] * V.bins.STEP, b + step[1] * V.bins.STEP);
    if (now === null || now === undefined) V.state.set({ hoverBin: V.bins.at(scene.bins, a, b) });
    else if (bin >= 0) V.state.set({ hoverBin: bin });
    event.preventDefault();
  }

  /** The distribution of the pixel under the crosshair. */
  function refresh() {
    const scene = V.scene.current;
    if (!scene?.distributions || /** @type {HTMLElement} */ (document.getElementById("view-bins")).hidden) return;
    const { position, column, row } = V.scene.pixel(V.state.get());
    probabilities = V.decode.probabilities(scene.distributions, position, probabilities.length === scene.distributions.count ? probabilities : undefined);
    V.draw.say(document.getElementById("gamut-sub"), `position (${column}, ${row}) of ${scene.width} \u00d7 ${scene.height}, T 1${V.prior.told()}`);
    V.candidates.show(probabilities);
    discs.repaint();
  }

  (V.onStart ||= []).push(() => {
    const region = /** @type {HTMLElement} */ (document.getElementById("gamut"));
    ground = V.draw.sharp(region, paintGround);
    discs = V.draw.sharp(region, paintDiscs);
    region.addEventListener("pointermove", (event) => V.state.set({ hoverBin: binOf(under(region, event)) }));
    region.addEventListener("pointerleave", () => V.state.set({ hoverBin: null }));
    region.addEventListener("blur", () => V.state.set({ hoverBin: null }));
    region.addEventListener("keydown", pressed);
    V.scene.listen("opened", () => ground.repaint());
    V.scene.listen("painted", refresh);
    V.state.on(["x", "y", "layer"], refresh);
    V.state.on(["hoverBin", "brush"], () => { discs.repaint(); V.candidates.point(); });
  });

  V.gamut = { under, binOf, likeliest: () => V.decode.largest(probabilities, 1)[0] };
})();
