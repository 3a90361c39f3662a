// @ts-check
/* The signed scale of Why here, orange for more and purple for less, and boxes laid over its picture. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** Ends of ColorBrewer's PuOr, which eyes of every kind tell apart. */
  const MORE = [230, 97, 1];
  const LESS = [94, 60, 153];
  const MIDDLE = [140, 140, 140];

  const css = (/** @type {number[]} */ rgb) => `rgb(${rgb.join(" ")})`;

  /** The scale as CSS, left to right. */
  const gradient = () => `linear-gradient(to right, ${[LESS, MIDDLE, MORE].map(css).join(", ")})`;

  /** Lays a node over a part of the photo, in pixels of it. @param {HTMLElement} node
   * @param {{left: number, top: number, right?: number, bottom?: number}} box a point without right and bottom */
  function place(node, { left, top, right, bottom }) {
    const percent = (/** @type {number} */ value) => `${(100 * value) / V.trace.size}%`;
    Object.assign(node.style, {
      left: percent(left), top: percent(top),
      width: right === undefined ? "" : percent(right - left), height: bottom === undefined ? "" : percent(bottom - top),
    });
  }

  V.whyScale = { MORE, LESS, css, gradient, place };
})();
