// @ts-check
/* A saved inspection: the page's scripts over what the file itself holds. It asks nothing of anybody. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const kept = /** @type {HTMLScriptElement[]} */ ([...document.querySelectorAll("script[data-path]")]);

  /** @param {string} text base64 */
  function bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  /** What `/data/<trace>/<path>` would be answered with. @param {string} url @returns {Promise<Response>} */
  V.saved = async (url) => {
    const path = url.split("/").slice(3).join("/"), found = kept.find((each) => each.dataset.path === path);
    if (!found) return new Response(null, { status: 404 });
    const blob = new Blob([bytes(found.text)]);
    return new Response("gzip" in found.dataset ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob);
  };

  /** What needs the network or other photos is not in the file. */
  V.off = { of: () => new Set(), toggle: () => undefined, toggleLooked: () => undefined };
  V.help = V.stepPhoto = () => undefined;

  const { trace, view } = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("replay")).textContent || "");
  V.state.set({ ...V.url.read(view), page: "inspect", model: trace.model, photo: trace.photo.key });
  V.runStart();
  const temperature = V.slider("temperature", "t", "Temperature of the decoding");
  temperature.disabled = trace.output.kind !== "bins";
  document.getElementById("theme-toggle")?.addEventListener("click", V.toggleTheme);
  V.opened({ ...trace, temperature: V.state.DEFAULTS.t });
})();
