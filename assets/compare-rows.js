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

  /** What stands above each column. @param {Map<string, number | undefined>} [means] by column */
  function titles(means = grid().means().of) {
    const best = Math.max(...[...means.values()].map((mean) => (mean === undefined ? -Infinity : grid().merit(mean))));
    const title = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string} */ sub, told = "") => {
      const mean = means.get(key), ahead = mean !== undefined && means.size > 2 && grid().merit(mean) === best;
      return { key, name, sub, told, mean: mean === undefined ? "" : `mean ${text(mean, true)}`, best: ahead };
    };
    const models = grid().columns().map((/** @type {any} */ { key, model, t, told }) => title(key, model, decoded(key, t, told), told ?? ""));
    return [title(grid().TARGET, "target", ""), title(grid().GRAY, "gray", "no color"), ...models];
  }

  /** A column's name breaks after hyphens and underscores. @param {string} name */
  const named = (name) => V.draw.element("span", { class: "gallery-name" }, ...name.split(/(?<=_)/).flatMap((part, i) => (i ? [V.draw.element("wbr"), part] : [part])));

  /** @param {Map<string, number | undefined>} means by column @param {{column: string | null, worst: boolean}} sorting */
  function head(means, sorting) {
    const { element } = V.draw, [target, ...others] = titles(means);
    const sortable = (/** @type {ReturnType<typeof titles>[0]} */ { key, name, sub, mean, best }) => {
      const button = element("button", { type: "button", class: "gallery-sort", "data-column": key, title: "Sort by this column" }, named(name),
        element("span", { class: "sub", text: sub || "\u00a0" }), element("span", { class: `gallery-mean${best ? " compare-best" : ""}`, text: mean || "\u00a0" }));
      const th = element("th", { scope: "col" }, button);
      if (sorting.column === key) th.setAttribute("aria-sort", sorting.worst ? "ascending" : "descending");
      return th;
    };
    byId("gallery-table").style.setProperty("--columns", String(others.length + 1));
    const focused = document.activeElement?.closest(".gallery-sort")?.getAttribute("data-column");
    byId("gallery-head").replaceChildren(
      element("th", { scope: "col", class: "gallery-photo" }, named("photo")), element("th", { scope: "col" }, named(target.name)), ...others.map(sortable));
    if (focused) [...document.querySelectorAll(".gallery-sort")].find((button) => button.getAttribute("data-column") === focused)?.focus();
  }

  /** "T 0.38", known once a cell has come; nothing for a model without bins. @param {string} key @param {number | null} t */
  function temperature(key, t) {
    const known = order.find((photo) => grid().cell(photo, key)?.error === null);
    const shown = known === undefined ? t : grid().cell(known, key).temperature;
    return shown === null ? "" : `T ${shown.toFixed(2)}`;
  }

  /** What else there is to say of a column. @param {string} key @param {number | null} t @param {string | null} told */
  const decoded = (key, t, told) => [temperature(key, t), told && `told ${told}`].filter(Boolean).join(", ");

  // ---- rows ------------------------------------------------------------------------------------------------------

  const listing = (/** @type {string} */ key) => V.listedPhotos().find((/** @type {any} */ photo) => photo.key === key);
  const address = (/** @type {string} */ photo, /** @type {string} */ model, /** @type {string | null} */ told) => `/?${new URLSearchParams({ model, ...(told && { told }), photo })}`;

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
    const cells = [grid().TARGET, grid().GRAY, ...grid().columns().map((/** @type {any} */ column) => column.key)].map((column) => element("td", { "data-column": column }));
    const tr = element("tr", { "data-photo": key, "data-label": photo.label }, head, ...cells);
    made.set(key, tr);
    return tr;
  }

  const refill = () => [...made.keys()].forEach(fill);

  /** Writes what is known of a row into its cells. @param {string} key */
  function fill(key) {
    const tr = made.get(key), known = grid().row(key);
    if (!tr) return;
    const ahead = best(key);
    for (const td of tr.querySelectorAll("td")) {
      const column = /** @type {string} */ (td.dataset.column), found = source(key, column), error = grid().cell(key, column)?.error || known.error;
      if (found) picture(td, key, column, found, grid().value(key, column));
      else if (error) td.replaceChildren(V.draw.element("p", { class: "sub gallery-error", text: error }));
      td.classList.toggle("compare-best", ahead.has(column));
    }
  }

  /** Where a cell's small picture is. @param {string} key @param {string} column @returns {string | null} */
  const source = (key, column) => (column === grid().TARGET ? `/thumb/${encodeURIComponent(key)}` : grid().cell(key, column)?.picture || null);

  /** The columns that are best at a photo, once its row is whole and has several. @param {string} key @returns {Set<string>} */
  function best(key) {
    const columns = [grid().GRAY, ...grid().columns().map((/** @type {any} */ column) => column.key)];
    const merits = columns.map((column) => [column, grid().value(key, column)]).filter(([, value]) => value !== undefined).map(([column, value]) => [column, grid().merit(value)]);
    const whole = columns.length > 2 && columns.every((column) => grid().cell(key, column)), most = Math.max(...merits.map(([, merit]) => merit));
    return new Set(whole ? merits.filter(([, merit]) => merit === most).map(([column]) => column) : []);
  }

  /** @param {HTMLElement} td @param {string} key @param {string} column @param {string} source @param {number | undefined} value */
  function picture(td, key, column, source, value) {
    const { element } = V.draw, chosen = grid().columns().find((/** @type {any} */ each) => each.key === column);
    const { model, told } = chosen || V.state.get(), named = chosen ? `${model} ${decoded(column, chosen.t, told)}` : column.slice(1);
    if (!td.firstChild || td.querySelector("p")) {
      const image = element("img", { src: source, alt: "", decoding: "async", loading: "lazy", draggable: "false" });
      if (column !== grid().TARGET) image.addEventListener("error", () => { td.replaceChildren(); grid().lost(key, source); });
      const link = element("a", { class: "gallery-cell", href: address(key, model, told), tabindex: -1 }, element("span", { class: "gallery-frame" }, image));
      if (column !== grid().TARGET) link.append(element("span", { class: "gallery-value" }));
      link.addEventListener("click", (/** @type {MouseEvent} */ event) => open(event, key, column, { model, told }));
      td.replaceChildren(link);
    }
    const score = column === grid().TARGET ? "" : `, ${text(value, true)}`;
    td.firstElementChild?.setAttribute("aria-label", `${made.get(key)?.dataset.label}, ${named}${score}. Open on Inspect.`);
    V.draw.say(td.querySelector(".gallery-value"), text(value));
  }

  /** @param {MouseEvent} event @param {string} photo @param {string} column @param {{model: string, told: string | null}} chosen */
  function open(event, photo, column, chosen) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const t = grid().cell(photo, column)?.temperature;
    V.state.set({ page: "inspect", photo, ...chosen, ...(typeof t === "number" && { t }) });
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

  const label = (/** @type {string} */ key) => listing(key).label;
  const measure = () => /** @type {HTMLSelectElement} */ (byId("gallery-score")).selectedOptions[0].text;

  V.compareRows = { head, relist, refill, fill, mark, titles, source, best, text, label, measure, order: () => order };
})();
