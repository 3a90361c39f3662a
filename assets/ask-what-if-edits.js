// @ts-check
/* The edits of the lightness: the state's `what` as a list, changed by the controls, undone, told in words. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KEPT = 100;
  const PLAIN = [[0, 0], [100, 100]];
  /** What stood before each change, the last one at the end. @type {(string | null)[]} */
  const past = [];
  /** What the last change belonged to: all steps of one drag are undone at once. @type {unknown} */
  let gesture = null;

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

  /** @returns {string[]} */
  const list = () => (V.state.get().what || "").split(";").filter(Boolean);

  /** @param {string[]} edits @param {unknown} [part] the drag it belongs to */
  function write(edits, part = null) {
    const what = edits.join(";") || null, before = V.state.get().what;
    if (what === before) return;
    if (part === null || part !== gesture) past.push(before);
    past.splice(0, past.length - KEPT);
    gesture = part;
    V.state.set({ what });
  }

  /**
   * Puts an edit in the place of the last one that `alike` names, or behind all; null takes that one away.
   * @param {string | null} edit @param {(edit: string) => boolean} alike @param {unknown} part
   */
  function put(edit, alike, part) {
    const edits = list(), at = edits.findLastIndex(alike);
    if (at < 0) return void (edit && write([...edits, edit], part));
    edits.splice(at, 1, ...(edit ? [edit] : []));
    write(edits, part);
  }

  /** @param {string} edit */
  const add = (edit) => write([...list(), edit]);

  function undo() {
    if (!past.length) return;
    gesture = null;
    V.state.set({ what: /** @type {string | null} */ (past.pop()) });
    V.announce("Undone.");
  }

  // ---- the curve and the blur, of which there is one each ---------------------------------------------------------

  /** @param {string} kind @returns {(edit: string) => boolean} */
  const of = (kind) => (edit) => edit.startsWith(`${kind}:`);

  /** The tone curve's points, those of no change where there is none. @returns {number[][]} */
  function curve() {
    const edit = list().findLast(of("curve")), points = edit && edit.slice(6).split("_").map((point) => point.split("-").map(Number));
    return points && points.length > 1 && points.every((point) => point.length === 2 && point.every(Number.isFinite))
      ? points : PLAIN.map((point) => [...point]);
  }

  /** @param {number[][]} points @param {unknown} part */
  function bend(points, part) {
    const text = points.map((point) => point.join("-")).join("_");
    put(text === "0-0_100-100" ? null : `curve:${text}`, of("curve"), part);
  }

  const sigma = () => Number(list().findLast(of("blur"))?.slice(5)) || 0;

  /** @param {number} value @param {unknown} part */
  const blur = (value, part) => put(value ? `blur:${value}` : null, of("blur"), part);

  // ---- in words ---------------------------------------------------------------------------------------------------

  /** @param {string} box */
  function place(box) {
    const [left, top, right, bottom] = box.split(",").map(Number), { size } = V.trace;
    if (right - left === size && bottom - top === size) return "the whole photo";
    return `${right - left} \u00d7 ${bottom - top} at x ${left}, y ${top}`;
  }

  /** @type {[RegExp, (...parts: string[]) => string][]} */
  const WORDS = [
    [/^invert$/, () => "Inverted: 100 \u2212 L"],
    [/^blur:([\d.]+)$/, (value) => `Blurred, sigma ${value} px`],
    [/^gamma:([\d.]+)$/, (value) => `Tone curve of gamma ${value}`],
    [/^contrast:([\d.]+)$/, (value) => `Contrast \u00d7 ${value}`],
    [/^curve:([\d._-]+)$/, (points) => `Tone curve through ${points.split("_").length} points`],
    [/^paint:([\d,]+)@([\d.]+)$/, (box, level) => `Painted with L ${level}: ${place(box)}`],
    [/^disc:(\d+),(\d+),(\d+)@([\d.]+)$/, (x, y, radius, level) => `Disc of L ${level}, radius ${radius} px at x ${x}, y ${y}`],
    [/^paste:([^@]+)@([\d,]+)(?:@([\d,]+))?$/, (key, box) => `Pasted from ${V.change.name(decoded(key))}: ${place(box)}`],
  ];

  /** @param {string} key */
  function decoded(key) {
    try { return decodeURIComponent(key); } catch { return key; }
  }

  /** An edit as a reader would say it. @param {string} edit */
  function told(edit) {
    for (const [form, words] of WORDS) {
      const found = form.exec(edit);
      if (found) return words(...found.slice(1));
    }
    return edit;
  }

  function show() {
    if (!V.trace) return;
    const edits = list();
    byId("what-if-edits").replaceChildren(...edits.map(item));
    byId("what-if-none").hidden = edits.length > 0;
    byId("what-if-undo").disabled = !past.length;
    byId("what-if-clear").disabled = !edits.length;
  }

  /** @param {string} edit @param {number} at */
  function item(edit, at) {
    const words = told(edit);
    const button = V.draw.element("button", { class: "region-clear", type: "button", text: "\u00d7", "aria-label": `Remove: ${words}` });
    button.addEventListener("click", () => {
      write(list().filter((_, place) => place !== at));
      /** @type {HTMLElement | null} */ (document.querySelector("#what-if-undo"))?.focus();
    });
    return V.draw.element("li", {}, V.draw.element("span", { text: words }), button);
  }

  (V.onStart ||= []).push(() => {
    byId("what-if-undo").addEventListener("click", undo);
    byId("what-if-clear").addEventListener("click", () => write([]));
    V.state.on(["what", "trace", "listed"], show);
    show();
  });

  V.edits = { list, add, put, curve, bend, sigma, blur };
})();
