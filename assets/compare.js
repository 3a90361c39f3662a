// @ts-check
/* The Compare page: which columns there are, each opened when first needed and painted at its own temperature. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @typedef {{model: string, t: number | null, told: string | null}} Column */
  /** @typedef {any} Card what V.compareCard.create gives, and its column, key, scene and timer */

  /** @type {Card[]} */
  const cards = [];
  /** @type {Record<string, ((card: Card | null) => void)[]>} */
  const listeners = { opened: [], painted: [], settled: [], arranged: [] };

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const shown = () => V.state.get().page === "compare";
  const columns = () => V.columns.parse(V.state.get().columns);

  /** @param {"opened" | "painted" | "settled" | "arranged"} kind @param {(card: Card | null) => void} listener */
  const listen = (kind, listener) => listeners[kind].push(listener);
  const emit = (/** @type {string} */ kind, /** @type {Card | null} */ card) => listeners[kind].forEach((listener) => listener(card));

  /** The columns whose photo stands. @returns {Card[]} */
  const standing = () => cards.filter((card) => card.scene);

  /** Of the photos that stand the finest, which target and gray are taken from. @returns {any} a scene, or null */
  const reference = () => standing().reduce((best, { scene }) => (best && best.size >= scene.size ? best : scene), null);

  /** @param {Column[]} next */
  const change = (next) => V.state.set({ columns: V.columns.write(next) });

  /** @param {number} index @param {object} partial */
  const alter = (index, partial) => change(columns().map((column, i) => (i === index ? { ...column, ...partial } : column)));

  // ---- columns ---------------------------------------------------------------------------------------------------

  /** As many cards as columns; those there stay as they are. @param {number} count */
  function arrange(count) {
    if (cards.length === count) return;
    while (cards.length > count) cards.pop().element.remove();
    while (cards.length < count) {
      const index = cards.length, card = V.compareCard.create(V.columns.LETTERS[index], {
        model: (/** @type {string} */ model) => alter(index, V.columns.column(model, null, V.told.of(model, columns()[index].told))),
        told: (/** @type {string | null} */ told) => alter(index, { told }),
        temperature: (/** @type {number} */ t) => alter(index, { t }),
        remove: () => remove(index),
      });
      cards.push(card);
      byId("compare-difference").before(card.element);
    }
    byId("compare-cards").dataset.cards = String(count + 2);
    /** @type {HTMLButtonElement} */ (byId("compare-add")).disabled = count >= V.columns.LETTERS.length;
    cards.forEach((card) => { card.remove.hidden = count === 1; });
    emit("arranged", null);
  }

  function add() {
    change([...columns(), V.columns.another(columns())]);
    requestAnimationFrame(() => requestAnimationFrame(() => cards[cards.length - 1].select.focus()));
  }

  /** The columns behind it move up, with what they show. @param {number} index */
  function remove(index) {
    change(columns().filter((_, i) => i !== index));
    V.announce(`Column ${V.columns.LETTERS[index]} removed.`);
    byId("compare-add").focus();
  }

  function refresh() {
    const state = V.state.get();
    if (!shown() || !state.photo) return;
    const any = V.columns.models().length > 0;
    byId("compare-empty").hidden = any;
    byId("compare-cards").hidden = !any;
    if (!any) return;
    const wanted = columns();
    if (!wanted.length) return change(V.columns.suggested());
    arrange(wanted.length);
    wanted.forEach((column, i) => update(cards[i], column, state.photo));
  }

  /** @param {Card} card @param {Column} column @param {string} photo */
  function update(card, column, photo) {
    const key = JSON.stringify([photo, column.model, column.told]), moved = card.column?.t !== column.t;
    card.column = column;
    if (card.key === key) {
      card.describe(column, card.scene?.meta);
      if (moved && card.scene) repaint(card);
      return;
    }
    Object.assign(card, { key, scene: null, failed: false });
    card.describe(column, null);
    card.wait(true);
    emit("opened", card);
    V.compareData.open(photo, column, () => card.key === key && cards.includes(card) && shown())
      .then((/** @type {any} */ found) => stand(card, key, found), (/** @type {Error} */ failure) => fail(card, key, failure));
  }

  /** @param {Card} card @param {string} key @param {any} found */
  function stand(card, key, found) {
    if (card.key !== key) return;
    if (!found) return void (card.key = null); // left before its turn: asked again on coming back
    const { meta, rgba, output } = found;
    card.scene = V.scene.build(meta, rgba, output);
    card.describe(card.column, meta);
    card.fail("");
    card.wait(false);
    V.pictures.fit(card.canvas, card.scene);
    emit("opened", card);
    repaint(card);
  }

  /** @param {Card} card @param {string} key @param {Error} failure */
  function fail(card, key, failure) {
    if (card.key !== key) return;
    card.failed = true;
    card.wait(false);
    card.fail(failure instanceof TypeError ? "The server does not answer." : failure.message);
    emit("settled", card);
  }

  /** Whenever the server has opened a photo again, what failed is asked for again. */
  function retry() {
    for (const card of cards.filter(({ failed }) => failed)) card.key = null;
    refresh();
  }

  // ---- painting --------------------------------------------------------------------------------------------------

  /** @param {Card} card */
  function repaint(card) {
    const { scene, column } = card;
    V.scene.paint(scene, column.t ?? scene.meta.temperature);
    V.draw.put(card.canvas, scene.painted.rgba);
    emit("painted", card);
    clearTimeout(card.timer);
    card.timer = window.setTimeout(() => settle(card, scene), V.scene.SETTLE_MS);
  }

  /** @param {Card} card @param {any} scene */
  function settle(card, scene) {
    if (card.scene !== scene) return;
    if (scene.hasColor) V.scene.judge(scene);
    emit("settled", card);
  }

  /** Whether a column still waits for its photo. */
  const waiting = () => shown() && cards.some(({ key, scene, failed }) => key && !scene && !failed);

  (V.onStart ||= []).push(() => {
    if (!document.getElementById("compare-cards")) return;
    byId("compare-add").addEventListener("click", add);
    V.state.on(["page", "photo", "columns"], refresh);
    V.state.on(["trace"], retry);
    refresh();
  });

  V.compare = { listen, standing, reference, waiting, columns, shown, get cards() { return cards; } };
})();
