import { replaceContent } from "./live-region.ts";
import { followTalk } from "./talk.ts";

const pingEveryMs = 20_000;
/** Set while one is available: pages of the desk elsewhere say so, too. */
const flag = "loquet-chat-available";

interface List {
  list: string;
  isAvailable: boolean;
}

/** The staff's side: who waits is shown as it changes, and whoever is available stays so on every page of the desk. */
export function improveDeskChat(): void {
  const region = document.querySelector<HTMLElement>("[data-desk-chat-list]");
  const there = document.querySelector<HTMLElement>("[data-desk-chat-there]");
  if (there) keepFlag(there.dataset.deskChatThere === "1");

  const showList = ({ list, isAvailable }: Partial<List>) => {
    if (!region || list === undefined) return;
    replaceContent(region, list);
    countInNavigation(region);
    if (there && String(Number(isAvailable)) !== there.dataset.deskChatThere) {
      there.dataset.deskChatThere = String(Number(isAvailable));
      keepFlag(isAvailable === true);
      // The page of all says whether one is available; a page with a conversation does not.
      if (document.querySelector("[data-desk-chat]")) location.reload();
    }
  };

  const all = document.querySelector<HTMLElement>("[data-desk-chat]");
  const talk = document.querySelector<HTMLElement>("[data-chat]");
  if (talk) followTalk(talk, { more: showList });
  else if (all) {
    const source = new EventSource(all.dataset.deskChat as string);
    source.addEventListener("list", (event) => showList(JSON.parse(event.data)));
  } else if (readFlag()) void ping();
  if (region) countInNavigation(region);

  // The part that is written anew has forms of its own: asked of whichever is sent.
  document.addEventListener(
    "submit",
    ({ target }) => {
      const field = (target as HTMLFormElement).elements.namedItem("live");
      if (field instanceof HTMLInputElement) field.value = "1";
    },
    true,
  );
}

async function ping(): Promise<void> {
  try {
    const answer = await fetch("/desk/chat/ping", {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(),
    });
    const { isThere, waiting, unanswered } = await answer.json();
    if (!isThere) return keepFlag(false);
    showCount(waiting + unanswered);
  } catch {
    // Offline, or signed out: the next page tells.
  }
  setTimeout(ping, pingEveryMs);
}

function countInNavigation(region: HTMLElement): void {
  const count = (name: string) =>
    Number(region.querySelector<HTMLElement>(`[data-${name}]`)?.dataset[name] ?? 0);
  showCount(count("waiting") + count("unanswered"));
}

/** How many wait for somebody, beside the room's name. */
function showCount(count: number): void {
  const link = document.querySelector<HTMLElement>('.desk-rooms a[href="/desk/chat"]');
  if (!link) return;
  link.dataset.name ??= link.textContent ?? "";
  link.textContent = count > 0 ? `${link.dataset.name} (${count})` : link.dataset.name;
}

function readFlag(): boolean {
  try {
    return localStorage.getItem(flag) === "1";
  } catch {
    return false;
  }
}

function keepFlag(isSet: boolean): void {
  try {
    if (isSet) localStorage.setItem(flag, "1");
    else localStorage.removeItem(flag);
  } catch {
    // A browser that keeps nothing: one stays available on the pages of the chat.
  }
}
