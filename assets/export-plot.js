// @ts-check
/* A chart of plotly's as it stands on the page: style sheets give it its colors, which plotly's own picture would lack. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const DRESS = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
    "vector-effect", "font-family", "font-size", "font-weight", "text-anchor"];
  const UNDRESSED = ["g", "defs", "clipPath", "svg"]; // what they pass on is read at their children
  const PASSING = ".hoverlayer, .draglayer, .zoomlayer, .infolayer .modebar";

  /** A copy that needs no style sheet, null of what is not seen. @param {Element} node @returns {Element | null} */
  function dressed(node) {
    const style = getComputedStyle(node), copy = /** @type {Element} */ (node.cloneNode(false));
    if (style.display === "none" || node.matches(PASSING)) return null;
    copy.removeAttribute("class");
    copy.removeAttribute("style");
    if (!UNDRESSED.includes(node.tagName)) for (const name of DRESS) copy.setAttribute(name, style.getPropertyValue(name));
    for (const child of node.childNodes) {
      const made = child instanceof Element ? dressed(child) : child.cloneNode();
      if (made) copy.append(made);
    }
    return copy;
  }

  /** Puts a chart's layers where a context of SVG stands. @param {any} context of V.vector @param {HTMLElement} box */
  V.plot = (context, box) => {
    for (const layer of box.querySelectorAll(".main-svg")) {
      const copy = dressed(layer);
      if (copy) context.shape("g", {}).append(copy);
    }
  };
})();
