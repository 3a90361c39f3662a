// @ts-check
/* sRGB <-> CIE Lab (D65, 2 degree observer), the same constants as the server's. Planar Float32Arrays in, pixels out. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const WHITE_X = 0.95047;
  const WHITE_Z = 1.08883;
  const KNEE = 0.2068966; // cube root of the CIE epsilon: below it Lab is linear
  const STEPS = 65535;

  /** Linear value of each 8-bit sRGB value. */
  const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
    const value = byte / 255;
    return value > 0.04045 ? Math.pow((value + 0.055) / 1.055, 2.4) : value / 12.92;
  });

  /** 8-bit sRGB value of a linear value in 0..1, by STEPS + 1 entries. */
  const ENCODED = Uint8ClampedArray.from({ length: STEPS + 1 }, (_, step) => {
    const value = step / STEPS;
    return 255 * (value > 0.0031308 ? 1.055 * Math.pow(value, 1 / 2.4) - 0.055 : 12.92 * value);
  });

  /** @param {number} t */
  const forward = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 4 / 29);
  /** @param {number} f */
  const inverse = (f) => (f > KNEE ? f * f * f : (f - 4 / 29) / 7.787);
  /** @param {number} value */
  const encode = (value) => ENCODED[value <= 0 ? 0 : value >= 1 ? STEPS : (value * STEPS + 0.5) | 0];

  /**
   * A picture's Lab planes.
   * @param {Uint8Array | Uint8ClampedArray} rgba 4 bytes a pixel
   * @returns {{L: Float32Array, a: Float32Array, b: Float32Array}}
   */
  function toLab(rgba) {
    const count = rgba.length / 4;
    const L = new Float32Array(count), a = new Float32Array(count), b = new Float32Array(count);
    for (let i = 0, p = 0; i < count; i++, p += 4) {
      const red = LINEAR[rgba[p]], green = LINEAR[rgba[p + 1]], blue = LINEAR[rgba[p + 2]];
      const fx = forward((0.412453 * red + 0.35758 * green + 0.180423 * blue) / WHITE_X);
      const fy = forward(0.212671 * red + 0.71516 * green + 0.072169 * blue);
      const fz = forward((0.019334 * red + 0.119193 * green + 0.950227 * blue) / WHITE_Z);
      L[i] = 116 * fy - 16;
      a[i] = 500 * (fx - fy);
      b[i] = 200 * (fy - fz);
    }
    return { L, a, b };
  }

  /**
   * Paints Lab planes into a picture, opaque; colors outside sRGB are clipped per channel.
   * @param {Float32Array} L
   * @param {Float32Array} a
   * @param {Float32Array} b
   * @param {Uint8ClampedArray} rgba written, 4 bytes a pixel
   */
  function paint(L, a, b, rgba) {
    for (let i = 0, p = 0; i < L.length; i++, p += 4) {
      const fy = (L[i] + 16) / 116;
      const fz = fy - b[i] / 200;
      const y = inverse(fy);
      const x = inverse(fy + a[i] / 500) * WHITE_X;
      const z = inverse(fz > 0 ? fz : 0) * WHITE_Z;
      rgba[p] = encode(3.2404813432 * x - 1.5371515163 * y - 0.4985363262 * z);
      rgba[p + 1] = encode(-0.96925495 * x + 1.8759900015 * y + 0.0415559266 * z);
      rgba[p + 2] = encode(0.0556466391 * x - 0.2040413384 * y + 1.0573110696 * z);
      rgba[p + 3] = 255;
    }
  }

  /** A linear channel as a screen can show it. @param {number} value */
  const shown = (value) => (value > 0 ? (value < 1 ? value : 1) : 0);

  /**
   * How far clipping to sRGB moves one color, in Lab units (CIE76); 0 inside sRGB, but for rounding.
   * @param {number} L @param {number} a @param {number} b
   */
  function clipped(L, a, b) {
    const fy = (L + 16) / 116, fz = fy - b / 200;
    const y = inverse(fy), x = inverse(fy + a / 500) * WHITE_X, z = inverse(fz > 0 ? fz : 0) * WHITE_Z;
    const red = shown(3.2404813432 * x - 1.5371515163 * y - 0.4985363262 * z);
    const green = shown(-0.96925495 * x + 1.8759900015 * y + 0.0415559266 * z);
    const blue = shown(0.0556466391 * x - 0.2040413384 * y + 1.0573110696 * z);
    const gx = forward((0.412453 * red + 0.35758 * green + 0.180423 * blue) / WHITE_X);
    const gy = forward(0.212671 * red + 0.71516 * green + 0.072169 * blue);
    const gz = forward((0.019334 * red + 0.119193 * green + 0.950227 * blue) / WHITE_Z);
    return Math.hypot(116 * gy - 16 - L, 500 * (gx - gy) - a, 200 * (gy - gz) - b);
  }

  const one = { L: new Float32Array(1), a: new Float32Array(1), b: new Float32Array(1), rgba: new Uint8ClampedArray(4) };

  /**
   * One color as CSS text.
   * @param {number} L
   * @param {number} a
   * @param {number} b
   */
  function css(L, a, b) {
    one.L[0] = L; one.a[0] = a; one.b[0] = b;
    paint(one.L, one.a, one.b, one.rgba);
    return `rgb(${one.rgba[0]} ${one.rgba[1]} ${one.rgba[2]})`;
  }

  /** One color as a screen shows it, clipped to sRGB. @param {number} L @param {number} a @param {number} b
   * @returns {[number, number, number]} L, a and b */
  function seen(L, a, b) {
    one.L[0] = L; one.a[0] = a; one.b[0] = b;
    paint(one.L, one.a, one.b, one.rgba);
    const lab = toLab(one.rgba);
    return [lab.L[0], lab.a[0], lab.b[0]];
  }

  /**
   * Bilinear upsampling between pixel centers, edges repeated.
   * @param {Float32Array} plane width * height values
   * @param {number} width
   * @param {number} height
   * @param {number} size side of the result
   * @param {Float32Array} [out] reused when given
   * @returns {Float32Array} size * size values
   */
  function upsample(plane, width, height, size, out = new Float32Array(size * size)) {
    const { low: left, high: right, share: across } = taps(width, size);
    const { low: top, high: bottom, share: down } = taps(height, size);
    for (let y = 0, i = 0; y < size; y++) {
      const upper = top[y] * width, lower = bottom[y] * width, v = down[y];
      for (let x = 0; x < size; x++, i++) {
        const u = across[x], l = left[x], r = right[x];
        const above = plane[upper + l] + u * (plane[upper + r] - plane[upper + l]);
        const below = plane[lower + l] + u * (plane[lower + r] - plane[lower + l]);
        out[i] = above + v * (below - above);
      }
    }
    return out;
  }

  /** @type {Map<string, {low: Int32Array, high: Int32Array, share: Float32Array}>} */
  const kept = new Map();

  /** The two source positions of each of `size` positions and the second one's share.
   * @param {number} length @param {number} size */
  function taps(length, size) {
    const key = `${length}:${size}`;
    const found = kept.get(key);
    if (found) return found;
    const low = new Int32Array(size), high = new Int32Array(size), share = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const at = Math.max(0, ((i + 0.5) * length) / size - 0.5);
      low[i] = Math.min(length - 1, Math.floor(at));
      high[i] = Math.min(length - 1, low[i] + 1);
      share[i] = at - low[i];
    }
    kept.set(key, { low, high, share });
    return { low, high, share };
  }

  V.color = { toLab, paint, css, seen, clipped, upsample };
})();
