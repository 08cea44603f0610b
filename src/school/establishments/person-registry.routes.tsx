import type { PersonPart } from "../../desk/people/people.routes.tsx";
import { PersonRegistry } from "./person-registry.pages.tsx";
import type { createPersonRegistry } from "./person-registry.ts";

/** The part of a person's page with what their registry says; none where it says nothing. */
export const personRegistryPart =
  ({ factsOf }: Pick<ReturnType<typeof createPersonRegistry>, "factsOf">): PersonPart =>
  async (visit, staff, { account }) => {
    const facts = await factsOf(staff, account);
    if (facts.places.length === 0 && facts.birthDate === null && facts.postal.length === 0) return null;
    return {
      id: "registry",
      title: visit.t("establishments.person.title"),
      content: <PersonRegistry view={visit.view()} facts={facts} />,
    };
  };
