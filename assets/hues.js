// @ts-check
/* A word for every color, so that color is never the only carrier. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const GRAY = 6; // chroma below which no hue is seen
  const TINGED = 16; // and below which it only tinges a gray
  const DARK = 32, LIGHT = 78; // lightness
  /** Where a hue ends, in degrees of atan2(b, a), its name, and its adjective.
   * @type {[number, string, string][]} */
  const HUES = [
    [5, "pink", "pinkish"], [45, "red", "reddish"], [80, "orange", "brownish"], [110, "yellow", "yellowish"], [170, "green", "greenish"],
    [215, "turquoise", "greenish"], [308, "blue", "bluish"], [338, "purple", "purplish"], [360, "pink", "pinkish"],
  ];

  /** @param {number} L */
  function gray(L) {
    if (L < 12) return "black";
    if (L > 94) return "white";
    return L < DARK ? "dark gray" : L > LIGHT ? "light gray" : "gray";
  }

  /** Dark orange is called brown, dark yellow olive. @param {string} hue @param {number} L */
  function shade(hue, L) {
    if (hue === "orange" && L < 60) return L < DARK ? "dark brown" : "brown";
    if (hue === "yellow" && L < 60) return "olive";
    return L < DARK ? `dark ${hue}` : L > LIGHT ? `light ${hue}` : hue;
  }

  /** What a color is called, as it is seen. @param {number} lightness 0..100 @param {number} toRed @param {number} toYellow @returns {string} */
  V.hue = (lightness, toRed, toYellow) => {
    const [L, a, b] = V.color.seen(lightness, toRed, toYellow);
    const chroma = Math.hypot(a, b), degrees = ((180 / Math.PI) * Math.atan2(b, a) + 360) % 360;
    if (chroma < GRAY || L < 4) return gray(L);
    const [, name, adjective] = /** @type {[number, string, string]} */ (HUES.find(([end]) => degrees < end) || HUES[0]);
    return chroma < TINGED ? `${adjective} gray` : shade(name, L);
  };
})();
