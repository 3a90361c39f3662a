// @ts-check
/* The Export menu: what there is of the view shown now, each row with the files it can become. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const WIDEST = 460, EDGE = 8;
  const SILENT = "VisML does not answer. Is it still running where it was started?";

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const bins = () => V.trace.output.kind === "bins";

  /** @typedef {{name: string, sub: string, files: {kind: string, make: () => Promise<Blob>, called: string}[]}} Row */

  // ---- rows ------------------------------------------------------------------------------------------------------

  /** What an address says of the view. */
  function view() {
    const { layer, filter, pixelPinned, t, prior, sort, scale, extra, brush } = V.state.get(), { x, y } = V.scene.pixel(V.state.get());
    const told = { name: V.trace.photo.label, layer, filter, x, y, pixelPinned: pixelPinned || null, t, sort, scale, extra, brush };
    const divided = { prior: V.trace.log_prior && prior ? prior : null };
    return Object.fromEntries(Object.entries({ ...told, ...divided }).filter(([, value]) => value !== null && value !== undefined));
  }

  /** @param {string} file @param {Record<string, any>} [more] */
  const asked = (file, more = {}) => async () => {
    const answer = V.ask.get(`export/${file}`, { ...view(), ...more }).catch((/** @type {Error} */ error) => {
      throw error instanceof TypeError ? new Error(SILENT) : error;
    });
    return (await answer).blob();
  };

  /** A file's name from words. @param {...string} parts */
  const called = (...parts) => parts.join("-").replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "") || "visml";

  /** The photo in the network. */
  const inspected = () => called(V.trace.photo.label, V.told.phrase(V.trace.model, V.trace.category));

  const decoded = () => (bins() ? `T ${V.draw.fixed(V.state.get().t, 2)}${V.prior.told()}` : "");

  /** @returns {Row[]} */
  function whole() {
    const { photo } = V.trace, name = inspected(), size = `${photo.width} \u00d7 ${photo.height} px`;
    return [
      { name: "This inspection as a page", sub: "one file that works without VisML: layers, filters, pixels, T",
        files: [{ kind: "HTML", make: asked("page.html"), called: `${name}.html` }] },
      { name: "Colored photo", sub: [size, decoded()].filter(Boolean).join(", "),
        files: [{ kind: "PNG", make: asked("color.png"), called: `${name}-color.png` }] },
    ];
  }

  /** @returns {Row[]} */
  function numbers() {
    const { output } = V.trace, { layer } = V.state.get(), { x, y } = V.scene.pixel(V.state.get());
    const name = inspected(), maps = V.trace.layers.find((/** @type {any} */ each) => each.name === layer);
    const csv = (/** @type {string} */ file, /** @type {string} */ end, more = {}) => [{ kind: "CSV", make: asked(file, more), called: `${called(name, end)}.csv` }];
    const filter = V.layerView.current?.name === layer ? V.layerView.looked().filter : null;
    return [
      { name: "All numbers shown", sub: "maps, statistics, output, distribution", files: [{ kind: "NPZ", make: asked("arrays.npz"), called: `${called(name, layer)}.npz` }] },
      { name: `Filters of ${layer}`, sub: `mean, std, min, max of ${maps.channels}`, files: csv("filters.csv", `${layer}-filters`) },
      { name: `Histogram of ${layer}`, sub: "of all its values, in 64 parts", files: csv("histogram.csv", `${layer}-histogram`) },
      ...(filter === null ? [] : [{ name: `Map of filter ${filter}`, sub: `${maps.width} \u00d7 ${maps.height} positions`, files: csv("map.csv", `${layer}-${filter}`, { filter }) }]),
      ...(bins() ? [{ name: `Distribution at x ${x}, y ${y}`, sub: `probabilities of ${output.centers.length} bins`, files: csv("distribution.csv", `x${x}-y${y}`) }] : []),
      { name: "Predicted colors", sub: `a, b${bins() ? ", entropy" : ""} of ${output.width} \u00d7 ${output.height} positions`, files: csv("output.csv", "output") },
    ];
  }

  /** @returns {Row[]} */
  function charts() {
    return V.figure.charts().map((/** @type {any} */ chart) => {
      const { page, model } = V.state.get(), of = page === "compare" ? V.figure.about(chart) : page === "inspect" && V.trace ? inspected() : model || "";
      const name = called(of, chart.title);
      const file = (/** @type {"png" | "svg"} */ kind) => ({ kind: kind.toUpperCase(), make: () => V.figure[kind](chart), called: `${name}.${kind}` });
      return { name: chart.title, sub: chart.finding || chart.sub, files: [file("png"), file("svg")] };
    });
  }

  // ---- the menu --------------------------------------------------------------------------------------------------

  /** @param {Blob} blob @param {string} name */
  function save(blob, name) {
    const link = V.draw.element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  /** @param {HTMLButtonElement} button @param {Row["files"][0]} file */
  async function run(button, file) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      save(await file.make(), file.called);
      V.announce(`${file.called} is saved.`);
    } catch (error) {
      V.notice(/** @type {Error} */ (error).message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  /** @param {Row} row */
  function line({ name, sub, files }) {
    const buttons = files.map((file) => {
      const button = V.draw.element("button", { class: "button", type: "button", text: file.kind, "aria-label": `${name} as ${file.kind}` });
      button.addEventListener("click", () => run(button, file));
      return button;
    });
    return V.element("li", "", V.element("span", "export-name", name), V.element("span", "sub num", sub), V.element("span", "export-files", ...buttons));
  }

  /** @param {string} title @param {Row[]} rows */
  const group = (title, rows) => (rows.length ? [...(title ? [V.element("h3", "", title)] : []), V.element("ul", "", ...rows.map(line))] : []);

  /** What there is now. @returns {HTMLElement[]} */
  function groups() {
    const { page } = V.state.get();
    if (page !== "inspect") return [...group("", page === "compare" ? V.comparePoster.files() : []), ...group("Charts", charts())];
    if (!V.trace || V.scene.current?.meta !== V.trace) return [];
    return [...group("", whole()), ...group("Numbers", numbers()), ...group("Charts", charts())];
  }

  /** The rows anew; the focus stays where it is. */
  function fill() {
    const menu = byId("export"), found = groups(), none = V.element("p", "sub", "There is nothing to export here yet.");
    const at = menu.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    menu.replaceChildren(V.element("h2", "panel-title", "Export"), ...(found.length ? found : [none]));
    if (at) [...menu.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === at)?.focus({ preventScroll: true });
  }

  /** Below the button, inside the window. */
  function place() {
    const { bottom, right } = byId("export-open").getBoundingClientRect(), menu = byId("export");
    const room = document.documentElement.clientWidth - EDGE, wide = Math.min(WIDEST, room - EDGE);
    Object.assign(menu.style, { top: `${bottom + 6}px`, left: `${Math.max(EDGE, Math.min(right, room) - wide)}px`, width: `${wide}px`, maxHeight: `${innerHeight - bottom - 18}px` });
  }

  (V.onStart ||= []).push(() => {
    const menu = byId("export"), button = /** @type {any} */ (byId("export-open"));
    menu.hidden = false;
    /** @type {any} */ (menu).popover = "auto";
    button.popoverTargetElement = menu;
    menu.addEventListener("beforetoggle", (event) => {
      if (/** @type {any} */ (event).newState !== "open") return;
      fill();
      place();
    });
    document.addEventListener("keydown", (event) => { // Escape closes the menu and lets go of nothing
      if (event.key === "Escape" && menu.matches(":popover-open")) event.stopPropagation();
    }, { capture: true });
    let frame = 0;
    const refill = () => { // once all others have shown what changed
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => menu.matches(":popover-open") && fill());
    };
    V.state.on(["page", "trace", "layer", "filter", "hoverFilter", "x", "y", "t", "prior", "extra", "ask"], refill);
    V.scene.listen("opened", refill);
    V.layerView.listen(refill);
    addEventListener("scroll", () => menu.matches(":popover-open") && place(), { passive: true });
    addEventListener("resize", () => menu.matches(":popover-open") && place());
  });
})();
