// @ts-check
/* The small plane of colors of Why here: discs as likely as they are large, and a click that sets A or B. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAINTEST = 1e-4;
  /** @type {Record<string, [number, number]>} */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  let letter = "A";
  /** @type {number | null} the bin under the pointer or the arrow keys */
  let cursor = null;
  /** @type {any} */
  let sheet = null;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    const scene = V.scene.current, { shares } = V.whyAbout;
    if (!scene?.bins || !shares.length) return;
    const at = V.bins.plane(scene.bins, width, height), L = scene.lab.L[V.scene.pixel(V.state.get()).index], high = shares[V.decode.largest(shares, 1)[0]];
    scene.bins.centers.forEach((/** @type {number[]} */ [a, b], /** @type {number} */ bin) => {
      context.fillStyle = V.color.css(L, a, b);
      context.globalAlpha = 0.22;
      context.fillRect(at.x(a) - at.side / 2, at.y(b) - at.side / 2, at.side, at.side);
      if (shares[bin] < FAINTEST) return;
      context.globalAlpha = 1;
      context.beginPath();
      context.arc(at.x(a), at.y(b), Math.max(0.8, 0.5 * at.side * Math.sqrt(shares[bin] / high)), 0, 2 * Math.PI);
      context.fill();
    });
    context.globalAlpha = 1;
    if (cursor !== null) frame(context, at, cursor);
    stamp(context, at, "A", V.whyAbout.bin());
    stamp(context, at, "B", V.whyAbout.other());
  }

  /** @param {CanvasRenderingContext2D} context @param {any} at @param {number} bin */
  function frame(context, at, bin) {
    const [a, b] = V.scene.current.bins.centers[bin];
    context.strokeStyle = V.draw.token("--ink");
    context.lineWidth = 2;
    context.strokeRect(at.x(a) - at.side / 2, at.y(b) - at.side / 2, at.side, at.side);
  }

  /** @param {CanvasRenderingContext2D} context @param {any} at @param {string} text @param {number | null} bin */
  function stamp(context, at, text, bin) {
    if (bin === null) return;
    const [a, b] = V.scene.current.bins.centers[bin];
    Object.assign(context, { font: "bold 12px sans-serif", textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
    context.strokeStyle = V.draw.token("--panel");
    context.strokeText(text, at.x(a), at.y(b));
    context.fillStyle = V.draw.token("--ink");
    context.fillText(text, at.x(a), at.y(b));
  }

  /** @param {PointerEvent | MouseEvent} event @returns {number | null} */
  function under(event) {
    const scene = V.scene.current, box = byId("why-gamut"), { left, top } = box.getBoundingClientRect();
    if (!scene?.bins) return null;
    const at = V.bins.plane(scene.bins, box.clientWidth, box.clientHeight), bin = V.bins.at(scene.bins, at.a(event.clientX - left), at.b(event.clientY - top));
    return bin >= 0 ? bin : null;
  }

  /** @param {number | null} bin @param {string} which */
  function set(bin, which) {
    if (bin === null) return;
    V.state.set(which === "A" ? { about: String(bin) } : { against: String(bin) });
  }

  /** @param {number | null} bin */
  function point(bin) {
    cursor = bin;
    const { shares } = V.whyAbout;
    V.draw.say(byId("why-bin"), bin === null ? "" : `${V.whyAbout.named(bin)}: ${V.draw.significant(100 * shares[bin])} % here`);
    sheet.repaint();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const scene = V.scene.current, step = STEPS[event.key], start = cursor ?? V.whyAbout.bin();
    if (!scene?.bins) return;
    if (step && start !== null) {
      const [a, b] = scene.bins.centers[start], bin = V.bins.at(scene.bins, a + step[0] * V.bins.STEP, b + step[1] * V.bins.STEP);
      point(cursor === null || bin < 0 ? start : bin);
    } else if (event.key === "Enter" || event.key === " ") set(cursor, event.shiftKey ? "B" : letter);
    else return;
    event.preventDefault();
  }

  (V.onStart ||= []).push(() => {
    const box = byId("why-gamut");
    sheet = V.draw.sharp(box, paint);
    box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => point(under(event)));
    box.addEventListener("pointerleave", () => point(null));
    box.addEventListener("blur", () => point(null));
    box.addEventListener("click", (/** @type {MouseEvent} */ event) => set(under(event), event.shiftKey ? "B" : letter));
    box.addEventListener("keydown", pressed);
    byId("why-letter").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
      if (!button) return;
      letter = button.dataset.letter || "A";
      for (const each of byId("why-letter").children) each.setAttribute("aria-pressed", String(each === button));
    });
  });

  V.whyGamut = { repaint: () => sheet.repaint() };
})();
