import type { Logger } from "pino";
import { createCaptureEmailChannel, createCaptureSmsChannel } from "./channels/capture.ts";
import type { EmailChannel, SendResult, SmsChannel } from "./channels/channel.ts";
import { createClicksendChannel } from "./channels/clicksend.ts";
import { createSmppChannel } from "./channels/smpp.ts";
import type { DeliveryReceipt } from "./channels/smpp-receipt.ts";
import { toGsm7WhereAllowed, withOriginBoundCode } from "./channels/sms-text.ts";
import { createSmtpChannel } from "./channels/smtp.ts";
import { messageIdOf } from "./channels/smtp-headers.ts";
import type { Config } from "./config/config.ts";
import { formatDuration, formatMoment } from "./i18n/moment.ts";
import type { Translations } from "./i18n/translations.ts";
import type { Clock } from "./kernel/clock.ts";
import { Fault } from "./kernel/fault.ts";
import type { ReadyMessage } from "./outbox/outbox.ts";
import type { Store } from "./store/store.ts";
import type { Assets } from "./ui/assets.ts";
import { renderMail } from "./ui/mail-layout.tsx";
import type { MessageTemplates, MessageView } from "./ui/message-template.ts";

/** The channels that the configuration names; `sms` is null where SMS is offered nowhere. */
export interface Channels {
  email: EmailChannel;
  sms: SmsChannel | null;
  /** Who keeps the receipts that come by a route. Until somebody does, providers are asked to send them again. */
  keepReceipts(keep: KeepReceipt): void;
}

type KeepReceipt = (route: string, receipt: DeliveryReceipt) => Promise<void>;

export function openChannels(config: Config, store: Store, clock: Clock, log: Logger): Channels {
  const email = config.mail.smtpUrl
    ? createSmtpChannel({
        url: config.mail.smtpUrl,
        from: config.mail.from,
        dkim: config.mail.dkim,
        publicUrl: config.url,
        clock,
        log,
      })
    : createCaptureEmailChannel(store, clock);
  let keepReceipt: KeepReceipt = () => Promise.reject(new Fault("Nobody keeps receipts yet."));
  const sms = openSms(config, store, clock, log, (route, receipt) => keepReceipt(route, receipt));
  return {
    email,
    sms,
    keepReceipts(keep) {
      keepReceipt = keep;
    },
  };
}

function openSms(
  config: Config,
  store: Store,
  clock: Clock,
  log: Logger,
  keepReceipt: KeepReceipt,
): SmsChannel | null {
  switch (config.sms.kind) {
    case "off":
      return null;
    case "captured":
      return createCaptureSmsChannel(store, clock);
    case "clicksend":
      return createClicksendChannel({ url: config.sms.url, clock, log });
    case "smpp":
      return createSmppChannel({
        url: config.sms.url,
        log,
        onReceipt: (receipt) => keepReceipt("smpp", receipt),
      });
  }
}

/**
 * Gives a message its words, in the language stored with it and at the moment when it leaves, and hands it to its
 * channel.
 */
export function createDelivery(deps: {
  config: Config;
  translations: Translations;
  assets: Assets;
  channels: Channels;
  templates: MessageTemplates;
}) {
  const { config, translations, channels } = deps;

  function viewOf(message: ReadyMessage): MessageView & { links: string[] } {
    const t = translations.to(message.locale);
    const links: string[] = [];
    const address = (path: string, token: string | null) => {
      const url = new URL(config.url + path);
      if (token !== null) url.searchParams.set("token", token);
      url.searchParams.set("lang", message.locale);
      if (!links.includes(url.href)) links.push(url.href);
      return url.href;
    };
    return {
      t,
      locale: message.locale,
      brandName: config.preset.brandName,
      sender: config.mail.from,
      mailId: (messageId) => messageIdOf(messageId, config.mail.from.address),
      page: (path) => address(path, null),
      link: (path) => address(path, message.secrets?.linkPlain ?? null),
      moment: (ms) => formatMoment(message.locale, config.timezone, ms),
      duration: (seconds) => formatDuration(message.locale, seconds),
      codePlain: message.secrets?.codePlain ?? null,
      links,
    };
  }

  async function deliver(message: ReadyMessage, validForSeconds: number | null = null): Promise<SendResult> {
    const template = deps.templates[message.template];
    const view = viewOf(message);
    const trial = () => ({
      locale: message.locale,
      code: view.codePlain,
      links: view.links,
      queuedAt: message.queuedAt,
    });
    if (message.channel === "email") {
      if (!template?.email) throw new Fault(`No e-mail is written for ${message.template}.`);
      const { subject, content, replyTo, headers } = template.email(view, message.params as never);
      const mail = renderMail(
        {
          locale: message.locale,
          dir: translations.direction(message.locale),
          brandName: config.preset.brandName,
          t: view.t,
          publicUrl: config.url,
          colours: deps.assets.colours,
        },
        content,
      );
      return channels.email.send({
        messageId: message.id,
        from: "",
        to: message.to,
        subject,
        ...mail,
        replyTo: replyTo ?? null,
        ...(headers ? { headers } : {}),
        envelopeId: message.id,
        trial: trial(),
      });
    }
    if (!channels.sms) {
      return { outcome: "permanent", code: null, detail: "SMS is off", reason: "policy" };
    }
    if (!template?.sms) throw new Fault(`No SMS is written for ${message.template}.`);
    const words = toGsm7WhereAllowed(template.sms(view, message.params as never), message.locale);
    const text = view.codePlain
      ? withOriginBoundCode(words, new URL(config.url).hostname, view.codePlain)
      : words;
    // An SMS leaves its link out where that would cost another part.
    const links = view.links.filter((link) => text.includes(link));
    return channels.sms.send({
      messageId: message.id,
      to: message.to,
      text,
      validForSeconds,
      trial: { ...trial(), links },
    });
  }

  return {
    deliver,
    routeOf: (channel: "email" | "sms") =>
      channel === "email" ? channels.email.route : (channels.sms?.route ?? "off"),
  };
}
