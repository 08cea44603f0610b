import * as inboundRows from "../channels/inbound/inbound.store.ts";
import { createIntake } from "../channels/inbound/intake.ts";
import { createInboundListener, type InboundListener } from "../channels/inbound/listener.ts";
import { createMailReader } from "../channels/inbound/read-mail.ts";
import { createMailIn } from "../desk/cases/mail-in.ts";
import { isLoopbackAddress, sourceKeyOf } from "../http/source.ts";
import { day } from "../kernel/clock.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { CasesPart } from "./cases.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

/**
 * Mail that people send to us: who takes it, the worker's turn that reads it, and, where LOQUET_INBOUND_MAIL says so, the
 * place where it arrives. What was accepted once is read even where nothing listens any more.
 */
export function wireMailIn(
  ground: Ground,
  foundations: Foundations,
  neighbours: Pick<CasesPart, "cases" | "attachments"> & { wake: () => void },
): { part: Part; listener: InboundListener | null } {
  const { config, preset, clock, ids, keys, store, log, metrics, translations, onFault } = ground;

  // In order: the first that accepts an address has it.
  const recipients = [
    createMailIn({
      preset,
      senderAddress: config.mail.from.address,
      budgets: foundations.budgets,
      cases: neighbours.cases,
      pictures: neighbours.attachments,
      readMail: createMailReader().read,
      messageParams: outboxRows.paramsOf,
      isSuppressed: outboxRows.isSuppressed,
      withoutWords: (locale) => translations.to(locale)("mail-in.without-words"),
    }),
  ];
  const intake = createIntake({
    store,
    clock,
    ids,
    keys,
    recipients,
    // A mail server of ours in front, on the same machine, speaks for everybody: it knows its own senders.
    maySend: async (tx, source) =>
      isLoopbackAddress(source) ||
      (await foundations.budgets.spend(tx, "inbound-mail.per-source", sourceKeyOf(source))).ok,
    wake: neighbours.wake,
    onEnd({ id, handler, status, reason }) {
      metrics.mailRead(handler, status, reason);
      if (status === "ignored") log.info({ mail: id, handler, reason }, "a mail that arrived was set aside");
    },
    onFault,
  });
  const listener =
    config.inboundMail &&
    createInboundListener({
      settings: config.inboundMail,
      publicUrl: config.url,
      intake,
      log,
      onFault,
    });

  return {
    part: {
      turns: [{ name: "inbound mails", turn: intake.readDue }],
      jobs: listener
        ? [
            {
              name: "mail-in.renew-certificate",
              everySeconds: 3600,
              run: async () => listener.renewCertificate(),
            },
          ]
        : [],
      forget: [(tx) => inboundRows.forget(tx, clock.now() - preset.retention.rawReportsDays * day)],
      faults: () => (listener?.fault() ? ["mail-in"] : []),
      routes() {},
    },
    listener,
  };
}
