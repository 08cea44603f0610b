import { incidentRoutes } from "../help/service-status/incidents.routes.tsx";
import { createIncidents } from "../help/service-status/incidents.ts";
import { createStatusNotices } from "../help/service-status/notices.ts";
import type { PartName } from "../help/service-status/parts.ts";
import { statusRoutes } from "../help/service-status/service-status.routes.tsx";
import { forgetIncidents } from "../help/service-status/service-status.store.ts";
import { createServiceStatus } from "../help/service-status/service-status.ts";
import type { Http } from "../http/server.ts";
import { formatClockTime, formatMoment, formatTime, zoneName } from "../i18n/moment.ts";
import { day, hour } from "../kernel/clock.ts";
import { measureSending } from "../outbox/measures.store.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

export type ServiceStatusPart = ReturnType<typeof wireServiceStatus>;

/** How the service is: measured each minute, announced by staff, and told where it concerns everybody. */
export function wireServiceStatus(
  ground: Ground,
  later: {
    /** The server, whose sign-in page is asked for; called only once it is wired. */
    http: () => Http;
    /** Whether mails to support can come in; null where nothing listens for them. */
    isMailInOpen: () => boolean | null;
  },
) {
  const { config, preset, clock, ids, store, channels, hasSms, journal, translations } = ground;
  const { timezone } = config;
  const { default: defaultLanguage, offered } = preset.languages;
  const parts: PartName[] = [
    "sign-in",
    "email",
    ...(hasSms ? (["sms"] as const) : []),
    ...(later.isMailInOpen() === null ? [] : (["mail-in"] as const)),
    "database",
    "worker",
  ];
  /** A time of today is known by its hour; an older one needs its day. */
  const timeIn = (locale: string) => (ms: number) =>
    Math.abs(clock.now() - ms) < 20 * hour
      ? formatTime(locale, timezone, ms)
      : formatMoment(locale, timezone, ms);
  const clockTimeIn = (locale: string) => (ms: number) => formatClockTime(locale, timezone, ms);
  const zoneIn = (locale: string) => zoneName(locale, timezone, clock.now());

  const status = createServiceStatus({
    store,
    clock,
    preset,
    parts,
    gauges: {
      sending: measureSending,
      routeFault: async (channel) => (channel === "email" ? channels.email : channels.sms)?.check() ?? null,
      async signInTookMs() {
        const startedAt = performance.now();
        const { statusCode } = await later.http().app.inject({ method: "GET", url: "/sign-in" });
        return statusCode < 500 ? performance.now() - startedAt : null;
      },
      isMailInOpen: later.isMailInOpen,
      stopwatch: () => performance.now(),
    },
  });
  const incidents = createIncidents({
    store,
    clock,
    ids,
    journal,
    defaultLanguage,
    changed: status.readAgain,
  });
  const currentNotices = createStatusNotices({ status, translations, defaultLanguage, timeIn });

  const part: Part = {
    jobs: [{ name: "service-status.measure", everySeconds: 60, run: status.measure }],
    forget: [(tx) => forgetIncidents(tx, clock.now() - preset.retention.journalDays * day)],
    routes(http, desk) {
      statusRoutes(http, { clock, status, hasSms, defaultLanguage, timeIn, clockTimeIn, zoneIn });
      incidentRoutes(desk, {
        clock,
        incidents,
        parts,
        languages: offered,
        defaultLanguage,
        timezone,
        zoneIn,
      });
    },
  };

  return { part, status, currentNotices };
}
