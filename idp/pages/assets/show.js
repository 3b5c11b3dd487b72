// Lets people read the password they type, and sends a form only once.
const buttons = [...document.querySelectorAll("button[data-show]")];

function set(button, shown) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  input.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
  button.setAttribute("aria-label", shown ? button.dataset.hideLabel : button.dataset.showLabel);
  return input;
}

for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    set(button, input.type === "password").focus();
  });
}

const sent = new WeakSet();
for (const form of document.querySelectorAll("form[novalidate]")) {
  form.addEventListener("submit", (event) => {
    if (sent.has(form)) event.preventDefault();
    sent.add(form);
    // Hidden again before it leaves, so that no browser keeps it as ordinary text.
    for (const button of buttons) set(button, false);
  });
  // Back from the page cache: the form may be sent anew.
  addEventListener("pageshow", () => sent.delete(form));
}
