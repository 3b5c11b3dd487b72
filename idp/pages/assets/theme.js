// Changes the theme at once and tells the server beside it. Without this script the same form is sent and the page
// comes back in its new theme.
const next = { dark: "light", light: "system", system: "dark" };
const root = document.documentElement;
const scheme = document.querySelector("meta[name=color-scheme]");
const buttons = [...document.querySelectorAll("button[name=theme]")];

function show(theme) {
  root.dataset.theme = theme;
  scheme.content = theme === "system" ? "light dark" : theme;
  for (const button of buttons) {
    button.value = next[theme];
    button.setAttribute("aria-label", button.dataset[theme]);
  }
}

for (const button of buttons) {
  button.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(button.form, button));
    show(button.value);
    // The answer redirects back here, which is not worth following. If it never comes, this page keeps its new theme.
    fetch(button.form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
  });
}
