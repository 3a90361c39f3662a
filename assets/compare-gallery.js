// @ts-check
/* The gallery grid of Compare: which columns and rows it has, and what the server is asked for, one row at a time. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /**
   * @typedef {{psnr: number, ciede2000: number, auc: number, colorfulness_difference: number}} Scores
   * @typedef {{picture: string | null, scores: Scores | null, temperature: number | null, error: string | null}} Cell
   * @typedef {{gray: Cell | null, cells: Map<string, Cell>, error: string | null}} Row cells by column, as the address writes one
   */

  /** Columns that are no model's: no model's name begins so. */
  const TARGET = "~target", GRAY = "~gray";
  const BETTER = { psnr: 1, ciede2000: -1, auc: 1, colorfulness_difference: null };

  /** @type {Map<string, Row>} by photo */
  const rows = new Map();
  /** Photos whose rows can be seen. @type {Set<string>} */
  const seen = new Set();
  /** Pictures that were asked for again. @type {Set<string>} */
  const asked = new Set();
  let everything = false;
  let working = false;
  let timer = 0;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const photos = () => V.listedPhotos();

  /** @returns {{model: string, t: number | null, told: string | null, key: string}[]} */
  function columns() {
    const { gallery } = V.state.get();
    const chosen = gallery === "above" ? V.compare.columns() : V.columns.finished().map((/** @type {string} */ model) => V.columns.column(model));
    const keyed = chosen.map((/** @type {any} */ column) => ({ ...column, key: V.columns.write([column]) }));
    return keyed.filter(({ key }, i) => keyed.findIndex((other) => other.key === key) === i);
  }

  /** @param {string} photo @returns {Row} */
  function row(photo) {
    if (!rows.has(photo)) rows.set(photo, { gray: null, cells: new Map(), error: null });
    return /** @type {Row} */ (rows.get(photo));
  }

  /** @param {string} photo @param {string} key GRAY or a column's */
  const cell = (photo, key) => (key === GRAY ? row(photo).gray : row(photo).cells.get(key)) || null;

  /** A cell's score that is chosen, or undefined. @param {string} photo @param {string} key */
  const value = (photo, key) => cell(photo, key)?.scores?.[V.state.get().score];

  /** How good a score is: more is better. @param {number} score */
  function merit(score) {
    const sign = BETTER[V.state.get().score];
    return sign === null ? -Math.abs(score) : sign * score;
  }

  /** The columns that a photo's row still lacks. @param {string} photo @param {{key: string}[]} [wanted] */
  function missing(photo, wanted = columns()) {
    const known = rows.get(photo);
    return known?.error ? [] : wanted.filter(({ key }) => !known?.cells.has(key));
  }

  // ---- asking ----------------------------------------------------------------------------------------------------

  /** The next photo to ask for: of those seen the topmost, then any where all are wanted. */
  function next() {
    const order = V.compareRows.order(), wanted = columns();
    const lacks = (/** @type {string} */ photo) => missing(photo, wanted).length > 0;
    return order.find((/** @type {string} */ photo) => seen.has(photo) && lacks(photo)) ?? (everything ? order.find(lacks) : undefined);
  }

  /** Asks for one row after another, as long as there is one to ask for and no column above waits. */
  async function work() {
    if (working || !V.compare.shown() || V.compare.waiting()) return;
    const photo = next();
    if (photo === undefined) return finish();
    working = true;
    const lacking = missing(photo);
    try {
      take(photo, lacking, await V.data.post("/compare/row", { photo, columns: lacking.map(({ model, t, told }) => [model, t, told]) }));
    } catch (failure) {
      refused(photo, failure);
    }
    working = false;
    V.compareRows.fill(photo);
    summary();
    soon();
  }

  /** Nobody answers, which is told elsewhere: nothing more is asked for until somebody scrolls. Or the photo is refused.
   * @param {string} photo @param {Error} failure */
  function refused(photo, failure) {
    if (!(failure instanceof TypeError)) return void (row(photo).error = failure.message);
    everything = false;
    seen.clear();
  }

  /** @param {string} photo @param {{key: string}[]} lacking @param {any} told */
  function take(photo, lacking, told) {
    const known = row(photo);
    known.gray = told.gray;
    lacking.forEach(({ key }, i) => {
      const cell = told.cells[i];
      if (cell.picture || cell.error) known.cells.set(key, cell); // else it is still to be computed
    });
  }

  function finish() {
    if (!everything) return;
    everything = false;
    if (sorting().column) V.compareRows.relist();
    summary();
    V.announce(`All ${photos().length} photos are loaded.`);
  }

  /** The page draws between two rows. */
  function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(work, 0);
  }

  /** A picture that the server no longer keeps is asked for once more, with its row. @param {string} photo @param {string} source */
  function lost(photo, source) {
    if (asked.has(source)) return;
    asked.add(source);
    rows.delete(photo);
    soon();
  }

  // ---- order and means -------------------------------------------------------------------------------------------

  /** What the photos are sorted by: GRAY or a column's key. @returns {{column: string | null, worst: boolean}} */
  function sorting() {
    const { by } = V.state.get(), worst = Boolean(by?.startsWith("-")), column = by && (worst ? by.slice(1) : by);
    const known = column === GRAY || columns().some(({ key }) => key === column);
    return known ? { column, worst } : { column: null, worst: false };
  }

  /** @param {string} column the best first, then the worst first, then the strip's order */
  function sort(column) {
    const { column: before, worst } = sorting();
    V.state.set({ by: before !== column ? column : worst ? null : `-${column}` });
  }

  function resort() {
    const { column, worst } = sorting(), chosen = columns().find(({ key }) => key === column), name = chosen ? V.columns.phrase(chosen) : "gray";
    V.compareRows.relist();
    summary();
    V.announce(column ? `Sorted by ${name}, ${worst ? "worst" : "best"} first.` : "In the strip\u2019s order.");
  }

  /** Photos in the order of the sorting; those without a score come last, in the strip's order. @returns {string[]} */
  function sorted() {
    const keys = photos().map((/** @type {any} */ photo) => photo.key), { column, worst } = sorting();
    if (!column) return keys;
    const known = keys.filter((/** @type {string} */ photo) => value(photo, column) !== undefined);
    const merits = new Map(known.map((/** @type {string} */ photo) => [photo, merit(/** @type {number} */ (value(photo, column)))]));
    known.sort((/** @type {string} */ one, /** @type {string} */ two) => (worst ? 1 : -1) * (merits.get(one) - merits.get(two)));
    return [...known, ...keys.filter((/** @type {string} */ photo) => !merits.has(photo))];
  }

  /** Means over the photos that have a score in every column, so that columns compare. */
  function means() {
    const keys = [GRAY, ...columns().map(({ key }) => key)];
    const whole = photos().filter((/** @type {any} */ photo) => keys.every((key) => value(photo.key, key) !== undefined));
    const mean = (/** @type {string} */ key) => whole.reduce((/** @type {number} */ sum, /** @type {any} */ photo) => sum + value(photo.key, key), 0) / whole.length;
    return { count: whole.length, of: new Map(keys.map((key) => [key, whole.length ? mean(key) : undefined])) };
  }

  function summary() {
    const all = photos(), wanted = columns(), { count, of } = means();
    const left = all.filter((/** @type {any} */ photo) => missing(photo.key, wanted).length).length;
    V.compareRows.head(of, sorting());
    const button = /** @type {HTMLButtonElement} */ (byId("gallery-all"));
    V.draw.say(button, everything ? "Stop" : "Load all");
    button.disabled = !left;
    const loaded = `${all.length - left} of ${all.length} photos loaded`, without = all.length - left - count;
    const gray = without && !left ? `, ${without} without color` : "";
    V.draw.say(byId("gallery-sub"), `${loaded}; means over ${count}${gray}`);
  }

  function relist() {
    if (!V.compare.shown()) return;
    seen.clear();
    byId("gallery").hidden = !V.columns.models().length;
    byId("gallery-empty").hidden = photos().length > 0;
    byId("gallery-scroll").hidden = !photos().length;
    V.compareRows.relist();
    summary();
    soon();
  }

  // ---- controls --------------------------------------------------------------------------------------------------

  function toggle() {
    everything = !everything;
    summary();
    soon();
  }

  /** @param {"score" | "gallery"} key @param {string} id */
  function choice(key, id) {
    const select = /** @type {HTMLSelectElement} */ (byId(id));
    const show = () => { select.value = V.state.get()[key]; };
    select.addEventListener("change", () => V.state.set({ [key]: select.value }));
    V.state.on([key], show);
    show();
  }

  let settled = 0;
  /** Temperatures above are still moving: the rows follow once they rest. */
  function above() {
    clearTimeout(settled);
    if (V.state.get().gallery === "above") settled = window.setTimeout(relist, 500);
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("gallery")) return;
    choice("score", "gallery-score");
    choice("gallery", "gallery-columns");
    byId("gallery-all").addEventListener("click", toggle);
    V.state.on(["page", "listed", "gallery"], relist);
    V.state.on(["score"], () => { (sorting().column ? V.compareRows.relist : V.compareRows.refill)(); summary(); });
    V.state.on(["by"], resort);
    V.state.on(["columns"], above);
    V.state.on(["photo"], () => V.compareRows.mark());
    V.compare.listen("settled", soon);
    relist();
  });

  V.compareGallery = {
    TARGET, GRAY, columns, row, cell, value, merit, means, sorted, sort, lost,
    /** Whether nothing is asked for, nor is there anything to ask. */
    get idle() { return !working && next() === undefined; },
    see: (/** @type {string} */ photo, /** @type {boolean} */ yes) => { seen[yes ? "add" : "delete"](photo); soon(); },
  };
})();
