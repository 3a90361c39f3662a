// @ts-check
/* The Evaluation page: asks for what it has not yet, and passes what comes to the table, the charts and the pictures. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const PARTS = ["board", "group", "model"];
  /** @type {{[part: string]: () => void}} */
  const MOUNTED = {
    board: () => { V.evaluationTable.mounted(); mark(); },
    group: () => {
      const data = JSON.parse(byId("evaluation-seen-group")?.dataset.group || "null");
      V.evaluationCurves.mounted(data);
      V.evaluationCategories.mounted(data);
    },
    model: () => V.evaluationPictures.mounted(),
  };

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  const shown = () => V.state.get().page === "evaluation";

  function ask() {
    const { model } = V.state.get();
    if (!shown() || !model) return;
    const seen = PARTS.map((part) => byId(`evaluation-seen-${part}`)?.dataset.seen).filter(Boolean);
    window["dash_clientside"].set_props("evaluation-asked", { data: { model, seen, at: Date.now() } });
  }

  /** Shows which model the details are of. */
  function mark() {
    const { model } = V.state.get();
    for (const button of document.querySelectorAll(".evaluation-choose")) {
      const chosen = /** @type {HTMLElement} */ (button).dataset.model === model;
      button.setAttribute("aria-pressed", String(chosen));
      button.closest("tr")?.classList.toggle("is-chosen", chosen);
    }
  }

  /** A value as the server writes it. @param {number | null | undefined} value @param {string} form as ".1f", "+.1f" or ".1%" */
  function text(value, form) {
    if (value === null || value === undefined) return "\u2013";
    const percent = form.endsWith("%"), digits = Number(form.replace(/\D/g, ""));
    const written = V.draw.fixed(percent ? 100 * value : value, digits) + (percent ? "%" : "");
    return form.startsWith("+") && value >= 0 ? `+${written}` : written;
  }

  /** How good a value is: more is better. @param {number} value @param {string} better */
  const merit = (value, better) => (better === "less" ? -value : better === "zero" ? -Math.abs(value) : value);

  /**
   * Rows in the order of one score, the best first or the worst; those without one last.
   * @template T @param {T[]} rows @param {(row: T) => number | null} value its merit @param {boolean} worst @returns {T[]}
   */
  function sorted(rows, value, worst) {
    const known = rows.filter((row) => value(row) !== null), sign = worst ? 1 : -1;
    known.sort((one, other) => sign * (Number(value(one)) - Number(value(other))));
    return [...known, ...rows.filter((row) => value(row) === null)];
  }

  /** What `aria-sort` says of a column in that order. @param {string} better @param {boolean} worst */
  const direction = (better, worst) => (better === "zero" ? "other" : (better === "less") === worst ? "descending" : "ascending");

  V.evaluation = { text, merit, sorted, direction };

  (V.onStart ||= []).push(() => {
    const page = byId("page-evaluation");
    if (!page) return;
    for (const part of PARTS) {
      new MutationObserver(MOUNTED[part]).observe(/** @type {Node} */ (byId(`evaluation-${part}`)), { childList: true });
    }
    page.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target), choose = /** @type {HTMLElement | null} */ (target.closest(".evaluation-choose"));
      if (choose) V.state.set({ model: choose.dataset.model });
      if (target.closest(".evaluation-details")) byId("evaluation-model")?.scrollIntoView();
    });
    V.state.on(["page", "model"], () => { ask(); mark(); });
    ask();
  });
})();
