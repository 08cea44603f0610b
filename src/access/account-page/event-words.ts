import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { Fault } from "../../kernel/fault.ts";

/** An event in plain words. A line written by a newer version has none here: it is still shown, as something else. */
export function eventWords(t: Translate, event: string, params: Record<string, string | number>): string {
  try {
    return t(`journal.${event}` as MessageKey, params);
  } catch (cause) {
    if (cause instanceof Fault) return t("account.journal.other");
    throw cause;
  }
}
