import type { Translations } from "../../i18n/translations.ts";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import { inLanguage } from "./incidents.ts";
import { isTrouble } from "./judge.ts";
import type { ServiceStatus } from "./service-status.ts";
import { partSentence, type SayTime } from "./status-words.ts";

/** Parts that whoever stands at the door must know of when they fail; the others they meet, or never meet. */
const told = ["email", "sms"];

export type StatusNotices = ReturnType<typeof createStatusNotices>;

/** What concerns everybody now, for a line on sign-in, help and waiting pages. Cheap: from memory. */
export function createStatusNotices(deps: {
  status: Pick<ServiceStatus, "glance" | "concerning">;
  translations: Translations;
  defaultLanguage: string;
  /** A time of day, in the language given. */
  timeIn: (locale: string) => SayTime;
}) {
  return async function currentNotices(locale: string): Promise<StatusNotice[]> {
    const state = await deps.status.glance();
    const t = deps.translations.to(locale);
    const announced = deps.status.concerning(state).map(({ id, title }): StatusNotice => {
      const { text, lang } = inLanguage(title, locale, deps.defaultLanguage);
      const href = `/help/status#incident-${id}`;
      return { id, tone: "careful", text, href, ...(lang === locale ? {} : { lang }) };
    });
    const measured = state.parts
      .filter((one) => told.includes(one.part) && isTrouble(one.state))
      .map(
        (one): StatusNotice => ({
          id: one.part,
          tone: one.state === "down" ? "wrong" : "careful",
          text: partSentence(t, one, deps.timeIn(locale)),
          href: "/help/status",
        }),
      );
    return [...announced, ...measured];
  };
}
