import { type Answer, page } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import type { DeskRoom } from "../../ui/desk-rooms.ts";

/** Staff did more than one person does in a day: until when, and why there is a limit. 429, with Retry-After. */
export function deskLimitAnswer(
  visit: Visit,
  clock: Clock,
  staff: Staff,
  refused: { refusal: string; until: number; current: DeskRoom; back: string },
): Answer {
  const { refusal, until, current, back } = refused;
  const { t } = visit;
  const view = visit.view({ isRefusal: true, person: staff, path: back });
  return page(
    <DeskPage view={view} staff={staff} current={current} title={t("desk.limit.title")} tone="careful">
      <p>{t("desk.limit.what")}</p>
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      <p>{t("desk.limit.next")}</p>
      <LinkList links={[{ href: back, label: t("wait.back") }]} />
    </DeskPage>,
    {
      status: 429,
      retryAfterSeconds: Math.max(1, Math.ceil((until - clock.now()) / second)),
      data: { refusal, until, incident: visit.caller.incident },
    },
  );
}
