// @ts-check
/* The pinned filter's weights: which maps of the convolution before it reads, strongest first, each kernel a picture. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const MOST = 64;
  const PIXEL = 8; // of the screen to a weight,
  const WIDEST = 64; // but no kernel wider than this, where whole pixels allow it

  /**
   * @typedef {object} Kernel
   * @property {[number, number, number]} shape inputs, kernel height, kernel width
   * @property {number[] | number[][] | number[][][]} weights
   * @property {number[][] | null} [inputs] for the first layer: the kernels of the convolution before, on lightness
   */

  /** @param {number[]} values @param {number} largest @param {number} high @param {number} wide */
  function drawing(values, largest, high, wide) {
    const canvas = V.draw.sheet(wide, high), rgba = new Uint8ClampedArray(4 * values.length);
    V.scales.paint(Float32Array.from(values), -largest, largest, V.scales.diverging, new Uint32Array(rgba.buffer));
    V.draw.put(canvas, rgba);
    const pixel = Math.max(1, Math.min(PIXEL, Math.floor(WIDEST / wide)));
    canvas.style.width = `${wide * pixel}px`;
    canvas.style.height = `${high * pixel}px`;
    return canvas;
  }

  const largest = (/** @type {number[]} */ values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const norm = (/** @type {number[]} */ values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

  /** One kernel per input, strongest first. @param {Kernel} kernel */
  function strongest({ shape: [inputs, high, wide], weights }) {
    const flat = /** @type {number[]} */ (/** @type {any} */ (weights).flat(2)), area = high * wide;
    const all = Array.from({ length: inputs }, (_, input) => {
      const values = flat.slice(input * area, (input + 1) * area);
      return { input, values, strength: norm(values) };
    });
    return all.sort((one, two) => two.strength - one.strength);
  }

  /** @param {Kernel} kernel */
  function show(kernel) {
    const [inputs, high, wide] = kernel.shape, all = strongest(kernel);
    const chosen = all.slice(0, MOST), top = largest(chosen.flatMap((each) => each.values));
    const before = kernel.inputs ? largest(kernel.inputs.flat()) : 0;
    const items = chosen.map(({ input, values }) => {
      const weights = drawing(values, top, high, wide);
      const figures = kernel.inputs ? [drawing(/** @type {any} */ (kernel.inputs[input]).flat(), before, high, wide), weights] : [weights];
      const label = inputs > 1 ? [V.draw.element("span", { class: "num", text: input })] : [];
      return V.draw.element("li", { title: values.map((value) => V.draw.significant(value)).join("  ") }, ...figures, ...label);
    });
    document.getElementById("kernel-list")?.replaceChildren(...items);
    const which = inputs > MOST ? `${MOST} strongest of ${inputs} inputs` : `${inputs} inputs, strongest first`;
    const pairs = kernel.inputs ? ": above, what each sees; below, its weights here" : "";
    const size = `${wide} \u00d7 ${high} kernel`;
    caption(inputs > 1 ? `${size}s of the ${which}${pairs}` : `${size} of the one input`);
    scale(top);
  }

  /** @param {number} top */
  function scale(top) {
    const box = /** @type {HTMLElement} */ (document.getElementById("kernel-scale"));
    const [low, bar, high] = /** @type {any} */ (box.children);
    box.hidden = !top;
    V.draw.say(low, V.draw.significant(-top));
    V.draw.say(high, V.draw.significant(top));
    bar.style.background = V.scales.gradient(V.scales.diverging);
  }

  /** @param {string} text */
  function caption(text) {
    V.draw.say(document.getElementById("kernel-caption"), text);
  }

  /** @param {string} text */
  function empty(text) {
    document.getElementById("kernel-list")?.replaceChildren();
    scale(0);
    caption(text);
  }

  async function refresh() {
    const { filter, layer } = V.state.get(), view = V.layerView.current;
    if (!view || view.name !== layer) return;
    if (filter === null || filter >= view.info.channels) return empty("Pin a filter to see its kernel weights.");
    const late = setTimeout(() => empty("Reading the kernel weights\u2026"), 150);
    const kernel = await V.data.kernel(layer, filter).catch(() => null), now = V.state.get();
    clearTimeout(late);
    if (now.filter !== filter || now.layer !== layer) return;
    if (kernel && kernel.shape) show(kernel);
    else empty("This layer is not made by a convolution: it has no kernels to show.");
  }

  (V.onStart ||= []).push(() => {
    V.layerView.listen(refresh);
    V.state.on(["filter"], refresh);
  });
})();
