import { Facts } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import { dayIn } from "./establishment-words.ts";
import type { RegistryFacts } from "./person-registry.ts";

/** What a registry says of a person, and where it is put right. */
export function PersonRegistry({ view, facts }: { view: View; facts: RegistryFacts }) {
  const { t } = view;
  const { places, birthDate, postal } = facts;
  const lines = (texts: string[]) =>
    texts.map((text) => (
      <div key={text}>
        <bdi>{text}</bdi>
      </div>
    ));
  const schools = t("establishments.person.schools", { count: places.length });
  return (
    <>
      <Facts
        rows={[
          ...(places.length === 0 ? [] : [{ label: schools, value: lines(places) }]),
          ...(birthDate === null
            ? []
            : [{ label: t("establishments.person.birth-date"), value: dayIn(view.locale, birthDate) }]),
          ...(postal.length === 0
            ? []
            : [{ label: t("establishments.person.postal"), value: lines(postal) }]),
        ]}
      />
      <p class="hint">{t("establishments.person.correct")}</p>
    </>
  );
}
