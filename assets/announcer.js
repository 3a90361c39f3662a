// @ts-check
/* What changed, told to a screen reader: the layer shown, the filter pinned, the region, a question's answer. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 500; // a layer that is only passed by is not told
  let timer = 0;

  function layer() {
    const { layer: name } = V.state.get(), found = V.trace?.layers.find((/** @type {any} */ each) => each.name === name);
    if (!found) return;
    const silent = found.silent ? `, ${found.silent} silent` : "";
    V.announce(`Layer ${name}: ${found.channels} filters of ${found.width} by ${found.height}${silent}.`);
  }

  /** @param {any} state */
  function filter({ filter: number, layer: name }) {
    V.announce(number === null ? "No filter is pinned." : `Filter ${number} of ${name} is pinned.`);
  }

  function region() {
    V.announce(`Questions are about the ${document.getElementById("region-text")?.textContent}.`);
  }

  let answers = 0;

  /** A question's answer is there; told once where one follows the other. @param {string} question */
  V.answered = (question) => {
    const title = document.getElementById(`ask-tab-${question}`)?.textContent;
    clearTimeout(answers);
    answers = window.setTimeout(() => V.ask.shown(question) && V.announce(`${title}: the answer is there.`), REST_MS);
  };

  (V.onStart ||= []).push(() => {
    const byPerson = (/** @type {Set<string>} */ changed) => !changed.has("trace");
    V.state.on(["layer"], (/** @type {any} */ _, /** @type {Set<string>} */ changed) => {
      clearTimeout(timer);
      if (byPerson(changed)) timer = window.setTimeout(layer, REST_MS);
    });
    V.state.on(["filter"], (/** @type {any} */ state, /** @type {Set<string>} */ changed) => byPerson(changed) && !changed.has("layer") && filter(state));
    V.state.on(["region"], (/** @type {any} */ _, /** @type {Set<string>} */ changed) => {
      clearTimeout(timer);
      if (byPerson(changed)) timer = window.setTimeout(region, REST_MS);
    });
  });
})();
