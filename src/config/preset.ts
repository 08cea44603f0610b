import ipaddr from "ipaddr.js";
import { z } from "zod";
import { staffActs } from "./acts.ts";
import { symptoms } from "./symptoms.ts";

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
  "request.per-source":
    "requests for a message from one network address; addresses of establishments are not counted",
  "request.per-account": "messages that requests can send to one account",
  "request.service-wide": "messages that requests can send in all",
  "sign-up.per-source": "sign-ups from one network address",
  "code.wrong-per-account":
    "wrong codes for one identifier, address or number, as it was typed; beyond it, only links work",
  "code.wrong-per-source":
    "wrong codes from one network address; beyond it, only links work there (addresses of establishments excepted)",
  "code.wrong-service-wide":
    "wrong codes in all, letters excepted; beyond it, an alarm is raised and only links work",
  "truth.per-address": "mails that tell one address that it has no account",
  "truth.per-source": "such mails caused by one network address",
  "truth.service-wide": "such mails in all",
  "sms.per-number": "SMS sent to one number",
  "sms.per-number-day":
    "SMS sent to one number because somebody asked for them on a public page; those of staff are not counted",
  "sms.per-source": "SMS that one network address can cause; addresses of establishments are not counted",
  "sms.per-country-day": "SMS sent to the numbers of one country",
  "sms.service-wide": "SMS sent in all",
  "lock-message.per-account": "mails that tell one account that it is locked",
  "password-again.per-account":
    "times that somebody signed in to one account is asked for its password again",
  "new-password.per-challenge":
    "times that one link, or one proved code, is asked whether a new password is the present one",
  "password-check.per-source": "strength checks of a password being typed, from one network address",
  "second-factor.wrong-per-account": "wrong codes of a second factor, for one account",
  "letter-code.tries-per-identifier":
    "codes of letters tried for one identifier from one network address, or one browser at an establishment's; beyond it, none is judged there for the rest of the period",
  "letter-code.wrong-per-source":
    "wrong codes of letters from one network address; addresses of establishments are not counted",
  "birth-date.tries-per-number": "birth dates tried behind the code sent to one mobile number",
  "staff-act.per-staff": "acts on people by one member of staff",
  "staff-contact.per-staff": "contact points corrected by one member of staff",
  "staff-message.per-address": "recoveries and invitations that staff send to one address or number",
  "pairing.wrong-per-staff": "wrong pairing numbers typed by one member of staff",
  "people-search.per-staff": "searches of people by one member of staff",
  "case.per-source": "requests for help written from one network address",
  "case.per-address":
    "requests for help written with one e-mail address; beyond it, they are taken without acknowledgement",
  "case.service-wide": "requests for help written with the form, in all",
  "case-message.per-case": "messages that the writer adds to one case",
  "case-mail.per-address": "cases opened by mails from one address; beyond it, mails join the newest case",
  "case-mail.service-wide": "cases opened by mails, in all; beyond it, mails wait",
  "inbound-mail.per-source":
    "mails taken from one network address; beyond it, its mail server is asked to try again later",
  "case-acknowledgement.per-address": "acknowledgements sent to one address",
  "chat.per-source": "chats begun from one network address",
  "chat-message.per-conversation": "messages of a visitor in one chat",
  "article-feedback.per-source": "answers to « did this article help? » from one network address",
  "picture.per-source": "pictures sent from one network address",
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

const registry = z
  .strictObject({
    closesAfterDays: days(
      "How long the account of somebody who left every school, as their registries say, stays open.",
    ),
  })
  .describe("What becomes of people whom registries of schools list.");

const slug = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "must be a short name such as school-office");
const inEachLanguage = (meaning: string) => z.record(language, line).describe(meaning);

const stretchOfDay = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const stretch = z
  .string()
  .regex(stretchOfDay, "must be a stretch of the day such as 09:00-12:00")
  .refine((text) => !stretchOfDay.test(text) || text.slice(0, 5) < text.slice(6), "must end after it begins");
const stretchesOfDay = z
  .array(stretch)
  .max(6)
  .refine(
    (stretches) =>
      stretches
        .toSorted()
        .every((one, index, sorted) => index === 0 || (sorted[index - 1] as string).slice(6) <= one),
    "must be stretches that do not overlap",
  );
const daysOfWeek = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type DayOfWeek = (typeof daysOfWeek)[number];

const hours = z
  .strictObject(
    Object.fromEntries(daysOfWeek.map((name) => [name, stretchesOfDay.default([])])) as Record<
      DayOfWeek,
      z.ZodDefault<typeof stretchesOfDay>
    >,
  )
  .nullable()
  .describe("When somebody is there, by day of the week, in the portal's time zone; null: at any time.");

const relay = z
  .strictObject({
    id: slug.describe("Its short name, by which roles and routing name it."),
    isShown: yesOrNo("Whether people are told to ask it; false for one that only takes escalations."),
    for: z.array(kind).min(1).refine(hasNoRepeat, repeated).describe("The kinds of person it helps."),
    name: inEachLanguage("Its name, in each language offered."),
    lines: z
      .record(language, z.array(line).min(1).max(8))
      .describe("What to know before asking (place, telephone, opening hours), in each language offered."),
    hours,
    closedOn: z.array(z.iso.date()).max(400).describe("Days on which nobody is there, such as 2026-12-25."),
    firstAnswerWithinSeconds: seconds(
      300,
      90 * day,
      "Within what working time a case gets its first answer.",
    ),
    resolveWithinSeconds: seconds(300, 365 * day, "Within what working time a case is solved."),
    escalatesTo: slug.nullable().describe("The relay that a late case goes on to; null: to none."),
  })
  .describe("A team that can help.");

const role = z
  .strictObject({
    id: slug.describe("Its short name, by which the command line and the database know it."),
    level: z
      .int()
      .min(1)
      .max(1000)
      .describe("Staff may appoint, and reset the second factor of, staff of a lower level."),
    name: inEachLanguage("Its name, in each language offered."),
    helps: z.array(kind).refine(hasNoRepeat, repeated).describe("The kinds of person it may help."),
    reach: z
      .enum(["everybody", "establishment"])
      .describe("Whether it may help everybody, or only the people of its own establishments."),
    relays: z.array(slug).refine(hasNoRepeat, repeated).describe("The relays whose cases it answers."),
    may: z.array(z.enum(staffActs)).refine(hasNoRepeat, repeated).describe("What it may do."),
  })
  .describe("What a member of staff may do, and for whom.");

const routing = z
  .strictObject({
    symptoms: z
      .array(z.enum(symptoms))
      .min(1)
      .refine(hasNoRepeat, repeated)
      .nullable()
      .describe("The symptoms it is about; null: any."),
    kinds: z
      .array(kind)
      .min(1)
      .refine(hasNoRepeat, repeated)
      .nullable()
      .describe("The kinds of person it is about; null: any, and those whose kind is not known."),
    relay: slug.describe("The relay that such a case goes to."),
  })
  .describe("One line of the routing: the first that fits chooses the relay.");

const support = z
  .strictObject({
    address: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9._-]{0,40}@[a-z0-9.-]+\.[a-z]{2,}$/,
        "must be an address such as aide@example.fr",
      )
      .nullable()
      .describe("The address that mails to support arrive at; null: mails cannot be answered to."),
    hasChat: yesOrNo("Whether people can chat with staff who are there."),
  })
  .describe("How people reach those who help.");

const serviceStatus = z
  .strictObject({
    windowSeconds: seconds(60, 3600, "Over how long sending is measured, back from now."),
    lateAfterSeconds: seconds(30, 3600, "Messages that leave later than this are said to be late."),
    failingPercent: z
      .int()
      .min(10)
      .max(100)
      .describe("Sending is said to be down when this share of messages is put off. In percent."),
    failingMessages: z.int().min(1).max(1000).describe("And when it is at least this many messages."),
    slowAnswerMs: z
      .int()
      .min(100)
      .max(60_000)
      .describe("Pages and database that take longer are said to be slow. In milliseconds."),
    worseAfterMeasures: z
      .int()
      .min(1)
      .max(15)
      .describe("How many measures in a row, one a minute, must see trouble before it is said."),
    betterAfterMeasures: z
      .int()
      .min(1)
      .max(60)
      .describe("How many measures in a row must see that it is over before that is said."),
  })
  .describe("What /help/status says of its measures.");

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
    registry,
    relays: z.array(relay).max(12).describe("Whom to ask, in the order of asking."),
    roles: z.array(role).min(1).max(20).describe("The roles of staff."),
    caseRouting: z
      .array(routing)
      .min(1)
      .max(100)
      .describe("Which relay a request for help goes to; the first line that fits is taken."),
    support,
    serviceStatus,
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
    smsCountries: z
      .array(z.string().regex(/^[A-Z]{2}$/, "must be a country code such as FR"))
      .min(1)
      .refine(hasNoRepeat, repeated)
      .nullable()
      .describe("The countries that SMS are sent to; null: phoneCountry and its overseas territories."),
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
