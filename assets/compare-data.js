// @ts-check
/* Photos opened in models for Compare: one question after another, the last ones kept. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KEPT = 8;

  /** @typedef {{meta: any, rgba: Uint8ClampedArray, output: any}} Opened */

  /** The longest unused first. @type {Map<string, Promise<Opened>>} */
  const opened = new Map();
  let last = Promise.resolve();

  /** @typedef {{model: string, told: string | null}} Asked a model, and the category that it is told */

  /** @param {string} photo @param {Asked} asked @returns {Promise<Opened>} */
  async function fetchAll(photo, { model, told }) {
    const meta = await V.data.post("/open", { photo, model, category: told }), base = `/data/${meta.trace}/`;
    const [picture, output] = await Promise.all([V.data.picture(`${base}photo.png`), V.data.output(base, meta.output)]);
    return { meta, rgba: picture.rgba, output };
  }

  /**
   * A photo in a model.
   * @param {string} photo a gallery key @param {Asked} asked
   * @param {() => boolean} wanted asked when its turn comes; the promise gives null where nobody wants it any more
   * @returns {Promise<Opened | null>}
   */
  function open(photo, asked, wanted) {
    const key = JSON.stringify([photo, asked.model, asked.told]), known = opened.get(key);
    if (known) {
      opened.delete(key);
      opened.set(key, known);
      return known;
    }
    const turn = last.then(() => (wanted() ? begin(key, photo, asked) : null));
    last = turn.then(() => undefined, () => undefined);
    return turn;
  }

  /** @param {string} key @param {string} photo @param {Asked} asked */
  function begin(key, photo, asked) {
    const found = opened.get(key) || fetchAll(photo, asked);
    opened.set(key, found);
    found.catch(() => opened.delete(key));
    for (const old of [...opened.keys()].slice(0, -KEPT)) opened.delete(old);
    return found;
  }

  V.compareData = { open };
})();
