// @ts-check
/* A filter's patches as pictures, and the layer's filters that tell nothing new. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST = { dead: 48, duplicates: 24 }; // shown of a list
  const COARSE = 48; // a patch of fewer pixels is shown as pixels
  let shown = "";
  /** @type {any} */
  let listed = null;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @param {[string, Record<string, any>?, ...Node[]]} parts */
  const element = (...parts) => V.draw.element(...parts);

  /** @param {any} told @param {string} layer @param {number | null} filter */
  function title(told, layer, filter) {
    const there = told.filters && filter !== null, twin = there && told.duplicates.find((/** @type {number[]} */ pair) => pair.slice(0, 2).includes(filter));
    V.draw.say(byId("patches-title"), there ? `Filter ${filter} of ${layer}` : "Filter");
    const near = twin ? `; nearly the same as filter ${twin[0] === filter ? twin[1] : twin[0]} (cosine ${V.draw.fixed(twin[2], 3)})` : "";
    const from = told.data === "gallery" ? "the gallery" : `\u201c${told.data}\u201d`;
    const ring = there && told.filters[filter][0]?.[8] ? "; it sees the whole photo, the ring marks its place" : "";
    V.draw.say(byId("patches-sub"), there ? `strongest of ${told.seen} photos of ${from}${ring}${near}` : "");
    for (const chip of document.querySelectorAll(".patches-chip")) {
      chip.setAttribute("aria-pressed", String(/** @type {HTMLButtonElement} */ (chip).value === String(filter)));
    }
  }

  /** @param {any} told @param {string} layer @param {number | null} filter */
  function show(told, layer, filter) {
    const name = told.filters && filter !== null ? `${V.trace.trace} ${told.index} ${layer} ${filter}` : "";
    if (name === shown) return;
    shown = name;
    const patches = name ? told.filters[/** @type {number} */ (filter)] : [];
    const items = patches.map((/** @type {any[]} */ patch, /** @type {number} */ rank) => item(told, layer, /** @type {number} */ (filter), rank, patch));
    const none = `Filter ${filter} is above 0 on none of the ${told.seen} photos.`;
    byId("patches-list").replaceChildren(...items, ...(name && !items.length ? [element("li", { class: "sub patches-none", text: none })] : []));
  }

  /** @param {any} told @param {string} layer @param {number} filter @param {number} rank @param {any[]} patch */
  function item(told, layer, filter, rank, [number, value, x, y, left, top, right, bottom, whole]) {
    const picture = told.pictures[number], words = `${V.draw.significant(value)} in ${picture.label}`;
    const address = `/ask/${V.trace.trace}/patch?${new URLSearchParams(/** @type {any} */ ({ layer, filter, rank, index: told.index }))}`;
    const image = element("img", { src: address, alt: `Patch ${rank + 1}: ${words}`, width: right - left, height: bottom - top });
    image.classList.toggle("is-coarse", right - left < COARSE);
    const frame = element("span", { class: "patch-frame" }, image);
    shape(frame, (right - left) * picture.width, (bottom - top) * picture.height);
    if (whole) frame.append(mark((x + 0.5) / told.size, (y + 0.5) / told.size));
    const inside = [element("span", { class: "patch-box" }, frame), element("b", { class: "num", text: V.draw.significant(value) }),
      element("span", { class: "sub patch-label", text: picture.label })];
    if (!picture.key) return element("li", { class: "patch" }, ...inside);
    const link = element("button", { type: "button", class: "patch-open", title: `Open ${picture.label}` }, ...inside);
    link.addEventListener("click", () => V.state.set({ photo: picture.key, ...under(told, x, y) }));
    return element("li", { class: "patch" }, link);
  }

  /** The pixel in the patch's middle. @param {any} told @param {number} x @param {number} y */
  const under = ({ size }, x, y) => ({ x: Math.min(size - 1, Math.max(0, Math.round(x))), y: Math.min(size - 1, Math.max(0, Math.round(y))) });

  /** The photo's own proportions in a square. @param {HTMLElement} frame @param {number} width @param {number} height */
  function shape(frame, width, height) {
    const longer = Math.max(width, height);
    frame.style.width = `${(100 * width) / longer}%`;
    frame.style.height = `${(100 * height) / longer}%`;
  }

  /** @param {number} across @param {number} down shares of the photo */
  function mark(across, down) {
    const made = element("span", { class: "patch-mark" });
    made.style.left = `${100 * across}%`;
    made.style.top = `${100 * down}%`;
    return made;
  }

  /** The layer's dead and near-duplicate filters. @param {any} told */
  function others(told) {
    if (told === listed) return;
    listed = told;
    const there = Boolean(told.filters), dead = there ? told.dead : [], pairs = there ? told.duplicates : [];
    /** @type {HTMLElement} */ (document.querySelector(".patches-others")).hidden = !there;
    if (!there) return;
    V.draw.say(byId("patches-dead-count"), `${dead.length} of ${told.filters.length}`);
    V.draw.say(byId("patches-dead-words"), dead.length ? `Above 0 on none of the ${told.seen} photos.` : `Every filter answers on some of the ${told.seen} photos.`);
    V.draw.say(byId("patches-duplicates-count"), `${pairs.length}${pairs.length === 500 ? "+" : ""} pairs`);
    V.draw.say(byId("patches-duplicates-words"), pairs.length ? "The cosine of their responses is above 0.95." : "No two filters answer alike: every cosine is 0.95 or less.");
    fill("dead", dead, (/** @type {number} */ filter) => [chip(filter)]);
    fill("duplicates", pairs, (/** @type {number[]} */ [one, other, cosine]) => [chip(one), element("span", { text: "\u2248" }), chip(other),
      element("span", { class: "sub", text: V.draw.fixed(cosine, 3) })]);
  }

  /** @param {"dead" | "duplicates"} name @param {any[]} values @param {(value: any) => Node[]} inside */
  function fill(name, values, inside) {
    const items = values.slice(0, MOST[name]).map((value) => element("li", {}, ...inside(value)));
    if (values.length > MOST[name]) items.push(element("li", { class: "sub", text: `and ${values.length - MOST[name]} more` }));
    byId(`patches-${name}`).replaceChildren(...items);
  }

  /** @param {number} filter */
  function chip(filter) {
    const made = element("button", { type: "button", class: "patches-chip", text: filter, value: filter, "aria-label": `Filter ${filter}` });
    made.addEventListener("click", () => V.state.set({ filter, hoverFilter: null }));
    return made;
  }

  V.patchesList = { title, show, others };
})();
