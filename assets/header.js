/** The header: pages, model, temperature, help, link, theme. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const PAGES = ["inspect", "compare", "colors", "training", "evaluation"];
  const byId = (id) => document.getElementById(id);
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);

  /** Dash calls this when the model select moves. */
  V.chooseModel = (model) => { if (model) V.state.set({ model }); };

  function showPage({ page }) {
    for (const name of PAGES) {
      byId(`page-${name}`).hidden = name !== page;
      const link = byId(`nav-${name}`);
      if (name === page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.documentElement.dataset.page = page;
    document.title = page === "inspect" ? "VisML" : `${byId(`nav-${page}`).textContent} - VisML`;
  }

  async function copyLink() {
    V.url.settle();
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      return V.notice("The browser does not let the link be copied; it is in the address bar.", "info");
    }
    const passing = (V.state.get().photo || "").startsWith("upload:");
    return V.notice(passing ? "Link copied. It opens until the uploaded photo expires." : "Link copied.", "info");
  }

  V.help = () => {
    if (byId("help").open) return;
    byId("help").showModal();
    byId("help-close").focus();
  };

  (V.onStart = V.onStart || []).push(() => {
    for (const page of PAGES) {
      byId(`nav-${page}`).addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        V.state.set({ page });
      });
    }
    byId("help-open").addEventListener("click", V.help);
    byId("help-close").addEventListener("click", () => byId("help").close());
    byId("help").addEventListener("click", (event) => { if (event.target === byId("help")) byId("help").close(); });
    byId("copy-link").addEventListener("click", copyLink);
    byId("theme-toggle").addEventListener("click", V.toggleTheme);
    if (byId("skipped-open")) byId("skipped-open").addEventListener("click", V.help);
    V.state.on(["page"], showPage);
    const temperature = V.slider("temperature", "t", "Temperature of the decoding");
    V.state.on(["model"], ({ model }) => {
      setProps("model", { value: model });
      byId("model").title = model;
    });
    V.state.on(["trace"], () => { temperature.disabled = V.trace.output.kind !== "bins"; });
    showPage(V.state.get());
    setProps("model", { value: V.state.get().model });
  });
})();
