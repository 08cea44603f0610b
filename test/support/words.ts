import { toGsm7WhereAllowed } from "../../src/channels/sms-text.ts";
import { createTranslations, type MessageKey, type MessageValues } from "../../src/i18n/translations.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";

const translations = createTranslations(findProjectRoot(), "Europe/Paris");

/** White space folded: the lines of a mail, and no-break spaces. */
export const fold = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** The words of a key as `page.text` and `fold` have them: a test survives a better wording. */
export const words = (key: MessageKey, values: MessageValues = {}, locale = "fr"): string =>
  fold(translations.to(locale)(key, values));

/** French as it travels in an SMS. */
export const asSms = (french: string): string => fold(toGsm7WhereAllowed(french, "fr"));

/** The words of a key in French as they travel in an SMS. */
export const smsWords = (key: MessageKey, values: MessageValues = {}): string =>
  asSms(translations.to("fr")(key, values));
