// @ts-check
/* A tour of five steps: each points at a part of the page, says one sentence, and notices when it was tried. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const SEEN = "visml-tour";
  const GAP = 14;
  const NARROW = 760; // pixels

  /**
   * @typedef {object} Step
   * @property {string} title
   * @property {() => string} says one sentence
   * @property {string[]} at what it points at; the card stands beside the first
   * @property {string[]} keys of the state that tell whether it was tried
   * @property {(state: any, before: any) => boolean} tried
   * @property {string} seen what is said then
   * @property {() => void} [prepare]
   */

  const bins = () => V.trace?.output.kind === "bins";
  const wide = () => matchMedia("(hover: hover)").matches;
  const point = () => (wide() ? "Point at" : "Tap");

  /** A layer with maps, for whoever stands on the last one. */
  function layered() {
    const names = V.data?.names() || [], { layer } = V.state.get();
    if (names.length && (!names.includes(layer) || layer === V.trace.output.layer && bins())) go(names[Math.min(3, names.length - 1)]);
  }

  /** @param {string} layer */
  const go = (layer) => V.state.set({ layer, pinnedLayer: layer });

  /** @type {Step[]} */
  const STEPS = [
    {
      title: "A photo without its colors", at: ["#strip", "#picture-predicted-card"], keys: ["trace"],
      says: () => "Pick a photo: the network sees only how bright it is, and has to guess every color.",
      tried: (state, before) => state.photo !== before.photo, seen: "Its guess stands under Predicted.",
    },
    {
      title: "Its layers", at: ["#network"], keys: ["layer", "pinnedLayer"],
      says: () => `${point()} a layer\u2019s name: this is the network, and light goes through it from top to bottom.`,
      tried: (state, before) => state.layer !== before.layer || state.pinnedLayer !== before.pinnedLayer, seen: "Below the pictures stands all that this layer answers.",
    },
    {
      title: "What each filter sees", at: ["#layer-panel", ".means-panel"], keys: ["hoverFilter", "filter"], prepare: layered,
      says: () => `${point()} a small picture: it is one filter\u2019s answer to the photo, and its bar lights up beside it.`,
      tried: (state) => state.hoverFilter !== null || state.filter !== null, seen: "A tall bar is a filter that answers a lot.",
    },
    {
      title: "What it makes of a pixel", at: ["#picture-predicted-card", ".gamut-panel", ".tool-temperature"], keys: ["x", "y", "t"],
      prepare: () => bins() && go(V.trace.output.layer),
      says: () => (bins() ? `${point()} the photo: the larger a disc, the likelier that color is there; then move T, which chooses among them.`
        : `${point()} the photo: below each picture stand the numbers of that pixel.`),
      tried: (state, before) => (bins() ? state.t !== before.t : state.x !== before.x || state.y !== before.y),
      seen: "T 0 paints the likeliest color, T 1 the mean of all.",
    },
    {
      title: "Ask why", at: ["#ask"], keys: ["ask"],
      says: () => "Choose a question: which filters made this color, and what if the photo were different?",
      tried: (state, before) => Boolean(state.ask) && state.ask !== before.ask, seen: "Its answer comes from this very network. That is the tour; ? brings it back.",
    },
  ];

  /** @type {any} */
  let card = null;
  let at = -1;
  /** The state when the step began. @type {any} */
  let before = null;
  let done = false;

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const targets = () => /** @type {HTMLElement[]} */ (STEPS[at].at.map((selector) => document.querySelector(selector)).filter((found) => found && /** @type {HTMLElement} */ (found).offsetParent));

  // ---- the steps -----------------------------------------------------------------------------------------------------

  /** @param {number} step */
  function show(step) {
    at = step;
    done = false;
    V.state.set({ page: "inspect" });
    STEPS[at].prepare?.();
    requestAnimationFrame(() => requestAnimationFrame(() => at === step && point_out()));
  }

  /** Marks what the step is about, brings it into sight, and says its sentence. */
  function point_out() {
    before = V.state.get();
    unmark();
    const [first, ...others] = targets();
    for (const node of [first, ...others]) node?.setAttribute("data-tour", "");
    first?.scrollIntoView({ block: first.offsetHeight > innerHeight / 2 ? "start" : "center", behavior: "instant" });
    write();
    place();
    V.announce(`Step ${at + 1} of ${STEPS.length}. ${STEPS[at].says()}`);
  }

  function write() {
    const step = STEPS[at], last = at === STEPS.length - 1;
    V.draw.say(byId("tour-count"), `${at + 1} of ${STEPS.length}`);
    V.draw.say(byId("tour-title"), step.title);
    V.draw.say(byId("tour-says"), step.says());
    V.draw.say(byId("tour-seen"), done ? `\u2713 ${step.seen}` : "");
    V.draw.say(byId("tour-next"), last ? "Done" : "Next");
    V.draw.say(byId("tour-skip"), last ? "Close" : "Skip the tour");
    byId("tour-skip").hidden = last;
    byId("tour-back").hidden = at === 0;
    card.classList.toggle("is-done", done);
  }

  /** Beside the first target, where it covers least of all of them; on small screens at the bottom. */
  function place() {
    const { offsetWidth: width, offsetHeight: height } = card, boxes = targets().map((node) => node.getBoundingClientRect()), [box] = boxes;
    if (!box || innerWidth < NARROW) return void Object.assign(card.style, { left: "", top: "" });
    const within = (/** @type {number} */ value, /** @type {number} */ end) => Math.max(GAP, Math.min(end - GAP, value));
    const places = [
      [box.right + GAP, box.bottom - height], [box.right - width, box.bottom + GAP], [box.right - width, box.top - GAP - height],
      [innerWidth, innerHeight], [0, innerHeight],
    ].map(([x, y]) => [within(x, innerWidth - width), within(y, innerHeight - height)]);
    const covered = (/** @type {number[]} */ [x, y]) => boxes.reduce((sum, each) => sum + shared(x, x + width, each.left, each.right) * shared(y, y + height, each.top, each.bottom), 0);
    const [x, y] = places.reduce((best, one) => (covered(one) < covered(best) ? one : best));
    Object.assign(card.style, { left: `${x}px`, top: `${y}px` });
  }

  /** How much two spans have in common. @param {number} from @param {number} to @param {number} low @param {number} high */
  const shared = (from, to, low, high) => Math.max(0, Math.min(to, high) - Math.max(from, low));

  const unmark = () => document.querySelectorAll("[data-tour]").forEach((node) => node.removeAttribute("data-tour"));

  /** The person tried what the step is about. @param {any} state @param {Set<string>} changed */
  function notice(state, changed) {
    if (at < 0 || done || !before || !STEPS[at].keys.some((key) => changed.has(key)) || !STEPS[at].tried(state, before)) return;
    done = true;
    write();
    V.announce(STEPS[at].seen);
  }

  // ---- begin and end -------------------------------------------------------------------------------------------------

  function build() {
    const { element } = V.draw, button = (/** @type {string} */ id, /** @type {string} */ text, className = "button") => element("button", { id, type: "button", class: className, text });
    card = element("dialog", { id: "tour", class: "tour", "aria-labelledby": "tour-title", "aria-describedby": "tour-says" },
      element("div", { class: "tour-head" }, element("h2", { id: "tour-title" }), element("span", { id: "tour-count", class: "sub num" })),
      element("p", { id: "tour-says" }), element("p", { id: "tour-seen", class: "tour-seen" }),
      element("div", { class: "tour-foot" }, button("tour-skip", "Skip the tour", "tour-skip"), button("tour-back", "Back"), button("tour-next", "Next")));
    document.body.append(card);
    byId("tour-skip").addEventListener("click", end);
    byId("tour-back").addEventListener("click", () => show(at - 1));
    byId("tour-next").addEventListener("click", () => (at === STEPS.length - 1 ? end() : show(at + 1)));
    card.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      end();
    });
  }

  /** Starts the tour; the card takes the focus, and the page stays usable. */
  function start() {
    if (!card) build();
    if (!card.open) card.show();
    show(0);
    byId("tour-next").focus();
  }

  function end() {
    at = -1;
    unmark();
    const held = card.contains(document.activeElement);
    card.close();
    if (held) byId("help-open").focus();
    remember();
  }

  function remember() {
    try { localStorage.setItem(SEEN, "seen"); } catch { /* it is offered again next time */ }
  }

  const seen = () => { try { return localStorage.getItem(SEEN) !== null; } catch { return true; } };

  (V.onStart ||= []).push(() => {
    const bare = location.pathname === "/" && !location.search; // a link shows what it names, and nothing before it
    const stop = V.state.on(["trace"], () => {
      stop();
      if (bare && !seen()) start();
    });
    V.state.on([...new Set(STEPS.flatMap(({ keys }) => keys))], notice);
    addEventListener("resize", () => at >= 0 && place());
    byId("help-tour").addEventListener("click", () => {
      /** @type {HTMLDialogElement} */ (byId("help")).close();
      start();
    });
  });

  V.tour = { start };
})();
