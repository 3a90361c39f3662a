// @ts-check
/* The sample photos as the network painted them after each epoch: one large beside its target, and all of them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @type {any} the run whose samples are shown, or null */
  let run = null;
  /** @type {string | null} the sample photo shown large */
  let chosen = null;
  /** @type {Map<string, string>} sample pictures as object URLs */
  const pictures = new Map();

  /** @param {any} next */
  function own(next) {
    const stage = document.getElementById("replay-stage");
    run = next?.samples ? next : null;
    pictures.forEach((url) => URL.revokeObjectURL(url));
    pictures.clear();
    delete document.documentElement.dataset.replay;
    if (!run || !stage) return void (document.documentElement.dataset.replay = "ready");
    const photos = run.samples.photos;
    chosen = [chosen, V.state.get().photo].find((photo) => photos.includes(photo)) ?? photos[0];
    stage.replaceChildren(large(), all());
    return void prefetch(run);
  }

  /** All sample pictures, one after another, so that the slider then moves without a request. @param {any} mine */
  async function prefetch(mine) {
    const wanted = [...mine.samples.epochs].reverse().flatMap((e) => mine.samples.photos.map((photo) => [e, photo]));
    for (const [e, photo] of wanted) {
      const reply = await fetch(address(e, photo)).catch(() => null);
      const made = run === mine && reply?.ok ? await reply.blob() : null;
      if (run !== mine) return;
      if (made) pictures.set(`${e}/${photo}`, URL.createObjectURL(made));
    }
    document.documentElement.dataset.replay = "ready";
  }

  /** @param {number} e @param {string} photo */
  function address(e, photo) {
    const { samples } = run;
    return `/data/checkpoint/${encodeURIComponent(run.run)}/samples/${e}/${encodeURIComponent(photo)}.webp?v=${samples.version}`;
  }

  /** A sample's picture; where an epoch has none, the one before it. @param {number} e @param {string} photo */
  function source(e, photo) {
    const known = run.samples.epochs.filter((/** @type {number} */ each) => each <= e);
    const nearest = known.length ? known[known.length - 1] : run.samples.epochs[0];
    return pictures.get(`${nearest}/${photo}`) || address(nearest, photo);
  }

  /** @param {string} text @param {string} label @param {() => void} act @returns {HTMLElement} */
  function button(text, label, act) {
    const made = V.draw.element("button", { type: "button", text, "aria-label": label });
    made.addEventListener("click", act);
    return made;
  }

  /** @param {string} className */
  function picture(className) {
    const made = /** @type {HTMLImageElement} */ (V.element("img", className));
    return Object.assign(made, { alt: "", draggable: false, decoding: "async" });
  }

  /** @param {string} photo */
  const thumbnail = (photo) => `/thumb/${encodeURIComponent(photo)}`;

  /** The chosen photo: target, painted, and the strip of every epoch. */
  function large() {
    const pair = V.element("div", "replay-pair",
      V.element("figure", "", picture("replay-target"), V.element("figcaption", "", "target")),
      V.element("figure", "", picture("replay-painted"), V.element("figcaption", "replay-caption", "")));
    const strip = V.element("div", "replay-strip");
    strip.setAttribute("role", "group");
    strip.setAttribute("aria-label", "every epoch of this photo");
    strip.append(...run.samples.epochs.map((/** @type {number} */ e) => {
      const item = button("", `epoch ${e}`, () => { V.trainingBar.stop(); V.training.choose(e); });
      item.dataset.epoch = String(e);
      item.append(picture(""), V.element("span", "", String(e)));
      return item;
    }));
    return V.element("div", "replay-large", pair, strip);
  }

  /** Every sample photo at the shown epoch; one is chosen. */
  function all() {
    const box = V.element("div", "replay-all");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "sample photos");
    box.append(...run.samples.photos.map((/** @type {string} */ photo) => {
      const item = button("", photo, () => { chosen = photo; show(V.training.epoch()); });
      item.dataset.photo = photo;
      item.append(picture(""), V.element("span", "", photo));
      return item;
    }));
    return box;
  }

  /** @param {ParentNode} within @param {string} selector @param {string} src */
  function paint(within, selector, src) {
    const image = /** @type {HTMLImageElement | null} */ (within.querySelector(selector));
    if (image && image.getAttribute("src") !== src) image.src = src;
  }

  /** @param {number} now */
  function show(now) {
    const stage = /** @type {any} */ (document.getElementById("replay-stage"));
    if (!run || !stage?.firstChild || chosen === null) return;
    paint(stage, ".replay-target", thumbnail(chosen));
    paint(stage, ".replay-painted", source(now, chosen));
    stage.querySelector(".replay-target").alt = `${chosen}, target`;
    stage.querySelector(".replay-painted").alt = `${chosen}, painted after epoch ${now}`;
    V.draw.say(stage.querySelector(".replay-caption"), `painted after epoch ${now}`);
    for (const item of stage.querySelectorAll(".replay-strip button")) {
      paint(item, "img", source(Number(item.dataset.epoch), chosen));
      press(item, Number(item.dataset.epoch) === now);
    }
    for (const item of stage.querySelectorAll(".replay-all button")) {
      paint(item, "img", source(now, item.dataset.photo));
      press(item, item.dataset.photo === chosen);
    }
  }

  /** Marks a button as the one shown, and brings it into view in its strip. @param {HTMLElement} item @param {boolean} yes */
  function press(item, yes) {
    if (item.getAttribute("aria-pressed") === String(yes)) return;
    item.setAttribute("aria-pressed", String(yes));
    const strip = yes ? /** @type {HTMLElement | null} */ (item.closest(".replay-strip")) : null;
    if (strip) strip.scrollLeft = item.offsetLeft - strip.offsetLeft - (strip.clientWidth - item.offsetWidth) / 2;
  }

  (V.onStart ||= []).push(() => {
    V.training.listen("own", own);
    V.training.listen("show", show);
  });
})();
