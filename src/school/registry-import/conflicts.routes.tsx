import type { ContactPoint, Kind } from "../../accounts/accounts.ts";
import type { PersonPart } from "../../desk/people/people.routes.tsx";
import type { Desk } from "../../desk/roles/desk.ts";
import { deskLimitAnswer } from "../../desk/roles/desk-limit.tsx";
import { page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import {
  ConflictsOfPerson,
  ConflictsPage,
  conflictsPath,
  keepPath,
  RegistrySays,
  type ShownConflict,
} from "./conflicts.pages.tsx";
import type { Conflict, Conflicts } from "./conflicts.ts";
import type { Importer, RegistryImport } from "./registry-import.ts";

export interface ConflictsRoutesDeps {
  clock: Clock;
  registry: Pick<RegistryImport, "schoolsFor" | "schoolFor">;
  conflicts: Conflicts;
  importerOf(staff: Staff): Promise<Importer>;
  /** A contact point as this member of staff may see it. */
  shownTo(staff: Staff, account: { kind: Kind }, contact: Pick<ContactPoint, "channel" | "address">): string;
}

const uuid = /^[0-9a-f-]{36}$/;

/** `/desk/imports/conflicts`, and what leaves both values of a person as they are. */
export function conflictsRoutes(desk: Desk, deps: ConflictsRoutesDeps): void {
  const { registry, conflicts } = deps;

  desk.get(conflictsPath, "registry.import", async (visit, staff) => {
    const importer = await deps.importerOf(staff);
    const schools = await registry.schoolsFor(importer);
    const typed = visit.query("school").trim().toUpperCase();
    const [only, second] = schools;
    const school = typed === "" && only && !second ? only : await registry.schoolFor(importer, typed);
    const before = uuid.test(visit.query("before")) ? visit.query("before") : null;
    const found = school ? await conflicts.ofSchool(staff, school.id, before) : { conflicts: [], next: null };
    return page(
      <ConflictsPage
        view={visit.view({ person: staff })}
        staff={staff}
        school={school}
        typed={typed}
        schools={schools}
        conflicts={found.conflicts.map((one) => ({
          ...shown(one, deps.clock.now(), (point) => deps.shownTo(staff, one, point)),
          accountId: one.accountId,
          name: one.name,
        }))}
        isFirst={before === null}
        next={found.next}
      />,
    );
  });

  desk.post(keepPath(":id", ":contact"), "contact.correct", async (visit, staff) => {
    const [, , , accountId = "", , contactPointId = ""] = visit.path.split("/");
    const kept = await conflicts.keepBoth(visit.caller, staff, { accountId, contactPointId });
    const back = `/desk/people/${accountId}`;
    if (!kept.ok) {
      if (kept.refusal === "people.unknown") return problemAnswer(visit, 404);
      return deskLimitAnswer(visit, deps.clock, staff, { ...kept, current: "people", back });
    }
    visit.leaveNotice({ tone: "good", key: "registry-import.conflict.kept" });
    return redirect(staff.may.has("people.see") ? back : "/desk");
  });
}

/** On the page of a person: what the registry says of them, where it says something else than they proved. */
export function registryPersonParts(deps: {
  conflicts: Pick<Conflicts, "unsettled">;
  /** What the registry says of SMS; null where it says nothing. */
  acceptsSms(accountId: string): Promise<boolean | null>;
}): PersonPart[] {
  return [
    async (visit, staff, person) => {
      const shownOf = new Map(person.contacts.map(({ point, shown: text }) => [point.id, text]));
      const found = await deps.conflicts.unsettled(person.contacts.map(({ point }) => point));
      if (found.length === 0) return null;
      return {
        id: "registry-conflict",
        title: visit.t("registry-import.conflict.title"),
        content: (
          <ConflictsOfPerson
            view={visit.view({ person: staff })}
            accountId={person.account.id}
            conflicts={found.map((one) => shown(one, person.now, (point) => shownOf.get(point.id) ?? ""))}
            hasOneProved={person.contacts.filter(({ point }) => point.state === "verified").length === 1}
            mayCorrect={person.may.has("contact.correct") && person.frozenUntil === null}
          />
        ),
      };
    },
    async (visit, staff, person) => {
      const acceptsSms = await deps.acceptsSms(person.account.id);
      if (acceptsSms === null) return null;
      return {
        id: "registry",
        title: visit.t("registry-import.says.title"),
        content: <RegistrySays view={visit.view({ person: staff })} acceptsSms={acceptsSms} />,
      };
    },
  ];
}

type Point = Pick<ContactPoint, "id" | "channel" | "address" | "created_at"> & {
  usable_from?: number | null;
};

function shown<P extends Point>(
  { registry, proved }: Conflict<P>,
  now: number,
  textOf: (point: P) => string,
): ShownConflict {
  const asShown = (point: P) => ({ id: point.id, channel: point.channel, shown: textOf(point) });
  const from = registry.usable_from ?? null;
  return {
    registry: asShown(registry),
    proved: proved.map(asShown),
    since: registry.created_at,
    waitsUntil: from !== null && from > now ? from : null,
  };
}
