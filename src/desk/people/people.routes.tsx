import { fieldErrors, formStatus } from "../../access/refusals.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PagePart } from "../../ui/page-part.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { deskLimitAnswer } from "../roles/desk-limit.tsx";
import type { InviteForm, InvitePerson } from "./invitations.ts";
import { PeoplePage } from "./people.pages.tsx";
import { type People, type PeopleFound, type PeopleState, peopleStates } from "./people.ts";
import { PersonPage } from "./person.pages.tsx";
import type { PersonCase, PersonRules, PersonSeen } from "./person.ts";
import { InvitePersonPage } from "./person-acts.pages.tsx";

/** Null where it has nothing to say of this person to this member of staff. */
export type PersonPart = (visit: Visit, staff: Staff, person: PersonSeen) => Promise<PagePart | null>;

export interface PeopleRoutesDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  people: People;
  person: PersonRules;
  /** Where people belong, as far as this member of staff sees it: by that two of one name are told apart. */
  placesOf: (staff: Staff, found: { id: string; kind: Kind }[]) => Promise<ReadonlyMap<string, string[]>>;
  invitations: InvitePerson;
  /** The cases of a person that this member of staff may see; null where they see none. */
  casesOf: (visit: Visit, staff: Staff, accountId: string) => Promise<PersonCase[] | null>;
  /** What other rooms add to the page of a person, in their order. */
  parts: () => PersonPart[];
}

export const peoplePath = "/desk/people";
export const personIdOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

export function peopleRoutes(desk: Desk, deps: PeopleRoutesDeps): void {
  const { people, person, clock } = deps;

  desk.get(peoplePath, "people.search", async (visit, staff) => {
    const typed = visit.query("q");
    const asked = visit.query("state");
    const state: PeopleState = peopleStates.find((known) => known === asked) ?? "any";
    const after = visit.query("after");
    const found = await people.search(staff, { typed, state, after });
    if (!found.ok)
      return deskLimitAnswer(visit, clock, staff, { ...found, current: "people", back: peoplePath });
    return page(
      <PeoplePage
        view={visit.view({ person: staff })}
        staff={staff}
        typed={typed}
        state={state}
        isFirst={after === ""}
        found={found}
        places={await deps.placesOf(staff, accountsIn(found))}
        shownOf={(account, contact) => person.shownTo(staff, account, contact)}
      />,
    );
  });

  // Before the route with an id: this word is no person.
  inviteRoutes(desk, deps);

  desk.get(`${peoplePath}/:id`, "people.see", async (visit, staff) => {
    const seen = await person.open(visit.caller, staff, personIdOf(visit));
    if (!seen) return problemAnswer(visit, 404);
    const before = visit.query("before");
    const parts = await Promise.all(deps.parts().map((part) => part(visit, staff, seen)));
    return page(
      <PersonPage
        view={visit.view({ person: staff })}
        staff={staff}
        person={seen}
        hasSms={deps.hasSms}
        timeline={await person.timeline(staff, seen.account, before)}
        parts={parts.filter((part) => part !== null)}
        cases={await deps.casesOf(visit, staff, seen.account.id)}
        isNewest={before === ""}
      />,
    );
  });
}

const accountsIn = (found: Extract<PeopleFound, { ok: true }>) =>
  found.asked === "people" ? [...found.people, ...found.near].map(({ account }) => account) : [];

function inviteRoutes(desk: Desk, deps: PeopleRoutesDeps): void {
  const { invitations, preset, clock } = deps;
  const path = `${peoplePath}/invite`;

  const typedOf = (visit: Visit): InviteForm => ({
    name: visit.field("name"),
    email: visit.field("email"),
    kind: visit.field("kind"),
    username: visit.field("username"),
    language: visit.field("language"),
    reason: visit.field("reason"),
  });

  function form(visit: Visit, staff: Staff, errors: FieldError[] = []): Answer {
    return page(
      <InvitePersonPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path })}
        staff={staff}
        kinds={invitations.kindsFor(staff)}
        asksUsername={invitations.asksUsername}
        isUsernameRequired={preset.identifier === "username"}
        typed={typedOf(visit)}
        errors={errors}
      />,
      formStatus(visit, "people.invalid", errors),
    );
  }

  desk.get(path, "person.invite", async (visit, staff) => form(visit, staff));

  desk.post(path, "person.invite", async (visit, staff) => {
    const outcome = await invitations.invite(visit.caller, staff, typedOf(visit));
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "people.invite.done" });
      return redirect(staff.may.has("people.see") ? `${peoplePath}/${outcome.accountId}` : peoplePath);
    }
    if (outcome.refusal === "people.invalid") {
      return form(visit, staff, fieldErrors(visit, preset, outcome.fields));
    }
    if ("until" in outcome) {
      return deskLimitAnswer(visit, clock, staff, { ...outcome, current: "people", back: peoplePath });
    }
    return problemAnswer(visit, 404);
  });
}
