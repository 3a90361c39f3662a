/** Light or dark, decided before the first paint: the reader's choice if there is one, the system's if not. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const KEY = "mantine-color-scheme-value";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  const chosen = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const resolve = () => (["light", "dark"].includes(chosen()) ? chosen() : system.matches ? "dark" : "light");

  function show() {
    root.dataset.mantineColorScheme = resolve();
    if (V.state) V.state.set({ theme: resolve() });
  }

  V.toggleTheme = () => {
    const next = root.dataset.mantineColorScheme === "dark" ? "light" : "dark";
    try { localStorage.setItem(KEY, next); } catch { /* private windows may refuse: the choice holds for this page */ }
    root.dataset.mantineColorScheme = next;
    V.state.set({ theme: next });
  };

  show();
  system.addEventListener("change", show);
  (V.onStart = V.onStart || []).push(show);
})();
