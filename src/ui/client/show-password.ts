/** Lets a password be seen. Before it is sent it is hidden again, so that browsers remember it as a password. */
export function offerToShow(button: HTMLButtonElement): void {
  const field = document.getElementById(button.getAttribute("aria-controls") ?? "");
  const words = button.firstElementChild;
  if (!(field instanceof HTMLInputElement) || !words) return;

  const show = (shown: boolean) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    words.textContent = (shown ? button.dataset.hide : button.dataset.show) ?? "";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    show(field.type === "password");
    field.focus();
  });
  field.form?.addEventListener("submit", () => show(false));
  addEventListener("pagehide", () => show(false));
}
