import type { AccountPart } from "../../access/account-page/account-page.routes.tsx";
import type { Preset } from "../../config/preset.ts";
import { createDayOf, zoneName } from "../../i18n/moment.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Establishments } from "./establishments.ts";
import { OwnSchools } from "./own-school.pages.tsx";

const closedWithin = 30 * day;

/** On the own page of pupils and guardians: whom to ask at their schools, and when. */
export function ownSchoolPart(deps: {
  clock: Clock;
  preset: Pick<Preset, "relays" | "languages">;
  /** The portal's own (IANA). */
  timezone: string;
  establishments: Pick<Establishments, "schoolsOf">;
}): AccountPart {
  const { clock, preset, timezone, establishments } = deps;
  return async (visit, { id, kind }) => {
    if (kind !== "pupil" && kind !== "guardian") return null;
    const { t, locale } = visit;
    const view = visit.view();
    const inWords = (texts: Record<string, string[]>) =>
      texts[locale] ?? texts[preset.languages.default] ?? Object.values(texts)[0] ?? [];
    const today = clock.now();
    const schools = (await establishments.schoolsOf(id)).map((seen) => {
      const dayOf = createDayOf(seen.timezone);
      const [first, last] = [dayOf(today), dayOf(today + closedWithin)];
      return {
        id: seen.school.id,
        name: seen.school.name,
        phone: seen.school.details.phone,
        email: seen.school.details.email,
        zone: seen.timezone === timezone ? null : zoneName(locale, seen.timezone, today),
        relays: seen.relays.flatMap((relay) => {
          const named = preset.relays.find((one) => one.id === relay.id && one.for.includes(kind));
          if (!named) return [];
          return {
            id: relay.id,
            hours: relay.hours,
            name: named.name[locale] ?? named.name[preset.languages.default] ?? "",
            lines: inWords(relay.lines),
            closedNext: relay.closedOn.filter((one) => one >= first && one <= last).toSorted(),
          };
        }),
      };
    });
    if (schools.length === 0) return null;
    return {
      id: "school",
      title: t("establishments.own", { count: schools.length }),
      content: OwnSchools({ view, schools }),
    };
  };
}
