/**
 * What a `check` of the diagnosis can ask of the portal instead of the person, in one closed list. All of it is
 * known about this browser, its network address or the service: never about an account (promise 2).
 */
export const factMeanings = {
  "address-blocked": "password tries from this network address are refused for some minutes",
  "cookies-refused": "this browser sends no cookie back",
  "email-names-account": "the e-mail address is the identifier",
  "mail-down": "e-mails do not leave",
  "mail-late": "e-mails leave late",
  "sign-up-open": "anybody can sign up",
  "sms-down": "SMS do not leave",
  "sms-offered": "messages can be asked for by SMS",
} as const;
export type Fact = keyof typeof factMeanings;
export const factNames = Object.keys(factMeanings) as Fact[];

/** Answers whether something is so, for this visitor and now. */
export type Know = (fact: Fact) => Promise<boolean>;
