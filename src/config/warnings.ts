import type { Secret } from "../kernel/secret.ts";
import { isLoopbackHost } from "./addresses.ts";
import { readSmppUrl } from "./smpp-url.ts";

interface Settled {
  url: string;
  isHttps: boolean;
  isDemo: boolean;
  trustedProxies: string[];
  inboundMail: { host: string; tls: object | null } | null;
  sms: { kind: string; url?: Secret };
  mail: { from: { address: string }; dkim: { domain: string } | null };
  preset: { legalFolder: string | null };
}

/** What starts, and yet deserves the operator's attention: one sentence each, that names the setting. */
export function warningsAbout(config: Settled): string[] {
  const found: string[] = [];
  if (!config.isHttps && !isLoopbackHost(new URL(config.url).hostname)) {
    found.push("LOQUET_ALLOW_HTTP: LOQUET_URL is plain http, so passwords travel readable.");
  }
  if (config.isHttps && config.trustedProxies.length === 0) {
    found.push(
      "LOQUET_TRUSTED_PROXIES: is unset although https needs a proxy in front: all visitors will seem to come from it, and be limited as one.",
    );
  }
  if (config.trustedProxies.some((range) => range.endsWith("/0"))) {
    found.push("LOQUET_TRUSTED_PROXIES: believes every address, so that anybody can claim any origin.");
  }
  const { dkim, from } = config.mail;
  const fromDomain = from.address.slice(from.address.indexOf("@") + 1);
  if (dkim && fromDomain !== dkim.domain && !fromDomain.endsWith(`.${dkim.domain}`)) {
    found.push(
      "LOQUET_DKIM_DOMAIN: is not the domain of LOQUET_MAIL_FROM, so the signature proves nothing about it.",
    );
  }
  if (config.inboundMail && !config.inboundMail.tls && !isLoopbackHost(config.inboundMail.host)) {
    found.push(
      "LOQUET_INBOUND_TLS_CERT: is unset although LOQUET_INBOUND_MAIL is not loopback, so mails arrive readable on their way.",
    );
  }
  const smpp = config.sms.kind === "smpp" && config.sms.url ? readSmppUrl(config.sms.url.reveal()) : null;
  if (smpp?.ok && !smpp.address.isTls && !isLoopbackHost(smpp.address.host)) {
    found.push(
      "LOQUET_SMS_URL: smpp:// is not encrypted, so password and codes travel readable: use smpps://, or a private line.",
    );
  }
  if (!config.isDemo && config.preset.legalFolder === null) {
    found.push(
      "legalFolder: is unset in LOQUET_CONFIG, so /legal, /privacy and /accessibility show templates.",
    );
  }
  return found;
}
