import { createPrivateKey } from "node:crypto";
import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { Secret } from "../kernel/secret.ts";
import { credentialsOf, hostInUrl, isLoopbackHost, parseUrl } from "./addresses.ts";
import { isCidr } from "./preset.ts";
import { readSmppUrl } from "./smpp-url.ts";

// One shape for each setting of the environment: a text becomes a value, or a sentence that follows the setting's
// name. No sentence repeats the text, which may be a secret.

function read<T>(parse: (text: string, refuse: (sentence: string) => never) => T) {
  return z.string().transform((text, context): T => {
    const refuse = (message: string): never => {
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    };
    return parse(text, refuse);
  });
}

const hostName =
  /^(?=.{1,253}$)(?=.*[a-z])([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

export const port = read((text, refuse) => {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : refuse("must be a port from 1 to 65535");
});

export const host = read((text, refuse) => {
  const isNamed =
    ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text) || hostName.test(text);
  if (isNamed && URL.canParse(`http://${hostInUrl(text)}`)) return text;
  return refuse("must be an address to listen on, such as 127.0.0.1 or 0.0.0.0, or a host name");
});

/** `host:port` to listen on; an IPv6 address in brackets. */
export const listenAt = read((text, refuse) => {
  const [, bracketed, plainHost, portGiven] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const hostGiven = bracketed ?? plainHost ?? "";
  const portRead = port.safeParse(portGiven ?? "");
  if (!host.safeParse(hostGiven).success || !portRead.success) {
    return refuse("must be the host and port to listen on, such as 127.0.0.1:2525 or [::1]:2525");
  }
  return { host: hostGiven, port: portRead.data };
});

export const flag = read((text, refuse) => {
  if (text !== "0" && text !== "1") return refuse("must be 1 or 0");
  return text === "1";
});

/** The origin alone: no path, since cookies named `__Host-` and links are made for the whole host. */
export const publicUrl = read((text, refuse) => {
  const url = parseUrl(text);
  if (!url || !/^https?:\/\//i.test(text)) {
    return refuse("must be an address that starts with https://, such as https://acces.example.fr");
  }
  if (url.username || url.password) return refuse("must not hold a user or a password");
  if (url.pathname !== "/" || url.search || url.hash)
    return refuse("must end after the host and port, without a path");
  return url.origin;
});

export const presetName = z.enum(["school", "community", "service"], "must be school, community or service");

export const logLevel = z.enum(
  ["fatal", "error", "warn", "info", "debug", "silent"],
  "must be fatal, error, warn, info, debug or silent",
);

export const databaseUrl = read((text, refuse) => {
  const url = parseUrl(text);
  if (!url || !/^postgres(ql)?:\/\//.test(text)) return refuse("must be postgres://user:password@host/name");
  if (!credentialsOf(url)) return refuse(badEncoding);
  return new Secret(text);
});

export const smtpUrl = read((text, refuse) => {
  const url = parseUrl(text);
  if (!url || !/^smtps?:\/\//.test(text) || !url.hostname) {
    return refuse("must be smtp://user:password@host:port or smtps://user:password@host:port");
  }
  if (!credentialsOf(url)) return refuse(badEncoding);
  return new Secret(text);
});

const badEncoding = "holds a % that is not followed by two hexadecimal digits; write % itself as %25";

/** `off` as such, or the address of the provider. */
export const smsUrl = read((text, refuse): "off" | Secret => {
  if (text === "off") return "off";
  if (/^smpps?:/.test(text)) {
    const read = readSmppUrl(text);
    return read.ok ? new Secret(text) : refuse(read.fault);
  }
  const url = parseUrl(text);
  if (!url || !/^clicksend(\+http)?:\/\//.test(text) || !url.hostname) {
    return refuse("must be clicksend://user:key@host, smpp://system:password@host:port, or off");
  }
  const credentials = credentialsOf(url);
  if (!credentials) return refuse(badEncoding);
  if (!credentials.user || !credentials.password) {
    return refuse("must hold a user and a key: clicksend://user:key@host");
  }
  if (url.search || url.hash) return refuse("must not hold ? or #; write them as %3F and %23");
  if (url.protocol === "clicksend+http:" && !isLoopbackHost(url.hostname)) {
    return refuse("clicksend+http:// is for loopback only, since the key travels readable; use clicksend://");
  }
  return new Secret(text);
});

export const secretOf = (leastCharacters: number) =>
  read((text, refuse) =>
    text.length >= leastCharacters
      ? new Secret(text)
      : refuse(`must have at least ${leastCharacters} characters`),
  );

/** A domain in its ASCII form, or null. */
function asciiDomain(text: string): string | null {
  const domain = domainToASCII(text);
  return domain && hostName.test(domain) ? domain : null;
}

/** `Name <address>` or the address. Line breaks are refused, since this text becomes a header. */
export const mailFrom = read((text, refuse) => {
  const example = "must be an address, or a name and an address: Portail <ne-pas-repondre@ecole.example>";
  const [, quoted, bare, within, alone] =
    /^(?:(?:"([^"<>]*)"|([^"<>]*?))\s*<([^<>\s]+)>|([^<>\s]+))$/u.exec(text) ?? [];
  const [, local, domainGiven] = /^([\w.!#$%&'*+/=?^`{|}~-]+)@([^@]+)$/.exec(within ?? alone ?? "") ?? [];
  const domain = asciiDomain(domainGiven ?? "");
  if (!local || !domain || /\p{Cc}/u.test(text)) return refuse(example);
  return { name: (quoted ?? bare ?? "").trim() || null, address: `${local}@${domain}` };
});

/** Ranges; an address alone stands for itself. */
export const trustedProxies = read((text, refuse) => {
  const ranges = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => (part.includes("/") ? part : `${part}/${part.includes(":") ? 128 : 32}`));
  if (ranges.every(isCidr)) return ranges;
  return refuse("must be ranges of addresses separated by commas, such as 127.0.0.1/32, 10.0.0.0/8");
});

export const timezone = read((text, refuse) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return refuse("must be a time zone such as Europe/Paris");
  }
});

export const dkimDomain = read(
  (text, refuse) => asciiDomain(text) ?? refuse("must be a domain such as ecole.example"),
);

export const dkimSelector = read((text, refuse) =>
  hostName.test(text) || /^\d{1,63}$/.test(text) ? text : refuse("must be a selector such as loquet1"),
);

/** Signing is rsa-sha256 (RFC 6376 §3.3; RFC 8301 §3.2 refuses keys under 1024 bits). */
export const dkimKey = read((text, refuse) => {
  const pem = text.replaceAll("\\n", "\n");
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 1024) {
      return new Secret(pem);
    }
  } catch {
    // Not a key at all: the same sentence helps.
  }
  return refuse("must be a private RSA key in PEM, without passphrase, of 1024 bits or more");
});
