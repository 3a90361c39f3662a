// @ts-check
/* The table of all models: sorted by the column whose heading is pressed, and what the pointed-at column means. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const USUAL = "balanced_auc";
  const NAME = "name";

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  const heads = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#evaluation-table thead th")]);
  const title = (/** @type {HTMLElement} */ th) => th.querySelector("button")?.textContent || "";

  /** The column sorted by, and whether the worst come first. @returns {{key: string, worst: boolean}} */
  function order() {
    const text = V.state.get().order || USUAL, worst = text.startsWith("-"), key = worst ? text.slice(1) : text;
    const known = heads().some((th) => th.dataset.metric === key);
    return known ? { key, worst } : { key: USUAL, worst: false };
  }

  /** @param {HTMLElement} th */
  function press(th) {
    const now = order(), key = th.dataset.metric, worst = now.key === key && !now.worst;
    V.state.set({ order: key === USUAL && !worst ? null : `${worst ? "-" : ""}${key}` });
    V.announce(`Sorted by ${title(th)}, ${worst ? "reversed" : key === NAME ? "from A to Z" : "best first"}.`);
  }

  function show() {
    const { key, worst } = order(), column = heads().findIndex((th) => th.dataset.metric === key);
    const better = heads()[column]?.dataset.better || "";
    heads().forEach((th, i) => (i === column
      ? th.setAttribute("aria-sort", key === NAME ? (worst ? "descending" : "ascending") : V.evaluation.direction(better, worst))
      : th.removeAttribute("aria-sort")));
    for (const body of document.querySelectorAll("#evaluation-table tbody")) sort(/** @type {HTMLTableSectionElement} */ (body), column, key, better, worst);
    help(null);
  }

  /** @param {HTMLTableSectionElement} body @param {number} column @param {string} key @param {string} better @param {boolean} worst */
  function sort(body, column, key, better, worst) {
    const [heading, ...rows] = body.rows;
    const names = [...rows].sort((one, other) => (one.dataset.row || "").localeCompare(other.dataset.row || ""));
    const value = (/** @type {HTMLTableRowElement} */ row) => {
      if (key === NAME) return -names.indexOf(row);
      const known = row.cells[column]?.dataset.value;
      return known === undefined ? null : V.evaluation.merit(Number(known), better);
    };
    const wanted = V.evaluation.sorted(rows, value, worst);
    if (wanted.some((/** @type {Node} */ row, /** @type {number} */ i) => row !== rows[i])) heading.after(...wanted);
  }

  /** What the pointed-at column is, or the one sorted by. @param {HTMLElement | null} th */
  function help(th) {
    const shown = th ?? heads().find((each) => each.hasAttribute("aria-sort"));
    V.draw.say(byId("evaluation-help"), shown?.title ? `${title(shown)}: ${shown.title}` : "");
  }

  function mounted() {
    const head = document.querySelector("#evaluation-table thead");
    if (!head) return;
    const of = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).closest("th");
    head.addEventListener("click", (event) => { if (/** @type {HTMLElement} */ (event.target).closest("button")) press(/** @type {HTMLElement} */ (of(event))); });
    for (const kind of ["pointerover", "focusin"]) head.addEventListener(kind, (event) => help(of(event)));
    for (const kind of ["pointerleave", "focusout"]) head.addEventListener(kind, () => help(null));
    show();
  }

  V.evaluationTable = { mounted };
  (V.onStart ||= []).push(() => V.state.on(["order"], show));
})();
