import { type Answer, page } from "../http/answer.ts";
import type { Visit } from "../http/visit.ts";
import { type Clock, second } from "../kernel/clock.ts";
import { WaitPage } from "../ui/wait-page.tsx";

/** What a page that tells until when to wait is answered with: 429, with Retry-After. */
export function waitStatus(visit: Visit, clock: Clock, refused: { refusal: string; until: number }) {
  const { refusal, until } = refused;
  return {
    status: 429,
    retryAfterSeconds: Math.max(1, Math.ceil((until - clock.now()) / second)),
    data: { refusal, until, incident: visit.caller.incident },
  };
}

/** The title of that page, for a refusal that ends in `.too-early` or `.too-many`. */
export function waitTitle(visit: Visit, refusal: string): string {
  return visit.t(refusal.endsWith(".too-early") ? "wait.too-early" : "wait.too-many");
}

/** Too early, or too often: until when, and the way back. */
export function tooOftenAnswer(
  visit: Visit,
  clock: Clock,
  refused: { refusal: string; until: number; back: string },
): Answer {
  const { refusal, until, back } = refused;
  const view = visit.view({ isRefusal: true, path: back });
  return page(
    <WaitPage view={view} title={waitTitle(visit, refusal)} until={until} back={back} />,
    waitStatus(visit, clock, refused),
  );
}
