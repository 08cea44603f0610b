import { watchAttention } from "./attention.ts";

const pingEvery = 20_000;
const storageKey = "loquet-shortcuts";

/** The inbox: keys, the case that others have open too, and prepared answers without a new page. */
export function improveInbox(): void {
  const shortcuts = document.querySelector<HTMLElement>("[data-shortcuts]");
  if (shortcuts) offerShortcuts(shortcuts);
  const viewing = document.querySelector<HTMLElement>("[data-viewing]");
  if (viewing) sayThatOpen(viewing);
  const canned = document.querySelector<HTMLElement>("[data-canned]");
  if (canned) insertCanned(canned);
}

/** One key, no modifier: so they can be turned off, and never act while somebody types (WCAG 2.1.4). */
function offerShortcuts(shown: HTMLElement): void {
  const button = shown.querySelector<HTMLButtonElement>("[data-shortcuts-switch]");
  if (!button) return;
  let isOn = read() !== "off";
  const say = () => {
    button.textContent = (isOn ? button.dataset.off : button.dataset.on) ?? "";
  };
  shown.hidden = false;
  say();
  button.addEventListener("click", () => {
    isOn = !isOn;
    write(isOn ? "on" : "off");
    say();
  });
  addEventListener("keydown", (event) => {
    if (!isOn || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event))
      return;
    if (actOn(event.key, shown)) event.preventDefault();
  });
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function actOn(key: string, shown: HTMLElement): boolean {
  switch (key) {
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "r":
      return focusOn(document.getElementById("answer"));
    case "n":
      return focusOn(document.getElementById("note"));
    case "a": {
      const take = document.querySelector<HTMLFormElement>('form[action$="/take"]');
      take?.requestSubmit();
      return take !== null;
    }
    case "/": {
      const search = document.getElementById("q");
      if (search) return focusOn(search);
      location.assign("/desk/cases#q");
      return true;
    }
    case "?": {
      const details = shown.querySelector("details");
      if (!details) return false;
      details.open = !details.open;
      return focusOn(details.querySelector("summary"));
    }
    default:
      return false;
  }
}

/** From case to case in the list, from message to message in a case. */
function move(step: number): boolean {
  const places = [
    ...document.querySelectorAll<HTMLElement>(
      "[data-cases] .case-line-what a, .case-messages > .case-message",
    ),
  ];
  const active = document.activeElement;
  const at = places.findIndex((place) => place === active || place.contains(active));
  const next = places[at < 0 ? (step > 0 ? 0 : places.length - 1) : at + step];
  if (!next) return places.length > 0;
  if (next.tagName !== "A") next.tabIndex = -1;
  return focusOn(next);
}

function focusOn(element: HTMLElement | null): boolean {
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
  return element !== null;
}

/** Says every 20 seconds that this case is open here, and shows who else has it open, and that somebody wrote. */
function sayThatOpen(place: HTMLElement): void {
  const said = document.createElement("p");
  let shown = "";
  const isAttended = watchAttention();
  const ping = async () => {
    if (document.hidden || !isAttended()) return;
    try {
      const answer = await fetch(place.dataset.viewing ?? "", {
        method: "POST",
        body: new URLSearchParams(),
        headers: { accept: "application/json" },
      });
      if (!answer.ok) return;
      const { names, newest }: { names: string[]; newest: string } = await answer.json();
      const lines = [
        ...(names.length > 0 ? [(place.dataset.viewingWords ?? "").replace("\n", names.join(", "))] : []),
        ...(newest !== place.dataset.newest ? [place.dataset.newerWords ?? ""] : []),
      ];
      // Said again only when it changes: a screen reader would read it out each time.
      if (lines.join(" ") === shown) return;
      shown = lines.join(" ");
      said.textContent = shown;
      place.replaceChildren(...(shown === "" ? [] : [framed(said)]));
    } catch {
      // Offline: the next turn asks again.
    }
  };
  shown = place.textContent?.trim() ?? "";
  setInterval(ping, pingEvery);
  document.addEventListener("visibilitychange", ping);
}

function framed(said: HTMLElement): HTMLElement {
  const frame = document.createElement("div");
  frame.className = "notice is-careful";
  frame.append(said);
  return frame;
}

/** Puts the chosen text where the cursor is, and leaves the cursor behind it. */
function insertCanned(place: HTMLElement): void {
  const texts: Record<string, string> = JSON.parse(place.dataset.canned ?? "{}");
  const choice = place.querySelector("select");
  const field = document.getElementById("answer");
  if (!choice || !(field instanceof HTMLTextAreaElement)) return;
  place.querySelector("button")?.addEventListener("click", (event) => {
    event.preventDefault();
    const text = texts[choice.value];
    if (text === undefined) return;
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    choice.value = "";
  });
}

// Where a browser keeps nothing for us, shortcuts are on at each page.
function read(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function write(value: string): void {
  try {
    localStorage.setItem(storageKey, value);
  } catch {
    // Turned off for this page at least.
  }
}
