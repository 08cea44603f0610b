const restMs = 150;
/** Whoever looks at what was found for so long has finished typing. */
const settledMs = 1500;

/**
 * Shows what the search finds while one types, below its box. What is found is made by the server, the same as
 * on its own page; pressing « Chercher » still leads there.
 */
export function searchWhileTyping(form: HTMLFormElement): void {
  const box = form.querySelector<HTMLInputElement>("input[type=search]");
  const frame = form.parentElement;
  const results = frame?.querySelector<HTMLElement>("[data-help-results]");
  const status = frame?.querySelector<HTMLElement>("[data-help-status]");
  if (!box || !results || !status) return;
  const asked = { query: box.value.trim(), counted: new Set([box.value.trim()]) };
  let timer = 0;
  let settling = 0;
  let fetching: AbortController | null = null;

  const count = () => {
    clearTimeout(settling);
    if (results.hidden || asked.counted.has(asked.query)) return;
    asked.counted.add(asked.query);
    navigator.sendBeacon("/help/searched", new URLSearchParams({ q: asked.query }));
  };
  const clear = () => {
    results.hidden = true;
    results.replaceChildren();
    status.textContent = "";
  };
  const search = async () => {
    const query = box.value.trim();
    if (query === asked.query) return;
    asked.query = query;
    fetching?.abort();
    if (query.length < 2) return clear();
    fetching = new AbortController();
    try {
      const address = `${form.action}?fragment=1&q=${encodeURIComponent(query)}`;
      const answer = await fetch(address, { signal: fetching.signal });
      if (!answer.ok) return;
      results.innerHTML = await answer.text();
      results.hidden = false;
      status.textContent = results.querySelector<HTMLElement>("[data-count]")?.dataset.count ?? "";
      // The page's own results would say something else than the box.
      for (const old of document.querySelectorAll<HTMLElement>("main > .search-results")) old.hidden = true;
      settling = setTimeout(count, settledMs);
    } catch {
      // Replaced by a newer search, or offline: the button still works.
    }
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    clearTimeout(settling);
    timer = setTimeout(search, restMs);
  });
  results.addEventListener("click", count);
}
