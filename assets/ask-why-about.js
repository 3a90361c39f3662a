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
    const { method, baseline, t } = V.state.get(), found = box(), pixel = found.right - found.left === 1 && found.bottom - found.top === 1;
    const region = pixel ? `${found.left},${found.top}` : `${found.left},${found.top},${found.right},${found.bottom}`;
    const where = pixel ? `at x ${found.left}, y ${found.top}` : `in ${found.right - found.left} \u00d7 ${found.bottom - found.top} pixels`;
    return { box: found, where, method, baseline, level: BASELINES[/** @type {"gray"} */ (baseline)], ...quantity(region, t) };
  }

  /** @param {string} region @param {number} t */
  function quantity(region, t) {
    const one = bin(), two = other();
    if (one === null) {
      const { a, b, name } = direction();
      return { parameters: { region, a, b, t }, unit: "Lab units", title: `How far the mean color goes toward ${name}, T ${V.draw.fixed(t, 2)},` };
    }
    if (two === null) return { parameters: { region, bin: one }, unit: "nats", title: `Log probability of ${named(one)}` };
    return { parameters: { region, bin: one, against: two }, unit: "nats", title: `Log odds of ${named(one)} against ${named(two)}` };
  }

  // ---- controls ----------------------------------------------------------------------------------------------------

  const option = (/** @type {string} */ value, /** @type {string} */ text) => V.draw.element("option", { value, text });
  const choice = (/** @type {number} */ each) => option(String(each), `${named(each)}: ${V.draw.significant(100 * shares[each])} %`);

  function offer() {
    if (!V.why.ready()) return;
    shares = probabilities();
    const { about, against, method, baseline } = V.state.get(), one = bin(), two = other();
    const ten = V.decode.largest(shares, TEN), listed = (/** @type {number | null} */ each) => (each === null || ten.includes(each) ? ten : [...ten, each]);
    const directions = V.draw.element("optgroup", { label: "Direction of the mean color" }, ...Object.entries(DIRECTIONS).map(([value, { name }]) => option(value, name)));
    const bins = shares.length ? [option("likeliest", `the likeliest (${named(V.decode.largest(shares, 1)[0])})`), ...listed(about === "likeliest" ? null : one).map(choice)] : [];
    byId("why-about").replaceChildren(...bins, directions);
    byId("why-about").value = one === null ? (about in DIRECTIONS ? about : "own") : about === String(one) ? about : "likeliest";
    byId("why-against").replaceChildren(option("", one === null ? "nothing: A is a direction" : "all others"), ...(one === null ? [] : listed(two).filter((each) => each !== one).map(choice)));
    byId("why-against").value = two === null ? "" : String(two);
    byId("why-against").disabled = one === null;
    byId("why-method").value = method;
    byId("why-baseline").value = baseline;
    V.draw.say(byId("why-ask"), V.region.box() ? "Ask for this region" : "Ask for this pixel");
    byId("why-plane").hidden = !shares.length;
    V.whyGamut.repaint();
  }

  (V.onStart ||= []).push(() => {
    const chosen = (/** @type {string} */ key) => byId(`why-${key}`).addEventListener("change", () => V.state.set({ [key]: byId(`why-${key}`).value || null }));
    ["about", "against", "method", "baseline"].forEach(chosen);
    V.state.on(["about", "against", "method", "baseline", "x", "y", "region", "ask", "page", "theme"], offer);
    V.scene.listen("opened", offer);
  });

  V.whyAbout = { asked, bin, other, named, get shares() { return shares; } };
})();
