import type { AutomaticReason, MailContext } from "./parsed-mail.ts";

export interface HeaderLine {
  /** In lower case. */
  key: string;
  value: string;
}

const mostHops = 50;
const responders = [
  "x-autoreply",
  "x-autorespond",
  "x-autoresponder",
  "x-auto-response-suppress",
  "x-mail-autoreply",
];
const lists = ["list-id", "list-unsubscribe", "list-post"];
const loops = ["x-loop", "x-loops", "x-rt-loop-prevention"];
const precedence = /^\s*(?:bulk|list|junk|auto[_-]?reply)\b/i;
const daemon = /^(?:mailer-daemon|postmaster|mail-?daemon)$/i;
const nobody =
  /^(?:no-?_?reply|do-?_?not-?_?reply|ne-?_?pas-?_?repondre|(?:no-?reply|notifications?)[._+-].*|.*[._+-]no-?reply|bounces?(?:[._+-].*)?|auto-?(?:reply|responder)|daemon|www-data)$/i;
const answersBySubject =
  /^\s*(?:(?:réponse|message) automatique|automatic reply|auto(?:matic)?[- ]reply|autoreply|out of (?:the )?office|absence du bureau|absent\(?e?\)? du bureau|رد تلقائي|خارج المكتب)\b/i;

/** The reason why a mail is taken for a robot's; null for a person's. */
export function automaticReason(
  headers: HeaderLine[],
  about: MailContext & { from: string | null; subject: string },
): AutomaticReason | null {
  const values = (name: string) => headers.flatMap(({ key, value }) => (key === name ? [value] : []));
  const has = (names: string[]) => names.some((name) => headers.some(({ key }) => key === name));
  const from = (about.from ?? "").toLowerCase();
  const localOf = (address: string) => address.slice(0, Math.max(0, address.lastIndexOf("@")));

  if (
    values("content-type").some((type) => /^\s*(?:multipart\/report|message\/delivery-status)\b/i.test(type))
  )
    return "report";
  if (values("received").length > mostHops || has(loops)) return "loop";
  if (isOwn(from, about.ownAddresses) || isOwn(about.envelopeFrom.toLowerCase(), about.ownAddresses))
    return "our-own";
  if (about.envelopeFrom === "") return "empty-sender";
  if (values("auto-submitted").some((value) => !/^\s*no\b/i.test(value))) return "auto-submitted";
  if (has(responders) || answersBySubject.test(about.subject)) return "auto-response";
  if (has(lists) || values("precedence").some((value) => precedence.test(value))) return "bulk";
  const isRobot = [from, about.envelopeFrom].some((address) => daemon.test(localOf(address)));
  return isRobot || nobody.test(localOf(from)) ? "robot-sender" : null;
}

/** One of ours, or one of ours with a tag. */
function isOwn(address: string, own: string[]): boolean {
  const at = address.lastIndexOf("@");
  const bare = `${address.slice(0, Math.max(0, at)).replace(/\+.*$/, "")}${address.slice(at)}`;
  return address !== "" && own.some((mine) => mine.toLowerCase() === bare);
}
