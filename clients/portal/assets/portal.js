// Two comforts; every page works without them. The theme changes without a reload, and open menus close by themselves.
const next = { dark: "light", light: "system", system: "dark" };
const buttons = [...document.querySelectorAll("button[name=theme]")];
const scheme = document.querySelector("meta[name=color-scheme]");

function wear(theme) {
  document.documentElement.dataset.theme = theme;
  scheme.content = theme === "system" ? "light dark" : theme;
  for (const button of buttons) {
    if ("cycle" in button.dataset) {
      button.value = next[theme];
      button.title = button.dataset[theme];
      button.setAttribute("aria-label", button.dataset[theme]);
    } else {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }
}

for (const form of new Set(buttons.map((button) => button.form))) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    wear(body.get("theme"));
    // The cookie is set by the server. If it does not answer, this page keeps its theme and the next one has the old.
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
  });
}

const menus = [...document.querySelectorAll("details.menu")];

document.addEventListener("click", ({ target }) => {
  for (const menu of menus) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of menus.filter((menu) => menu.open)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
