// @ts-check
/* The gallery grid of Compare as files: one picture for a slide, and all scores as a table. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const CELL = 176, HIGH = 132, GAP = 12, EDGE = 16, NAMES = 128, LINE = 18;
  const HEAD = 3 * LINE + 6, ROW = HIGH + LINE + GAP;
  const MOST = 60; // rows of one picture: browsers draw no canvas of any height

  /** @typedef {{key: string, name: string, sub: string, told: string, mean: string, best: boolean}} Title */

  const grid = () => V.compareGallery, rows = () => V.compareRows;

  /** The photos whose rows are whole, as they are sorted. @returns {string[]} */
  function whole() {
    const columns = grid().columns();
    return rows().order().filter((/** @type {string} */ photo) => columns.every((/** @type {any} */ { key }) => grid().cell(photo, key)));
  }

  // ---- the picture -----------------------------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {number} width @param {boolean} [bold] */
  function write(context, text, x, y, width, bold = false) {
    context.font = `${bold ? "bold " : ""}13px ${V.draw.token("--font")}`;
    context.fillStyle = V.draw.token(bold ? "--ink" : "--muted");
    context.fillText(V.draw.fitted(context, text, width), x, y);
  }

  /** @param {string | null} source @returns {Promise<HTMLImageElement | null>} */
  async function load(source) {
    if (!source) return null;
    const image = Object.assign(new Image(), { src: source });
    await image.decode().catch(() => { throw new Error("A picture of the gallery is no longer kept: load the page again."); });
    return image;
  }

  /** @param {CanvasRenderingContext2D} context @param {HTMLImageElement | null} image @param {number} x @param {number} y */
  function put(context, image, x, y) {
    if (!image) return;
    const scale = Math.min(1, CELL / image.naturalWidth, HIGH / image.naturalHeight);
    const width = scale * image.naturalWidth, height = scale * image.naturalHeight;
    context.drawImage(image, x + (CELL - width) / 2, y + (HIGH - height) / 2, width, height);
  }

  /** @param {number} i */
  const left = (i) => EDGE + NAMES + i * (CELL + GAP);

  /** @param {CanvasRenderingContext2D} context @param {Title[]} titles */
  function head(context, titles) {
    write(context, rows().measure(), EDGE, EDGE + 3 * LINE - 6, NAMES - GAP);
    titles.forEach(({ name, sub, mean, best }, i) => {
      const lines = [name, sub, mean].filter(Boolean), x = left(i);
      lines.forEach((text, at) => write(context, text, x, EDGE + LINE * (4 - lines.length + at) - 6, CELL, !at || (best && text === mean)));
    });
  }

  /** A row's words; its pictures, once they are there. @param {CanvasRenderingContext2D} context
   * @param {string} photo @param {Title[]} titles @param {number} y */
  function line(context, photo, titles, y) {
    const best = rows().best(photo), pictures = titles.map(({ key }) => load(rows().source(photo, key)));
    write(context, rows().label(photo), EDGE, y + HIGH / 2 + 4, NAMES - GAP, true);
    titles.forEach(({ key }, i) => {
      if (grid().value(photo, key) !== undefined) write(context, rows().text(grid().value(photo, key)), left(i), y + HIGH + LINE - 3, CELL, best.has(key));
    });
    return Promise.all(pictures).then((images) => images.forEach((image, i) => put(context, image, left(i), y)));
  }

  /** The grid as it is now, whatever is chosen while its pictures come. @returns {Promise<Blob>} */
  async function png() {
    const photos = whole().slice(0, MOST), titles = rows().titles();
    const canvas = V.draw.sheet(left(titles.length) - GAP + EDGE, 2 * EDGE + HEAD + photos.length * ROW - GAP), context = canvas.getContext("2d");
    context.fillStyle = V.draw.token("--panel");
    context.fillRect(0, 0, canvas.width, canvas.height);
    head(context, titles);
    await Promise.all(photos.map((/** @type {string} */ photo, /** @type {number} */ i) => line(context, photo, titles, EDGE + HEAD + i * ROW)));
    return V.draw.png(canvas);
  }

  // ---- the table -------------------------------------------------------------------------------------------------

  /** A field of a CSV; a spreadsheet must not take a name for a formula. @param {string | number} value */
  function field(value) {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** Every score of every photo in color, in the columns gray and models. @returns {Promise<Blob>} */
  async function csv() {
    const keys = [...document.querySelectorAll("#gallery-score option")].map((option) => /** @type {HTMLOptionElement} */ (option).value);
    const titles = rows().titles();
    const found = whole().flatMap((/** @type {string} */ photo) => titles.map((/** @type {Title} */ { key, name, told }) => ({ photo, name, told, cell: grid().cell(photo, key) })));
    const lines = found.filter(({ cell }) => cell?.scores)
      .map(({ photo, name, told, cell }) => [rows().label(photo), name, told, cell.temperature ?? "", ...keys.map((key) => cell.scores[key])]);
    const text = [["photo", "model", "told", "temperature", ...keys], ...lines].map((each) => `${each.map(field).join(",")}\r\n`).join("");
    return new Blob([text], { type: "text/csv" });
  }

  // ---- the menu --------------------------------------------------------------------------------------------------

  /** What the Export menu offers of the grid: nothing before a row is whole. */
  function files() {
    const count = whole().length, all = rows().order().length, models = grid().columns().length;
    if (!count || !models) return [];
    const photos = (/** @type {number} */ shown) => (shown < all ? `${shown} of ${all} photos` : `${all} photos`);
    return [
      { name: "Gallery", sub: `${photos(Math.min(count, MOST))} in ${models} columns, with ${rows().measure()}`, files: [{ kind: "PNG", make: png, called: "visml-gallery.png" }] },
      { name: "Scores of the gallery", sub: `${photos(count)}, every score`, files: [{ kind: "CSV", make: csv, called: "visml-gallery.csv" }] },
    ];
  }

  V.comparePoster = { files };
})();
