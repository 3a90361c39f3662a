// @ts-check
/* The donor: another photo opened in the same network, and where in it the region is taken from. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAR = 10;
  /** @type {Record<string, [number, number]>} */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /** The donor as it is shown, with its trace's handle. @type {{key: string, handle: string, scene: any, meta: any} | null} */
  let current = null;
  /** @type {HTMLCanvasElement} */
  let canvas;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const wanted = () => JSON.stringify([V.trace.model, V.trace.category, V.state.get().donor]);

  /** The donor of the page's state, opened if it is not yet; null where none is chosen. */
  async function open() {
    const { donor } = V.state.get(), key = wanted();
    if (!donor) current = null;
    else if (current?.key !== key) {
      const found = await V.compareData.open(donor, { model: V.trace.model, told: V.trace.category }, () => wanted() === key);
      if (!found || wanted() !== key) return null;
      const scene = V.scene.build(V.trace, found.rgba, found.output); // of the open photo's trace, so that the prior is divided out of both
      current = { key, handle: found.meta.trace, scene, meta: found.meta };
      paint();
    }
    show();
    return current;
  }

  function paint() {
    if (!current) return;
    current.scene.meta = V.trace;
    V.scene.paint(current.scene, V.state.get().t);
    V.pictures.fit(canvas, { size: current.scene.size, meta: current.meta });
    V.draw.put(canvas, current.scene.painted.rgba);
  }

  // ---- the donor's region ----------------------------------------------------------------------------------------

  /** The donor's region: as large as the photo's, at the same place until it is moved. */
  function box() {
    const { left, top, right, bottom } = V.change.region(), { size } = V.trace, asked = (V.state.get().from || "").split(",");
    const known = V.region.box() && asked.length === 2 && asked.every((part) => /^\d{1,5}$/.test(part));
    const clamp = (/** @type {number} */ value, /** @type {number} */ length) => Math.max(0, Math.min(size - length, value));
    const x = known ? clamp(Number(asked[0]), right - left) : left, y = known ? clamp(Number(asked[1]), bottom - top) : top;
    return { left: x, top: y, right: x + right - left, bottom: y + bottom - top };
  }

  /** What an address says of it. */
  function parameters() {
    const { left, top } = box(), own = V.region.box();
    return own && (own.left !== left || own.top !== top) ? { from: `${left},${top}` } : {};
  }

  /** @param {number} x @param {number} y the corner, brought inside the photo */
  function move(x, y) {
    const own = V.region.box();
    if (!own || !current) return;
    const { left, top, right, bottom } = box(), { size } = V.trace;
    const clamp = (/** @type {number} */ value, /** @type {number} */ length) => Math.round(Math.max(0, Math.min(size - length, value)));
    const to = [clamp(x, right - left), clamp(y, bottom - top)];
    V.state.set({ from: to[0] === own.left && to[1] === own.top ? null : to.join(",") });
  }

  /** Puts the region's middle under the pointer. @param {HTMLElement} stage @param {PointerEvent} event */
  function center(stage, event) {
    const rect = stage.getBoundingClientRect(), { left, top, right, bottom } = box(), { size } = V.trace;
    move((size * (event.clientX - rect.left)) / rect.width - (right - left) / 2, (size * (event.clientY - rect.top)) / rect.height - (bottom - top) / 2);
  }

  /** @param {HTMLElement} picture @param {HTMLElement} stage */
  function movable(picture, stage) {
    stage.addEventListener("pointerdown", (event) => {
      if (event.button || !V.region.box()) return;
      stage.setPointerCapture(event.pointerId);
      center(stage, event);
    });
    stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && center(stage, event));
    picture.addEventListener("keydown", (event) => {
      const step = STEPS[event.key], far = event.shiftKey ? FAR : 1, { left, top } = box();
      if (!step) return;
      move(left + far * step[0], top + far * step[1]);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function show() {
    if (!V.trace) return;
    const { left, top, right, bottom } = box(), own = V.region.box(), { size } = V.trace;
    const stage = /** @type {HTMLElement} */ (canvas.parentElement);
    byId("transplant-donor-picture").classList.toggle("is-empty", !current);
    V.draw.say(byId("transplant-donor-name"), current ? current.meta.photo.label : "");
    Object.entries({ left, top, width: right - left, height: bottom - top })
      .forEach(([name, value]) => stage.style.setProperty(`--region-${name}`, `${(100 * value) / size}%`));
    const moved = own && (own.left !== left || own.top !== top);
    V.draw.say(byId("transplant-where"), !current ? "" : own ? `from x ${left}, y ${top}` : "the whole photo");
    byId("transplant-same").hidden = !current || !moved;
  }

  (V.onStart ||= []).push(() => {
    const picture = byId("transplant-donor-picture"), stage = picture.querySelector(".stage");
    canvas = V.draw.sheet(1, 1);
    canvas.setAttribute("aria-hidden", "true");
    stage.append(canvas, V.draw.element("span", { class: "region-frame", "aria-hidden": "true" }));
    movable(picture, stage);
    byId("transplant-same").addEventListener("click", () => { V.state.set({ from: null }); picture.focus(); });
    V.state.on(["from", "region", "trace", "donor"], show);
  });

  V.donor = { open, paint, box, parameters, get current() { return current; } };
})();
