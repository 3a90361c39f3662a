// @ts-check
/* The columns of the Compare page as the address has them: "zhang16~0.38,small". Pure but for the catalog. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const LETTERS = "ABCD";
  const FIRST = 3; // columns before anybody chose any

  /** @typedef {{model: string, t: number | null}} Column t is null where the model's usual temperature is taken */

  /** @param {string} text @returns {number | null} */
  function temperature(text) {
    const value = text.trim() === "" ? NaN : Number(text);
    return value >= 0 && value <= 1 ? value : null;
  }

  /** At most four; what is odd is left out. @param {string | null} text @returns {Column[]} */
  function parse(text) {
    return (text || "").split(",").map((part) => {
      const at = part.lastIndexOf("~");
      return at < 0 ? { model: part, t: null } : { model: part.slice(0, at), t: temperature(part.slice(at + 1)) };
    }).filter(({ model }) => model).slice(0, LETTERS.length);
  }

  /** @param {Column[]} columns */
  const write = (columns) => columns.map(({ model, t }) => (t === null ? model : `${model}~${t}`)).join(",");

  /** Models that paint; a companion (`name:critic`) does not. @returns {string[]} */
  const models = () => V.catalog.models.filter((/** @type {string} */ name) => !name.includes(":"));

  /** The models as they were trained to the end: no kept epochs (`name@5`). @returns {string[]} */
  const finished = () => models().filter((name) => !name.includes("@"));

  /** The first of every family, then the others. @param {string[]} names */
  function varied(names) {
    const family = (/** @type {string} */ name) => V.catalog.families[name];
    const first = names.filter((name, i) => names.findIndex((other) => family(other) === family(name)) === i);
    return [...new Set([...first, ...names])];
  }

  /** Some models, the page's own first, of as many families as can be; a single one at two temperatures. @returns {Column[]} */
  function suggested() {
    const { model } = V.state.get(), order = varied([...new Set([model, ...finished()])].filter(Boolean));
    const first = order.slice(0, FIRST).map((name) => ({ model: name, t: null }));
    const bins = V.trace?.output.kind !== "ab";
    return first.length === 1 && bins ? [...first, { model: first[0].model, t: 1 }] : first;
  }

  /** One more: a model not yet there, or else the last one at another temperature. @param {Column[]} columns @returns {Column} */
  function another(columns) {
    const free = finished().find((name) => !columns.some((column) => column.model === name));
    const { model } = columns[columns.length - 1], taken = columns.filter((column) => column.model === model).map(({ t }) => t);
    return free ? { model: free, t: null } : { model, t: [1, 0, 0.5, 0.2].find((t) => !taken.includes(t)) ?? null };
  }

  V.columns = { LETTERS, parse, write, models, finished, suggested, another };
})();
