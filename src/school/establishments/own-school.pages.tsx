import { regional } from "../../i18n/moment.ts";
import { Facts } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import { dayIn, hoursRows } from "./establishment-words.ts";
import type { RelayHere } from "./establishments.ts";

/** A school as its own people need it: whom to ask there, and when. */
export interface OwnSchool {
  id: string;
  name: string;
  phone: string | null;
  email: string | null;
  /** What the zone of the hours is called, where it is not the portal's. */
  zone: string | null;
  relays: (Pick<RelayHere, "id" | "hours"> & { name: string; lines: string[]; closedNext: string[] })[];
}

/** On the account page of a pupil or a guardian: their schools, each with those who can help there. */
export function OwnSchools({ view, schools }: { view: View; schools: OwnSchool[] }) {
  const { t, locale } = view;
  return schools.map((school) => {
    const reached = [
      ...(school.phone === null
        ? []
        : [{ label: t("establishments.phone"), value: <bdi>{school.phone}</bdi> }]),
      ...(school.email === null
        ? []
        : [
            {
              label: t("establishments.email"),
              value: <a href={`mailto:${school.email}`}>{school.email}</a>,
            },
          ]),
    ];
    return (
      <section key={school.id} class="establishment-relay" aria-labelledby={`school-${school.id}`}>
        <h3 id={`school-${school.id}`}>
          <bdi>{school.name}</bdi>
        </h3>
        {reached.length > 0 && <Facts rows={reached} />}
        {school.zone !== null && <p class="hint">{t("establishments.relays.zone", { zone: school.zone })}</p>}
        {school.relays.map(({ id, name, lines, hours, closedNext }) => (
          <div key={id} class="establishment-relay">
            <h4>{name}</h4>
            {lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
            <Facts
              rows={[
                ...hoursRows(t, locale, hours),
                ...(closedNext.length === 0
                  ? []
                  : [
                      {
                        label: t("establishments.own.closed"),
                        value: new Intl.ListFormat(regional(locale)).format(
                          closedNext.map((day) => dayIn(locale, day)),
                        ),
                      },
                    ]),
              ]}
            />
          </div>
        ))}
      </section>
    );
  });
}
