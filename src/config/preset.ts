import ipaddr from "ipaddr.js";
import { z } from "zod";

/** The kinds of person a portal can know. */
export const kindsOfPerson = ["guardian", "pupil", "member", "staff"] as const;
export type Kind = (typeof kindsOfPerson)[number];

/** By what a message can reach somebody. */
export const channelKinds = ["sms", "email"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** Every budget of the house, in one closed list. `limits` in the preset gives each its size. */
export const limitMeanings = {
  "sign-in.failures-per-source":
    "wrong passwords from one network address; beyond it, its unknown browsers are blocked for the rest of the period",
  "sign-in.tries-per-identifier-while-locked": "tries at one locked identifier from one network address",
  "request.per-source": "requests for a message from one network address",
  "request.per-account": "messages that requests can send to one account",
  "request.service-wide": "messages that requests can send in all",
  "sign-up.per-source": "sign-ups from one network address",
  "code.wrong-per-account": "wrong codes for one account; beyond it, only links work",
  "code.wrong-per-source": "wrong codes from one network address",
  "code.wrong-service-wide": "wrong codes in all; beyond it, an alarm is raised and only links work",
  "truth.per-address": "mails that tell one address that it has no account",
  "truth.per-source": "such mails caused by one network address",
  "truth.service-wide": "such mails in all",
  "sms.per-number": "SMS sent to one number",
  "sms.service-wide": "SMS sent in all",
  "lock-message.per-account": "mails that tell one account that it is locked",
  "password-again.per-account":
    "times that somebody signed in to one account is asked for its password again",
  "new-password.per-challenge":
    "times that one link, or one proved code, is asked whether a new password is the present one",
  "password-check.per-source": "strength checks of a password being typed, from one network address",
} as const;
export type LimitName = keyof typeof limitMeanings;
export const limitNames = Object.keys(limitMeanings) as LimitName[];

const day = 86_400;
const year = 366 * day;

const seconds = (least: number, most: number, meaning: string) =>
  z.int().min(least).max(most).describe(`${meaning} In seconds.`);
const days = (meaning: string) => z.int().min(1).max(3660).describe(`${meaning} In days.`);
const yesOrNo = (meaning: string) => z.boolean().describe(meaning);

const hasNoRepeat = (list: readonly unknown[]) => new Set(list).size === list.length;
const repeated = "must not name the same thing twice";

const kind = z.enum(kindsOfPerson);
const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a language code such as fr");
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #1f5f8b");
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, "must be one line of text");
const mailDomain = z
  .string()
  .regex(
    /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    "must be a domain such as example.fr, in lower case",
  );

/** True for `192.0.2.0/24` or `2001:db8::/48`; the loose notations such as `0x7f.1/8` are refused. */
export function isCidr(text: string): boolean {
  if (!ipaddr.isValidCIDR(text)) return false;
  return text.includes(":") || ipaddr.IPv4.isValidFourPartDecimal(text.split("/")[0] as string);
}

const cidr = z.string().refine(isCidr, "must be a range of addresses such as 192.0.2.0/24 or 2001:db8::/48");

const channels = z.array(z.enum(channelKinds)).min(1).refine(hasNoRepeat, repeated);
const perKind = (meaning: string) =>
  z
    .strictObject({
      guardian: channels.optional(),
      pupil: channels.optional(),
      member: channels.optional(),
      staff: channels.optional(),
    })
    .transform(
      (given): Record<Kind, ChannelKind[]> => ({
        guardian: given.guardian ?? [],
        pupil: given.pupil ?? [],
        member: given.member ?? [],
        staff: given.staff ?? [],
      }),
    )
    .describe(meaning);

const limit = (meaning: string) =>
  z
    .strictObject({
      max: z.int().min(1).max(100_000_000).describe("How many are allowed."),
      perSeconds: seconds(1, 31 * day, "The period in which they are counted."),
    })
    .describe(`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`);

const limits = z
  .strictObject(
    Object.fromEntries(limitNames.map((name) => [name, limit(limitMeanings[name])])) as Record<
      LimitName,
      ReturnType<typeof limit>
    >,
  )
  .describe("Every budget of the portal, in one table.");

const registration = z
  .strictObject({
    isOpen: yesOrNo("Whether anybody can sign up."),
    asksNickname: yesOrNo("Whether sign-up asks for a public nickname."),
    kind: kind.describe("The kind of person that sign-up makes."),
    unfinishedKeptForSeconds: seconds(3600, 90 * day, "After how long an unfinished sign-up is removed."),
    remindAfterSeconds: seconds(600, 90 * day, "After how long an unfinished sign-up is reminded, once."),
  })
  .describe("How accounts begin by sign-up.");

const lockout = z
  .strictObject({
    triesBeforeLock: z
      .int()
      .min(3)
      .max(100)
      .describe("Wrong passwords in a row before the account is locked."),
    lockForSeconds: seconds(60, 7 * day, "How long a lock lasts when nobody ends it."),
    countForgottenAfterSeconds: seconds(60, 90 * day, "Wrong passwords older than this no longer count."),
  })
  .describe("What repeated wrong passwords lead to.");

const sessions = z
  .strictObject({
    idleForSeconds: seconds(60, year, "A session ends after this long without use."),
    absoluteForSeconds: seconds(60, year, "A session ends after this long, even in use."),
    rememberedIdleForSeconds: seconds(
      60,
      year,
      "The same without use, where the person asked to stay signed in.",
    ),
    rememberedAbsoluteForSeconds: seconds(
      60,
      year,
      "The same in all, where the person asked to stay signed in.",
    ),
    knownBrowserForSeconds: seconds(
      day,
      2 * year,
      "How long a browser stays known after it was last made known.",
    ),
  })
  .describe("How long a browser stays signed in, or known.");

const messages = z
  .strictObject({
    codeValidForSeconds: seconds(
      300,
      day,
      "How long codes and reset links work, from when the message leaves.",
    ),
    resetUsefulForSeconds: seconds(
      300,
      7 * day,
      "How long a message with a code or reset link is worth retrying.",
    ),
    noticeUsefulForSeconds: seconds(300, 30 * day, "How long any other message is worth retrying."),
    resendAfterSeconds: seconds(10, 3600, "The first pause before a message can be asked for again."),
    resendCeilingSeconds: seconds(10, day, "The longest that this growing pause becomes."),
    truthToUnknownAddresses: yesOrNo("Whether an address without account is told so, by mail to itself."),
  })
  .describe("How long messages work, and how often they are sent.");

const retention = z
  .strictObject({
    journalDays: days("How long the activity journal of an account is kept."),
    messagesDays: days("How long the timeline of messages is kept."),
    rawReportsDays: days("How long delivery reports are kept as they came in."),
    addressesDays: days("How long network addresses are kept."),
    casesDays: days("How long closed help cases are kept."),
    challengesDays: days("How long ended requests are kept."),
  })
  .describe("How long things are kept.");

const relay = z
  .strictObject({
    for: z.array(kind).min(1).refine(hasNoRepeat, repeated).describe("The kinds of person it helps."),
    name: z.record(language, line).describe("Its name, in each language offered."),
    lines: z
      .record(language, z.array(line).min(1).max(8))
      .describe("What to know before asking (place, telephone, opening hours), in each language offered."),
  })
  .describe("A team that can help.");

/** The shape of a preset. What joins several fields is checked in `check-preset.ts`. */
export const presetShape = z
  .strictObject({
    $schema: z.string().optional().describe("Lets editors check this file."),
    name: z
      .enum(["school", "community", "service"])
      .describe("The preset's own name, the same as its file's."),
    brandName: line.max(60).describe("The portal's name, as people read it on every page and message."),
    brandLogo: z
      .string()
      .regex(/\.svg$/, "must be an SVG file")
      .nullable()
      .describe("An SVG file, relative to the file that names it; null: Loquet's own mark."),
    accent: z
      .strictObject({ light: colour, dark: colour })
      .nullable()
      .default(null)
      .describe("The colour of what can be pressed, on light and on dark pages; null: Loquet's own."),
    languages: z
      .strictObject({
        default: language.describe("The language for those whose browser asks for none of the others."),
        offered: z
          .array(language)
          .min(1)
          .refine(hasNoRepeat, repeated)
          .describe("Every language offered, in order."),
      })
      .describe("The languages of the portal."),
    kinds: z.array(kind).min(1).refine(hasNoRepeat, repeated).describe("The kinds of person that exist."),
    identifier: z
      .enum(["username", "email", "username-or-email"])
      .describe("What a person types to name the account."),
    sharedEmail: yesOrNo("Whether several accounts, such as a family's, may share one e-mail address."),
    registration,
    recoveryChannels: perKind("By what each kind of person gets back in; the first is the usual one."),
    recallChannels: perKind(
      "By what each kind of person is told a forgotten identifier; the first is the usual one.",
    ),
    recoverWithDeclared: yesOrNo(
      "Whether contact points declared by a registry or staff, and not yet proved, may receive recoveries.",
    ),
    password: z
      .strictObject({
        minLength: z.int().min(8).max(64).describe("The fewest characters of a new password."),
      })
      .describe("What a password must be."),
    lockout,
    sessions,
    messages,
    limits,
    retention,
    relays: z.array(relay).max(12).describe("Whom to ask, in the order of asking."),
    slowedAddresses: z
      .array(cidr)
      .describe("Address ranges of establishments (a whole school behind one): slowed, never blocked."),
    legalFolder: z
      .string()
      .min(1)
      .nullable()
      .describe(
        "Folder of the operator's Markdown for /legal, /privacy and /accessibility; null: templates.",
      ),
    phoneCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, "must be a country code such as FR")
      .describe("The country of numbers typed without country prefix."),
    commonMailDomains: z
      .array(mailDomain)
      .describe("Mail domains that many people use, to spot a mistyped one."),
  })
  .meta({
    title: "Loquet preset",
    description: "What kind of portal this is: people, channels, delays, limits.",
  });

/** A preset as the house reads it: whole, checked, every kind present in the tables by kind. */
export type Preset = Omit<z.output<typeof presetShape>, "$schema">;

/** `presets/preset.schema.json`, as text: made from the shape above, so that editors and start-up agree. */
export function renderPresetSchema(): string {
  const text = JSON.stringify(z.toJSONSchema(presetShape, { io: "input", target: "draft-7" }), null, 2);
  // Short lists on one line, as the formatter of this repository writes them.
  const folded = text.replace(/^.*\[[^[\]{}]*\],?$/gm, (list) => {
    const line = list
      .replace(/\[\s+/, "[")
      .replace(/\s+\](?=,?$)/, "]")
      .replace(/,\n\s*/g, ", ");
    return line.length <= 110 ? line : list;
  });
  return `${folded}\n`;
}
