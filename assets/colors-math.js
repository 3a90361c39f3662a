// @ts-check
/* The Colors page's arithmetic: rebalancing weights, how numbers are written, the formula in MathML. No page state. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  const FLOOR = 1e-8; // as the server's: far bins of a small set's smoothed prior underflow
  const MATHML = "http://www.w3.org/1998/Math/MathML";

  /** The smoothed prior the formula takes: floored, summing to 1. @param {number[]} smoothed */
  function floored(smoothed) {
    const p = Float64Array.from(smoothed, (value) => Math.max(value, FLOOR));
    const total = p.reduce((sum, value) => sum + value, 0);
    return p.map((value) => value / total);
  }

  /**
   * Zhang, Isola, Efros 2016, section 2.2: w = 1 / ((1 - lambda) p + lambda / Q), scaled so that sum p w = 1.
   * @param {number[]} smoothed p, Q probabilities
   * @param {number} lambda 0..1
   */
  function weights(smoothed, lambda) {
    const p = floored(smoothed);
    const w = p.map((value) => 1 / ((1 - lambda) * value + lambda / p.length));
    const scale = p.reduce((sum, value, q) => sum + value * w[q], 0);
    return w.map((value) => value / scale);
  }

  const SUPERSCRIPT = { "-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3", 4: "\u2074", 5: "\u2075",
    6: "\u2076", 7: "\u2077", 8: "\u2078", 9: "\u2079" };

  /** 3 significant digits, with a power of ten where zeros would have to be counted. @param {number} value */
  function number(value) {
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size >= 1e6 || size < 1e-4) {
      const [digits, power] = value.toExponential(1).split("e");
      return `${Number(digits)} \u00d7 10${[...String(Number(power))].map((sign) => SUPERSCRIPT[sign]).join("")}`;
    }
    return size >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
  }

  /** A share of 0..1 in percent. @param {number} share */
  const percent = (share) => `${number(share * 100)} %`;

  /**
   * A MathML element; texts become its content.
   * @param {string} name @param {...(Node | string)} children @returns {Element}
   */
  function math(name, ...children) {
    const element = document.createElementNS(MATHML, name);
    element.append(...children);
    return element;
  }

  /** p with a tilde: the smoothed prior. */
  const tilde = () => math("mover", math("mi", "p"), math("mo", "~"));

  /** w = 1 / ((1 - lambda) p + lambda / Q), as the paper has it: up to a factor. */
  function formula() {
    const lambda = () => math("mi", "\u03bb");
    const below = math("mrow",
      math("mo", "("), math("mn", "1"), math("mo", "\u2212"), lambda(), math("mo", ")"), tilde(),
      math("mo", "+"), math("mfrac", lambda(), math("mi", "Q")));
    const element = math("math", math("mi", "w"), math("mo", "\u221d"), math("mfrac", math("mn", "1"), below));
    element.setAttribute("display", "block");
    return element;
  }

  /** sum of p w = 1 */
  const scaling = () =>
    math("math", math("mo", "\u2211"), tilde(), math("mi", "w"), math("mo", "="), math("mn", "1"));

  V.rebalancing = { weights, number, percent, formula, scaling };
})();
