// @ts-check
/* One crosshair in all pictures: the mouse moves it, a click pins it, arrow keys do the same. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAR = 10;
  /** @type {Record<string, [number, number]>} */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const pinned = () => Boolean(V.state.get().pixelPinned);

  /** @param {HTMLElement} stage @param {PointerEvent | MouseEvent} event */
  function under(stage, event) {
    const box = stage.getBoundingClientRect(), { size } = V.scene.current;
    const clamp = (/** @type {number} */ value) => Math.max(0, Math.min(size - 1, Math.floor(value * size)));
    return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (!V.scene.current) return;
    if (event.key === "Enter" || event.key === " ") V.state.set({ ...at(), pixelPinned: !pinned() });
    else if (STEPS[event.key]) V.state.set(moved(STEPS[event.key], event.shiftKey ? FAR : 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const at = () => {
    const { x, y } = V.scene.pixel(V.state.get());
    return { x, y };
  };

  /** @param {[number, number]} step @param {number} times */
  function moved(step, times) {
    const { x, y } = at(), last = V.scene.current.size - 1;
    const clamp = (/** @type {number} */ value) => Math.max(0, Math.min(last, value));
    return { x: clamp(x + times * step[0]), y: clamp(y + times * step[1]) };
  }

  /**
   * Makes a picture move the crosshair and show it.
   * @param {HTMLElement} region what takes the focus
   * @param {HTMLElement} stage the picture's own box inside it
   */
  function link(region, stage) {
    stage.append(V.draw.element("span", { class: "cross", "aria-hidden": "true" }));
    stage.addEventListener("pointermove", (event) => V.scene.current && !pinned() && V.state.set(under(stage, event)));
    stage.addEventListener("click", (event) => {
      if (!V.scene.current) return;
      const touched = /** @type {PointerEvent} */ (event).pointerType === "touch"; // a finger cannot hover: each tap moves
      V.state.set(pinned() && !touched ? { pixelPinned: false } : { ...under(stage, event), pixelPinned: true });
    });
    region.addEventListener("keydown", pressed);
  }

  function place() {
    const scene = V.scene.current;
    if (!scene) return;
    const { x, y } = V.scene.pixel(V.state.get()), root = document.documentElement.style;
    root.setProperty("--cross-x", `${(100 * (x + 0.5)) / scene.size}%`);
    root.setProperty("--cross-y", `${(100 * (y + 0.5)) / scene.size}%`);
    document.documentElement.dataset.pixelPinned = String(pinned());
  }

  (V.onStart ||= []).push(() => {
    for (const name of V.pictures.NAMES) {
      const region = /** @type {HTMLElement} */ (document.getElementById(`picture-${name}`));
      link(region, /** @type {HTMLElement} */ (region.querySelector(".stage")));
    }
    V.scene.listen("opened", place);
    V.state.on(["x", "y", "pixelPinned"], place);
  });

  V.crosshair = { link };
})();
