import type { MessageKey } from "../i18n/translations.ts";
import { LinkList } from "../ui/buttons.tsx";
import { WhomToAsk } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { type Answer, page } from "./answer.ts";
import type { Visit } from "./visit.ts";

type Problem = "bad-form" | "foreign" | "not-found" | "too-large" | "unsupported" | "busy" | "fault";

function problemOf(status: number): { status: number; problem: Problem } {
  if (status === 403) return { status, problem: "foreign" };
  if (status === 404 || status === 405) return { status: 404, problem: "not-found" };
  if (status === 413) return { status, problem: "too-large" };
  if (status === 415) return { status, problem: "unsupported" };
  if (status === 503) return { status, problem: "busy" };
  if (status >= 400 && status < 500) return { status: 400, problem: "bad-form" };
  return { status: 500, problem: "fault" };
}

/** The page for what no room answered: what happened, what to do now, and the reference (promise 1). */
export function problemAnswer(visit: Visit, answered: number, retryAfterSeconds?: number): Answer {
  const { status, problem } = problemOf(answered);
  const { t } = visit;
  const title = t(`http.${problem}.title` as MessageKey);
  const view = visit.view({ isRefusal: true, path: status === 404 ? "/" : visit.path });
  return page(
    <Page view={view} title={title} tone="wrong">
      <p>{t(`http.${problem}.what` as MessageKey)}</p>
      <p>{t(`http.${problem}.next` as MessageKey)}</p>
      <LinkList
        links={[
          // Nothing is told by it: whoever is not staff is turned away there, too.
          visit.path.startsWith("/desk/")
            ? { href: "/desk", label: t("desk.to-desk") }
            : { href: "/sign-in", label: t("ui.to-sign-in") },
          { href: "/", label: t("ui.to-start") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>,
    {
      status,
      data: { refusal: `http.${problem}`, message: title, incident: visit.caller.incident },
      ...(status === 503 ? { retryAfterSeconds: retryAfterSeconds ?? 5 } : {}),
    },
  );
}
