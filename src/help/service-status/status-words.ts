import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { isTrouble, type PartState } from "./judge.ts";
import type { PartName } from "./parts.ts";
import type { PartStatus } from "./service-status.ts";

/** Writes a moment in one language. */
export type SayTime = (ms: number) => string;

export const partName = (t: Translate, part: PartName): string => t(`service-status.part.${part}`);
export const stateWord = (t: Translate, state: PartState): string => t(`service-status.state.${state}`);

/** One plain sentence: « Les e-mails partent avec 4 minutes de retard. » */
export function partSentence(
  t: Translate,
  { part, state, since, delaySeconds }: PartStatus,
  time: SayTime,
): string {
  if (state === "unknown") return t("service-status.not-measured");
  const key = `service-status.${part}.${sentenceOf(part, state)}` as MessageKey;
  if (part === "email" || part === "sms") {
    if (state === "late") return t(key, { minutes: Math.max(1, Math.round((delaySeconds ?? 60) / 60)) });
  }
  return isTrouble(state) ? t(key, { since: since === null ? "?" : time(since) }) : t(key);
}

/** Only sending can be quiet, and only these parts can be late. */
function sentenceOf(part: PartName, state: Exclude<PartState, "unknown">): string {
  if (state === "quiet" && part !== "email" && part !== "sms") return "well";
  return state === "late" && part === "mail-in" ? "down" : state;
}

/** Since when messages leave late; the other sentences say it themselves. */
export function sinceSentence(
  t: Translate,
  { part, state, since }: PartStatus,
  time: SayTime,
): string | null {
  const isSending = part === "email" || part === "sms";
  return isSending && state === "late" && since !== null
    ? t("service-status.since", { since: time(since) })
    : null;
}

/** What to do meanwhile; null where there is nothing. */
export function meanwhile(t: Translate, { part, state }: PartStatus, hasSms: boolean): string | null {
  if (!isTrouble(state)) return null;
  switch (part) {
    case "email":
      return t(hasSms ? "service-status.email.meanwhile-sms" : "service-status.email.meanwhile");
    case "sms":
      return t("service-status.sms.meanwhile");
    case "mail-in":
      return t("service-status.mail-in.meanwhile");
    default:
      return t("service-status.meanwhile");
  }
}
