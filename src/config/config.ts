import { join, resolve } from "node:path";
import type { z } from "zod";
import { Secret } from "../kernel/secret.ts";
import { hostInUrl, isLoopbackHost } from "./addresses.ts";
import { readEnvironment } from "./environment.ts";
import { type InboundMailSettings, readInboundMail } from "./inbound-mail.ts";
import {
  companionFaults,
  exposureFaults,
  folderFaults,
  noSupportFaults,
  smsOffFaults,
} from "./joint-faults.ts";
import type { Preset } from "./preset.ts";
import { readPreset } from "./read-preset.ts";
import { leastMasterCharacters, settleSecret } from "./secret-file.ts";
import * as shapes from "./setting-shapes.ts";
import { listSettings } from "./settings.ts";
import { warningsAbout } from "./warnings.ts";

/** Everything the operator decided, checked and frozen. Nothing else in the house reads the environment. */
export interface Config {
  host: string;
  port: number;
  /** LOQUET_URL as an origin, without trailing slash. Never taken from a request. */
  url: string;
  isHttps: boolean;
  /** Both HOST and LOQUET_URL are loopback: only then do capture, `/_trial` and invented people exist. */
  isLoopback: boolean;
  /** Absolute. Holds the database, the generated secret and uploads. */
  dataFolder: string;
  /** Null: SQLite in the data folder. */
  databaseUrl: Secret | null;
  presetName: "school" | "community" | "service";
  preset: Preset;
  isDemo: boolean;
  mail: {
    from: { name: string; address: string };
    /** Null: captured. */
    smtpUrl: Secret | null;
    dkim: { domain: string; selector: string; privateKey: Secret } | null;
  };
  /** Null: no mail is received. */
  inboundMail: InboundMailSettings | null;
  sms: { kind: "clicksend" | "smpp"; url: Secret } | { kind: "captured" } | { kind: "off" };
  secret: Secret;
  secretPrevious: Secret | null;
  /** CIDRs whose forwarding headers are believed. */
  trustedProxies: string[];
  timezone: string;
  metricsToken: Secret | null;
  logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
}

export type ConfigRead = { ok: true; config: Config; warnings: string[] } | { ok: false; faults: string[] };

/** The settings that leave a start without others a trial. */
const trialSettings = ["PORT", "HOST", "LOQUET_URL", "LOQUET_DATA", "LOQUET_PRESET", "LOQUET_DEMO"];

/**
 * Reads the environment, the preset and the operator's own file, and checks them together. Every fault is
 * reported at once, each a sentence that names its setting and never holds a secret. Relative paths start at
 * `root`. When nothing is wrong, the data folder exists afterwards, and so does its secret unless LOQUET_SECRET
 * is set; when something is, nothing has been written.
 */
export function readConfig(environment: Record<string, string | undefined>, root: string): ConfigRead {
  const faults: string[] = [];
  const given = readEnvironment(environment, root, faults);

  function take<T>(name: string, shape: z.ZodType<T, string>): T | undefined {
    const text = given.values.get(name);
    if (text === undefined) return undefined;
    const parsed = shape.safeParse(text);
    if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => `${name}: ${issue.message}.`));
    return parsed.data;
  }

  const presetTaken = take("LOQUET_PRESET", shapes.presetName);
  const isPresetKnown = presetTaken !== undefined || !given.isSet("LOQUET_PRESET");
  const presetName = presetTaken ?? "school";
  const overridePath = given.values.get("LOQUET_CONFIG");
  const preset = readPreset(
    root,
    isPresetKnown ? presetName : null,
    overridePath === undefined ? null : resolve(root, overridePath),
    faults,
  );

  const host = take("HOST", shapes.host) ?? "127.0.0.1";
  const port = take("PORT", shapes.port) ?? 3000;
  const url = take("LOQUET_URL", shapes.publicUrl) ?? new URL(`http://${hostInUrl(host)}:${port}`).origin;
  const demo = take("LOQUET_DEMO", shapes.flag);
  const isDemo =
    demo ?? listSettings().every(({ name }) => trialSettings.includes(name) || !given.isSet(name));
  const dataGiven =
    given.values.get("LOQUET_DATA") ?? (isDemo ? join("data", `trial-${presetName}`) : "data");
  const dataFolder = resolve(root, dataGiven);
  const isHttpAllowed = take("LOQUET_ALLOW_HTTP", shapes.flag) ?? false;
  const databaseUrl = take("DATABASE_URL", shapes.databaseUrl) ?? null;
  const smtpUrl = take("SMTP_URL", shapes.smtpUrl) ?? null;
  const mailFrom = take("LOQUET_MAIL_FROM", shapes.mailFrom);
  const inboundMail = readInboundMail(take("LOQUET_INBOUND_MAIL", shapes.listenAt), given, root, faults);
  const smsUrl = take("LOQUET_SMS_URL", shapes.smsUrl);
  const secretGiven = take("LOQUET_SECRET", shapes.secretOf(leastMasterCharacters)) ?? null;
  const secretPrevious = take("LOQUET_SECRET_PREVIOUS", shapes.secretOf(leastMasterCharacters)) ?? null;
  const trustedProxies = take("LOQUET_TRUSTED_PROXIES", shapes.trustedProxies) ?? [];
  const timezone = take("LOQUET_TIMEZONE", shapes.timezone) ?? "Europe/Paris";
  const metricsToken = take("LOQUET_METRICS_TOKEN", shapes.secretOf(16)) ?? null;
  const logLevel = take("LOQUET_LOG_LEVEL", shapes.logLevel) ?? "info";
  const dkimDomain = take("LOQUET_DKIM_DOMAIN", shapes.dkimDomain);
  const dkimSelector = take("LOQUET_DKIM_SELECTOR", shapes.dkimSelector);
  const dkimKey = take("LOQUET_DKIM_KEY", shapes.dkimKey);

  const isLoopback = isLoopbackHost(host) && isLoopbackHost(new URL(url).hostname);
  const isHttps = url.startsWith("https://");
  const sms: Config["sms"] =
    smsUrl === undefined
      ? { kind: "captured" }
      : smsUrl === "off"
        ? { kind: "off" }
        : { kind: smsUrl.reveal().startsWith("smpp") ? "smpp" : "clicksend", url: smsUrl };

  faults.push(
    ...exposureFaults({ given, host, url, isLoopback, isHttpAllowed, isDemoAsked: demo === true }),
    ...companionFaults(given),
    ...(preset && sms.kind === "off" ? smsOffFaults(preset) : []),
    ...(preset && inboundMail ? noSupportFaults(preset) : []),
    ...folderFaults(dataFolder),
  );
  if (secretGiven && secretPrevious && secretGiven.reveal() === secretPrevious.reveal()) {
    faults.push("LOQUET_SECRET_PREVIOUS: must differ from LOQUET_SECRET; unset it when nothing is rotated.");
  }
  if (faults.length > 0 || preset === null) return { ok: false, faults };

  const warnings: string[] = [];
  const settled = settleSecret(dataFolder, secretGiven, secretPrevious, warnings);
  if ("fault" in settled) return { ok: false, faults: [settled.fault] };

  const config: Config = {
    host,
    port,
    url,
    isHttps,
    isLoopback,
    dataFolder,
    databaseUrl,
    presetName,
    preset,
    isDemo,
    mail: {
      from: {
        name: mailFrom?.name ?? preset.brandName,
        address: mailFrom?.address ?? "no-reply@loquet.example",
      },
      smtpUrl,
      dkim:
        dkimDomain && dkimSelector && dkimKey
          ? { domain: dkimDomain, selector: dkimSelector, privateKey: dkimKey }
          : null,
    },
    inboundMail,
    sms,
    secret: settled.secret,
    secretPrevious,
    trustedProxies,
    timezone,
    metricsToken,
    logLevel,
  };
  warnings.push(...warningsAbout(config));
  return { ok: true, config: freezeWhole(config), warnings };
}

function freezeWhole<T extends object>(whole: T): T {
  for (const part of Object.values(whole)) {
    if (typeof part === "object" && part !== null && !(part instanceof Secret)) freezeWhole(part);
  }
  return Object.freeze(whole);
}
