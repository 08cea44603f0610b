/**
 * What people come with, in one closed list: the diagnosis starts from it, articles and cases are filed under it,
 * relays are chosen by it. Its words are `symptom.<id>` in locales/.
 */
export const symptoms = [
  "mail-not-received",
  "sms-not-received",
  "cannot-sign-in",
  "sign-up",
  "confirmation-not-received",
  "unlock-mail-not-received",
  "email-unavailable",
  "account-not-working",
  "identifier-forgotten",
  "password-forgotten",
  "identifier-refused",
  "contact-changed",
  "locked",
  "address-blocked",
  "code-expired",
  "error-after-change",
  "loop",
  "browser",
  "network",
  "other",
] as const;
export type Symptom = (typeof symptoms)[number];
