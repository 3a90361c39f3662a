// @ts-check
/* Switch off: the filters that are off, what they give instead, and the way to those worth switching off. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KNOWN = "the filter's mean over a data set";
  const UNKNOWN = "The means over a data set are not known for this model: visml patches index makes them.";
  const COLORS = ["blue", "yellow", "red", "green"];

  /** The factor chosen last, which "scale" takes up again. */
  let factor = "0.5";

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const scaled = () => /^\d/.test(V.state.get().to);

  // ---- what is off -----------------------------------------------------------------------------------------------

  /** One button for each filter that is off; the same ones stay, and with them the focus. */
  function chips() {
    const list = byId("off-chips"), all = [...V.off.all()].flatMap(([layer, numbers]) => [...numbers]
      .sort((one, two) => one - two).map((filter) => ({ layer, filter })));
    const key = JSON.stringify(all);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...all.map(({ layer, filter }) => V.draw.element("li", {}, V.draw.element("button", {
      type: "button", class: "off-chip", "data-layer": layer, "data-filter": filter, title: "Switch on again",
      "aria-label": `Switch filter ${filter} of ${layer} on again`, text: `${layer} ${filter}`,
    }))));
  }

  /** Takes a filter off the list; the focus goes to its neighbor. @param {HTMLElement} chip */
  function remove(chip) {
    const buttons = () => [...byId("off-chips").querySelectorAll("button")], place = buttons().indexOf(chip);
    V.off.toggle(chip.dataset.layer, Number(chip.dataset.filter));
    chips();
    (buttons()[place] || buttons().at(-1) || byId("off-undo")).focus();
  }

  function controls() {
    const some = V.off.all().size > 0;
    byId("off-guide").hidden = some;
    byId("filter-off-see").hidden = !some;
    if (!V.askOff.made) V.draw.say(byId("filter-off-see"), "What follows \u2193");
    byId("off-clear").disabled = !some;
    byId("off-undo").disabled = !V.off.undoable;
    V.draw.say(byId("off-layer"), V.state.get().layer || "\u2013");
    for (const button of byId("off-to").querySelectorAll("button")) choice(button);
    byId("off-factor").hidden = !scaled();
    if (scaled()) slide();
  }

  /** @param {HTMLButtonElement} button */
  function choice(button) {
    button.setAttribute("aria-pressed", String(button.value === (scaled() ? "scale" : V.state.get().to)));
    if (button.value !== "mean") return;
    button.disabled = !V.trace?.filter_means;
    button.title = button.disabled ? UNKNOWN : KNOWN;
  }

  function slide() {
    factor = V.state.get().to;
    byId("off-factor").querySelector("input").value = factor;
    V.draw.say(byId("off-factor-value"), `\u00d7 ${V.draw.fixed(Number(factor), 2)}`);
  }

  // ---- the way there ---------------------------------------------------------------------------------------------

  /** @param {string} toward a color: the way from here to the filters that push a part of the photo there */
  function seek(toward) {
    const { layer } = V.state.get(), names = V.data.names(), found = names.includes(layer) ? layer : names[Math.floor(names.length / 2)];
    V.state.set({ sort: "push", toward, layer: found, pinnedLayer: found });
    V.reveal(byId("layer-panel"), "start");
    byId("grid").focus({ preventScroll: true });
  }

  function select() {
    byId("region-select").click();
    V.region.offer();
  }

  function see() {
    V.state.set({ ask: "off" });
    V.reveal(byId("ask"), "start");
  }

  /** @param {string} id @param {() => void} task */
  const clicked = (id, task) => byId(id).addEventListener("click", task);

  function listen() {
    clicked("off-undo", V.off.undo);
    clicked("off-clear", V.off.clear);
    clicked("off-region", select);
    clicked("filter-off-see", see);
    for (const color of COLORS) clicked(`off-toward-${color}`, () => seek(color));
    byId("off-to").addEventListener("click", ({ target: { value } }) => {
      if (value) V.state.set({ to: value === "scale" ? factor : value });
    });
    byId("off-chips").addEventListener("click", ({ target }) => target.closest(".off-chip") && remove(target));
    byId("off-chips").addEventListener("keydown", ({ key, target }) => ["Delete", "Backspace"].includes(key) && remove(target));
  }

  (V.onStart ||= []).push(() => {
    const slider = V.draw.element("input", { type: "range", min: "0", max: "2", step: "0.05", value: factor, "aria-label": "Factor" });
    slider.addEventListener("input", () => V.state.set({ to: slider.value }));
    byId("off-factor").prepend(slider);
    listen();
    V.state.on(["off", "to", "layer", "trace"], controls);
    V.state.on(["off", "trace"], chips);
    controls();
    chips();
  });
})();
