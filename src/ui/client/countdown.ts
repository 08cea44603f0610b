/** Runs the seconds of a `<Countdown>`. The button stays where it is and keeps the focus: only its press waits. */
export function countDown(form: HTMLFormElement): void {
  const button = form.querySelector("button");
  const time = form.querySelector(".time");
  const status = form.querySelector("[role=status]");
  if (!button || !time || !status) return;

  // Counted from the opening of the page: the clock of the device may be wrong.
  const end = Date.now() + Number(form.dataset.countdown) * 1000;
  const wait = (event: Event) => event.preventDefault();
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds > 0) {
      time.textContent = (form.dataset.in ?? "").replace("{time}", formatSeconds(seconds));
      return;
    }
    clearInterval(timer);
    form.removeEventListener("submit", wait);
    button.removeAttribute("aria-disabled");
    time.textContent = "";
    form.querySelector(".hint")?.remove();
    status.textContent = form.dataset.ready ?? "";
  };
  // Its seconds stand still: from here on the button tells the time, and the sentence only describes the button.
  form.querySelector(".hint")?.classList.add("unseen");
  form.addEventListener("submit", wait);
  button.setAttribute("aria-disabled", "true");
  const timer = setInterval(tick, 1000);
  tick();
}

const formatSeconds = (seconds: number) =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
