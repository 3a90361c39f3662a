// @ts-check
/* Mean activation of every filter as bars, or its color push, in the grid's order, linked with it both ways. */
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

  /** What the bars show. @type {{values: ArrayLike<number>, exact: any}} */
  let shown = { values: [], exact: null };

  /** Pushes while filters are sorted by them, else means. @param {any} view */
  function choose(view) {
    const pushes = V.state.get().sort === "push" ? V.pushes.values() : null;
    shown = pushes ? { values: pushes, exact: V.pushes.shown().exact } : { values: view.info.mean, exact: null };
    for (const one of ["push", "mean"]) {
      /** @type {any} */ (document.getElementById(`means-${one}`)).parentElement.hidden = (one === "push") !== Boolean(pushes);
    }
  }

  /** The chart's scale: largest and least value, zero included. @param {number} height */
  function axis(height) {
    const values = Array.from(shown.values), high = Math.max(0, ...values), low = Math.min(0, ...values), span = high - low || 1;
    const y = (/** @type {number} */ value) => HEAD + ((high - value) / span) * (height - HEAD - FOOT);
    return { y, high, low };
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    const view = V.layerView.current;
    if (!view) return;
    const { y, high, low } = axis(height), step = width / view.order.length, gap = step >= 3 ? Math.min(2, step / 4) : 0;
    const sure = V.draw.token("--chart"), pale = V.draw.token("--chart-soft");
    view.order.forEach((/** @type {number} */ filter, /** @type {number} */ place) => {
      const top = y(shown.values[filter]);
      context.fillStyle = shown.exact && !shown.exact[filter] ? pale : sure;
      context.fillRect(place * step, Math.min(top, y(0)), step - gap, Math.abs(y(0) - top));
    });
    context.fillStyle = V.draw.token("--line-strong");
    context.fillRect(0, Math.round(y(0)), width, 1);
    context.fillStyle = V.draw.token("--muted");
    context.font = `11px ${V.draw.token("--font") || "sans-serif"}`;
    context.textAlign = "right";
    context.fillText(V.draw.significant(high), width, 10);
    if (shown.exact) context.fillText(V.draw.significant(low), width, height);
    crosses(context, view, y(0) + FOOT / 2, step);
  }

  /** A cross below the bar of each filter that is off, as narrow as the bars allow. @param {CanvasRenderingContext2D} context
   * @param {any} view @param {number} middle @param {number} step */
  function crosses(context, view, middle, step) {
    const wide = Math.min(3, Math.max(1, step / 2 - 0.5));
    context.strokeStyle = V.draw.token("--warn");
    context.lineWidth = 1.5;
    context.beginPath();
    for (const filter of V.off.of(view.name)) {
      const x = (view.rank[filter] + 0.5) * step;
      for (const side of [-wide, wide]) {
        context.moveTo(x - side, middle - 3);
        context.lineTo(x + side, middle + 3);
      }
    }
    context.stroke();
  }

  /** The bars of the filter looked at and of the pinned one, over the others. @param {CanvasRenderingContext2D} context
   * @param {number} width @param {number} height */
  function highlight(context, width, height) {
    const view = V.layerView.current;
    if (!view) return;
    const { y } = axis(height), step = width / view.order.length;
    const { filter, hoverFilter } = V.state.get();
    for (const [one, token] of [[filter, "--accent"], [hoverFilter, "--ink"]]) {
      if (one === null || one >= view.order.length) continue;
      const middle = (view.rank[one] + 0.5) * step, wide = Math.max(2, step * 0.8), top = y(shown.values[one]);
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
    V.draw.say(document.getElementById("means-filter"), V.layerView.named(filter));
    V.draw.say(document.getElementById("means-mean"), V.draw.significant(mean[filter]));
    if (shown.exact) V.draw.say(document.getElementById("means-push"), `${V.offMeasure.signed(shown.values[filter], 3)} ${shown.exact[filter] ? "exact" : "estimate"}`);
    V.draw.say(document.getElementById("means-max"), V.draw.significant(max[filter]));
    V.draw.say(document.getElementById("means-active"),
      silent[filter] ? "silent" : active ? `${V.draw.fixed(100 * active[filter], active[filter] < 0.0995 ? 1 : 0)} %` : "no ReLU");
  }

  /** @param {any} view */
  function describe(view) {
    V.draw.say(document.getElementById("means-title"), shown.exact ? "Color push per filter" : "Mean activation per filter");
    if (!shown.exact) return means(view);
    const values = Array.from(shown.values), best = values.indexOf(Math.max(...values)), name = V.pushes.name();
    V.draw.say(document.getElementById("means-sub"), `toward ${name}, Lab units, ${V.pushes.where()}${shown.exact.every(Boolean) ? "" : "; pale: estimates"}`);
    return document.getElementById("means")?.setAttribute("aria-label",
      `Push toward ${name} of ${values.length} filters: filter ${best} pushes most, by ${V.draw.fixed(values[best], 3)} Lab units. `
      + "Arrow keys move over them, Enter pins one, o switches it off.");
  }

  /** @param {any} view */
  function means(view) {
    const { mean, rectified } = view.info, best = view.info.mean.indexOf(Math.max(...mean));
    const middle = [...mean].sort((one, two) => one - two)[mean.length >> 1];
    V.draw.say(document.getElementById("means-sub"), `over all positions${rectified ? ", after ReLU" : ""}`);
    document.getElementById("means")?.setAttribute("aria-label",
      `Mean activation of ${mean.length} filters: filter ${V.layerView.named(best)} has the largest, ${V.draw.significant(mean[best])}; `
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
    box.addEventListener("click", (event) => V.layerView.clicked(event, under(box, event)));
    box.addEventListener("keydown", (event) => V.layerView.pressed(event, PAGE));
    box.addEventListener("blur", () => V.state.set({ hoverFilter: null }));
    V.layerView.listen((/** @type {any} */ view) => { choose(view); bars.repaint(); marks.repaint(); numbers(); describe(view); });
    V.state.on(["off"], () => bars.repaint());
    V.state.on(["filter", "hoverFilter"], () => { marks.repaint(); numbers(); });
  });
})();
