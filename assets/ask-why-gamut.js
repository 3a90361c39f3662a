// @ts-check
/* The small plane of colors of Why here: discs as likely as they are large, and a click that sets A or B. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

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
    const at = V.bins.plane(scene.bins, width, height), { index } = V.scene.pixel(V.state.get());
    V.binsDraw.squares(context, at, scene.bins);
    V.binsDraw.discs(context, at, scene.bins, shares, scene.lab.L[index]);
    V.binsDraw.frame(context, at, scene.bins, cursor);
    for (const [text, bin] of [["A", V.whyAbout.bin()], ["B", V.whyAbout.other()]]) {
      if (bin === null) continue;
      const [a, b] = scene.bins.centers[bin];
      V.binsDraw.stamp(context, text, at.x(a), at.y(b));
    }
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
    const { bins } = V.scene.current || {}, start = cursor ?? V.whyAbout.bin();
    if (!bins) return;
    if (event.key in V.bins.STEPS && start !== null) {
      point(cursor === null ? start : V.bins.beside(bins, start, event.key));
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
