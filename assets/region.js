// @ts-check
/* A rectangle of the photo that questions are about: drawn over any of the pictures, the same in all of them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const HEADER = 52; // pixels that the header covers
  const SMALLEST = 3; // pixels of the screen: less is a click

  let selecting = false;
  /** The corner that stays while the other one moves. @type {{x: number, y: number} | null} */
  let corner = null;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** @typedef {{left: number, top: number, right: number, bottom: number}} Box in pixels, right and bottom outside */

  /** @param {string | null} text @returns {Box | null} the region of an address, null where it means nothing */
  function parse(text) {
    if (!/^\d{1,5}(,\d{1,5}){3}$/.test(text || "")) return null;
    const [left, top, right, bottom] = /** @type {string} */ (text).split(",").map(Number);
    const size = V.trace ? V.trace.size : Infinity;
    return left < right && top < bottom && right <= size && bottom <= size ? { left, top, right, bottom } : null;
  }

  /** @returns {Box | null} the selected region, null for the whole photo */
  const box = () => parse(V.state.get().region);

  /** What an address says of the region. @returns {{region?: string}} */
  const parameters = () => (box() ? { region: V.state.get().region } : {});

  /** Whether each pixel lies in the region, all of them without one. @param {number} size @returns {(index: number) => boolean} */
  function inside(size) {
    const found = box();
    if (!found) return () => true;
    return (index) => {
      const x = index % size, y = Math.floor(index / size);
      return x >= found.left && x < found.right && y >= found.top && y < found.bottom;
    };
  }

  /** @param {{x: number, y: number}} one @param {{x: number, y: number}} other */
  function span(one, other) {
    const left = Math.min(one.x, other.x), top = Math.min(one.y, other.y);
    return `${left},${top},${Math.max(one.x, other.x) + 1},${Math.max(one.y, other.y) + 1}`;
  }

  /** @param {boolean} yes */
  function select(yes) {
    selecting = yes;
    corner = null;
    byId("region-select").setAttribute("aria-pressed", String(yes));
    document.documentElement.dataset.selecting = String(yes);
  }

  /** Whether any picture stands whole below the header, to be drawn on. */
  const inSight = () => [...document.querySelectorAll(".region-frame")].some(({ parentElement }) => {
    const { top, bottom, height } = /** @type {HTMLElement} */ (parentElement).getBoundingClientRect();
    return height > 0 && top >= HEADER && bottom <= innerHeight;
  });

  /** Brings a picture into sight and gives it the keys. */
  function offer() {
    V.reveal(byId("picture-predicted"), "center");
    byId("picture-predicted").focus({ preventScroll: true });
  }

  /** @param {HTMLElement} stage @param {PointerEvent} event */
  function under(stage, event) {
    const { left, top, width, height } = stage.getBoundingClientRect(), { size } = V.scene.current;
    const clamp = (/** @type {number} */ value) => Math.max(0, Math.min(size - 1, Math.floor(value * size)));
    return { x: clamp((event.clientX - left) / width), y: clamp((event.clientY - top) / height) };
  }

  /** Dragging over a picture. @param {HTMLElement} stage */
  function draggable(stage) {
    /** @type {{x: number, y: number, event: PointerEvent} | null} */
    let start = null;
    let dragged = false;
    stage.addEventListener("pointerdown", (event) => {
      if (!V.scene.current || event.button || !(selecting || event.shiftKey)) return;
      start = { ...under(stage, event), event };
      dragged = false;
      stage.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    stage.addEventListener("pointermove", (event) => {
      if (!start) return;
      dragged ||= Math.hypot(event.clientX - start.event.clientX, event.clientY - start.event.clientY) >= SMALLEST;
      if (dragged) V.state.set({ region: span(start, under(stage, event)) });
    });
    const end = () => {
      if (start && dragged) select(false);
      start = null;
    };
    stage.addEventListener("pointerup", end);
    stage.addEventListener("pointercancel", end);
    stage.addEventListener("click", (event) => {
      if (!dragged) return;
      dragged = false;
      event.stopImmediatePropagation();
    }, { capture: true });
  }

  /** While selecting, Enter sets one corner at the crosshair and then the other. @param {KeyboardEvent} event */
  function pressed(event) {
    if (!selecting || !V.scene.current) return;
    if (event.key === "Escape") select(false);
    else if (event.key === "Enter" || event.key === " ") mark();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function mark() {
    const { x, y } = V.scene.pixel(V.state.get());
    if (!corner) {
      corner = { x, y };
      V.announce("One corner is set; move to the other and press Enter.");
      return;
    }
    const region = span(corner, { x, y });
    select(false);
    V.state.set({ region });
  }

  function follow() {
    if (corner && V.scene.current) V.state.set({ region: span(corner, V.scene.pixel(V.state.get())) });
  }

  function show() {
    const found = box(), root = document.documentElement, size = V.trace ? V.trace.size : 1;
    root.dataset.region = String(Boolean(found));
    byId("region-clear").hidden = !found;
    const words = found ? `region ${found.right - found.left} \u00d7 ${found.bottom - found.top} at x ${found.left}, y ${found.top}` : "whole photo";
    V.draw.say(byId("region-text"), words);
    if (!found) return;
    const percent = (/** @type {number} */ value) => `${(100 * value) / size}%`;
    root.style.setProperty("--region-left", percent(found.left));
    root.style.setProperty("--region-top", percent(found.top));
    root.style.setProperty("--region-width", percent(found.right - found.left));
    root.style.setProperty("--region-height", percent(found.bottom - found.top));
  }

  /**
   * Lets a region be drawn on a picture, and shows it there.
   * @param {HTMLElement} region what takes the focus @param {HTMLElement} stage the picture's own box inside it
   */
  function link(region, stage) {
    stage.append(V.draw.element("span", { class: "region-frame", "aria-hidden": "true" }));
    draggable(stage);
    region.addEventListener("keydown", pressed, { capture: true });
  }

  (V.onStart ||= []).push(() => {
    for (const name of V.pictures.NAMES) {
      const region = byId(`picture-${name}`);
      link(region, /** @type {HTMLElement} */ (region.querySelector(".stage")));
    }
    byId("region-select").addEventListener("click", () => {
      select(!selecting);
      if (selecting && !inSight()) offer();
    });
    byId("region-clear").addEventListener("click", () => V.state.set({ region: null }));
    V.state.on(["region", "trace"], show);
    V.state.on(["x", "y"], follow);
    show();
  });

  V.region = { box, parse, parameters, inside, link, offer };
})();
