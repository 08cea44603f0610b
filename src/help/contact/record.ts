import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { otherAuthor, type SeenCase } from "./contact-cases.ts";
import type { Evidence } from "./evidence.ts";

/** What a record is written with. */
export interface RecordWords {
  t: Translate;
  moment: (ms: number) => string;
  relay: string;
  brand: string;
}

/**
 * A case as its writer keeps it, in plain text. Every line of anybody's words begins with `| `, so that neither a mail
 * program nor a spreadsheet takes one for a command, a quotation or a formula.
 */
export function writeRecord(seen: SeenCase, words: RecordWords): string {
  const { t, moment } = words;
  const { row, messages, pictures } = seen;
  const fact = (label: string, value: string | null) =>
    value === null || value === "" ? [] : [t("mail.fact", { label }), ...said(value)];
  const lines = [
    t("contact.record.title", { number: row.number, brand: words.brand }),
    "",
    ...fact(t("contact.sent.relay"), words.relay),
    ...fact(t("contact.case.opened-at"), moment(row.opened_at)),
    ...fact(t("contact.symptom.label"), t(`symptom.${row.symptom}` as MessageKey)),
    ...fact(t("contact.record.state"), t(`contact.case.state.${stateOf(row.status)}`)),
    ...fact(t("contact.name"), row.name),
    ...fact(t("contact.identifier"), row.identifier),
    ...fact(t("contact.email"), row.email),
    ...fact(t("contact.phone"), row.phone),
    ...fact(t("contact.establishment"), row.establishment),
    ...fact(t("contact.pupil"), row.pupil),
    ...fact(t("contact.class"), row.pupil_class),
    ...fact(t("contact.relation"), row.relation),
    ...fact(t("contact.new-email"), row.new_email),
    ...fact(t("contact.new-phone"), row.new_phone),
    "",
    ...evidenceLines(JSON.parse(row.evidence) as Evidence, words),
  ];
  for (const message of messages) {
    const by =
      message.kind === "staff"
        ? (message.author_name ?? words.brand)
        : (otherAuthor(message, row.name) ?? t("contact.case.you"));
    lines.push("", `${by}, ${moment(message.at)}`, ...said(message.body));
  }
  if (pictures.length > 0)
    lines.push("", t("contact.pictures"), ...pictures.flatMap(({ name }) => said(name)));
  return `${lines.join("\r\n")}\r\n`;
}

function evidenceLines(evidence: Evidence, { t, moment }: RecordWords): string[] {
  const facts: [MessageKey, string | undefined][] = [
    ["contact.evidence.at", moment(evidence.at)],
    ["contact.evidence.path", evidence.path],
    ["contact.evidence.message", evidence.messageShown],
    ["contact.evidence.incident", evidence.incident],
    ["contact.evidence.browser", evidence.browser],
    ["contact.evidence.device", evidence.device && t(`contact.device.${evidence.device}` as MessageKey)],
    ["contact.evidence.articles", evidence.articlesRead?.join(", ")],
    ["contact.tried", evidence.tried],
    ["contact.change", evidence.recentChange],
  ];
  const diagnosis = evidence.diagnosis?.map(({ question, answer }) => `${question} ${answer}`).join("\n");
  return [...facts, ["contact.evidence.diagnosis", diagnosis] as const].flatMap(([key, value]) =>
    value ? [t("mail.fact", { label: t(key) }), ...said(value)] : [],
  );
}

/** Somebody's own words, a line each. */
function said(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => `| ${line}`);
}

const stateOf = (status: SeenCase["row"]["status"]) => (status === "merged" ? "open" : status);

/** The same for a program: times in ISO 8601, UTC. */
export function writeRecordJson({ row, messages, pictures }: SeenCase, relay: string): string {
  const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return `${JSON.stringify(
    {
      number: row.number,
      status: stateOf(row.status),
      relay,
      symptom: row.symptom,
      kind: row.kind,
      openedAt: at(row.opened_at),
      firstAnsweredAt: at(row.first_answered_at),
      solvedAt: at(row.solved_at),
      closedAt: at(row.closed_at),
      satisfaction: row.satisfaction,
      writer: {
        name: row.name,
        identifier: row.identifier,
        email: row.email,
        phone: row.phone,
        establishment: row.establishment,
        pupil: row.pupil,
        class: row.pupil_class,
        relation: row.relation,
        newEmail: row.new_email,
        newPhone: row.new_phone,
      },
      evidence: JSON.parse(row.evidence) as Evidence,
      messages: messages.map((message) => ({
        from: message.kind === "staff" ? "staff" : "writer",
        name: message.author_name,
        at: at(message.at),
        text: message.body,
      })),
      pictures: pictures.map(({ name, type, bytes, at: keptAt }) => ({ name, type, bytes, at: at(keptAt) })),
    },
    null,
    2,
  )}\n`;
}
