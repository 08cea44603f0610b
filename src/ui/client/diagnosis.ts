/**
 * Looks at this browser for the guided diagnosis. Every word stands in the page already, hidden: here it is only
 * decided which are shown. Nothing found leaves the browser, unless the person goes on to the contact form.
 */
type Result = "good" | "bad" | "perhaps";
type Found = Record<string, Result | null>;

const clockMayDiffer = 5 * 60_000;
const slowAfter = 4000;
const givesUpAfter = 10_000;
const remembered = "loquet-checks";

export function checkBrowser(section: HTMLElement): void {
  section.querySelector(".checks-waiting")?.remove();
  const path = section.dataset.browserChecks ?? "";
  const local: Found = {
    storage: keepsStorage() ? "good" : "bad",
    age: isRecent() ? "good" : "bad",
    address: location.origin === section.dataset.origin ? "good" : "bad",
  };
  show(section, local);
  Promise.all([readLine(path), sendForm(path), guessPrivate()]).then(([line, forms, isPrivate]) => {
    const found: Found = { ...local, ...line, forms, private: isPrivate ? "perhaps" : null };
    show(section, found);
    announce(section);
    const known = [...section.querySelectorAll<HTMLElement>("[data-result=bad] [data-known]")];
    const bad = Object.keys(found).filter((check) => found[check] === "bad");
    remember([...known.map(({ dataset }) => dataset.known ?? ""), ...bad]);
  });
}

/** Carries what was found to the contact form, together with the answers. */
export function carryChecks(link: HTMLAnchorElement): void {
  const bad = recall();
  if (bad === "") return;
  const address = new URL(link.href);
  const trail = address.searchParams.get("diagnosis");
  address.searchParams.set("diagnosis", `${trail ? `${trail}~` : ""}checks.${bad}`);
  link.href = address.href;
}

function show(section: HTMLElement, found: Found): void {
  for (const list of section.querySelectorAll<HTMLElement>("[data-result]")) {
    for (const line of list.querySelectorAll<HTMLElement>("[data-check]")) {
      const check = line.dataset.check ?? "";
      // What the server saw as well stands there already.
      const isKnown = section.querySelector(`[data-known="${CSS.escape(check)}"]`) !== null;
      line.hidden = isKnown || found[check] !== list.dataset.result;
    }
    list.hidden = [...list.querySelectorAll<HTMLElement>("li")].every((line) => line.hidden);
  }
}

function announce(section: HTMLElement): void {
  const status = section.querySelector("[role=status]");
  const count = [...section.querySelectorAll<HTMLElement>("[data-result=bad] li")].filter(
    ({ hidden }) => !hidden,
  ).length;
  if (!status || (count === 0 && "quiet" in section.dataset)) return;
  const { saidNone = "", saidSome = "" } = section.dataset;
  status.textContent = count === 0 ? saidNone : saidSome.replace("{count}", String(count));
}

function keepsStorage(): boolean {
  try {
    localStorage.setItem(remembered, "1");
    localStorage.removeItem(remembered);
    return true;
  } catch {
    return false;
  }
}

/** What the pages of the portal are written for; the build says from which versions on. */
function isRecent(): boolean {
  return (
    "inert" in HTMLElement.prototype &&
    typeof structuredClone === "function" &&
    "findLast" in Array.prototype &&
    CSS.supports("height", "1dvh")
  );
}

/** Asks the portal one question whose answer is known: what comes back tells of line, clock and filters. */
async function readLine(path: string): Promise<Found> {
  if (!navigator.onLine) return { line: "bad" };
  const word = String(Math.random()).slice(2);
  const startedAt = performance.now();
  try {
    const answer = await fetch(`${path}?word=${word}`, {
      cache: "no-store",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(givesUpAfter),
    });
    const took = performance.now() - startedAt;
    const text = await answer.text();
    const isOurs = answer.ok && !answer.redirected && text === JSON.stringify({ probe: "loquet", word });
    return {
      filter: isOurs ? "good" : "bad",
      line: took > slowAfter ? "perhaps" : "good",
      clock: isOurs ? judgeClock(answer.headers.get("date"), took) : null,
    };
  } catch {
    return { line: navigator.onLine ? "perhaps" : "bad", filter: "bad" };
  }
}

function judgeClock(date: string | null, took: number): Result | null {
  const server = Date.parse(date ?? "");
  if (Number.isNaN(server)) return null;
  return Math.abs(Date.now() - took / 2 - server) > clockMayDiffer ? "bad" : "good";
}

/** Whether a form arrives whole, and says where it comes from. */
async function sendForm(path: string): Promise<Result | null> {
  if (!navigator.onLine) return null;
  const word = String(Math.random()).slice(2);
  try {
    const answer = await fetch(path, {
      method: "POST",
      body: new URLSearchParams({ word }),
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(givesUpAfter),
    });
    return (await answer.text()) === JSON.stringify({ probe: "loquet", word }) ? "good" : "bad";
  } catch {
    return "bad";
  }
}

/** Nobody may ask a browser whether its window is private: small signs, and no more than a perhaps. */
async function guessPrivate(): Promise<boolean> {
  try {
    const { quota = Number.POSITIVE_INFINITY } = (await navigator.storage?.estimate()) ?? {};
    const { memory } = performance as { memory?: { jsHeapSizeLimit: number } };
    if (memory) return quota < memory.jsHeapSizeLimit;
    await navigator.storage?.getDirectory?.();
    return false;
  } catch {
    return true;
  }
}

function remember(bad: string[]): void {
  try {
    sessionStorage.setItem(remembered, bad.join(","));
  } catch {
    // Storage is refused: the contact form then tells only what was answered.
  }
}

function recall(): string {
  try {
    return sessionStorage.getItem(remembered) ?? "";
  } catch {
    return "";
  }
}
