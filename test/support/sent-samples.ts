import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pino } from "pino";
import { readConfig } from "../../src/config/config.ts";
import { createDelivery, openChannels } from "../../src/delivery.ts";
import { createTranslations } from "../../src/i18n/translations.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { loadAssets } from "../../src/ui/assets.ts";
import type { MessageTemplates } from "../../src/ui/message-template.ts";
import type { ReceivedEmail, SmtpPeer } from "./smtp-peer.ts";
import { seededRandom, TestClock } from "./world.ts";

const at = Date.UTC(2027, 2, 2, 8, 0, 0);
const asked = { askedAt: at, browser: "Firefox (Windows)" };
const who = { name: "Léa Martin", identifier: "lea.martin@example.org" };
const change = { ...who, at, browser: null, contact: "l•••@example.net", days: 7 };
const listed = { status: "active", identifier: "l.martin12" };

const aCase = {
  caseId: "0199f0aa-0000-7000-8000-000000000001",
  number: "K7Q2-9M4P",
  name: "Léa Martin",
  relay: "L’équipe d’assistance",
  replyTo: "aide+k7q29m4p.abcdefghijklmnop@loquet.example",
  mailIds: ["<un@example.org>"],
};
const aJoin = { ...who, at, kept: "l.martin12", joined: "l.martin31", until: at + 2_592_000_000 };
const talk = [
  { at, by: null, text: "Bonjour, je n’arrive pas à me connecter." },
  { at: at + 60_000, by: "Nadia Cherif", text: "Bonjour, je regarde." },
];

/** What each message is sent with; several, where its words differ. A template without a sample fails the tests. */
const samples: Record<string, object[]> = {
  "account-state.link": [
    { ...who, ...asked, validForSeconds: 1800 },
    { ...asked, name: null, validForSeconds: 1800 },
  ],
  "account.password-changed": [{ ...who, at, browser: asked.browser }],
  "activation.already": [{}],
  "activation.by-letter": [
    { ...asked, by: "letter" },
    { ...asked, by: "letter-or-mobile" },
  ],
  "activation.contact": [{ ...asked, validForSeconds: 1800 }],
  "activation.invite": [{ ...who, lastsForSeconds: 1_209_600 }],
  "activation.mobile": [{}],
  "activation.open": [who],
  "cases.acknowledgement": [
    { ...aCase, name: null, expectedAt: at + 86_400_000, isConfirmed: false },
    { ...aCase, expectedAt: null, isConfirmed: true },
  ],
  "cases.answer": [
    { ...aCase, body: "Bonjour,\n\nvotre compte est déverrouillé.", by: "Nadia Cherif", isSolved: false },
    { ...aCase, body: "Bonjour,\n\nvotre compte est déverrouillé.", by: "Nadia Cherif", isSolved: true },
  ],
  "cases.closed": [
    { ...aCase, why: "staff" },
    { ...aCase, why: "silence" },
  ],
  "cases.identity": [{ name: "Léa Martin", number: aCase.number, openedAt: at, lastsForSeconds: 86_400 }],
  "cases.reopened": [{ ...aCase, expectedAt: at + 86_400_000 }],
  "cases.signed-in": [aCase],
  "cases.solved": [{ ...aCase, replyTo: null }],
  "chat.transcript": [
    { ...aCase, isWhole: true, isCut: false, expectedAt: null, lines: talk },
    { ...aCase, name: null, isWhole: false, isCut: true, expectedAt: at, lines: talk.slice(1) },
  ],
  "confirmation.open": [who],
  "contacts.asked": [{ ...change, what: "asked" }],
  "contacts.changed": [
    { ...change, what: "added" },
    { ...change, what: "replaced" },
    { ...change, what: "removed" },
  ],
  "contacts.frozen": [{ ...who, at, until: at + 600_000_000 }],
  "contacts.taken": [asked],
  "contacts.verify": [{ ...asked, validForSeconds: 1800 }],
  "escalation.digest": [
    {
      cases: [
        { number: aCase.number, symptom: "sms-not-received", from: "L’équipe d’assistance", how: "time" },
        { number: "ABCD-1234", symptom: "other", from: "L’équipe d’assistance", how: "hand" },
      ],
      hasMore: true,
    },
  ],
  "families.decided": [
    { ...who, decision: "removed", school: "Collège Jean-Moulin", why: "Vérifié avec la famille." },
    { ...who, decision: "kept", school: "Collège Jean-Moulin", why: "Vérifié avec la famille." },
  ],
  "families.joined": [
    { ...aJoin, side: "kept", how: "alone" },
    { ...aJoin, side: "joined", how: "guardian" },
  ],
  "families.reported": [{ school: "Collège Jean-Moulin", at }],
  "families.separated": [
    { ...aJoin, side: "kept", how: "alone" },
    { ...aJoin, side: "joined", how: "guardian" },
  ],
  "identifier-recall.list": [
    {
      ...asked,
      about: "recall",
      isEmailIdentifier: false,
      accounts: [
        { ...listed, name: "Léa Martin", kind: "guardian" },
        { ...listed, name: "Noé Martin", kind: "pupil", status: "disabled" },
        { ...listed, name: "Paul Martin", kind: "guardian", status: "disabled", joinedWith: "p.martin2" },
        { kind: "guardian", status: "pending", opensBy: "letter-or-mobile", name: null, identifier: "" },
      ],
    },
    {
      ...asked,
      about: "reset",
      isEmailIdentifier: true,
      accounts: [{ ...listed, name: "Léa Martin", kind: "member" }],
    },
    {
      ...asked,
      about: "recall",
      isEmailIdentifier: true,
      accounts: [{ ...listed, name: null, kind: "member", status: "pending" }],
    },
  ],
  "lockout.locked": [
    { ...who, at, tries: 10, browser: null, isAsked: false, lockedUntil: at + 3_600_000 },
    { ...who, at, tries: 10, browser: null, isAsked: true, lockedUntil: at + 3_600_000 },
  ],
  "lockout.not-locked": [{ ...who, at, browser: asked.browser }],
  "people.browser-approved": [{ ...change, what: "browser-approved", contact: null, browser: asked.browser }],
  "people.closed": [
    { ...who, at },
    { ...who, at, name: null },
  ],
  "people.contact-corrected": [
    { ...change, what: "staff-added", usableFrom: null },
    { ...change, what: "staff-added", usableFrom: at + 86_400_000 },
    { ...change, what: "staff-replaced", usableFrom: at + 86_400_000 },
    { ...change, what: "staff-removed", usableFrom: null },
    { ...change, what: "staff-approved", usableFrom: null },
  ],
  "people.recovery": [{ ...who, at, validForSeconds: 1800 }],
  "recovery.done": [{ ...who, changedAt: at, browser: asked.browser }],
  "recovery.reset": [
    { ...who, ...asked, validForSeconds: 1800, instead: null },
    { ...who, ...asked, validForSeconds: 1800, instead: "none" },
  ],
  "recovery.unavailable": [
    {
      ...who,
      ...asked,
      status: "disabled",
      joinedWith: null,
      relays: [{ name: { fr: "L’assistance" }, lines: { fr: ["Ouverte de 9 h à 17 h."] } }],
    },
    { ...who, ...asked, status: "disabled", joinedWith: { identifier: "l.martin12", at }, relays: [] },
  ],
  "registration.activate": [{ ...asked, keptForSeconds: 604_800 }],
  "registration.already": [
    { ...asked, isSignUp: true },
    { ...asked, isSignUp: false },
  ],
  "registration.disabled": [{ ...asked, isSignUp: true }],
  "registration.reminder": [{ ...asked, keptForSeconds: 604_800, removedAt: at + 345_600_000 }],
  "second-factor.changed": (["set-up", "replaced", "removed", "codes-made"] as const).map((what) => ({
    ...who,
    at,
    what,
    browser: asked.browser,
  })),
  "second-factor.code-used": [{ ...who, at, left: 9, browser: null }],
  "second-factor.guessed": [{ ...who, at, browser: asked.browser }],
  "second-factor.reset": [{ ...who, at }],
  "second-factor.reset-asked": [{ ...who, at, by: "Olivier Blanc", effectiveAt: at + 86_400_000 }],
  "second-factor.reset-kept": [{ ...who, at }],
  "staff.changed": [
    { ...who, at, role: "Assistance", by: "Olivier Blanc" },
    { ...who, at, role: null, by: "Olivier Blanc" },
  ],
  "registry-import.closed": [
    { ...who, at, days: 60 },
    { ...who, at, days: 60, name: null },
  ],
  "staff.lent": [
    {
      ...who,
      at,
      role: "Secrétariat (Collège Jean-Moulin)",
      until: "30 novembre 2026",
      by: "Claire Fontaine",
    },
  ],
  "staff.taken": [{ ...who, at, role: "Secrétariat (Collège Jean-Moulin)", by: "Claire Fontaine" }],
  "truth.no-account": (["confirm", "reset", "recall", "unlock"] as const).map((about) => ({
    ...asked,
    about,
    removedAt: about === "confirm" ? at - 86_400_000 : null,
    canSignUp: about !== "recall",
  })),
};

/** Every template of every room, by the name it is enqueued with. */
export async function allTemplates(): Promise<MessageTemplates> {
  const root = findProjectRoot();
  const templates: MessageTemplates = {};
  for (const file of globSync("src/**/*.messages.tsx", { cwd: root })) {
    const room = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
    for (const [name, exported] of Object.entries(room)) {
      if (name.endsWith("Messages")) Object.assign(templates, exported);
    }
  }
  return templates;
}

export interface SentSample {
  template: string;
  locale: string;
  mail: ReceivedEmail;
}

/** Sends every e-mail of the portal in one language to a real SMTP server, as the outbox would. */
export async function sendSamples(peer: SmtpPeer, locale: string): Promise<SentSample[]> {
  const root = findProjectRoot();
  const folder = mkdtempSync(join(tmpdir(), "loquet-samples-"));
  const read = readConfig(
    {
      LOQUET_URL: "https://acces.example.org",
      LOQUET_DATA: folder,
      LOQUET_PRESET: "community",
      LOQUET_SECRET: "a-secret-of-the-samples-0123456789-0123456789",
      SMTP_URL: peer.url,
      LOQUET_MAIL_FROM: "Place civique <ne-pas-repondre@acces.example.org>",
      LOQUET_SMS_URL: "off",
    },
    root,
  );
  if (!read.ok) throw new Error(read.faults.join("\n"));
  const { config } = read;
  const clock = new TestClock(at);
  const ids = createIds(clock, seededRandom(7));
  const store = openSqlite(join(folder, "loquet.sqlite"));
  const channels = openChannels(config, store, clock, pino({ level: "silent" }));
  const templates = await allTemplates();
  const delivery = createDelivery({
    config,
    translations: createTranslations(root, config.timezone, config.preset.languages.offered),
    assets: loadAssets(root),
    channels,
    templates,
  });
  const sent: SentSample[] = [];
  try {
    for (const [template, { email }] of Object.entries(templates)) {
      if (!email) continue;
      const variants = samples[template];
      if (!variants) throw new Error(`test/support/sent-samples.ts has no sample of ${template}.`);
      for (const params of variants) {
        const to = `person${sent.length}-${locale}@example.net`;
        const result = await delivery.deliver({
          id: ids.uuid(),
          template,
          channel: "email",
          to,
          accountId: null,
          contactPointId: null,
          challengeId: null,
          locale,
          params: params as Record<string, string>,
          secrets: { codePlain: "20274816", linkPlain: "q7Xv0dKfJm2sPz9LwTbR4g" },
          queuedAt: at,
        });
        if (result.outcome !== "accepted") throw new Error(`${template}: ${result.detail}`);
        sent.push({ template, locale, mail: await peer.waitForMessageTo(to) });
      }
    }
  } finally {
    await channels.email.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return sent;
}
