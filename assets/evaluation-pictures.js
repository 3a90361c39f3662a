// @ts-check
/* The best and worst pictures as the model paints them: asked for one at a time, when they are scrolled to. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** Frames that can be seen and have no picture yet. @type {Set<HTMLElement>} */
  const waiting = new Set();
  let working = false;

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const frame = /** @type {HTMLElement} */ (target);
      if (isIntersecting) waiting.add(frame);
      else waiting.delete(frame);
    }
    work();
  }, { rootMargin: "200px" });

  async function work() {
    const frame = [...waiting].find((each) => each.isConnected);
    if (working || !frame || V.state.get().page !== "evaluation") return;
    working = true;
    waiting.delete(frame);
    observer.unobserve(frame);
    try {
      await fill(frame);
    } finally {
      working = false;
    }
    setTimeout(work, 0);
  }

  /** @param {HTMLElement} frame */
  async function fill(frame) {
    const { photo, model, told, t } = /** @type {HTMLElement} */ (frame.closest("[data-photo]")).dataset;
    const columns = [[model, t ? Number(t) : null, told || null]];
    const cell = await V.data.post("/compare/row", { photo, columns }).then(
      (/** @type {any} */ row) => row.cells[0], (/** @type {Error} */ failure) => ({ error: failure.message }));
    if (!cell?.picture) return frame.replaceChildren(V.element("span", "sub", cell?.error || "This coloring cannot be shown."));
    const image = /** @type {HTMLImageElement} */ (V.element("img", ""));
    Object.assign(image, { src: cell.picture, alt: "", draggable: false, decoding: "async" });
    frame.replaceChildren(image);
  }

  /** A plain click opens the picture on Inspect without loading the page anew. @param {MouseEvent} event */
  function open(event) {
    const link = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("#evaluation-model a[data-photo]"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const { photo, model, told, t } = link.dataset;
    V.state.set({ page: "inspect", photo, model, told: told || null, ...(t && { t: Number(t) }) });
    scrollTo({ top: 0 });
  }

  function mounted() {
    observer.disconnect();
    waiting.clear();
    document.querySelectorAll("[data-painted]").forEach((frame) => observer.observe(frame));
  }

  V.evaluationPictures = { mounted };
  (V.onStart ||= []).push(() => {
    document.getElementById("evaluation-model")?.addEventListener("click", open);
    V.state.on(["page"], work);
  });
})();
