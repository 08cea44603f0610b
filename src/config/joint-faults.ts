import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { isLoopbackHost } from "./addresses.ts";
import type { Given } from "./environment.ts";
import type { ChannelKind, Preset } from "./preset.ts";

// What no setting can be blamed for by itself.

/** What is fine on one's own machine and dangerous where strangers come. */
export function exposureFaults(about: {
  given: Given;
  host: string;
  url: string;
  isLoopback: boolean;
  isHttpAllowed: boolean;
  isDemoAsked: boolean;
}): string[] {
  const { given, host, url, isLoopback } = about;
  if (isLoopback) return [];
  const found: string[] = [];
  if (!given.isSet("LOQUET_URL")) {
    found.push("LOQUET_URL: is mandatory when HOST is not loopback, such as https://acces.example.fr.");
  } else if (url.startsWith("http://") && !isLoopbackHost(new URL(url).hostname) && !about.isHttpAllowed) {
    found.push(
      "LOQUET_URL: must start with https:// since it is not loopback; LOQUET_ALLOW_HTTP=1 accepts http, and passwords then travel readable.",
    );
  }
  const where = isLoopbackHost(host) ? "LOQUET_URL is not loopback" : "HOST is not loopback";
  if (!given.isSet("SMTP_URL")) {
    found.push(`SMTP_URL: is mandatory, since ${where}: mail is captured on loopback only.`);
  }
  if (!given.isSet("LOQUET_SMS_URL")) {
    found.push(`LOQUET_SMS_URL: is mandatory (or off), since ${where}: SMS are captured on loopback only.`);
  }
  if (about.isDemoAsked) {
    found.push(`LOQUET_DEMO: must be 0, since ${where}: invented people exist on loopback only.`);
  }
  return found;
}

/** Settings that another one calls for. */
export function companionFaults(given: Given): string[] {
  const found: string[] = [];
  if (given.isSet("SMTP_URL") && !given.isSet("LOQUET_MAIL_FROM")) {
    found.push(
      "LOQUET_MAIL_FROM: is mandatory with SMTP_URL, such as Portail <ne-pas-repondre@ecole.example>.",
    );
  }
  if (given.isSet("DATABASE_URL") && !given.isSet("LOQUET_SECRET")) {
    found.push("LOQUET_SECRET: is mandatory with DATABASE_URL, since every node needs the same one.");
  }
  const dkim = ["LOQUET_DKIM_DOMAIN", "LOQUET_DKIM_SELECTOR", "LOQUET_DKIM_KEY"];
  if (dkim.some((name) => given.isSet(name))) {
    for (const name of dkim.filter((name) => !given.isSet(name))) {
      found.push(`${name}: is mandatory with the other LOQUET_DKIM settings; set all three or none.`);
    }
  }
  return found;
}

/** With SMS off, a kind of person that knows no other channel could never get back in. */
export function smsOffFaults(preset: Preset): string[] {
  const hasOnlySms = (channels: ChannelKind[]) => channels.every((channel) => channel === "sms");
  return (["recoveryChannels", "recallChannels"] as const).flatMap((table) =>
    preset.kinds
      .filter((kind) => hasOnlySms(preset[table][kind]))
      .map((kind) => `LOQUET_SMS_URL: must not be off, since ${table}.${kind} of the preset holds only sms.`),
  );
}

/** Mail that arrives is for somebody: the address that people write to. */
export function noSupportFaults(preset: Pick<Preset, "support">): string[] {
  if (preset.support.address !== null) return [];
  return ["LOQUET_INBOUND_MAIL: needs support.address in LOQUET_CONFIG, such as aide@ecole.example."];
}

/** Whether the data folder can be made or written, without making it. */
export function folderFaults(dataFolder: string): string[] {
  let existing = dataFolder;
  while (!statSync(existing, { throwIfNoEntry: false }) && dirname(existing) !== existing)
    existing = dirname(existing);
  try {
    if (!statSync(existing).isDirectory()) return [`LOQUET_DATA: must be a folder; ${existing} is a file.`];
    accessSync(existing, constants.W_OK | constants.X_OK);
    return [];
  } catch {
    return [`LOQUET_DATA: the folder ${dataFolder} cannot be written.`];
  }
}
