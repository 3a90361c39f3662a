/** Photos of one's own: by button, dropped anywhere, or pasted. The bytes go up as they are; the server decodes them. */
window.dash_clientside = window.dash_clientside || {};
(() => {
  const V = (window.dash_clientside.visml = window.dash_clientside.visml || {});
  const MOST = 12;
  const root = document.documentElement;
  let depth = 0;

  const tooLarge = (file) => {
    const limit = V.catalog.maxMb;
    return file.size > limit * 1e6
      && `This photo is ${(file.size / 1e6).toFixed(0)} MB; the limit is ${limit} MB.`;
  };

  /** @returns {Promise<string>} the sentence in a refusal, or a plain one where a proxy answered */
  async function sentence(response) {
    try {
      return (await response.json()).error || "The photo was refused.";
    } catch {
      return "The photo was refused.";
    }
  }

  /** @param {File} file sent to the server; what comes back is a photo of the strip, or a notice */
  async function send(file) {
    const refusal = tooLarge(file);
    if (refusal) return V.notice(refusal);
    const headers = { "Content-Type": "application/octet-stream", "X-Photo-Name": encodeURIComponent(file.name.slice(-200)) };
    let response;
    try {
      response = await fetch("/upload", { method: "POST", headers, body: file });
    } catch {
      return V.lost();
    }
    return response.ok ? V.addUpload(await response.json()) : V.notice(await sentence(response));
  }

  /** @param {Iterable<File>} files sent one after another, so that the server decodes one at a time for each person */
  async function sendAll(files) {
    const list = [...files];
    if (list.length > MOST) V.notice(`The first ${MOST} of ${list.length} photos are taken.`, "info");
    root.dataset.uploading = "true";
    for (const file of list.slice(0, MOST)) await send(file);
    root.dataset.uploading = "false";
  }

  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

  function listenToDrops() {
    const dropping = (yes) => { root.dataset.dropping = String(yes); };
    addEventListener("dragenter", (event) => {
      if (carriesFiles(event)) { event.preventDefault(); depth += 1; dropping(true); }
    });
    addEventListener("dragleave", (event) => {
      if (carriesFiles(event)) { depth = Math.max(0, depth - 1); dropping(depth > 0); }
    });
    addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
    addEventListener("drop", (event) => {
      depth = 0;
      dropping(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      sendAll(event.dataTransfer.files);
    });
  }

  (V.onStart = V.onStart || []).push(() => {
    const picker = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", multiple: true });
    picker.addEventListener("change", () => { sendAll(picker.files); picker.value = ""; });
    document.getElementById("upload").addEventListener("click", () => picker.click());
    listenToDrops();
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData ? event.clipboardData.files : [])];
      if (files.length) { event.preventDefault(); sendAll(files); }
    });
  });
})();
