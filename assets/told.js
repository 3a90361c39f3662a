// @ts-check
/* What a class-conditioned model is told that the photo shows, chosen in the header; other models are told nothing. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** The categories that a model can be told; none for most. @param {string | null} model @returns {string[]} */
  const names = (model) => V.catalog?.categories[model ?? ""] || [];

  /** A category, or null where the model knows no such. @param {string | null} model @param {string | null} told */
  const of = (model, told) => (told !== null && names(model).includes(told) ? told : null);

  /** Nothing and the categories, with what stands for each in a list: without the folder that all are in.
   * @param {string | null} model @returns {{value: string, label: string}[]} */
  function options(model) {
    const all = names(model), parent = all[0]?.match(/^.*\//)?.[0] ?? "", shared = all.every((name) => name.startsWith(parent));
    return [{ value: "", label: "nothing" }, ...all.map((value) => ({ value, label: shared ? value.slice(parent.length) : value }))];
  }

  /** "zhang16", or "scenes, told scenes/sea". @param {string} model @param {string | null} told */
  const phrase = (model, told) => (told === null ? model : `${model}, told ${told}`);

  /** @param {{model: string | null, told: string | null}} state */
  function offer({ model, told }) {
    /** @type {HTMLElement} */ (document.getElementById("told-tool")).hidden = !names(model).length;
    window["dash_clientside"].set_props("told", { data: options(model), value: of(model, told) ?? "" });
  }

  /** Dash calls this when the select moves. @param {string | null} told */
  V.chooseTold = (told) => V.state.set({ told: told || null });

  V.told = { options, of, phrase };

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("told-tool")) return;
    V.state.on(["model", "told"], offer);
    offer(V.state.get());
  });
})();
