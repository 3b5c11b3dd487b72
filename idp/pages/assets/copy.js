// Copies a secret that is shown once. Without this script people select it themselves.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
    document.querySelector("[data-copy-status]").textContent = button.dataset.done;
  });
}
