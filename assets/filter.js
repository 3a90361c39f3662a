// @ts-check
/* One filter: its map over the photo, its value under the crosshair, its positive activations as a histogram. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const BARS = 32;
  const REASONS = { hover: "under the pointer", pinned: "pinned", first: "first in this order" };
  let opacity = 0.75;
  /** @type {any} */
  let picture = null;
  /** @type {any} */
  let chart = null;
  /** @type {HTMLCanvasElement | null} */
  let map = null;

  /** Decimals that a map kept in 8 bits between min and max supports: one unit of the last is no finer than a step.
   * @param {number} step */
  const decimals = (step) => (step > 0 ? Math.max(0, Math.min(6, Math.floor(-Math.log10(step)))) : 0);

  /** A filter's value at a position, as far as 8 bits tell it. @param {number} filter @param {number} column @param {number} row */
  function value(filter, column, row) {
    const { info } = V.layerView.current, low = info.min[filter], step = (info.max[filter] - low) / 255;
    if (step === 0) return V.draw.significant(low).replace("0.000", "0");
    const byte = V.layerView.map(filter)[row * info.width + column];
    return V.draw.fixed(low + byte * step, decimals(step));
  }

  /** Colors the map of the filter looked at. */
  function color() {
    const { filter } = V.layerView.looked(), { info } = V.layerView.current;
    const shades = V.layerView.shades(filter), bytes = V.layerView.map(filter);
    if (!map || map.width !== info.width || map.height !== info.height) map = V.draw.sheet(info.width, info.height);
    const rgba = new Uint8ClampedArray(4 * bytes.length), out = new Uint32Array(rgba.buffer);
    for (let i = 0; i < bytes.length; i++) out[i] = shades[bytes[i]];
    V.draw.put(map, rgba);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function paint(context, width, height) {
    if (!map || !V.layerView.current || !V.scene.current) return;
    context.imageSmoothingQuality = "medium";
    context.drawImage(V.pictures.lightness, 0, 0, width, height);
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = false;
    context.drawImage(map, 0, 0, width, height);
    context.globalAlpha = 1;
  }

  /** Counts of the map's bytes in BARS steps; a rectified map's zeros are left out. @param {number} filter */
  function histogram(filter) {
    const { info } = V.layerView.current, counts = new Float64Array(BARS), bytes = V.layerView.map(filter);
    const first = info.rectified && info.min[filter] === 0 ? 1 : 0;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] >= first) counts[(bytes[i] * BARS) >> 8]++;
    return counts;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  function bars(context, width, height) {
    if (!V.layerView.current) return;
    const { filter } = V.layerView.looked(), counts = histogram(filter), most = Math.max(1, ...counts);
    const step = width / BARS;
    context.fillStyle = V.draw.token("--chart");
    counts.forEach((count, i) => {
      const tall = count ? Math.max(1, Math.sqrt(count / most) * (height - 2)) : 0;
      context.fillRect(i * step, height - 1 - tall, step - 1, tall);
    });
    context.fillStyle = V.draw.token("--line-strong");
    context.fillRect(0, height - 1, width, 1);
  }

  function words() {
    const { filter, why } = V.layerView.looked(), { info, name } = V.layerView.current;
    V.draw.say(document.getElementById("filter-title"), `Filter ${V.layerView.named(filter)}`);
    V.draw.say(document.getElementById("filter-sub"), `${name}, ${REASONS[/** @type {"hover"} */ (why)]}`);
    const low = V.draw.significant(info.min[filter]).replace("0.000", "0"), high = V.draw.significant(info.max[filter]);
    const zeros = info.rectified ? "positive activations" : "activations";
    V.draw.say(document.getElementById("filter-range"), info.silent[filter] ? "silent: 0 everywhere on this photo"
      : `${zeros}, ${low} to ${high}; height: square root of the count`);
    V.draw.say(document.getElementById("filter-std"), V.draw.significant(info.std[filter]));
    const unpin = /** @type {HTMLElement} */ (document.getElementById("filter-pin"));
    V.draw.say(unpin, why === "pinned" ? "Unpin" : "Pin");
    V.draw.say(document.getElementById("filter-off"), V.off.of(name).has(filter) ? "Switch on" : "Switch off");
  }

  /** The value under the crosshair. */
  function point() {
    if (!V.layerView.current || !V.scene.current) return;
    const { filter } = V.layerView.looked(), { info } = V.layerView.current, { x, y } = V.scene.pixel(V.state.get());
    const column = Math.floor((x * info.width) / V.scene.current.size), row = Math.floor((y * info.height) / V.scene.current.size);
    V.draw.say(document.getElementById("filter-value"), value(filter, column, row));
    V.draw.say(document.getElementById("filter-at"), `at (${column}, ${row}) of ${info.width} \u00d7 ${info.height}`);
  }

  function refresh() {
    if (!V.layerView.current) return;
    color();
    picture.repaint();
    chart.repaint();
    words();
    point();
  }

  function shape() {
    const { width, height } = V.scene.current.meta.photo, longer = Math.max(width, height);
    const stage = /** @type {HTMLElement} */ (document.querySelector("#filter-picture .stage"));
    stage.style.width = `${(100 * Math.max(width, longer / 40)) / longer}%`;
    stage.style.height = `${(100 * Math.max(height, longer / 40)) / longer}%`;
    refresh();
  }

  (V.onStart ||= []).push(() => {
    const region = /** @type {HTMLElement} */ (document.getElementById("filter-picture"));
    const stage = /** @type {HTMLElement} */ (region.querySelector(".stage"));
    picture = V.draw.sharp(stage, paint);
    chart = V.draw.sharp(document.getElementById("filter-histogram"), bars);
    V.crosshair.link(region, stage);
    const slider = V.draw.element("input", { id: "filter-opacity", type: "range", min: "0", max: "100", step: "5", value: String(100 * opacity) });
    slider.addEventListener("input", () => { opacity = Number(slider.value) / 100; picture.repaint(); });
    document.getElementById("filter-overlay")?.append(slider);
    document.getElementById("filter-pin")?.addEventListener("click", () => V.layerView.pin(V.layerView.looked().filter));
    document.getElementById("filter-off")?.addEventListener("click", () => V.off.toggle(V.layerView.current.name, V.layerView.looked().filter));
    V.scene.listen("opened", shape);
    V.layerView.listen(refresh);
    V.state.on(["filter", "hoverFilter", "scale", "off"], refresh);
    V.state.on(["x", "y"], point);
  });

  V.filter = { decimals, value };
})();
