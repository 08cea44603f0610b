const firstPause = 3000;
const longestPause = 20_000;

/** Asks every three seconds what has become of a request, ever more slowly, and goes on when it is finished. */
export function followWaiting(waiting: HTMLElement): void {
  const path = waiting.dataset.follow ?? "";
  let pause = firstPause;
  waiting.hidden = false;

  const ask = async () => {
    // A page in the background asks nothing; it asks at once when it is looked at again.
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    const next = await readNext(path);
    if (next) location.assign(next);
    else setTimeout(ask, pause);
    pause = Math.min(pause * 1.1, longestPause);
  };
  setTimeout(ask, pause);
}

async function readNext(path: string): Promise<string | null> {
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store" });
    const { state, next } = await answer.json();
    if (state !== "finished") return null;
    // Only ever a page of ours, whatever is answered.
    const address = new URL(next, location.origin);
    return address.origin === location.origin ? address.href : null;
  } catch {
    return null;
  }
}
