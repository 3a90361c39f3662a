// @ts-check
/* Calibration: the reliability diagram of the shown model, and where the pixel under the crosshair stands in it. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const LEFT = 40, FOOT = 34, TOP = 6;

  /** @typedef {{low: number, high: number, confidence: number | null, accuracy: number | null, positions: number}} Part */
  /** @typedef {{missing?: string, ece: number, parts: Part[], data: string, pictures: number | null, current: boolean}} Told */

  /** @type {Told | null} */
  let told = null;
  /** The trace whose model's calibration was asked for. */
  let trace = "";
  /** Confidence under the crosshair. @type {number | null} */
  let here = null;
  /** @type {any} */
  let drawing = null;
  /** @type {(task: ((signal: AbortSignal) => Promise<void>) | null) => Promise<void>} */
  let latest;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const percent = (/** @type {number} */ share, decimals = 0) => `${V.draw.fixed(100 * share, decimals)} %`;

  /** Asks for a photo's model's calibration, once. @param {any} scene */
  function asked(scene) {
    if (trace === scene.meta.trace) return;
    trace = scene.meta.trace;
    told = scene.distributions ? null : { missing: "Without bins there are no probabilities that could be right or wrong.", ece: 0, parts: [], data: "", pictures: null, current: true };
    show();
    latest(told ? null : async (signal) => {
      try {
        const answer = await V.ask.json("calibration", {}, signal);
        if (signal.aborted) return;
        told = answer;
        show();
      } catch (error) {
        if (!signal.aborted) trace = "";
        throw error;
      }
    });
  }

  /** @param {number | null} confidence of the likeliest bin under the crosshair */
  function point(confidence) {
    here = confidence;
    words();
    drawing.repaint();
  }

  /** The part a confidence lies in; on a border the one below. @param {number} confidence */
  const partOf = (confidence) => told?.parts.find(({ low, high }) => confidence > low && confidence <= high);

  function show() {
    const parts = told && !told.missing ? told.parts : null;
    byId("trust-calibration-box").hidden = Boolean(told?.missing);
    byId("trust-reliability").setAttribute("aria-label", parts && told
      ? `Reliability diagram. ${parts.filter((part) => part.accuracy !== null).map((part) => `${percent(part.low)} to ${percent(part.high)} sure: ${percent(part.accuracy ?? 0, 1)} right`).join("; ")}.`
      : "No chart");
    words();
    drawing.repaint();
  }

  function words() {
    const box = byId("trust-calibration-words");
    if (!told) return V.draw.say(box, "");
    if (told.missing) return V.draw.say(box, told.missing);
    const set = `${told.data}${told.pictures === null ? "" : `, ${told.pictures.toLocaleString("en")} pictures`}`;
    const part = here === null ? null : partOf(here);
    const local = part && part.accuracy !== null ? ` Where it is as sure as here, it is right at ${percent(part.accuracy, 1)} of positions.` : "";
    const old = told.current ? "" : " These are numbers of other weights than the model has now.";
    const text = ` ${percent(told.ece, 1)} on ${set}, T 1.${local}${old}`;
    if (box.childElementCount) return V.draw.say(box.lastElementChild, text);
    return box.replaceChildren(V.terms.word("ece", "ECE"), V.element("span", "", text));
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    if (!told || told.missing) return;
    const across = width - LEFT - 8, down = height - FOOT - TOP;
    const x = (/** @type {number} */ share) => LEFT + share * across, y = (/** @type {number} */ share) => TOP + (1 - share) * down;
    axes(context, x, y);
    const lit = here === null ? null : partOf(here);
    for (const part of told.parts) {
      if (part.accuracy === null) continue;
      context.fillStyle = V.draw.token(part === lit ? "--accent" : "--chart-soft");
      context.fillRect(x(part.low) + 0.5, y(part.accuracy), x(part.high) - x(part.low) - 1, y(0) - y(part.accuracy));
    }
    context.strokeStyle = V.draw.token("--line-strong");
    context.setLineDash([4, 3]);
    line(context, [x(0), y(0)], [x(1), y(1)]);
    context.setLineDash([]);
    if (here !== null) mark(context, x(here), y(0), y(1));
  }

  /** @param {CanvasRenderingContext2D} context @param {(share: number) => number} x @param {(share: number) => number} y */
  function axes(context, x, y) {
    context.fillStyle = V.draw.token("--muted");
    context.font = `11px ${V.draw.token("--font") || "sans-serif"}`;
    context.textAlign = "center";
    for (const share of [0.5, 1]) context.fillText(percent(share), x(share) - (share === 1 ? 10 : 0), y(0) + 13);
    context.fillText("how sure", x(0.5), y(0) + 28);
    context.textAlign = "right";
    for (const share of [0, 0.5, 1]) context.fillText(percent(share), x(0) - 5, y(share) + (share === 1 ? 8 : 4));
    context.save();
    context.translate(9, y(0.25));
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText("right", 0, 0);
    context.restore();
    context.strokeStyle = V.draw.token("--line");
    line(context, [x(0), y(0)], [x(1), y(0)]);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} low @param {number} high */
  function mark(context, x, low, high) {
    context.strokeStyle = V.draw.token("--ink");
    line(context, [x, low], [x, high]);
  }

  /** @param {CanvasRenderingContext2D} context @param {[number, number]} from @param {[number, number]} to */
  function line(context, from, to) {
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("trust-reliability")) return;
    latest = V.ask.latest();
    drawing = V.draw.sharp(byId("trust-reliability"), paint);
  });

  V.trustCalibration = { asked, point };
})();
