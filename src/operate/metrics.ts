import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Journal } from "../journal/journal.ts";
import { type Clock, second } from "../kernel/clock.ts";
import type { Resolver } from "../outbox/requests.ts";

export interface MetricsDeps {
  clock: Clock;
  /** Unsent messages, asked for at each look. */
  countUnsent: () => Promise<{ status: string; channel: string; route: string; count: number }[]>;
  /** Since when the oldest message waits, in milliseconds; null when none does. */
  oldestWaitingSince: () => Promise<number | null>;
  hashingWaitMs: () => number;
  /** Open cases past what was promised, by relay. */
  countLateCases: () => Promise<{ relay: string; count: number }[]>;
  /** Mails that arrived and are not read yet. */
  countInboundWaiting: () => Promise<number>;
}

/**
 * What the portal counts, in a registry of its own. Labels come from closed lists (routes, events, names of
 * limits): nothing of a person, and no number that grows with their number.
 */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(deps: MetricsDeps) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const answers = new Counter({
    name: "loquet_http_answers_total",
    help: "Answers by route, and by the first digit of their status.",
    labelNames: ["route", "status"],
    registers,
  });
  const answerSeconds = new Histogram({
    name: "loquet_http_answer_seconds",
    help: "How long answers took, in seconds.",
    labelNames: ["route"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const attempts = new Counter({
    name: "loquet_message_attempts_total",
    help: "Attempts to send a message, by channel, route and outcome.",
    labelNames: ["channel", "route", "outcome"],
    registers,
  });
  const events = new Counter({
    name: "loquet_events_total",
    help: "Lines of the journal by event: sign-ins and their refusals, locks, recoveries, removals.",
    labelNames: ["event"],
    registers,
  });
  const resolutions = new Counter({
    name: "loquet_requests_resolved_total",
    help: "Requests of public forms that were resolved, by kind and result.",
    labelNames: ["kind", "result"],
    registers,
  });
  const inboundMails = new Counter({
    name: "loquet_inbound_mails_total",
    help: "Mails that arrived and were read, by who they were for and what became of them, with the reason.",
    labelNames: ["handler", "status", "reason"],
    registers,
  });
  const alarms = new Counter({
    name: "loquet_limit_alarms_total",
    help: "Times a limit of the whole service was reached.",
    labelNames: ["limit"],
    registers,
  });
  const sms = new Counter({
    name: "loquet_sms_total",
    help: "SMS that were asked for, by country of the number: passed, or refused by which ceiling.",
    labelNames: ["country", "outcome"],
    registers,
  });
  const smsReceipts = new Counter({
    name: "loquet_sms_receipts_total",
    help: "What networks said in the end of an SMS, or of a part of one: the outcome, and why it did not arrive.",
    labelNames: ["outcome", "reason"],
    registers,
  });
  const faults = new Counter({
    name: "loquet_worker_faults_total",
    help: "Faults of the worker: bugs and outages.",
    registers,
  });

  new Gauge({
    name: "loquet_messages_unsent",
    help: "Messages not sent yet, by status, channel and route.",
    labelNames: ["status", "channel", "route"],
    registers,
    async collect() {
      this.reset();
      for (const { status, channel, route, count } of await deps.countUnsent()) {
        this.set({ status, channel, route }, count);
      }
    },
  });
  new Gauge({
    name: "loquet_message_oldest_waiting_seconds",
    help: "Age of the oldest message that waits to be sent, in seconds; 0 when none waits.",
    registers,
    async collect() {
      const since = await deps.oldestWaitingSince();
      this.set(since === null ? 0 : Math.max(0, deps.clock.now() - since) / second);
    },
  });
  new Gauge({
    name: "loquet_inbound_mails_waiting",
    help: "Mails that arrived and are not read yet.",
    registers,
    async collect() {
      this.set(await deps.countInboundWaiting());
    },
  });
  new Gauge({
    name: "loquet_cases_late",
    help: "Open cases whose answer or solution is overdue, by relay.",
    labelNames: ["relay"],
    registers,
    async collect() {
      this.reset();
      for (const { relay, count } of await deps.countLateCases()) this.set({ relay }, count);
    },
  });
  new Gauge({
    name: "loquet_hashing_wait_seconds",
    help: "How long a password given now would wait to be judged, in seconds.",
    registers,
    collect() {
      this.set(deps.hashingWaitMs() / second);
    },
  });

  return {
    answered(route: string, status: number, seconds: number): void {
      answers.inc({ route, status: `${Math.floor(status / 100)}xx` });
      answerSeconds.observe({ route }, seconds);
    },
    attempted: (channel: string, route: string, outcome: string) => attempts.inc({ channel, route, outcome }),
    mailRead: (handler: string, status: string, reason: string) =>
      inboundMails.inc({ handler, status, reason }),
    alarmed: (limit: string) => alarms.inc({ limit }),
    smsCounted: (country: string, outcome: string) => sms.inc({ country, outcome }),
    smsReceived: (outcome: string, reason: string) => smsReceipts.inc({ outcome, reason }),
    /** How far the ceilings of SMS are used, asked for at each look; `share` is 1 when one is reached. */
    watchSms(read: () => Promise<{ limit: string; country: string; share: number }[]>): void {
      new Gauge({
        name: "loquet_sms_ceiling_used_ratio",
        help: "Share of a ceiling of SMS that is used in its present period: by country, and for all.",
        labelNames: ["limit", "country"],
        registers,
        async collect() {
          this.reset();
          for (const { limit, country, share } of await read()) this.set({ limit, country }, share);
        },
      });
    },
    faulted: () => faults.inc(),

    /** The same journal, each line counted once it is committed. */
    countJournal: (journal: Journal): Journal => ({
      async record(tx, entry) {
        await journal.record(tx, entry);
        tx.afterCommit(() => events.inc({ event: entry.event }));
      },
    }),

    /** The same resolvers, each result counted once it is committed. */
    countResolutions: (resolvers: Record<string, Resolver>): Record<string, Resolver> =>
      Object.fromEntries(
        Object.entries(resolvers).map(([kind, resolve]): [string, Resolver] => [
          kind,
          async (tx, payload) => {
            const result = await resolve(tx, payload);
            tx.afterCommit(() => resolutions.inc({ kind, result }));
            return result;
          },
        ]),
      ),

    /** What `GET /metrics` answers. */
    async render(): Promise<{ type: string; body: string }> {
      return { type: registry.contentType, body: await registry.metrics() };
    },
  };
}
