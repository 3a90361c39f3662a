// @ts-check
/* Whose runs are drawn in the charts: the open model's, and up to three others, chosen here and kept in the address. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const make = (/** @type {string} */ tag, properties = {}, ...children) => V.draw.element(tag, properties, ...children);

  /** @param {string[]} names */
  const change = (names) => V.state.set({ runs: names.length ? names.join(",") : null });

  /** @param {any} curves */
  function build(curves) {
    const box = document.getElementById("training-runs");
    if (!box) return;
    const own = V.training.run?.run, asked = V.training.beside().filter((/** @type {string} */ name) => name !== own);
    const free = (curves?.others || []).filter((/** @type {string} */ name) => name !== own && !asked.includes(name));
    box.hidden = !curves || (!free.length && !asked.length);
    if (box.hidden) return;
    const hadFocus = box.contains(document.activeElement);
    const drawn = curves.runs.map((/** @type {any} */ run, /** @type {number} */ i) => chip(run.name, i, asked));
    const missing = asked.filter((/** @type {string} */ name) => !curves.runs.some((/** @type {any} */ run) => run.name === name));
    box.replaceChildren(make("h2", { class: "panel-title", text: "Runs" }),
      make("ul", { class: "run-chips", "aria-label": "runs drawn in the charts" }, ...drawn, ...missing.map((/** @type {string} */ name) => chip(name, null, asked))),
      adder(free, asked));
    if (hadFocus) /** @type {HTMLElement | null} */ (box.querySelector("select, button"))?.focus();
  }

  /** A run: its color and symbol, its name, and how to be rid of it. @param {string} name @param {number | null} place
   * @param {string[]} asked */
  function chip(name, place, asked) {
    const key = place === null ? [] : [make("span", { class: `run-key run-key-${place}`, "aria-hidden": "true" })];
    const item = make("li", { class: "run-chip" }, ...key, make("span", { class: "run-name", text: name, title: name }));
    if (place === null) item.append(make("span", { class: "sub", text: "no history" }));
    if (!asked.includes(name)) return item;
    const remove = make("button", { type: "button", class: "run-remove", text: "\u00d7", "aria-label": `Remove ${name}`, title: `Remove ${name}` });
    remove.addEventListener("click", () => {
      V.announce(`${name} removed.`);
      change(asked.filter((each) => each !== name));
    });
    item.append(remove);
    return item;
  }

  /** @param {string[]} free @param {string[]} asked */
  function adder(free, asked) {
    const select = make("select", { class: "run-add", "aria-label": "Draw another run" });
    const full = asked.length >= V.training.MOST - 1;
    select.append(make("option", { value: "", text: full ? `${V.training.MOST} at most` : "add a run" }));
    select.append(...free.map((name) => make("option", { value: name, text: name })));
    select.disabled = full || !free.length;
    select.addEventListener("change", () => {
      if (!select.value) return;
      V.announce(`${select.value} added.`);
      change([...asked, select.value]);
    });
    return select;
  }

  (V.onStart ||= []).push(() => {
    V.training.listen("curves", build);
    V.training.listen("own", () => build(V.training.curves));
  });
})();
