// @ts-check
/* The table of the gallery grid: its head with means, its rows of small pictures, and the arrow keys among them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const STEP = 30; // rows drawn at a time
  /** @type {Record<string, string>} */
  const UNITS = { psnr: " dB", ciede2000: "", auc: " %", colorfulness_difference: "" };

  /** @type {string[]} photos in the order shown */
  let order = [];
  let drawn = 0;
  /** @type {Map<string, HTMLElement>} rows by photo */
  const made = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) grid().see(/** @type {HTMLElement} */ (target).dataset.photo, isIntersecting);
    if (drawn < order.length && entries.some(({ target, isIntersecting }) => isIntersecting && !target.nextElementSibling)) more();
  });

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const grid = () => V.compareGallery;

  /** A score as text. @param {number | undefined} value @param {boolean} [unit] */
  function text(value, unit = false) {
    const { score } = V.state.get();
    if (value === undefined) return "\u2013";
    const sign = score === "colorfulness_difference" && value > 0 ? "+" : "";
    return `${sign}${V.draw.fixed(value, 1)}${unit ? UNITS[score] : ""}`;
  }

  // ---- the head --------------------------------------------------------------------------------------------------

  /** @param {Map<string, number | undefined>} means by column @param {{column: string | null, worst: boolean}} sorting */
  function head(means, sorting) {
    const { element } = V.draw, best = Math.max(...[...means.values()].map((mean) => (mean === undefined ? -Infinity : grid().merit(mean))));
    const sortable = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string} */ sub) => {
      const mean = means.get(key), ahead = mean !== undefined && means.size > 2 && grid().merit(mean) === best;
      const button = element("button", { type: "button", class: "gallery-sort", "data-column": key, title: "Sort by this column" },
        element("span", { class: "gallery-name", text: name }), element("span", { class: "sub", text: sub || "\u00a0" }),
        element("span", { class: `gallery-mean${ahead ? " compare-best" : ""}`, text: mean === undefined ? "\u00a0" : `mean ${text(mean, true)}` }));
      const th = element("th", { scope: "col" }, button);
      if (sorting.column === key) th.setAttribute("aria-sort", sorting.worst ? "ascending" : "descending");
      return th;
    };
    const focused = document.activeElement?.closest(".gallery-sort")?.getAttribute("data-column");
    byId("gallery-head").replaceChildren(
      element("th", { scope: "col", class: "gallery-photo" }, element("span", { class: "gallery-name", text: "photo" })),
      element("th", { scope: "col" }, element("span", { class: "gallery-name", text: "target" })),
      sortable("gray", "gray", "no color"),
      ...grid().columns().map((/** @type {any} */ { key, model, t }) => sortable(key, model, temperature(key, t))));
    if (focused) [...document.querySelectorAll(".gallery-sort")].find((button) => button.getAttribute("data-column") === focused)?.focus();
  }

  /** "T 0.38", known once a cell has come; nothing for a model without bins. @param {string} key @param {number | null} t */
  function temperature(key, t) {
    const known = order.find((photo) => grid().cell(photo, key)?.error === null);
    const shown = known === undefined ? t : grid().cell(known, key).temperature;
    return shown === null ? "" : `T ${shown.toFixed(2)}`;
  }

  // ---- rows ------------------------------------------------------------------------------------------------------

  const listing = (/** @type {string} */ key) => V.listedPhotos().find((/** @type {any} */ photo) => photo.key === key);
  const address = (/** @type {string} */ photo, /** @type {string} */ model) => `/?${new URLSearchParams({ model, photo })}`;

  function relist() {
    order = grid().sorted();
    observer.disconnect();
    made.clear();
    drawn = 0;
    byId("gallery-rows").replaceChildren();
    byId("gallery-scroll").scrollTop = 0;
    more();
  }

  /** Some more rows, as the table is scrolled. */
  function more() {
    const photos = order.slice(drawn, drawn + STEP), rows = photos.map(row);
    drawn += rows.length;
    byId("gallery-rows").append(...rows);
    photos.forEach(fill);
    rows.forEach((each) => observer.observe(each));
    mark();
    rove(null);
  }

  /** @param {string} key @returns {HTMLElement} */
  function row(key) {
    const { element } = V.draw, photo = listing(key);
    const name = element("button", { type: "button", class: "gallery-choose", text: photo.label, title: "Show side by side" });
    name.addEventListener("click", () => { V.state.set({ photo: key }); scrollTo({ top: 0 }); });
    const head = element("th", { scope: "row", class: "gallery-photo" }, name, element("span", { class: "sub", text: photo.category || "" }));
    const cells = ["target", "gray", ...grid().columns().map((/** @type {any} */ column) => column.key)].map((column) => element("td", { "data-column": column }));
    const tr = element("tr", { "data-photo": key, "data-label": photo.label }, head, ...cells);
    made.set(key, tr);
    return tr;
  }

  const refill = () => [...made.keys()].forEach(fill);

  /** Writes what is known of a row into its cells. @param {string} key */
  function fill(key) {
    const tr = made.get(key), known = grid().row(key);
    if (!tr) return;
    const shown = new Map(["gray", ...grid().columns().map((/** @type {any} */ column) => column.key)].map((column) => [column, grid().value(key, column)]));
    const whole = [...shown.keys()].every((column) => grid().cell(key, column));
    const best = whole ? Math.max(...[...shown.values()].map((value) => (value === undefined ? -Infinity : grid().merit(value)))) : Infinity;
    for (const td of tr.querySelectorAll("td")) {
      const column = /** @type {string} */ (td.dataset.column), value = shown.get(column);
      const cell = column === "target" ? { picture: `/thumb/${encodeURIComponent(key)}`, error: null } : grid().cell(key, column);
      if (cell?.picture) picture(td, key, column, cell.picture, value);
      else if (cell || known.error) td.replaceChildren(V.draw.element("p", { class: "sub gallery-error", text: cell?.error || known.error }));
      td.classList.toggle("compare-best", value !== undefined && shown.size > 2 && grid().merit(value) === best);
    }
  }

  /** @param {HTMLElement} td @param {string} key @param {string} column @param {string} source @param {number | undefined} value */
  function picture(td, key, column, source, value) {
    const { element } = V.draw, chosen = grid().columns().find((/** @type {any} */ each) => each.key === column);
    const model = chosen?.model ?? V.state.get().model, named = chosen ? `${model} ${temperature(column, chosen.t)}` : column;
    if (!td.firstChild || td.querySelector("p")) {
      const image = element("img", { src: source, alt: "", decoding: "async", loading: "lazy", draggable: "false" });
      if (column !== "target") image.addEventListener("error", () => { td.replaceChildren(); grid().lost(key, source); });
      const link = element("a", { class: "gallery-cell", href: address(key, model), tabindex: -1 }, element("span", { class: "gallery-frame" }, image));
      if (column !== "target") link.append(element("span", { class: "gallery-value" }));
      link.addEventListener("click", (/** @type {MouseEvent} */ event) => open(event, key, column, model));
      td.replaceChildren(link);
    }
    const score = column === "target" ? "" : `, ${text(value, true)}`;
    td.firstElementChild?.setAttribute("aria-label", `${made.get(key)?.dataset.label}, ${named}${score}. Open on Inspect.`);
    V.draw.say(td.querySelector(".gallery-value"), text(value));
  }

  /** @param {MouseEvent} event @param {string} photo @param {string} column @param {string} model */
  function open(event, photo, column, model) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const t = grid().cell(photo, column)?.temperature;
    V.state.set({ page: "inspect", photo, model, ...(typeof t === "number" && { t }) });
    scrollTo({ top: 0 });
  }

  /** The row of the photo that is shown side by side. */
  function mark() {
    const { photo } = V.state.get();
    made.forEach((tr, key) => tr.classList.toggle("is-open", key === photo));
  }

  // ---- keys ------------------------------------------------------------------------------------------------------

  /** What the arrow keys go through, row by row. @returns {HTMLElement[][]} */
  const stops = () => [...byId("gallery-rows").rows].map((tr) => [...tr.querySelectorAll("button, a")]);

  /** Only one of them is reached by the tabulator. @param {HTMLElement | null} stop */
  function rove(stop) {
    const all = stops().flat(), chosen = stop || all.find((each) => each.tabIndex === 0 && each.isConnected) || all[0];
    for (const each of all) each.tabIndex = each === chosen ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  function arrows(event) {
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -99], End: [0, 99] };
    const step = steps[event.key], rows = stops();
    const at = rows.findIndex((each) => each.includes(/** @type {HTMLElement} */ (document.activeElement)));
    if (!step || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const line = rows[Math.max(0, Math.min(rows.length - 1, at + step[0]))];
    const column = rows[at].indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step[1];
    const stop = line[Math.max(0, Math.min(line.length - 1, column))];
    rove(stop);
    stop.focus();
  }

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("gallery")) return;
    const box = byId("gallery-scroll");
    byId("gallery-head").addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest(".gallery-sort");
      if (button) grid().sort(button.getAttribute("data-column"));
    });
    box.addEventListener("keydown", arrows);
    box.addEventListener("focusin", (event) => {
      const stop = /** @type {HTMLElement} */ (event.target).closest("#gallery-rows a, #gallery-rows button");
      if (stop) rove(/** @type {HTMLElement} */ (stop));
    });
  });

  V.compareRows = { head, relist, refill, fill, mark, order: () => order };
})();
