/** Questions are open on paper, whatever they are on the screen; the link to the version to print prints at once. */
export function printWhole(): void {
  const closed = () => document.querySelectorAll<HTMLDetailsElement>("details.question:not([open])");
  const opened: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    for (const question of closed()) {
      question.open = true;
      opened.push(question);
    }
  });
  addEventListener("afterprint", () => {
    for (const question of opened.splice(0)) question.open = false;
  });
  document.querySelector("a[data-print]")?.addEventListener("click", (event) => {
    event.preventDefault();
    print();
  });
}
