import { formStatus } from "../../access/refusals.ts";
import { waitStatus, waitTitle } from "../../access/too-often.tsx";
import type { Kind } from "../../config/preset.ts";
import type { PersonPart } from "../../desk/people/people.routes.tsx";
import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, file, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import { formatDay } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import { WaitPage } from "../../ui/wait-page.tsx";
import {
  LetterOfPerson,
  LetterPersonPage,
  LetterSchoolPage,
  LetterSchoolsPage,
  lettersPath,
} from "./letters.pages.tsx";
import {
  type LetterSchool,
  type Letters,
  letterAct,
  lettersAtMost,
  type PrintOutcome,
  type PrintTarget,
} from "./letters.ts";

export interface LettersRoutesDeps {
  clock: Clock;
  timezone: string;
  letters: Letters;
  /** The kinds of person whom this member of staff prints for. */
  kindsFor: (staff: Staff) => Kind[];
}

/** On the page of a person who has not activated their account: the way to their letter. */
export function letterPersonPart(letters: Pick<Letters, "personFor">, timezone: string): PersonPart {
  return async (visit, staff, { account, may }) => {
    if (account.status !== "pending" || account.password_hash !== null || !may.has(letterAct)) return null;
    const person = await letters.personFor(staff, account.id);
    if (!person) return null;
    const view = visit.view({ person: staff });
    return {
      id: "letter",
      title: visit.t("letters.of-person"),
      content: (
        <LetterOfPerson view={view} timezone={timezone} accountId={account.id} newest={person.newest} />
      ),
    };
  };
}

const longestSearch = 100;
const isForAll = (visit: Visit) => visit.field("to") === "everybody";
const idOf = (visit: Visit) => visit.path.split("/")[4] ?? "";

export function lettersRoutes(desk: Desk, deps: LettersRoutesDeps): void {
  const { letters, clock, kindsFor } = deps;

  desk.get(lettersPath, letterAct, async (visit, staff) => {
    const typed = [...visit.query("q").trim()].slice(0, longestSearch).join("");
    const listed = await letters.listSchools(staff, typed);
    const [only] = listed.found;
    if (only && typed === "" && listed.found.length === 1) {
      return redirect(`${lettersPath}/schools/${only.id}`);
    }
    return page(
      <LetterSchoolsPage view={visit.view({ person: staff })} staff={staff} typed={typed} {...listed} />,
    );
  });

  async function schoolPage(
    visit: Visit,
    staff: Staff,
    school: LetterSchool,
    errors: FieldError[] = [],
  ): Promise<Answer> {
    const byKind = await letters.countPending(school.id);
    return page(
      <LetterSchoolPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path })}
        staff={staff}
        school={school}
        hasOthers={(await letters.listSchools(staff, "")).found.length > 1}
        kinds={kindsFor(staff)}
        waiting={{
          byKind: new Map(byKind.map(({ kind, ...pending }) => [kind, pending])),
          ofClasses: await letters.countPendingOfClasses(school.id),
        }}
        chosen={{
          kind: visit.field("kind") || visit.query("kind"),
          classId: visit.field("class") || visit.query("class"),
          isForAll: isForAll(visit),
        }}
        errors={errors}
      />,
      formStatus(visit, "letters.invalid", errors),
    );
  }

  desk.get(`${lettersPath}/schools/:id`, letterAct, async (visit, staff) => {
    const school = await letters.findSchool(staff, idOf(visit));
    return school ? schoolPage(visit, staff, school) : problemAnswer(visit, 404);
  });

  desk.post(`${lettersPath}/schools/:id`, letterAct, async (visit, staff) => {
    const school = await letters.findSchool(staff, idOf(visit));
    if (!school) return problemAnswer(visit, 404);
    const kind = kindsFor(staff).find((offered) => offered === visit.field("kind"));
    if (!kind) {
      return schoolPage(visit, staff, school, [{ field: "kind", message: visit.t("letters.kind.missing") }]);
    }
    const classId = visit.field("class") === "" ? null : visit.field("class");
    const group = { schoolId: school.id, classId, kind, isForAll: isForAll(visit) };
    const outcome = await print(visit, staff, { group });
    if (!outcome.ok && outcome.refusal === "letters.nobody") {
      const message = visit.t(group.isForAll ? "letters.nobody" : "letters.nobody.without-letter");
      return schoolPage(visit, staff, school, [{ field: "kind", message }]);
    }
    if (!outcome.ok && outcome.refusal === "letters.beyond") {
      const message = visit.t("letters.beyond", { count: outcome.people, most: lettersAtMost });
      return schoolPage(visit, staff, school, [{ field: "class", message }]);
    }
    return printed(visit, staff, outcome, `${lettersPath}/schools/${school.id}`);
  });

  desk.get(`${lettersPath}/people/:id`, letterAct, async (visit, staff) => {
    const accountId = idOf(visit);
    const person = await letters.personFor(staff, accountId);
    if (!person) return problemAnswer(visit, 404);
    const view = visit.view({ person: staff });
    const { timezone } = deps;
    return page(<LetterPersonPage {...{ view, staff, timezone, accountId, person }} />);
  });

  desk.post(`${lettersPath}/people/:id`, letterAct, async (visit, staff) => {
    const accountId = idOf(visit);
    const back = `${lettersPath}/people/${accountId}`;
    const outcome = await print(visit, staff, { accountId });
    if (!outcome.ok && outcome.refusal === "letters.nobody") {
      visit.leaveNotice({ tone: "careful", key: "letters.person.active" });
      return redirect(back);
    }
    return printed(visit, staff, outcome, back);
  });

  function print(visit: Visit, staff: Staff, target: PrintTarget): Promise<PrintOutcome> {
    const date = formatDay(visit.locale, deps.timezone, clock.now());
    return letters.printLetters(visit.caller, staff, target, {
      title: visit.t("letters.file.title", { date }),
      filename: `${visit.t("letters.file.name")}.pdf`,
    });
  }

  function printed(visit: Visit, staff: Staff, outcome: PrintOutcome, back: string): Answer {
    if (outcome.ok) return file(outcome.pdf, { type: "application/pdf", filename: outcome.filename });
    if (outcome.refusal !== "letters.too-many") return problemAnswer(visit, 404);
    const { refusal, until } = outcome;
    const view = visit.view({ isRefusal: true, person: staff, path: back });
    return page(
      <WaitPage view={view} title={waitTitle(visit, refusal)} until={until} back={back} />,
      waitStatus(visit, clock, outcome),
    );
  }
}
