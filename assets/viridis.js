// @ts-check
/* Color scales as 256 opaque pixels: viridis for magnitude, a diverging one around zero, and values painted by them. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** matplotlib's viridis (CC0), 256 colors of six hexadecimal digits. */
  const VIRIDIS = [
    "44015444025645045745055946075a46085c460a5d460b5e470d60470e61471063471164471365481467481668481769",
    "48186a481a6c481b6d481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a",
    "472d7b472e7c472f7d46307e46327e46337f463480453581453781453882443983443a83443b84433d84433e85423f85",
    "4240864241864142874144874045884046883f47883f48893e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b",
    "3b528b3a538b3a548c39558c39568c38588c38598c375a8c375b8d365c8d365d8d355e8d355f8d34608d34618d33628d",
    "33638d32648e32658e31668e31678e31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e",
    "2c728e2c738e2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e",
    "26828e26828e25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d218f8d21908d",
    "21918c20928c20928c20938c1f948c1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f88",
    "1fa0881fa1881fa1871fa28720a38620a48621a58521a68522a78522a88423a98324aa8325ab8225ac8226ad8127ad81",
    "28ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b67935b77937b87838b9773aba763bbb753dbc74",
    "3fbc7340bd7242be7144bf7046c06f48c16e4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c7655ac8645cc863",
    "5ec96260ca6063cb5f65cb5e67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d",
    "84d44b86d54989d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32",
    "addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11cd2e21bd5e21a",
    "d8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61ef6e620f8e621fbe723fde725",
  ].join("");

  /** ColorBrewer's RdBu, blue for negative: its middle is zero. */
  const DIVERGING = ["2166ac", "4393c3", "92c5de", "d1e5f0", "f4f4f4", "fddbc7", "f4a582", "d6604d", "b2182b"];

  /** A pixel as canvases keep it (little-endian). @param {number} r @param {number} g @param {number} b */
  const pixel = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

  /** @param {string} hex @returns {[number, number, number]} */
  const channels = (hex) => [parseInt(hex.slice(0, 2), 16), parseInt(hex.slice(2, 4), 16), parseInt(hex.slice(4, 6), 16)];

  const viridis = Uint32Array.from({ length: 256 }, (_, i) => pixel(...channels(VIRIDIS.slice(6 * i, 6 * i + 6))));

  const diverging = Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (DIVERGING.length - 1), low = Math.min(DIVERGING.length - 2, Math.floor(at));
    const from = channels(DIVERGING[low]), to = channels(DIVERGING[low + 1]);
    const mixed = from.map((value, c) => Math.round(value + (at - low) * (to[c] - value)));
    return pixel(mixed[0], mixed[1], mixed[2]);
  });

  /**
   * Values as pixels; beyond low..high the scale's ends.
   * @param {Float32Array} values
   * @param {number} low
   * @param {number} high
   * @param {Uint32Array} scale 256 pixels
   * @param {Uint32Array} out
   */
  function paint(values, low, high, scale, out) {
    const factor = 255 / (high - low || 1);
    for (let i = 0; i < values.length; i++) {
      const step = (values[i] - low) * factor + 0.5;
      out[i] = scale[step <= 0 ? 0 : step >= 255 ? 255 : step | 0];
    }
  }

  /** A scale as CSS, left to right. @param {Uint32Array} scale */
  function gradient(scale) {
    const stops = Array.from({ length: 17 }, (_, i) => css(scale[Math.min(255, i * 16)]));
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }

  /** @param {number} p */
  const css = (p) => `rgb(${p & 255} ${(p >> 8) & 255} ${(p >> 16) & 255})`;

  V.scales = { viridis, diverging, paint, gradient, css };
})();
