// @ts-check
/* From which layer on the hue of a pixel is decided. Pure, and the same as visml.insight.lens.decided. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const DEGREES = 30;
  const CHROMA = 8;

  /** Degrees between two hues, 0..180. @param {number[]} one a, b @param {number[]} other */
  function between(one, other) {
    const hue = (/** @type {number[]} */ [a, b]) => (180 / Math.PI) * Math.atan2(b, a);
    const apart = Math.abs(hue(one) - hue(other)) % 360;
    return Math.min(apart, 360 - apart);
  }

  /**
   * The first place from which on every color has a chroma above 8 and a hue within 30 degrees of the last one's.
   * @param {number[][]} colors a, b of each layer, the network's own last @returns {number | null} null: the last is too gray
   */
  function decided(colors) {
    const last = colors[colors.length - 1];
    const holds = (/** @type {number[]} */ color) => Math.hypot(color[0], color[1]) > CHROMA && between(color, last) <= DEGREES;
    if (!holds(last)) return null;
    let first = colors.length - 1;
    while (first > 0 && holds(colors[first - 1])) first--;
    return first;
  }

  V.lensHue = { DEGREES, CHROMA, between, decided };
})();
