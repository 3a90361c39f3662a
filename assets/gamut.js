// @ts-check
/* A pixel's distribution over the bins, drawn on the ab plane: one disc a bin, in the bin's own color. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const LEFT = 42;
  const FOOT = 30;
  /** @type {any} */
  let ground = null;
  /** @type {any} */
  let discs = null;
  /** @type {Float32Array} */
  let probabilities = new Float32Array(0);

  /** The plane within the margins. @param {number} width @param {number} height */
  function plane(width, height) {
    return V.bins.plane(V.scene.current.bins, width - LEFT, height - FOOT);
  }

  /** The plane behind the discs: each bin's square, faint. @param {CanvasRenderingContext2D} context
   * @param {number} width @param {number} height */
  function paintGround(context, width, height) {
    const scene = V.scene.current;
    if (!scene?.bins) return;
    const at = plane(width, height);
    context.translate(LEFT, 0);
    V.binsDraw.squares(context, at, scene.bins);
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
    const at = plane(width, height), { index } = V.scene.pixel(V.state.get());
    context.translate(LEFT, 0);
    V.binsDraw.discs(context, at, scene.bins, probabilities, scene.lab.L[index]);
    for (const { mark, a, b } of V.candidates.outcomes()) V.binsDraw.stamp(context, mark, at.x(a), at.y(b));
    V.brush.outline(context, at);
    V.binsDraw.frame(context, at, scene.bins, V.state.get().hoverBin);
    context.translate(-LEFT, 0);
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
    const scene = V.scene.current;
    if (!scene?.bins || !(event.key in V.bins.STEPS) || event.shiftKey) return;
    const now = V.state.get().hoverBin;
    V.state.set({ hoverBin: now === null || now === undefined ? likeliest() : V.bins.beside(scene.bins, now, event.key) });
    event.preventDefault();
  }

  const likeliest = () => V.decode.largest(probabilities, 1)[0];

  /** The distribution of the pixel under the crosshair. */
  function refresh() {
    const scene = V.scene.current;
    if (!scene?.distributions || V.state.get().layer !== scene.meta.output.layer) return;
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

  V.gamut = { under, binOf, likeliest };
})();
