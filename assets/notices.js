/** Notices: one sentence at a time, dismissible, never in the way of what still works. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const MOST = 3;
  const BRIEF = 4000;
  const TOGETHER = 80; // milliseconds

  function button(label, className, run) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = label;
    made.addEventListener("click", run);
    return made;
  }

  /**
   * @param {string} text one sentence, shown as text only
   * @param {"error"|"info"} kind an error stays until it is dismissed, information goes by itself
   * @param {{key?: string, label: string, run: () => void}} [action] a button beside the text
   */
  V.notice = (text, kind = "error", action) => {
    const holder = document.getElementById("notices");
    if (!holder) return;
    const key = (action && action.key) || text;
    V.dismiss(key);
    const note = document.createElement("div");
    note.className = `notice notice-${kind}`;
    note.dataset.key = key;
    note.setAttribute("role", kind === "error" ? "alert" : "status");
    const words = document.createElement("p");
    words.textContent = text;
    note.append(words);
    if (action) note.append(button(action.label, "button", () => { note.remove(); action.run(); }));
    const close = button("×", "notice-close", () => note.remove());
    close.setAttribute("aria-label", "Dismiss");
    note.append(close);
    holder.append(note);
    while (holder.children.length > MOST) holder.firstChild.remove();
    if (kind === "info") setTimeout(() => note.remove(), BRIEF);
  };

  /** @param {string} key takes back a notice that no longer holds */
  V.dismiss = (key) => {
    const notes = [...document.querySelectorAll(".notice")];
    notes.filter((note) => note.dataset.key === key).forEach((note) => note.remove());
  };

  let said = [];

  /** @param {string} text told to a screen reader when it is free; what is said at the same time is told together */
  V.announce = (text) => {
    if (!said.length) setTimeout(() => {
      const region = document.getElementById("announcer");
      if (region) region.textContent = said.join(" ");
      said = [];
    }, TOGETHER);
    if (!said.includes(text)) said.push(text);
  };
})();
