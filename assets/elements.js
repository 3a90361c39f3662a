// @ts-check
/* Making elements without markup in strings: a text stays a text. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /** @param {string} tag @param {string} className @param {...(Node | string)} children @returns {HTMLElement} */
  V.element = function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  /** Brings a part of the page into sight, at once for whoever wants no motion. @param {Element} node @param {ScrollLogicalPosition} block */
  V.reveal = (node, block) => node.scrollIntoView({ block, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });

  /** Rows of a description list. @param {[string, string][]} rows @returns {HTMLElement[]} */
  V.entries = (rows) => rows.map(([name, value]) => V.element("div", "", V.element("dt", "", name), V.element("dd", "", value)));
})();
