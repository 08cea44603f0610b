import { page } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Clock } from "../../kernel/clock.ts";
import { inLanguage, isOver } from "./incidents.ts";
import { isTrouble, isWorse, type PartState } from "./judge.ts";
import { StatusPage } from "./service-status.pages.tsx";
import type { ServiceState, ServiceStatus } from "./service-status.ts";
import type { SayTime } from "./status-words.ts";

export interface StatusRoutesDeps {
  clock: Clock;
  status: ServiceStatus;
  hasSms: boolean;
  defaultLanguage: string;
  timeIn: (locale: string) => SayTime;
  clockTimeIn: (locale: string) => SayTime;
  /** The name of the portal's time zone, in a language. */
  zoneIn: (locale: string) => string;
}

export function statusRoutes(http: Http, deps: StatusRoutesDeps): void {
  http.get("/help/status", async (visit) => {
    const state = await deps.status.read();
    return page(
      <StatusPage
        view={visit.view({ path: "/help/status" })}
        state={state}
        now={deps.clock.now()}
        time={deps.timeIn(visit.locale)}
        clockTime={deps.clockTimeIn(visit.locale)}
        zone={deps.zoneIn(visit.locale)}
        hasSms={deps.hasSms}
        defaultLanguage={deps.defaultLanguage}
      />,
      { data: toData(state, deps.clock.now(), visit.locale, deps.defaultLanguage) },
    );
  });
}

/** The same for programs: times in milliseconds, delays in seconds. */
function toData(state: ServiceState, now: number, locale: string, fallback: string): object {
  const whole = state.parts.some((one) => one.state === "quiet") ? "quiet" : "well";
  const worst = state.parts.reduce<PartState>(
    (found, one) => (isWorse(one.state, found) ? one.state : found),
    state.measuredAt === null ? "unknown" : whole,
  );
  return {
    state: worst,
    measuredAt: state.measuredAt,
    isFresh: state.isFresh,
    parts: state.parts.map(({ part, state: one, since, delaySeconds }) => ({
      part,
      state: one,
      since,
      delaySeconds: isTrouble(one) ? delaySeconds : null,
    })),
    incidents: state.incidents
      .filter(({ isPublic }) => isPublic)
      .map((one) => ({
        id: one.id,
        title: inLanguage(one.title, locale, fallback).text,
        text: inLanguage(one.body, locale, fallback).text,
        parts: one.parts,
        concernsEverybody: one.concernsEverybody,
        startsAt: one.startsAt,
        endsAt: one.endsAt,
        resolvedAt: one.resolvedAt,
        isOver: isOver(one, now),
        updates: one.updates.map(({ at, body }) => ({ at, text: inLanguage(body, locale, fallback).text })),
      })),
  };
}
