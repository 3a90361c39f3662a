// @ts-check
/* Colors selected on the ab plane, by dragging or with Shift and the arrow keys: the fourth picture sums them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const SMALLEST = 3; // pixels of the screen: less is a click

  /** @typedef {{a: number, b: number}} Color */

  /** The corner that stays and the one that moves, of a selection by keys. @type {{from: Color, to: Color} | null} */
  let corners = null;
  let kept = { text: "", count: 0, bins: /** @type {number[]} */ ([]) };

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** Bins of a text such as "12-15,40", in order, each once. @param {string | null} text @param {number} count @returns {number[]} */
  function parse(text, count) {
    const found = new Set();
    for (const part of (text || "").split(",").filter(Boolean)) {
      const [first, last = first] = part.split("-").map(Number);
      for (let bin = first; bin <= Math.min(last, count - 1); bin++) found.add(bin);
    }
    return [...found].sort((one, other) => one - other);
  }

  /** @param {number[]} bins in order @returns {string | null} */
  function write(bins) {
    /** @type {number[][]} */
    const runs = [];
    for (const bin of bins) {
      const run = runs[runs.length - 1];
      if (run && run[1] === bin - 1) run[1] = bin;
      else runs.push([bin, bin]);
    }
    return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",") || null;
  }

  /** The selected bins of the open photo's model, none for one without. @returns {number[]} */
  function bins() {
    const text = V.state.get().brush || "", count = V.scene.current?.distributions?.count || 0;
    if (kept.text !== text || kept.count !== count) kept = { text, count, bins: parse(text, count) };
    return kept.bins;
  }

  /** Bins whose squares a rectangle of the plane touches. @param {Color} from @param {Color} to @returns {number[]} */
  function within(from, to) {
    const half = V.bins.STEP / 2, between = (/** @type {number} */ value, /** @type {number} */ one, /** @type {number} */ other) =>
      value > Math.min(one, other) - half && value < Math.max(one, other) + half;
    return V.scene.current.bins.centers.flatMap((/** @type {number[]} */ [a, b], /** @type {number} */ bin) =>
      (between(a, from.a, to.a) && between(b, from.b, to.b) ? [bin] : []));
  }

  /** @param {number[]} chosen */
  const set = (chosen) => V.state.set({ brush: write([...new Set(chosen)].sort((one, other) => one - other)) });

  /** Selects one bin, or lets go of it. @param {number | null} bin @param {boolean} more keeps the others */
  function toggle(bin, more) {
    const now = bins(), on = bin !== null && now.includes(bin), rest = now.filter((each) => each !== bin);
    if (bin === null) return more || set([]);
    if (more) set(on ? rest : [...now, bin]);
    else set(on && !rest.length ? [] : [bin]);
  }

  /** @param {HTMLElement} region */
  function draggable(region) {
    /** @type {{x: number, y: number, color: Color, base: number[], more: boolean, dragged: boolean} | null} */
    let start = null;
    region.addEventListener("pointerdown", (event) => {
      const color = V.gamut.under(region, event), more = event.shiftKey;
      if (!color || event.button) return;
      start = { x: event.clientX, y: event.clientY, color, base: more ? bins() : [], more, dragged: false };
      corners = null;
      region.setPointerCapture(event.pointerId);
    });
    region.addEventListener("pointermove", (event) => {
      if (!start) return;
      start.dragged ||= Math.hypot(event.clientX - start.x, event.clientY - start.y) >= SMALLEST;
      if (start.dragged) set([...start.base, ...within(start.color, V.gamut.under(region, event))]);
    });
    region.addEventListener("pointerup", () => {
      if (start && !start.dragged) toggle(V.gamut.binOf(start.color), start.more);
      start = null;
    });
    region.addEventListener("pointercancel", () => { start = null; });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const scene = V.scene.current, { hoverBin } = V.state.get();
    if (!scene?.distributions) return;
    const step = V.bins.STEPS[event.key];
    if (step && !event.shiftKey) corners = null;
    if (step && event.shiftKey) stretch(step, hoverBin ?? V.gamut.likeliest());
    else if ((event.key === "Enter" || event.key === " ") && hoverBin !== null && hoverBin !== undefined) toggle(hoverBin, true);
    else if (event.key === "Escape" && bins().length) clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
    V.announce(words(null) || "No color is selected.");
  }

  /** @param {[number, number]} step @param {number} bin where the selection begins */
  function stretch(step, bin) {
    const { centers, lowA, highA, lowB, highB } = V.scene.current.bins, [a, b] = centers[bin];
    const clamp = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low, Math.min(high, value));
    const { from, to } = corners || { from: { a, b }, to: { a, b } };
    corners = { from, to: { a: clamp(to.a + step[0] * V.bins.STEP, lowA, highA), b: clamp(to.b + step[1] * V.bins.STEP, lowB, highB) } };
    set(within(from, corners.to));
    V.state.set({ hoverBin: V.gamut.binOf(corners.to) ?? bin });
  }

  function clear() {
    corners = null;
    V.state.set({ brush: null });
  }

  /** What is selected, "" for nothing. @param {Float32Array | null} probabilities of a pixel's bins, to say how much of it is here */
  function words(probabilities) {
    const chosen = bins(), name = chosen.length === 1 ? "color" : "colors";
    if (!chosen.length) return "";
    if (!probabilities) return `${chosen.length} ${name} selected.`;
    const here = chosen.reduce((sum, bin) => sum + probabilities[bin], 0);
    return `${chosen.length} ${name} selected: ${V.draw.significant(100 * here)} % here.`;
  }

  /** The selection's outline on the plane. @param {CanvasRenderingContext2D} context @param {any} at of V.bins.plane */
  function outline(context, at) {
    const chosen = new Set(bins()), { bins: all } = V.scene.current, half = at.side / 2, step = V.bins.STEP;
    if (!chosen.size) return;
    context.beginPath();
    for (const bin of chosen) {
      const [a, b] = all.centers[bin], x = at.x(a), y = at.y(b);
      for (const [da, db] of /** @type {[number, number][]} */ (Object.values(V.bins.STEPS))) {
        if (chosen.has(V.bins.at(all, a + da * step, b + db * step))) continue;
        const middle = { x: x + da * half, y: y - db * half };
        context.moveTo(middle.x - db * half, middle.y - da * half);
        context.lineTo(middle.x + db * half, middle.y + da * half);
      }
    }
    for (const [width, color] of [[4, "--panel"], [2, "--accent"]]) {
      context.lineWidth = /** @type {number} */ (width);
      context.strokeStyle = V.draw.token(color);
      context.stroke();
    }
  }

  (V.onStart ||= []).push(() => {
    const region = byId("gamut");
    draggable(region);
    region.addEventListener("keydown", pressed);
    region.addEventListener("blur", () => { corners = null; });
    byId("gamut-clear").addEventListener("click", clear);
    V.state.on(["brush", "trace"], () => { byId("gamut-clear").hidden = !bins().length; });
    V.scene.listen("opened", () => { byId("gamut-clear").hidden = !bins().length; });
  });

  V.brush = { parse, write, bins, outline, words };
})();
