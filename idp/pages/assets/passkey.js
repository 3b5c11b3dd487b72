// Showing a passkey: in the field for the name, where there is one, or by the button. Without this script there is no button.
// In the window of an installed app the passkeys of this device may be out of reach: then other ways are shown.
const way = document.querySelector("form[data-passkey]");
const said = way.querySelector("[role=status]");
const panel = document.querySelector("[data-app]");
const isApp = matchMedia("(display-mode: standalone), (display-mode: minimal-ui), (display-mode: window-controls-overlay)").matches;
let pending;
let timer;

/** One question at a time: a new one takes the place of the one before. */
async function ask(mediation, more) {
  clearTimeout(timer);
  pending?.abort();
  pending = new AbortController();
  const { signal } = pending;
  const { options, state } = await (await fetch(way.dataset.passkey, { signal })).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, mediation, signal, ...more });
  way.elements.state.value = state;
  way.elements.credential.value = JSON.stringify(credential.toJSON());
  way.submit();
}

/** Nobody waits for it; and what was asked for is good for five minutes. */
function quietly() {
  ask("conditional").catch(() => {});
  timer = setTimeout(quietly, 4 * 60_000);
}

function loudly() {
  said.hidden = false;
  said.textContent = said.dataset.follow;
  ask("optional").catch(() => {
    said.textContent = said.dataset.cancelled;
    if ("field" in way.dataset) quietly();
  });
}

/** What is here is taken at once, where the browser can tell; else the other ways are shown. */
async function inApp() {
  const { immediateGet } = (await PublicKeyCredential.getClientCapabilities?.()) ?? {};
  if (immediateGet && (await ask("optional", { uiMode: "immediate" }).then(() => true, () => false))) return;
  panel.hidden = false;
  panel.querySelector("button").focus();
}

async function newest() {
  const answer = await fetch("/login/newest", { cache: "no-store" });
  return answer.ok ? answer.text() : undefined;
}

/** Somebody signs in in the browser, which has the same cookies: this window goes on once he has. */
async function comeBack() {
  let before = await newest();
  setInterval(async () => {
    const now = await newest();
    before ??= now;
    if (now && now !== before) location.href = panel.dataset.app;
  }, 2000);
}

async function begin() {
  way.hidden = false;
  const { unknown: credentialId, host: rpId } = way.dataset;
  if (credentialId) PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
  way.addEventListener("submit", (event) => {
    if (event.submitter?.formAction.endsWith("/cancel")) return;
    event.preventDefault();
    if (isApp && panel) inApp();
    else loudly();
  });
  panel?.querySelector("a")?.addEventListener("click", comeBack, { once: true });
  panel?.querySelector("[data-other]").addEventListener("click", loudly);
  if ("field" in way.dataset && (await PublicKeyCredential.isConditionalMediationAvailable?.())) quietly();
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) begin();
