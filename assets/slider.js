// @ts-check
/* A number of the state as a range input. It moves the state itself, in the frame of the person's move. */
(function () {
  "use strict";
  const V = ((window["dash_clientside"] ||= {}).visml ||= {});

  /**
   * Puts a slider from 0 to 1 into a box and keeps it, the number beside it and the state together.
   * @param {string} id of the box; the number stands in `${id}-value`
   * @param {string} key of the state @param {string} label what a screen reader says
   * @returns {HTMLInputElement}
   */
  V.slider = (id, key, label) => {
    const input = V.draw.element("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": label });
    const told = document.getElementById(`${id}-value`);
    const show = () => {
      const value = V.state.get()[key];
      if (Number(input.value) !== value) input.value = String(value);
      V.draw.say(told, value.toFixed(2));
    };
    input.addEventListener("input", () => V.state.set({ [key]: Number(input.value) }));
    document.getElementById(id)?.append(input);
    V.state.on([key], show);
    show();
    return input;
  };
})();
