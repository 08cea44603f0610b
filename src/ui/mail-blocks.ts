import type { MailContent, MailView } from "./mail-content.ts";

/** One piece of a mail. Both renderers go through the same list. */
export type MailBlock =
  | { kind: "text"; text: string; heading?: string; quiet?: boolean }
  | { kind: "facts"; rows: { label: string; value: string }[] }
  | { kind: "list"; items: { title: string; text: string }[] }
  | { kind: "button"; label: string; url: string; instead: string }
  | { kind: "link"; label: string; url: string; before?: string; heading?: string }
  | { kind: "code"; label: string; code: string };

/** The pieces of a mail in reading order: what it is, what to do, then how to be safe, then why. */
export function describeMail({ t }: MailView, content: MailContent): MailBlock[] {
  const { greeting, paragraphs, facts, list, button, code, secondary, notYou, neverAsk, why, closing } =
    content;
  const blocks: MailBlock[] = [];
  for (const text of [greeting, ...paragraphs]) if (text) blocks.push({ kind: "text", text });
  if (facts?.length) {
    const rows = facts.map(([label, value]) => ({ label: t("mail.fact", { label }), value }));
    blocks.push({ kind: "facts", rows });
  }
  if (list?.length) blocks.push({ kind: "list", items: list });
  if (button) blocks.push({ kind: "button", ...button, instead: t("mail.link.instead") });
  if (code) blocks.push({ kind: "code", label: t("mail.code.label"), code });
  if (secondary) blocks.push({ kind: "link", ...secondary });
  if (notYou) blocks.push(describeNotYou(t("mail.not-you"), notYou));
  if (neverAsk) blocks.push({ kind: "text", text: t("mail.never-ask") });
  if (closing) blocks.push({ kind: "text", text: closing });
  blocks.push({ kind: "text", heading: t("mail.why"), text: why, quiet: true });
  return blocks;
}

function describeNotYou(
  heading: string,
  { text, url, label }: NonNullable<MailContent["notYou"]>,
): MailBlock {
  if (url === undefined) return { kind: "text", heading, text };
  return { kind: "link", heading, before: text, label: label ?? url, url };
}
