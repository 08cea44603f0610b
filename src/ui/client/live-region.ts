const pressed = "a, button, select, summary, input";

/**
 * Shows what the server has written anew in a part of the page. The focus stays where it is: on the same link or button
 * where that is still there. A list that somebody is choosing from is left until they have chosen.
 */
export function replaceContent(region: HTMLElement, html: string): void {
  if (region.dataset.shown === html) return;
  const active = document.activeElement;
  const isInside = active !== null && region.contains(active);
  if (isInside && active instanceof HTMLSelectElement) {
    region.dataset.next = html;
    active.addEventListener("blur", () => replaceContent(region, region.dataset.next ?? html), {
      once: true,
    });
    return;
  }
  const key = isInside ? keyOf(active) : null;
  region.dataset.shown = html;
  region.innerHTML = html;
  if (key === null) return;
  const same = [...region.querySelectorAll<HTMLElement>(pressed)].find((element) => keyOf(element) === key);
  if (!same) region.tabIndex = -1;
  (same ?? region).focus();
}

/** By what an element is known again: where it leads, or what it does. */
function keyOf(element: Element): string {
  const form = element.closest("form")?.getAttribute("action") ?? "";
  const values = ["href", "name", "value"].map((name) => element.getAttribute(name) ?? "");
  return [element.tagName, form, ...values].join(" ");
}
