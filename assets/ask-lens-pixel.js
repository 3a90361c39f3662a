// @ts-check
/* Color lens at the pixel looked at: its distribution in every layer, and where its hue is decided. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FAINTEST = 0.003; // no disc below this probability
  const LARGEST = 0.3; // radius of the disc of a probability of 1, as a share of the plane's width
  /** @type {Map<HTMLElement, {box: any, values: Float32Array | null}>} */
  const drawings = new Map();
  /** Colors of the bins at a lightness, made when first asked for. @type {{L: number, css: string[]}} */
  let colors = { L: -1, css: [] };

  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** The position of a scene's grid under the pixel looked at. @param {any} scene */
  function position({ size, width, height }) {
    const { x, y } = V.scene.pixel(V.state.get());
    return Math.floor((y * height) / size) * width + Math.floor((x * width) / size);
  }

  /** A scene's color at the pixel looked at, at the page's temperature. @param {any} scene @returns {number[]} a, b */
  function color(scene) {
    const at = position(scene);
    return scene.distributions ? V.decode.color(scene.distributions, at, V.state.get().t) : [scene.coarse.a[at], scene.coarse.b[at]];
  }

  /** @param {any} open the strip, or null while there is none */
  function show(open) {
    const columns = open ? open.columns : [], current = V.scene.current;
    if (!current || !columns.length) return V.draw.say(byId("lens-decided"), "");
    const scenes = columns.map((/** @type {any} */ column) => (column.facts ? column.scene : current));
    const found = scenes.map((/** @type {any} */ scene) => scene && color(scene));
    const first = found.every(Boolean) ? V.lensHue.decided(found) : null;
    columns.forEach((/** @type {any} */ column, /** @type {number} */ place) => {
      column.item.classList.toggle("is-decided", place === first);
      value(column.item, found[place]);
    });
    V.draw.say(byId("lens-decided"), sentence(columns, found, first));
    discs(columns, scenes);
  }

  /** @param {HTMLElement} item @param {number[] | null} found */
  function value(item, found) {
    const [swatch, text] = /** @type {any} */ (item.querySelector(".lens-color")).children;
    if (found) swatch.style.background = V.color.css(V.scene.current.lab.L[V.scene.pixel(V.state.get()).index], found[0], found[1]);
    V.draw.say(text, found ? `a ${V.draw.fixed(found[0], 0)}, b ${V.draw.fixed(found[1], 0)}` : "");
  }

  /** @param {any[]} columns @param {(number[] | null)[]} found @param {number | null} first */
  function sentence(columns, found, first) {
    const { x, y } = V.scene.pixel(V.state.get()), at = `At x ${x}, y ${y}`;
    if (!found.every(Boolean)) return "";
    if (first === null) return `${at} the network\u2019s color is nearly gray: there is no hue to decide.`;
    if (first === columns.length - 1) return `${at} the hue is decided only by the network\u2019s last step.`;
    return `${at} the hue is decided at ${columns[first].name}: from there on it stays within ${V.lensHue.DEGREES}\u00b0 `
      + `of the final one, with a chroma above ${V.lensHue.CHROMA}.`;
  }

  /** @param {any[]} columns @param {any[]} scenes */
  function discs(columns, scenes) {
    const values = scenes.map((scene) => scene?.distributions && V.decode.probabilities(scene.distributions, position(scene)));
    columns.forEach(({ item }, place) => {
      const box = /** @type {HTMLElement} */ (item.querySelector(".lens-gamut"));
      box.hidden = !V.scene.current.bins;
      if (box.hidden) return;
      const drawing = drawings.get(box) || { box: null, values: null };
      drawing.values = values[place];
      drawings.set(box, drawing);
      drawing.box ||= V.draw.sharp(box, (context, width, height) => paint(context, width, height, drawing));
      drawing.box.repaint();
    });
    for (const box of drawings.keys()) if (!box.isConnected) drawings.delete(box);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {any} drawing */
  function paint(context, width, height, { values }) {
    const { bins, lab } = V.scene.current;
    if (!bins) return;
    const at = V.bins.plane(bins, width, height);
    context.fillStyle = V.draw.token("--raised");
    for (const [a, b] of bins.centers) context.fillRect(at.x(a) - at.side / 2, at.y(b) - at.side / 2, at.side + 0.5, at.side + 0.5);
    if (!values) return;
    const L = Math.round(lab.L[V.scene.pixel(V.state.get()).index]), largest = LARGEST * width;
    context.strokeStyle = V.draw.token("--line-strong");
    context.lineWidth = 0.5;
    for (let bin = 0; bin < values.length; bin++) {
      if (values[bin] < FAINTEST) continue;
      const [a, b] = bins.centers[bin];
      context.fillStyle = css(bin, L, a, b);
      context.beginPath();
      context.arc(at.x(a), at.y(b), Math.max(0.8, largest * Math.sqrt(values[bin])), 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  /** @param {number} bin @param {number} L @param {number} a @param {number} b */
  function css(bin, L, a, b) {
    if (L !== colors.L) colors = { L, css: [] };
    return (colors.css[bin] ||= V.color.css(L, a, b));
  }

  V.lensPixel = { show, color };
})();
