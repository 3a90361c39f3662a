/** The gallery strip: one row of photos, filtered by kind and category; choosing one opens it. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const KEPT = "visml-uploads";
  const STEP = 60;
  const byId = (id) => document.getElementById(id);
  let uploads = [];
  let listed = [];
  let drawn = 0;

  /** Uploads are known to this browser alone: the server keeps them under handles that cannot be guessed. */
  function readUploads() {
    try { uploads = JSON.parse(localStorage.getItem(KEPT)) || []; } catch { uploads = []; }
  }

  function keepUploads() {
    try { localStorage.setItem(KEPT, JSON.stringify(uploads)); } catch { /* they last as long as this page */ }
  }

  const thumbnail = (key) => `/thumb/${encodeURIComponent(key)}`;

  function wanted(photo) {
    const { kind, category } = V.state.get();
    if (kind === "yours") return photo.origin !== "sample";
    if (kind !== "all" && photo.kind !== kind) return false;
    return !category || photo.category === category;
  }

  function forget(key) {
    uploads = uploads.filter((photo) => photo.key !== key);
    keepUploads();
    relist();
  }

  function option(photo) {
    const item = document.createElement("div");
    item.className = "photo";
    item.id = `photo-${photo.key}`;
    item.dataset.key = photo.key;
    item.setAttribute("role", "option");
    item.setAttribute("aria-label", photo.category ? `${photo.label}, ${photo.category}` : photo.label);
    item.title = photo.label;
    const picture = document.createElement("img");
    Object.assign(picture, { src: thumbnail(photo.key), alt: "", loading: "lazy", decoding: "async", draggable: false });
    picture.addEventListener("error", () => {
      if (photo.origin === "upload") forget(photo.key);
      else item.classList.add("photo-broken");
    });
    item.append(picture);
    return item;
  }

  function drawMore(strip) {
    const next = listed.slice(drawn, drawn + STEP);
    drawn += next.length;
    strip.append(...next.map(option));
    mark();
    fade();
  }

  function relist() {
    const strip = byId("strip");
    listed = [...uploads, ...V.catalog.photos].filter(wanted);
    drawn = 0;
    strip.replaceChildren();
    drawMore(strip);
    V.state.set({ listed: V.state.get().listed + 1 });
    const empty = byId("strip-empty");
    empty.hidden = listed.length > 0;
    empty.textContent = V.state.get().kind === "yours"
      ? "None of yours yet: drop a photo anywhere, paste one, or choose a file."
      : "No photo here. Drop one anywhere, paste one, or choose a file.";
  }

  function mark() {
    const chosen = V.state.get().photo;
    for (const item of byId("strip").children) {
      const selected = item.dataset.key === chosen;
      item.setAttribute("aria-selected", String(selected));
      item.tabIndex = selected ? 0 : -1;
    }
    const strip = byId("strip");
    if (!strip.querySelector('[tabindex="0"]') && strip.firstElementChild) strip.firstElementChild.tabIndex = 0;
  }

  /** Scrolls to the open photo, which a link may have named far down the strip. */
  function reveal() {
    const at = listed.findIndex((photo) => photo.key === V.state.get().photo);
    while (drawn <= at) drawMore(byId("strip"));
    const chosen = byId("strip").querySelector('[aria-selected="true"]');
    if (chosen) chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @returns {object[]} the photos that the strip lists, in its order */
  V.listedPhotos = () => listed;

  /** @param {number} by how many photos to the right */
  V.stepPhoto = (by) => {
    const at = listed.findIndex((photo) => photo.key === V.state.get().photo) + by;
    if (at < 0 || at >= listed.length) return;
    V.open(listed[at].key);
  };

  /** @param {object} photo a photo the server has just taken in; it is opened at once */
  V.addUpload = (photo) => {
    uploads = [photo, ...uploads.filter((other) => other.key !== photo.key)].slice(0, 50);
    keepUploads();
    relist();
    V.open(photo.key);
  };

  function arrows(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, Home: -listed.length, End: listed.length };
    if (!(event.key in by)) return;
    event.preventDefault();
    const at = listed.findIndex((photo) => photo.key === V.state.get().photo);
    V.stepPhoto(Math.max(-at, Math.min(listed.length - 1 - at, by[event.key])));
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const chosen = byId("strip").querySelector('[aria-selected="true"]');
      if (chosen) chosen.focus();
    }));
  }

  /** A wheel without a sideways turn moves the strip, as long as there is more of it that way. */
  function turn(event) {
    const strip = event.currentTarget;
    const end = strip.scrollWidth - strip.clientWidth;
    const there = event.deltaY > 0 ? strip.scrollLeft < end - 1 : strip.scrollLeft > 0;
    if (event.deltaX || event.ctrlKey || event.shiftKey || !there) return;
    event.preventDefault();
    strip.scrollLeft += event.deltaY;
  }

  /** The strip fades out at its right end where it goes on. */
  function fade() {
    const strip = byId("strip");
    strip.dataset.more = String(strip.scrollLeft + strip.clientWidth < strip.scrollWidth - 8);
  }

  /** Lists what is chosen above the strip. */
  function choose({ kind, category }) {
    const categories = new Set(V.catalog.photos.map((photo) => photo.category)).add(null);
    if (!categories.has(category)) return V.state.set({ category: null });
    for (const button of byId("kinds").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    }
    if (categories.size > 1) window.dash_clientside.set_props("category", { value: category });
    relist();
  }

  /** Dash calls this when a category is chosen; an empty one means all. */
  V.chooseCategory = (value) => V.state.set({ category: value || null });

  (V.onStart = V.onStart || []).push(() => {
    const strip = byId("strip");
    readUploads();
    strip.addEventListener("click", (event) => {
      const item = event.target.closest(".photo");
      if (item) V.open(item.dataset.key);
    });
    strip.addEventListener("keydown", arrows);
    strip.addEventListener("scroll", () => {
      if (strip.scrollLeft + 2 * strip.clientWidth > strip.scrollWidth && drawn < listed.length) drawMore(strip);
      fade();
    }, { passive: true });
    strip.addEventListener("wheel", turn, { passive: false });
    new ResizeObserver(fade).observe(strip);
    byId("kinds").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) V.state.set({ kind: button.dataset.kind });
    });
    V.state.on(["photo"], () => { mark(); reveal(); });
    V.state.on(["kind", "category"], choose);
    choose(V.state.get());
    reveal();
  });
})();
