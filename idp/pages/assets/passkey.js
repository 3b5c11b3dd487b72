// Showing a passkey: in the field for the name, where there is one, or by the button. Without this script there is no button.
const way = document.querySelector("form[data-passkey]");
const said = way.querySelector("[role=status]");
let pending;

/** One question at a time: a new one takes the place of the one before. */
async function ask(mediation) {
  pending?.abort();
  pending = new AbortController();
  const { signal } = pending;
  const { options, state } = await (await fetch(way.dataset.passkey, { signal })).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, mediation, signal });
  way.elements.state.value = state;
  way.elements.credential.value = JSON.stringify(credential.toJSON());
  way.submit();
}

const quietly = () => ask("conditional").catch(() => {}); // nobody waits for it

async function begin() {
  way.hidden = false;
  const { unknown: credentialId, host: rpId } = way.dataset;
  if (credentialId) PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
  const inField = "field" in way.dataset && await PublicKeyCredential.isConditionalMediationAvailable?.();
  way.addEventListener("submit", (event) => {
    if (event.submitter?.formAction.endsWith("/cancel")) return;
    event.preventDefault();
    said.hidden = false;
    said.textContent = said.dataset.follow;
    ask("optional").catch(() => {
      said.textContent = said.dataset.cancelled;
      if (inField) quietly();
    });
  });
  if (inField) {
    quietly();
    setInterval(quietly, 4 * 60_000); // what was asked for is good for five minutes
  }
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) begin();
