// Counts down to the end of a wait. Screen readers hear one sentence at the end, not every second.
const clock = document.querySelector("[data-seconds]");
const over = document.querySelector("[data-when-over]");
const end = Date.now() + Number(clock.dataset.seconds) * 1000;

function tick() {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (left > 0) return;
  clearInterval(timer);
  clock.hidden = true;
  over.hidden = false;
}

const timer = setInterval(tick, 1000);
clock.hidden = false;
tick();
