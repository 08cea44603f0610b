import { type EmailAddress, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import type { Preset } from "../../config/preset.ts";
import { longestText, readText } from "./chat-talk.ts";

/** What stands in the form, as typed. */
export const chatFields = ["name", "email", "establishment", "what"] as const;
export type ChatField = (typeof chatFields)[number];
export type ChatValues = Record<ChatField, string>;

/** The same, read. */
export interface ChatFormRead {
  name: string;
  email: Pick<EmailAddress, "address" | "key"> | null;
  establishment: string;
  text: string;
}

const longestLine = 150;

/** Where there are pupils or their guardians; a pupil may have no mailbox. */
export function asksAboutSchool({ kinds }: Pick<Preset, "kinds">): boolean {
  return kinds.includes("pupil") || kinds.includes("guardian");
}

/** Reads the form. Refused: nobody to answer to, and nothing to answer. */
export function readChatForm(
  values: ChatValues,
  preset: Pick<Preset, "kinds">,
): { read: ChatFormRead; mistakes: { field: ChatField; refusal: string }[] } {
  const mistakes: { field: ChatField; refusal: string }[] = [];
  const line = (field: ChatField) => values[field].replaceAll(/\s+/g, " ").trim().slice(0, longestLine);
  const email = parseEmailAddress(values.email);
  const text = readText(values.what);
  if (line("name") === "") mistakes.push({ field: "name", refusal: "contact.name.missing" });
  if (!email.ok && !(asksAboutSchool(preset) && email.refusal === "email.missing"))
    mistakes.push({ field: "email", refusal: email.refusal });
  if (text === "") mistakes.push({ field: "what", refusal: "contact.what.missing" });
  if (text.length > longestText) mistakes.push({ field: "what", refusal: "contact.what.too-long" });
  return {
    mistakes,
    read: {
      name: line("name"),
      email: email.ok ? { address: email.address, key: email.key } : null,
      establishment: line("establishment"),
      text,
    },
  };
}
