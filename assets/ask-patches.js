// @ts-check
/* Top patches: a layer's patches are asked for once, so that pointing at its filters asks for nothing but pictures. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 200; // pictures are fetched once the pointer rests on a filter
  const run = V.ask.latest(), build = V.ask.latest();

  /** @type {{trace: string, layer: string, told: any} | null} */
  let open = null;
  let timer = 0;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const layer = () => V.state.get().layer;

  function refresh() {
    if (!V.ask.shown("patches") || !V.trace || !layer()) return run(null);
    if (open && open.trace === V.trace.trace && open.layer === layer()) return show();
    open = null;
    run(load);
  }

  /** @param {AbortSignal} signal */
  async function load(signal) {
    const asked = { trace: V.trace.trace, layer: layer() };
    const told = await V.ask.json("patches.json", { layer: asked.layer }, signal);
    if (signal.aborted) return;
    open = { ...asked, told };
    show();
  }

  /** The filter looked at in the layer shown, null until the layer is there. @returns {number | null} */
  function filter() {
    const view = V.layerView.current;
    return view && view.name === layer() ? V.layerView.looked().filter : null;
  }

  function show() {
    if (!open) return;
    const { told } = open, words = told.missing || "", button = byId("patches-build");
    V.draw.say(byId("patches-missing"), words);
    byId("patches-missing").hidden = !words;
    button.hidden = !told.parts || Boolean(told.filters && told.data !== "gallery") || /^The output/.test(words);
    V.draw.say(button, told.filters ? "Build it again" : "Build from the gallery");
    V.patchesList.others(told);
    const looked = filter();
    V.patchesList.title(told, layer(), looked);
    clearTimeout(timer);
    const settled = V.state.get().hoverFilter === null;
    timer = window.setTimeout(() => V.patchesList.show(told, layer(), looked), settled ? 0 : REST_MS);
  }

  /** Builds an index of the gallery, part by part; stopped, it holds the photos so far. */
  function make() {
    const { parts } = /** @type {any} */ (open).told;
    build(async (signal) => {
      byId("patches-build").hidden = true;
      await V.ask.parts(byId("patches-progress"), parts, async (/** @type {number} */ part) => {
        const { seen } = await V.ask.json("patches-part", { part }, signal);
        if (!signal.aborted) V.draw.say(byId("patches-sub"), `${seen} photos indexed`);
      }, signal);
      if (signal.aborted) return;
      open = null;
      refresh();
    }).finally(() => { if (open) show(); });
  }

  (V.onStart ||= []).push(() => {
    byId("patches-build").addEventListener("click", make);
    V.state.on(["ask", "page", "layer"], refresh);
    V.state.on(["trace"], () => { build(null); refresh(); });
    V.state.on(["filter", "hoverFilter"], () => V.ask.shown("patches") && show());
    V.layerView.listen(() => V.ask.shown("patches") && refresh());
  });
})();
