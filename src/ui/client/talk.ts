import { openEventLine } from "./event-line.ts";
import { replaceContent } from "./live-region.ts";

interface Said {
  seq: number;
  isOwn: boolean;
  html: string;
}

/** How a conversation stands; what the server has put into words. */
interface State {
  state: string;
  acts: string;
  isOver: boolean;
  /** On the desk: whether one may write. */
  isMine?: boolean;
}

interface News extends State {
  messages: Said[];
}

export interface TalkOptions {
  /** Heard with each event or answer that tells of something else. */
  more?: (news: Record<string, unknown>) => void;
}

const silentForMs = 8000;
const askEveryMs = 4000;

/** Keeps a conversation as it is on the server, and sends what is written, without leaving the page. */
export function followTalk(root: HTMLElement, { more }: TalkOptions = {}): void {
  const part = (name: string) => root.querySelector<HTMLElement>(`[data-chat-${name}]`);
  const log = part("log");
  const state = part("state");
  const acts = part("acts");
  const trouble = part("trouble");
  const say = part("say");
  const form = say?.querySelector("form") ?? null;
  const box = form?.querySelector("textarea") ?? null;
  if (!log || !state || !acts || !trouble) return;
  let last = Number(root.dataset.chatLast);
  let isOver = false;
  const { heard, isAtEnd, toEnd } = watchLog(log, root.dataset.chatUnread ?? "");

  function add({ seq, isOwn, html }: Said): void {
    last = Math.max(last, seq);
    if (log?.querySelector(`[data-seq="${seq}"]`)) return;
    const wasAtEnd = isAtEnd();
    const after = [...(log?.querySelectorAll<HTMLElement>("[data-seq]") ?? [])].find(
      (element) => Number(element.dataset.seq) > seq,
    );
    if (after) after.insertAdjacentHTML("beforebegin", html);
    else log?.insertAdjacentHTML("beforeend", html);
    if (wasAtEnd || isOwn) toEnd();
    if (!isOwn) heard();
  }

  const hasText = () => say?.isConnected === true && box !== null && box.value.trim() !== "";
  const isLeaving = watchLeaving();

  function show(news: State): void {
    replaceContent(state as HTMLElement, news.state);
    replaceContent(acts as HTMLElement, news.acts);
    isOver = news.isOver;
    // What is typed stays until it is sent: the page that follows has no room for it.
    if (hasText() || isLeaving()) return;
    if (news.isMine === undefined ? isOver : news.isMine && !say) location.reload();
    else if (news.isMine === false) say?.remove();
  }

  function take(news: Partial<News>): void {
    for (const said of news.messages ?? []) add(said);
    if (news.state !== undefined) show(news as News);
    more?.(news);
  }

  listen(root.dataset.chat as string, {
    address: (path) => withAfter(path, last),
    news: root.dataset.chatNews as string,
    said: add,
    take,
    isOver: () => isOver,
    hasText,
    gone({ message, next }) {
      if (hasText()) trouble.textContent = message;
      else location.assign(next);
    },
  });

  if (form && box) sendFrom(form, box, { trouble, root, last: () => last, take });
  acts.addEventListener("submit", (event) => {
    if (!hasText()) return;
    event.preventDefault();
    trouble.textContent = root.dataset.chatUnsent ?? "";
    box?.focus();
  });
  toEnd();
}

/** A form was sent, or a link followed: loading this page anew would bring the person back to it. */
function watchLeaving(): () => boolean {
  let isLeaving = false;
  document.addEventListener("submit", ({ defaultPrevented }) => {
    isLeaving ||= !defaultPrevented;
  });
  document.addEventListener("click", ({ target, defaultPrevented, ctrlKey, metaKey, shiftKey }) => {
    const isLink = target instanceof Element && target.closest("a[href]") !== null;
    isLeaving ||= isLink && !defaultPrevented && !ctrlKey && !metaKey && !shiftKey;
  });
  // Come back to by the browser's own button.
  addEventListener("pageshow", () => {
    isLeaving = false;
  });
  return () => isLeaving;
}

function withAfter(path: string, after: number): string {
  return `${path}${path.includes("?") ? "&" : "?"}after=${after}`;
}

/** Scrolls with what comes, unless somebody reads further up; counts in the title what was not seen. */
function watchLog(log: HTMLElement, words: string) {
  const title = document.title;
  let unread = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
  });
  return {
    isAtEnd: () => log.scrollHeight - log.scrollTop - log.clientHeight < 80,
    toEnd: () => log.scrollTo({ top: log.scrollHeight }),
    heard() {
      if (!document.hidden) return;
      unread += 1;
      document.title = words.replace("{count}", String(unread)).replace("{title}", title);
    },
  };
}

interface Listening {
  address: (path: string) => string;
  /** Where the same is asked for, one answer at a time. */
  news: string;
  said: (said: Said) => void;
  take: (news: Partial<News>) => void;
  isOver: () => boolean;
  hasText: () => boolean;
  /** The conversation is not open in this browser any more. */
  gone: (told: Gone) => void;
}

interface Gone {
  message: string;
  next: string;
}

/** Hears events; where the network keeps them back, asks instead. */
function listen(path: string, { address, news, said, take, isOver, hasText, gone }: Listening): void {
  let heardAt = performance.now();
  let hasTold = false;
  const hear = (told: (data: never) => void) => (event: MessageEvent) => {
    heardAt = performance.now();
    hasTold = true;
    told(JSON.parse(event.data) as never);
    if (isOver()) stop();
  };
  const line = openEventLine(
    () => address(path),
    { said: hear(said), state: hear(take), list: hear(take) },
    {
      opened() {
        heardAt = performance.now();
        hasTold = false;
      },
    },
  );
  const timer = setInterval(ask, askEveryMs);

  function stop(): void {
    line.close();
    clearInterval(timer);
  }

  async function ask(): Promise<void> {
    const silentFor = performance.now() - heardAt;
    // An open line is silent when nothing happens; one that never told anything is kept back on its way.
    if (line.isOpen() && (hasTold || silentFor <= silentForMs)) return;
    if (silentFor < askEveryMs) return;
    try {
      const answer = await fetch(address(news), {
        headers: { accept: "application/json" },
        cache: "no-store",
      });
      if (answer.status === 410) {
        stop();
        return gone((await answer.json()) as Gone);
      }
      // Signed out: the page leads to where one signs in. What is typed waits until it is sent.
      if (answer.status === 401 || answer.status === 403) return hasText() ? undefined : location.reload();
      if (answer.ok) take(await answer.json());
      if (isOver()) stop();
    } catch {
      // Offline: asked again.
    }
  }
}

interface Sending {
  trouble: HTMLElement;
  root: HTMLElement;
  last: () => number;
  take: (news: News) => void;
}

/** Sends what is written. A weak line may swallow the answer: the same key says that it is the same message. */
function sendFrom(form: HTMLFormElement, box: HTMLTextAreaElement, sending: Sending): void {
  const { trouble, root, last, take } = sending;
  const key = form.querySelector<HTMLInputElement>("input[name=key]");
  let isSending = false;

  async function send(): Promise<void> {
    const text = box.value;
    if (isSending || text.trim() === "") return;
    isSending = true;
    try {
      const body = new URLSearchParams({ text, key: key?.value ?? "", after: String(last()) });
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        body,
      });
      const told = await answer.json();
      if (!answer.ok) {
        trouble.textContent = told.message ?? root.dataset.chatOffline ?? "";
        // Sent as by a page without script: what answers then has room for what was typed.
        if (told.next) form.submit();
        return;
      }
      trouble.textContent = "";
      // What was typed since then stays.
      box.value = box.value.startsWith(text) ? box.value.slice(text.length).trimStart() : box.value;
      if (key) key.value = newKey();
      take(told);
    } catch {
      trouble.textContent = root.dataset.chatOffline ?? "";
    } finally {
      isSending = false;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
    box.focus();
  });
  // With a keyboard of its own; on a screen, that key ends the line.
  if (!matchMedia("(pointer: coarse)").matches) {
    root.querySelector<HTMLElement>("[data-chat-keys]")?.removeAttribute("hidden");
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    });
  }
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
