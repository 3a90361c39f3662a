// @ts-check
/* What Why here is asked about: a color or a direction of color, at the crosshair or in the region. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const TEN = 10;
  /** @type {Record<string, {a: number, b: number, name: string}>} */
  const DIRECTIONS = {
    own: { a: 0, b: 0, name: "its own hue" }, red: { a: 1, b: 0, name: "red" }, green: { a: -1, b: 0, name: "green" },
    yellow: { a: 0, b: 1, name: "yellow" }, blue: { a: 0, b: -1, name: "blue" },
  };
  const BASELINES = { gray: "50", mean: "the photo\u2019s mean" };

  /** The mean probability of each bin where it is asked, of the network's own distribution. @type {ArrayLike<number>} */
  let shares = [];

  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

  /** The region, or the pixel under the crosshair. @returns {{left: number, top: number, right: number, bottom: number}} */
  function box() {
    const { x, y } = V.scene.pixel(V.state.get());
    return V.region.box() || { left: x, top: y, right: x + 1, bottom: y + 1 };
  }

  /** @param {any} scene */
  const weights = (scene) => V.offMeasure.weights(scene, V.change.within(box(), scene.size));

  /** Probabilities where it is asked, with nothing divided out. */
  function probabilities() {
    const scene = V.scene.current, { distributions } = scene;
    if (!distributions) return [];
    const own = { ...scene, distributions: distributions.own || distributions };
    if (V.region.box()) return V.offMeasure.probabilities(own, weights(scene));
    return V.decode.probabilities(own.distributions, V.scene.pixel(V.state.get()).position);
  }

  /** Color A as a bin, null where it is a direction. @returns {number | null} */
  function bin() {
    const { about } = V.state.get(), count = shares.length;
    if (about in DIRECTIONS || !count) return null;
    const asked = Number(about);
    return Number.isInteger(asked) && asked < count ? asked : V.decode.largest(shares, 1)[0];
  }

  /** Color B, null for none. @returns {number | null} */
  function other() {
    const { against } = V.state.get(), asked = Number(against);
    return against !== null && bin() !== null && asked < shares.length && asked !== bin() ? asked : null;
  }

  /** The direction of color, where A is none of the bins. */
  function direction() {
    const { about } = V.state.get(), found = DIRECTIONS[about] || DIRECTIONS.own;
    if (found !== DIRECTIONS.own) return found;
    const { a, b } = V.offMeasure.color(V.scene.current, weights(V.scene.current));
    return { a: Number(a.toFixed(3)), b: Number(b.toFixed(3)), name: found.name };
  }

  /** @param {number} each a bin */
  function named(each) {
    const [a, b] = V.scene.current.bins.centers[each];
    return `a ${V.draw.fixed(a, 0)}, b ${V.draw.fixed(b, 0)}`;
  }

  /** All that an answer hangs on. */
  function asked() {
    shares = probabilities();
    const { method, baseline, t } = V.state.get(), { left, top, right, bottom } = box(), width = right - left, height = bottom - top;
    const pixel = width === 1 && height === 1, corners = pixel ? [left, top] : [left, top, right, bottom];
    const where = pixel ? `at x ${left}, y ${top}` : `in ${width} \u00d7 ${height} pixels`;
    const level = BASELINES[/** @type {"gray"} */ (baseline)];
    return { box: box(), pixel, where, method, baseline, level, ...quantity(corners.join(","), t) };
  }

  /** @param {string} region @param {number} t */
  function quantity(region, t) {
    const one = bin(), two = other();
    if (one === null) {
      const { a, b, name } = direction();
      const annealed = shares.length > 0, title = `How far the mean color goes toward ${name}${annealed ? `, T ${V.draw.fixed(t, 2)},` : ""}`;
      return { parameters: { region, a, b, ...(annealed && { t }) }, unit: "Lab units", title };
    }
    if (two === null) return { parameters: { region, bin: one }, unit: "nats", title: `Log probability of ${named(one)}` };
    return { parameters: { region, bin: one, against: two }, unit: "nats", title: `Log odds of ${named(one)} against ${named(two)}` };
  }

  /** A log probability or log odds of one pixel as everyone knows them. @param {any} asked @param {number} value */
  function plain({ pixel, parameters }, value) {
    if (!pixel || parameters.bin === undefined) return "";
    const power = Math.exp(value);
    return parameters.against === undefined ? ` (${V.draw.significant(100 * power)} %)` : ` (${V.draw.significant(power)} to 1)`;
  }

  // ---- controls ----------------------------------------------------------------------------------------------------

  const option = (/** @type {string} */ value, /** @type {string} */ text) => V.draw.element("option", { value, text });
  const choice = (/** @type {number} */ each) => option(String(each), `${named(each)}: ${V.draw.significant(100 * shares[each])} %`);

  /** The ten likeliest, and the chosen one where it is none of them. @param {number | null} chosen */
  function listed(chosen) {
    const ten = V.decode.largest(shares, TEN);
    return chosen === null || ten.includes(chosen) ? ten : [...ten, chosen];
  }

  /** @param {number | null} one color A */
  function offerAbout(one) {
    const { about } = V.state.get(), names = Object.entries(DIRECTIONS).map(([value, { name }]) => option(value, name));
    const bins = shares.length ? [option("likeliest", `the likeliest (${named(listed(null)[0])})`), ...listed(about === "likeliest" ? null : one).map(choice)] : [];
    byId("why-about").replaceChildren(...bins, V.draw.element("optgroup", { label: "Direction of the mean color" }, ...names));
    if (one === null) byId("why-about").value = about in DIRECTIONS ? about : "own";
    else byId("why-about").value = about === String(one) ? about : "likeliest";
  }

  /** @param {number | null} one color A @param {number | null} two color B */
  function offerAgainst(one, two) {
    const none = option("", one === null ? "nothing: A is a direction" : "all others");
    const others = one === null ? [] : listed(two).filter((each) => each !== one);
    byId("why-against").replaceChildren(none, ...others.map(choice));
    byId("why-against").value = two === null ? "" : String(two);
    byId("why-against").disabled = one === null;
  }

  function offer() {
    if (!V.why.ready()) return;
    shares = probabilities();
    offerAbout(bin());
    offerAgainst(bin(), other());
    for (const key of ["method", "baseline"]) byId(`why-${key}`).value = V.state.get()[key];
    V.terms.explain(byId("why-method-term"), V.state.get().method.replaceAll("_", "-"));
    V.draw.say(byId("why-ask"), V.region.box() ? "Ask for this region" : "Ask for this pixel");
    byId("why-plane").hidden = !shares.length;
    byId("why-without").hidden = shares.length > 0;
    V.whyGamut.repaint();
  }

  (V.onStart ||= []).push(() => {
    const chosen = (/** @type {string} */ key) => byId(`why-${key}`).addEventListener("change", () => V.state.set({ [key]: byId(`why-${key}`).value || null }));
    ["about", "against", "method", "baseline"].forEach(chosen);
    V.state.on(["about", "against", "method", "baseline", "region", "ask", "page", "theme"], offer);
    V.state.on(["x", "y"], () => V.region.box() || offer());
    V.scene.listen("opened", offer);
  });

  V.whyAbout = { asked, plain, bin, other, named, get shares() { return shares; } };
})();
