// @ts-check
/* Mean activation of every filter as bars, in the grid's order, linked with it both ways. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FOOT = 9; // room below the base line for the marks
  const HEAD = 14; // and above for the largest value
  const PAGE = 10;
  /** @type {any} */
  let bars = null;
  /** @type {any} */
  let marks = null;

  /** The chart's scale: largest and least mean, zero included. @param {any} view @param {number} height */
  function axis(view, height) {
    const high = Math.max(0, ...view.info.mean), low = Math.min(0, ...view.info.mean), span = high - low || 1;
    const y = (/** @type {number} */ value) => HEAD + ((high - value) / span) * (height - HEAD - FOOT);
    return { y, high };
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    const view = V.layerView.current;
    if (!view) return;
    const { y, high } = axis(view, height), step = width / view.order.length, gap = step >= 3 ? Math.min(2, step / 4) : 0;
    context.fillStyle = V.draw.token("--chart");
    view.order.forEach((/** @type {number} */ filter, /** @type {number} */ place) => {
      const top = y(view.info.mean[filter]);
      context.fillRect(place * step, Math.min(top, y(0)), step - gap, Math.abs(y(0) - top));
    });
    context.fillStyle = V.draw.token("--line-strong");
    context.fillRect(0, Math.round(y(0)), width, 1);
    context.fillStyle = V.draw.token("--muted");
    context.font = `11px ${V.draw.token("--font") || "sans-serif"}`;
    context.textAlign = "right";
    context.fillText(V.draw.significant(high), width, 10);
  }

  /** The bars of the filter looked at and of the pinned one, over the others. @param {CanvasRenderingContext2D} context
   * @param {number} width @param {number} height */
  function highlight(context, width, height) {
    const view = V.layerView.current;
    if (!view) return;
    const { y } = axis(view, height), step = width / view.order.length;
    const { filter, hoverFilter } = V.state.get();
    for (const [one, token] of [[filter, "--accent"], [hoverFilter, "--ink"]]) {
      if (one === null || one >= view.order.length) continue;
      const middle = (view.rank[one] + 0.5) * step, wide = Math.max(2, step * 0.8), top = y(view.info.mean[one]);
      context.fillStyle = V.draw.token(token);
      context.fillRect(middle - wide / 2, Math.min(top, y(0)), wide, Math.max(1, Math.abs(y(0) - top)));
      context.beginPath();
      context.moveTo(middle, y(0) + 2);
      context.lineTo(middle - 4, height);
      context.lineTo(middle + 4, height);
      context.fill();
    }
  }

  function numbers() {
    const view = V.layerView.current;
    if (!view) return;
    const { filter } = V.layerView.looked(), { mean, max, active_share: active, silent } = view.info;
    V.draw.say(document.getElementById("means-filter"), String(filter));
    V.draw.say(document.getElementById("means-mean"), V.draw.significant(mean[filter]));
    V.draw.say(document.getElementById("means-max"), V.draw.significant(max[filter]));
    V.draw.say(document.getElementById("means-active"),
      silent[filter] ? "silent" : active ? `${V.draw.fixed(100 * active[filter], active[filter] < 0.0995 ? 1 : 0)} %` : "no ReLU");
  }

  /** @param {any} view */
  function describe(view) {
    const { mean, rectified } = view.info, best = view.info.mean.indexOf(Math.max(...mean));
    const middle = [...mean].sort((one, two) => one - two)[mean.length >> 1];
    V.draw.say(document.getElementById("means-sub"), `over all positions${rectified ? ", after ReLU" : ""}`);
    document.getElementById("means")?.setAttribute("aria-label",
      `Mean activation of ${mean.length} filters: filter ${best} has the largest, ${V.draw.significant(mean[best])}; `
      + `the median is ${V.draw.significant(middle)}; ${view.silent} are silent. Arrow keys move over them, Enter pins one.`);
  }

  /** @param {HTMLElement} box @param {PointerEvent | MouseEvent} event @returns {number | null} */
  function under(box, event) {
    const view = V.layerView.current, { left, width } = box.getBoundingClientRect();
    return view?.order[Math.floor(((event.clientX - left) / width) * view.order.length)] ?? null;
  }

  (V.onStart ||= []).push(() => {
    const box = /** @type {HTMLElement} */ (document.getElementById("means"));
    bars = V.draw.sharp(box, paint);
    marks = V.draw.sharp(box, highlight);
    box.addEventListener("pointermove", (event) => V.state.set({ hoverFilter: under(box, event) }));
    box.addEventListener("pointerleave", () => V.state.set({ hoverFilter: null }));
    box.addEventListener("click", (event) => under(box, event) !== null && V.layerView.pin(under(box, event)));
    box.addEventListener("keydown", (event) => V.layerView.pressed(event, PAGE));
    box.addEventListener("blur", () => V.state.set({ hoverFilter: null }));
    V.layerView.listen((/** @type {any} */ view) => { bars.repaint(); marks.repaint(); numbers(); describe(view); });
    V.state.on(["filter", "hoverFilter"], () => { marks.repaint(); numbers(); });
  });
})();
