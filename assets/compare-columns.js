// @ts-check
/* The columns of the Compare page as the address has them: "zhang16~0.38,small,scenes~~sea". Pure but for the catalog. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const LETTERS = "ABCD";
  const FIRST = 3; // columns before anybody chose any

  /**
   * @typedef {object} Column
   * @property {string} model
   * @property {number | null} t     null where the model's usual temperature is taken
   * @property {string | null} told  the category that a class-conditioned model is told
   */

  /** @param {string} model @param {number | null} [t] @param {string | null} [told] @returns {Column} */
  const column = (model, t = null, told = null) => ({ model, t, told });

  /** @param {string} text @returns {number | null} */
  function temperature(text) {
    const value = text.trim() === "" ? NaN : Number(text);
    return value >= 0 && value <= 1 ? value : null;
  }

  /** A name without what separates columns and their parts. @param {string} name */
  const escaped = (name) => name.replace(/[%,~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  const unescaped = (/** @type {string} */ text) => text.replace(/%(25|2c|7e)/g, (_, code) => String.fromCharCode(parseInt(code, 16)));

  /** At most four; what is odd is left out. @param {string | null} text @returns {Column[]} */
  function parse(text) {
    return (text || "").split(",").map((part) => {
      const [model, t = "", told = ""] = part.split("~");
      return column(unescaped(model), temperature(t), V.told.of(unescaped(model), unescaped(told)));
    }).filter(({ model }) => model).slice(0, LETTERS.length);
  }

  /** @param {Column[]} columns */
  const write = (columns) => columns.map(({ model, t, told }) =>
    [escaped(model), t ?? "", ...(told === null ? [] : [escaped(told)])].join("~").replace(/~$/, "")).join(",");

  /** A column in words. @param {Column} column */
  const phrase = ({ model, t, told }) => `${V.told.phrase(model, told)}${t === null ? "" : ` at T ${t}`}`;

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
    const { model, told } = V.state.get(), order = varied([...new Set([model, ...finished()])].filter(Boolean));
    const first = order.slice(0, FIRST).map((name) => column(name, null, V.told.of(name, told)));
    const bins = V.trace?.output.kind !== "ab";
    return first.length === 1 && bins ? [...first, { ...first[0], t: 1 }] : first;
  }

  /** One more: a model not yet there, or else the last one at another temperature. @param {Column[]} columns @returns {Column} */
  function another(columns) {
    const free = finished().find((name) => !columns.some(({ model }) => model === name));
    const last = columns[columns.length - 1], taken = columns.filter(({ model }) => model === last.model).map(({ t }) => t);
    return free ? column(free) : { ...last, t: [1, 0, 0.5, 0.2].find((t) => !taken.includes(t)) ?? null };
  }

  V.columns = { LETTERS, column, phrase, parse, write, models, finished, suggested, another };
})();
