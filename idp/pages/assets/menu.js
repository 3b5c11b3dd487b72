// A menu that is left closes; Escape closes it and leads back to its button. Without this script its button does.
for (const menu of document.querySelectorAll("details.menu")) {
  const leave = (to) => {
    if (to && !menu.contains(to)) menu.open = false;
  };
  menu.addEventListener("focusout", (event) => leave(event.relatedTarget));
  document.addEventListener("pointerdown", (event) => leave(event.target));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
