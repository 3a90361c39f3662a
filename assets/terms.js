// @ts-check
/* Words with dots under them: pointed at, focused or tapped, they say in one sentence what they mean. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 250; // a pointer that only passes by opens nothing
  const LEAVE_MS = 200; // time to reach the sentence and its link
  const GAP = 6;

  /** @type {HTMLElement} */
  let tip;
  /** The word that is explained. @type {HTMLElement | null} */
  let open = null;
  let timer = 0;

  /** @param {string} key @returns {HTMLElement | null} the word's sentence, which the server wrote */
  const sentence = (key) => document.getElementById(`term-${key}`);

  /** Makes a word explain itself, or explain another. @param {Element} word @param {string} key */
  function explain(word, key) {
    const known = sentence(key);
    word.classList.add("term");
    word.setAttribute("data-term", key);
    if (known) word.setAttribute("aria-describedby", known.id);
  }

  /** A word of a panel that a script writes. @param {string} key @param {string} text @returns {HTMLElement} */
  function word(key, text) {
    const made = V.draw.element("button", { type: "button", text });
    explain(made, key);
    return made;
  }

  // ---- the sentence ------------------------------------------------------------------------------------------------

  /** @param {HTMLElement} about */
  function show(about) {
    const known = sentence(about.dataset.term || "");
    clearTimeout(timer);
    if (!known || open === about) return;
    open = about;
    const [name, meaning, link] = /** @type {any} */ (tip.children);
    name.textContent = known.dataset.name || "";
    meaning.textContent = known.textContent;
    link.href = known.dataset.more || "";
    link.hidden = !known.dataset.more;
    tip.showPopover();
    place(about);
  }

  /** Below the word, or above it where there is no room. @param {HTMLElement} about */
  function place(about) {
    const at = about.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = tip;
    const below = at.bottom + GAP + height <= innerHeight, left = Math.min(at.left, innerWidth - width - GAP);
    tip.style.left = `${Math.max(GAP, left)}px`;
    tip.style.top = `${Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - height)}px`;
  }

  function hide() {
    clearTimeout(timer);
    if (!open) return;
    open = null;
    tip.hidePopover();
  }

  /** @param {() => void} task @param {number} ms */
  function later(task, ms) {
    clearTimeout(timer);
    timer = window.setTimeout(task, ms);
  }

  // ---- pointer, keyboard, touch --------------------------------------------------------------------------------------

  /** @param {EventTarget | null} target @returns {HTMLElement | null} */
  const wordAt = (target) => (target instanceof Element ? target.closest(".term") : null);
  const inside = (/** @type {EventTarget | null} */ target) => target instanceof Node && tip.contains(target);

  /** @param {PointerEvent} event */
  function over({ target, pointerType }) {
    const found = wordAt(target);
    if (pointerType === "touch") return;
    if (found) later(() => show(found), open ? 0 : REST_MS);
    else if (inside(target)) clearTimeout(timer);
    else if (open && !tip.contains(document.activeElement) && document.activeElement !== open) later(hide, LEAVE_MS);
    else if (!open) clearTimeout(timer);
  }

  /** A press opens the sentence and goes to its link, which stands at the end of the page. @param {MouseEvent} event */
  function clicked(event) {
    const found = wordAt(event.target);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    show(found);
    /** @type {HTMLElement} */ (tip.lastElementChild).focus();
  }

  /** Escape takes the sentence away; Tab goes on from the word. @param {KeyboardEvent} event */
  function pressed(event) {
    if (!open || !["Escape", "Tab"].includes(event.key)) return;
    const from = open, within = tip.contains(document.activeElement);
    if (event.key === "Escape" || within) hide();
    if (within) from.focus({ preventScroll: true });
    if (event.key === "Escape") {
      hide();
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** @param {FocusEvent} event */
  function focused({ target }) {
    const found = wordAt(target);
    if (found?.matches(":focus-visible")) show(found);
    else if (open && !inside(target) && target !== open) hide();
  }

  (V.onStart ||= []).push(() => {
    const { element } = V.draw;
    tip = element("div", { id: "term-tip", class: "term-tip", popover: "manual", role: "dialog", "aria-labelledby": "term-tip-name" },
      element("b", { id: "term-tip-name" }), element("p"), element("a", { target: "_blank", rel: "noopener", text: "More in the glossary" }));
    document.body.append(tip);
    document.addEventListener("pointerover", over);
    document.addEventListener("click", clicked, { capture: true });
    document.addEventListener("keydown", pressed, { capture: true });
    document.addEventListener("focusin", focused);
    document.addEventListener("pointerdown", ({ target }) => { if (!inside(target) && !wordAt(target)) hide(); });
    document.addEventListener("scroll", () => open && place(open), { capture: true, passive: true });
  });

  V.terms = { explain, word };
})();
