// @ts-check
/* The numbers of the pixel under the crosshair, below each picture; spoken once the crosshair rests. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const REST_MS = 400;
  let timer = 0;

  /** @param {string} name @returns {HTMLElement} */
  const line = (name) => /** @type {HTMLElement} */ (document.getElementById(`value-${name}`));

  /** @param {number} L @param {number} a @param {number} b */
  const lab = (L, a, b) => `L ${V.draw.fixed(L, 1)}  a ${V.draw.fixed(a, 1)}  b ${V.draw.fixed(b, 1)}`;

  /** @param {string} name @param {string} text @param {string | null} color @param {string} [hue] the color's name */
  function show(name, text, color, hue = "") {
    const [swatch, value] = /** @type {any} */ (line(name)).children;
    swatch.hidden = color === null;
    if (color !== null) swatch.style.background = color;
    V.draw.say(value, text);
    V.draw.say(document.getElementById(`hue-${name}`), hue);
  }

  /** @param {Uint8ClampedArray} rgba @param {number} index */
  const css = (rgba, index) => `rgb(${rgba[4 * index]} ${rgba[4 * index + 1]} ${rgba[4 * index + 2]})`;

  function refresh() {
    const scene = V.scene.current;
    if (!scene) return;
    const { index, x, y } = V.scene.pixel(V.state.get()), { L, a, b } = scene.lab, { painted } = scene;
    const extra = V.pictures.extra;
    if (scene.hasColor) show("target", lab(L[index], a[index], b[index]), css(scene.photo, index), V.hue(L[index], a[index], b[index]));
    else show("target", "no color", null);
    show("lightness", `x ${x}  y ${y}  L ${V.draw.fixed(L[index], 1)}`, null);
    show("predicted", lab(L[index], painted.a[index], painted.b[index]), css(painted.rgba, index), V.hue(L[index], painted.a[index], painted.b[index]));
    show("extra", extra ? extra.tell(index) : "", null);
  }

  /** The crosshair moved: once it rests, its numbers are spoken. */
  function moved() {
    refresh();
    clearTimeout(timer);
    if (V.state.get().page === "inspect") timer = window.setTimeout(speak, REST_MS);
  }

  function speak() {
    const hue = (/** @type {string} */ name) => document.getElementById(`hue-${name}`)?.textContent || "";
    const texts = V.pictures.NAMES.map((/** @type {string} */ name) => `${name === "extra" ? "" : name} ${hue(name)} ${line(name).textContent}`.replace(/\s+/g, " ").trim());
    V.announce(`${texts.join("; ")}.`);
  }

  (V.onStart ||= []).push(() => {
    V.scene.listen("painted", refresh);
    V.scene.listen("settled", refresh);
    V.state.on(["x", "y"], moved);
  });

  V.readout = { refresh };
})();
