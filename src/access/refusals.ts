import type { MessageKey, MessageValues, Translate } from "../i18n/translations.ts";

/** The words of a refusal: its id is the key of its message. */
export function refusalText(t: Translate, refusal: string, values?: MessageValues): string {
  return t(refusal as MessageKey, values);
}
