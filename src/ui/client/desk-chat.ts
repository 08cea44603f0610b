import { watchAttention } from "./attention.ts";
import { openEventLine } from "./event-line.ts";
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
    const path = all.dataset.deskChat as string;
    openEventLine(() => path, { list: (event) => showList(JSON.parse(event.data)) }, { mayGoOn: maySeeDesk });
  } else if (readFlag()) pingWhileAttended();
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

const sendPing = () =>
  fetch("/desk/chat/ping", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(),
  });

const isSignedOut = ({ status }: Response) => status === 401 || status === 403;

/** Whether the desk is open to this browser still; where it is not, the page leads to where one signs in. */
async function maySeeDesk(): Promise<boolean> {
  try {
    if (!isSignedOut(await sendPing())) return true;
    location.reload();
    return false;
  } catch {
    // Offline: the line is opened once that is over.
    return true;
  }
}

/** Whoever is available stays so on the other pages of the desk, as long as they are there. */
function pingWhileAttended(): void {
  const isAttended = watchAttention();
  const timer = setInterval(ping, pingEveryMs);
  void ping();

  async function ping(): Promise<void> {
    if (!isAttended()) return;
    try {
      const answer = await sendPing();
      if (isSignedOut(answer)) return stop();
      if (!answer.ok) return;
      const { isThere, waiting, unanswered } = await answer.json();
      if (!isThere) return stop();
      showCount(waiting + unanswered);
    } catch {
      // Offline: asked again.
    }
  }

  function stop(): void {
    clearInterval(timer);
    keepFlag(false);
  }
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
