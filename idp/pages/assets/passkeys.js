// One's own passkeys: making one, and telling the browser which there are. Without this script there is no button.
const form = document.querySelector("form[data-options]");
const known = document.querySelector("[data-accepted]")?.dataset;

async function make() {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.options));
  const credential = await navigator.credentials.create({ publicKey });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

if (form && globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  const said = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    said.hidden = false;
    said.textContent = said.dataset.follow;
    make().catch(({ name }) => {
      said.textContent = name === "InvalidStateError" ? said.dataset.there : said.dataset.cancelled;
    });
  });
}

// Nothing is offered to a browser that can't.
if (!globalThis.PublicKeyCredential) document.querySelector("form[data-later]")?.submit();

if (known) {
  const allAcceptedCredentialIds = known.accepted.split(" ").filter(Boolean);
  const { host: rpId, user: userId, name, display: displayName } = known;
  const tell = globalThis.PublicKeyCredential;
  tell?.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds }).catch(() => {});
  tell?.signalCurrentUserDetails?.({ rpId, userId, name, displayName }).catch(() => {});
}
