import { statfsSync, statSync } from "node:fs";
import { isGreetedAt } from "../channels/inbound/look-at-listener.ts";
import type { Config } from "../config/config.ts";
import type { Channels } from "../delivery.ts";
import { type Clock, minute, second } from "../kernel/clock.ts";
import { appliedMigrations, knownMigrations, newestMigrationAt } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";

/** One line of the doctor: `what` is well, deserves care, or is wrong, and then what to do. */
export interface Finding {
  tone: "ok" | "careful" | "wrong";
  what: string;
  says: string;
}

type Examination = () => Promise<Finding[]> | Finding[];

const well = (what: string, says: string): Finding => ({ tone: "ok", what, says });
const careful = (what: string, says: string): Finding => ({ tone: "careful", what, says });
const wrong = (what: string, says: string): Finding => ({ tone: "wrong", what, says });

const mebibyte = 1024 * 1024;
const answersWithin = 5 * second;

/** Everything that the doctor looks at, in order. Changes nothing. */
export function listExaminations(about: {
  config: Config;
  root: string;
  clock: Clock;
  warnings: string[];
  store: Store;
  channels: Channels;
  countHeld: () => Promise<number>;
  listUnfilled: () => Promise<string[]>;
  /** Faults of the help articles, one sentence each. */
  listArticleFaults: () => Promise<string[]>;
  /** Faults of the guided diagnosis, one sentence each. */
  listDiagnosisFaults: () => string[];
}): Examination[] {
  const { config, root, clock, store } = about;

  const settings: Examination = () => [
    well("settings", `preset ${config.presetName}${config.isDemo ? ", a trial with invented people" : ""}`),
    ...about.warnings.map((warning) => careful("settings", warning)),
  ];

  const folder: Examination = () => {
    const { mode } = statSync(config.dataFolder);
    const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0;
    return [
      isOpen
        ? careful(
            "data folder",
            `others may look into ${config.dataFolder}; type: chmod 700 ${config.dataFolder}`,
          )
        : well("data folder", config.dataFolder),
      spaceIn(config.dataFolder),
    ];
  };

  const database: Examination = async () => {
    const where = config.databaseUrl ? "PostgreSQL" : "SQLite";
    const applied = await appliedMigrations(store);
    const known = knownMigrations(root);
    if (applied.length === 0) return [careful("database", `${where} is empty; serve or migrate fills it`)];
    if (applied.some((name) => !known.includes(name))) {
      return [wrong("database", `${where} was written by a newer version of Loquet; start that one`)];
    }
    const missing = known.length - applied.length;
    if (missing > 0)
      return [careful("database", `${missing} migrations wait; serve or migrate applies them`)];
    const held = await about.countHeld();
    return [
      well("database", `${where} answers and has this version's schema`),
      ...(held === 0
        ? []
        : [careful("outbox", `${held} messages are held since a restore; see: loquet outbox list`)]),
    ];
  };

  const time: Examination = async () => {
    const newest = await newestMigrationAt(store);
    return newest !== null && newest > clock.now() + minute
      ? [wrong("clock", "it stands before the moment when the database was made; set it right")]
      : [well("clock", new Date(clock.now()).toISOString())];
  };

  const mail: Examination = async () => {
    if (!config.mail.smtpUrl) return [careful("e-mail", "is captured and does not leave; set SMTP_URL")];
    const trouble = await about.channels.email.check();
    return [
      trouble === null ? well("e-mail", "the mail server takes our messages") : wrong("e-mail", trouble),
    ];
  };

  const inbound: Examination = async () => {
    if (!config.inboundMail) {
      const { address } = config.preset.support;
      if (address === null) return [well("mail in", "is off, and no address is offered to write to")];
      return [careful("mail in", `mails to ${address} do not arrive here; set LOQUET_INBOUND_MAIL`)];
    }
    const { host, port } = config.inboundMail;
    return (await isGreetedAt(config.inboundMail))
      ? [well("mail in", `a mail server greets at ${host} ${port}`)]
      : [careful("mail in", `nobody greets at ${host} ${port}; is it served?`)];
  };

  const sms: Examination = async () => {
    if (config.sms.kind === "off") return [well("SMS", "is off and offered nowhere")];
    if (config.sms.kind === "captured") {
      return [careful("SMS", "is captured and does not leave; set LOQUET_SMS_URL, or off")];
    }
    const trouble = (await about.channels.sms?.check()) ?? null;
    return [trouble === null ? well("SMS", "the provider takes our messages") : wrong("SMS", trouble)];
  };

  const address: Examination = async () => {
    try {
      const url = `${config.url}/healthz`;
      const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(answersWithin) });
      const said = (await answer.json()) as { status?: string };
      if (answer.ok && said.status === "alive") return [well("address", `${config.url} leads here`)];
    } catch {
      // Said below.
    }
    return [
      careful(
        "address",
        `${config.url} does not lead to a running Loquet from here; is it served, and the proxy right?`,
      ),
    ];
  };

  const legal: Examination = async () => {
    const unfilled = await about.listUnfilled();
    return [
      unfilled.length === 0
        ? well("legal texts", "are filled in")
        : careful("legal texts", `have gaps: ${unfilled.join(", ")}; see legalFolder in docs/operating.md`),
    ];
  };

  const articles: Examination = async () => {
    const faults = await about.listArticleFaults();
    if (faults.length === 0) return [well("help articles", "can all be read")];
    return faults.map((fault) => careful("help articles", fault));
  };

  const diagnosis: Examination = () => {
    const faults = about.listDiagnosisFaults();
    if (faults.length === 0) return [well("diagnosis", "every question leads to an end")];
    return faults.map((fault) => wrong("diagnosis", fault));
  };

  return [settings, folder, database, time, mail, inbound, sms, address, legal, articles, diagnosis];
}

function spaceIn(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / mebibyte);
  if (free < 200) return wrong("disk", `only ${free} MiB are free in ${folder}; make room at once`);
  if (free < 1024) return careful("disk", `only ${free} MiB are free in ${folder}; make room`);
  return well("disk", `${free} MiB are free`);
}
