// @ts-check
/* The other edits: blur by a slider, the selected region painted with a lightness, another photo pasted into it. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  /** @type {Record<string, HTMLInputElement>} */
  const sliders = {};
  let shape = "paint";

  /** A slider whose steps between two rests are one change.
   * @param {string} name @param {Record<string, string>} range @param {(value: number, part: unknown) => void} change */
  function slider(name, range, change) {
    const made = V.draw.element("input", { type: "range", id: `what-if-${name}-slider`, ...range });
    let part = {};
    made.addEventListener("input", () => change(Number(made.value), part));
    made.addEventListener("change", () => { part = {}; });
    byId(`what-if-${name}`).append(made);
    byId(`what-if-${name}`).parentElement.querySelector("label").htmlFor = made.id;
    sliders[name] = made;
  }

  // ---- painting ----------------------------------------------------------------------------------------------------

  /** The selected region as the start of an edit, without its lightness; null without a region. */
  function outline() {
    const box = V.region.box();
    if (!box) return null;
    const { left, top, right, bottom } = box;
    if (shape === "paint") return `paint:${left},${top},${right},${bottom}@`;
    const radius = Math.max(1, Math.floor(Math.min(right - left, bottom - top) / 2));
    return `disc:${Math.floor((left + right) / 2)},${Math.floor((top + bottom) / 2)},${radius}@`;
  }

  /** @param {number} level @param {unknown} [part] */
  function paint(level, part = null) {
    const start = outline();
    if (start) V.edits.put(start + level, (/** @type {string} */ edit) => edit.startsWith(start), part);
    V.draw.say(byId("what-if-level-value"), `L ${level}`);
  }

  // ---- pasting -----------------------------------------------------------------------------------------------------

  function paste() {
    const key = byId("what-if-from").value, { left, top, right, bottom } = V.change.region();
    if (key) V.edits.add(`paste:${encodeURIComponent(key)}@${left},${top},${right},${bottom}`);
  }

  // ---- what can be done now ----------------------------------------------------------------------------------------

  function show() {
    if (!V.trace) return;
    const box = V.region.box(), sigma = V.edits.sigma(), start = outline(), painted = start && V.edits.list().findLast((/** @type {string} */ edit) => edit.startsWith(start));
    if (painted) sliders.level.value = painted.split("@")[1];
    sliders.blur.value = String(sigma);
    V.draw.say(byId("what-if-blur-value"), `${sigma} px`);
    sliders.level.disabled = byId("what-if-paint").disabled = !box;
    V.draw.say(byId("what-if-level-value"), box ? `L ${sliders.level.value}` : "select a region first");
    V.draw.say(byId("what-if-where"), box ? "into the region, from the same place there" : "over the whole photo; select a region for a part");
    byId("what-if-paste").disabled = !byId("what-if-from").value;
  }

  function offer() {
    if (!V.ask.shown("what-if")) return;
    V.change.offer(byId("what-if-from"), "choose a photo");
    show();
  }

  (V.onStart ||= []).push(() => {
    slider("blur", { min: "0", max: "16", step: "0.5", value: "0" }, V.edits.blur);
    slider("level", { min: "0", max: "100", step: "1", value: "50" }, paint);
    byId("what-if-paint").addEventListener("click", () => paint(Number(sliders.level.value)));
    byId("what-if-shape").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button) return;
      shape = button.dataset.shape || shape;
      for (const each of byId("what-if-shape").children) each.setAttribute("aria-pressed", String(each === button));
    });
    byId("what-if-from").addEventListener("change", show);
    byId("what-if-paste").addEventListener("click", paste);
    V.state.on(["what", "region", "trace"], show);
    V.state.on(["ask", "page", "listed", "photo"], offer);
    offer();
    show();
  });
})();
