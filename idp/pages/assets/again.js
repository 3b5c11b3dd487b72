// Counts down to when another mail may be asked for. Without this script the button works at once, and who is too early is told so.
const button = document.querySelector("button[data-wait]");
if (button) {
  const hint = button.nextElementSibling;
  const end = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    button.disabled = left > 0;
    hint.hidden = left === 0;
    hint.textContent = hint.dataset.in.replace("{s}", left);
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
