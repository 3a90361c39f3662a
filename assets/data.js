// @ts-check
/* What the server keeps of an opened photo, fetched once, decoded to typed arrays and kept for the last three photos. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const KEPT = 3;

  /**
   * @typedef {object} LayerInfo
   * @property {string} layer @property {number} channels @property {number} height @property {number} width
   * @property {number} columns @property {number} stride @property {number} receptive_field @property {boolean} rectified
   * @property {number[]} mean @property {number[]} std @property {number[]} max @property {number[]} min
   * @property {number[] | null} active_share @property {boolean[]} silent
   *
   * @typedef {{info: LayerInfo, pixels: Uint8Array}} LayerData
   *   pixels: channels * height * width bytes, each map from its own min (0) to its own max (255)
   * @typedef {{width: number, height: number, rgba: Uint8ClampedArray}} Picture
   */

  /** Promises and their values by trace and path, the least recently used trace first.
   * @type {Map<string, {promises: Map<string, Promise<any>>, values: Map<string, any>}>} */
  const traces = new Map();

  /** @param {string} trace */
  function shelf(trace) {
    const found = traces.get(trace) || { promises: new Map(), values: new Map() };
    traces.delete(trace);
    traces.set(trace, found);
    for (const old of [...traces.keys()].slice(0, -KEPT)) traces.delete(old);
    return found;
  }

  /**
   * What `make` gives for the open trace under `key`, made once; a failure is forgotten, so that it can be tried again.
   * @param {string} key
   * @param {(base: string) => Promise<any>} make
   */
  function once(key, make) {
    const trace = V.trace.trace, { promises, values } = shelf(trace);
    if (!promises.has(key)) {
      const promise = make(`/data/${trace}/`);
      promises.set(key, promise);
      promise.then((value) => values.set(key, value), () => promises.delete(key));
    }
    return /** @type {Promise<any>} */ (promises.get(key));
  }

  /** @param {string} url @returns {Promise<Response>} */
  async function get(url) {
    const response = await (V.saved || fetch)(url).catch((/** @type {unknown} */ failure) => {
      V.lost?.();
      throw failure;
    });
    if (response.status === 404) V.reopen?.();
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return response;
  }

  /**
   * What the server answers to a question in JSON.
   * @param {string} address @param {any} question @returns {Promise<any>} fails with the server's sentence
   */
  async function post(address, question) {
    const body = JSON.stringify(question), headers = { "Content-Type": "application/json" };
    const response = await fetch(address, { method: "POST", headers, body }).catch((failure) => {
      V.lost?.();
      throw failure;
    });
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(told.error || "The server did not answer as expected; load the page again.");
    return told;
  }

  /** @param {string} url @returns {Promise<Picture>} */
  async function picture(url) {
    const blob = await (await get(url)).blob();
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const { width, height } = bitmap;
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true }));
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  }

  /** The atlas's tiles one after another. @param {Picture} atlas @param {LayerInfo} info */
  function untile(atlas, info) {
    const { channels, height, width } = info, columns = info.columns || Math.ceil(Math.sqrt(channels));
    const pixels = new Uint8Array(channels * height * width);
    for (let c = 0, i = 0; c < channels; c++) {
      const left = (c % columns) * width, top = Math.floor(c / columns) * height;
      for (let y = 0; y < height; y++) {
        let from = 4 * ((top + y) * atlas.width + left);
        for (let x = 0; x < width; x++, i++, from += 4) pixels[i] = atlas.rgba[from];
      }
    }
    return pixels;
  }

  /** @param {string} name @returns {Promise<LayerData>} */
  function layer(name) {
    return once(`layer:${name}`, async (base) => {
      const json = get(`${base}${name}.json`).then((response) => response.json());
      const [info, atlas] = await Promise.all([json, picture(`${base}${name}.png`)]);
      return { info, pixels: untile(atlas, info) };
    });
  }

  /** What a network gave: distributions, or a and b planes. @param {string} base @param {any} told the trace's output */
  async function output(base, told) {
    const buffer = await (await get(`${base}${told.kind === "bins" ? "logits" : "ab"}.bin`)).arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve)); // the browser decodes the pictures that came beside this
    if (told.kind === "bins") return V.decode.open(buffer, told.centers);
    const planes = new Float32Array(buffer), half = planes.length / 2;
    return { a: planes.subarray(0, half), b: planes.subarray(half) };
  }

  /** The photo as the network's input size has it. @returns {Promise<Picture>} */
  const photo = () => once("photo", (base) => picture(`${base}photo.png`));

  /** The distributions of a model with bins. */
  function logits() {
    const told = V.trace.output;
    return once("logits", (base) => output(base, told));
  }

  /** The colors of a model without bins: a and b planes. @returns {Promise<{a: Float32Array, b: Float32Array}>} */
  function ab() {
    const told = V.trace.output;
    return once("ab", (base) => output(base, told));
  }

  /** A filter's kernel weights. @param {string} name @param {number} filter */
  const kernel = (name, filter) => once(`kernel:${name}:${filter}`,
    async (base) => (await get(`${base}kernels/${name}/${filter}.json`)).json());

  /** A layer that already arrived, or undefined. @param {string} name @returns {LayerData | undefined} */
  const peek = (name) => (V.trace ? traces.get(V.trace.trace)?.values.get(`layer:${name}`) : undefined);

  /** Names of the layers that have maps to show. @returns {string[]} */
  const names = () => V.trace.layers.map((/** @type {{name: string}} */ each) => each.name)
    .filter((/** @type {string} */ name) => V.trace.output.kind !== "bins" || name !== V.trace.output.layer);

  const idle = window.requestIdleCallback
    ? (/** @type {() => void} */ work) => window.requestIdleCallback(work, { timeout: 400 })
    : (/** @type {() => void} */ work) => setTimeout(work, 30);

  /** Fetches every layer while nothing else happens, the shown one first; `data-prefetched` on <html> tells when done. */
  function prefetch() {
    const trace = V.trace, html = document.documentElement;
    delete html.dataset.prefetched;
    if (!trace) return;
    const shown = V.state.get().layer, all = names();
    const queue = [...all.filter((name) => name === shown), ...all.filter((name) => name !== shown)];
    const next = () => {
      if (V.trace !== trace) return;
      const name = queue.shift();
      if (name) layer(name).then(() => idle(next), () => undefined);
      else html.dataset.prefetched = trace.trace;
    };
    Promise.all([photo(), given()]).then(() => idle(next), () => undefined);
  }

  /** What the network gave for the open photo: distributions, or a and b planes. */
  const given = () => (V.trace.output.kind === "bins" ? logits() : ab());

  /** Asks for what the parts of the page will ask for, before they are told of the photo. */
  function hurry() {
    const shown = names().find((name) => name === V.state.get().layer);
    Promise.all([photo(), ...(shown ? [layer(shown)] : []), given()]).catch(() => undefined);
  }

  V.data = { post, hurry, layer, photo, logits, ab, kernel, peek, names, picture, output };
  (V.onStart ||= []).push(() => V.state.on(["trace"], prefetch));
})();
