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

  /** @param {string} photo @param {string} model @returns {Promise<Opened>} */
  async function fetchAll(photo, model) {
    const meta = await V.data.post("/open", { photo, model }), base = `/data/${meta.trace}/`;
    const [picture, output] = await Promise.all([V.data.picture(`${base}photo.png`), V.data.output(base, meta.output)]);
    return { meta, rgba: picture.rgba, output };
  }

  /**
   * A photo in a model.
   * @param {string} photo a gallery key @param {string} model
   * @param {() => boolean} wanted asked when its turn comes; the promise gives null where nobody wants it any more
   * @returns {Promise<Opened | null>}
   */
  function open(photo, model, wanted) {
    const key = `${model}\n${photo}`, known = opened.get(key);
    if (known) {
      opened.delete(key);
      opened.set(key, known);
      return known;
    }
    const turn = last.then(() => (wanted() ? begin(key, photo, model) : null));
    last = turn.then(() => undefined, () => undefined);
    return turn;
  }

  /** @param {string} key @param {string} photo @param {string} model */
  function begin(key, photo, model) {
    const found = opened.get(key) || fetchAll(photo, model);
    opened.set(key, found);
    found.catch(() => opened.delete(key));
    for (const old of [...opened.keys()].slice(0, -KEPT)) opened.delete(old);
    return found;
  }

  V.compareData = { open };
})();
