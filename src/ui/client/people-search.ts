const pauseBeforeAsking = 250;
const leastLetters = 3;

/**
 * Answers a search while it is being typed: asks for the same page that the button would open, and takes its results
 * over. The field keeps the focus; how many were found is read out by the page's own words.
 */
export function searchAsTyped(form: HTMLFormElement): void {
  const results = document.getElementById(form.dataset.peopleSearch ?? "");
  const field = form.querySelector("input");
  if (!results || !field) return;
  let timer = 0;
  let asked: AbortController | undefined;
  let shown = addressOf(form);

  const ask = async () => {
    const address = addressOf(form);
    const letters = field.value.replace(/[^\p{L}\p{N}]/gu, "").length;
    if (address === shown || (letters > 0 && letters < leastLetters)) return;
    asked?.abort();
    asked = new AbortController();
    results.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" }, signal: asked.signal });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(results.id);
      if (!fresh) return;
      results.replaceChildren(...fresh.childNodes);
      const count = document.getElementById("people-count");
      if (count) count.textContent = page.getElementById("people-count")?.textContent ?? "";
      shown = address;
      history.replaceState(null, "", address);
      results.removeAttribute("aria-busy");
    } catch {
      // Replaced by a later question, or offline: the button still works.
    } finally {
      if (!asked.signal.aborted) results.removeAttribute("aria-busy");
    }
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pauseBeforeAsking);
  };
  field.addEventListener("input", wait);
  form.addEventListener("change", wait);
}

function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) query.set(name, String(value));
  return `${form.action}?${query}`;
}
