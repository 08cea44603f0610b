import type { VNode } from "preact";
import { fieldErrors, formStatus } from "../../access/refusals.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { FlashNotice, Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { deskLimitAnswer } from "../roles/desk-limit.tsx";
import type { ActOutcome } from "./act-on-person.ts";
import type { ContactCorrections } from "./contact-corrections.ts";
import type { ApproveBrowser } from "./pairing.ts";
import { peoplePath, personIdOf } from "./people.routes.tsx";
import type { PeopleActs } from "./people-acts.ts";
import type { PersonRules, PersonSeen } from "./person.ts";
import {
  type ActPageProps,
  ConfirmPairingPage,
  ContactActPage,
  CorrectContactPage,
  FrozenPersonPage,
  PairingPage,
  PlainActPage,
  RecoveryPage,
} from "./person-acts.pages.tsx";

export interface PersonActRoutesDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  person: PersonRules;
  acts: PeopleActs;
  corrections: ContactCorrections;
  approveBrowser: ApproveBrowser;
}

/** A page of an act for one person; null where there is nothing to act on. */
type Show = (visit: Visit, props: ActPageProps) => VNode | null;

const pathOf = (accountId: string) => `${peoplePath}/${accountId}`;
const contactIdOf = (visit: Visit) => visit.path.split("/")[5] ?? "";

export function personActRoutes(desk: Desk, deps: PersonActRoutesDeps): void {
  const { person, acts, preset, clock } = deps;

  async function form(
    visit: Visit,
    staff: Staff,
    act: StaffAct,
    show: Show,
    errors: FieldError[] = [],
  ): Promise<Answer> {
    const id = personIdOf(visit);
    const seen = await person.open(visit.caller, staff, id, act);
    if (!seen) return problemAnswer(visit, 404);
    const view = visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path });
    const shown = show(visit, { view, staff, person: seen, errors, reason: visit.field("reason") });
    return shown ? page(shown, formStatus(visit, "people.invalid", errors)) : problemAnswer(visit, 404);
  }

  /** What an act that was refused leads to; `back` is where a notice is read. */
  async function refused(
    visit: Visit,
    staff: Staff,
    act: StaffAct,
    show: Show,
    outcome: Extract<ActOutcome, { ok: false }>,
  ): Promise<Answer> {
    const back = pathOf(personIdOf(visit));
    switch (outcome.refusal) {
      case "people.invalid":
        return form(visit, staff, act, show, fieldErrors(visit, preset, outcome.fields));
      case "people.unknown":
        return problemAnswer(visit, 404);
      case "people.too-many":
        return deskLimitAnswer(visit, clock, staff, { ...outcome, current: "people", back });
      case "people.frozen": {
        const seen = await person.see(staff, personIdOf(visit));
        if (!seen) return problemAnswer(visit, 404);
        const view = visit.view({ isRefusal: true, person: staff, path: back });
        const { refusal, until } = outcome;
        return page(<FrozenPersonPage view={view} staff={staff} person={seen} until={until} />, {
          status: 403,
          data: { refusal, until, incident: visit.caller.incident },
        });
      }
      default:
        visit.leaveNotice({ tone: "careful", key: outcome.refusal });
        return redirect(back);
    }
  }

  /** A form, and what its button does. `done` says so on the person's page, or wherever it answers. */
  function offer<Done extends object>(
    path: string,
    act: StaffAct,
    show: Show,
    run: (visit: Visit, staff: Staff) => Promise<ActOutcome<Done>>,
    done: (
      visit: Visit,
      outcome: { ok: true } & Done,
      staff: Staff,
    ) => FlashNotice | Answer | Promise<Answer>,
  ): void {
    desk.get(path, act, (visit, staff) => form(visit, staff, act, show));
    desk.post(path, act, async (visit, staff) => {
      const outcome = await run(visit, staff);
      if (!outcome.ok) return refused(visit, staff, act, show, outcome);
      const next = await done(visit, outcome, staff);
      if ("kind" in next) return next;
      visit.leaveNotice(next);
      return redirect(pathOf(personIdOf(visit)));
    });
  }

  const asked = (visit: Visit) => ({ accountId: personIdOf(visit), reason: visit.field("reason") });
  const person_ = `${peoplePath}/:id`;

  offer(
    `${person_}/unlock`,
    "account.unlock",
    (_, props) => <PlainActPage {...props} act="unlock" />,
    (visit, staff) => acts.unlock(visit.caller, staff, asked(visit)),
    () => ({ tone: "good", key: "people.unlock.done" }),
  );
  offer(
    `${person_}/close`,
    "account.close",
    (_, props) => <PlainActPage {...props} act="close" />,
    (visit, staff) => acts.close(visit.caller, staff, asked(visit)),
    () => ({ tone: "good", key: "people.close.done" }),
  );
  offer(
    `${person_}/delete`,
    "account.delete-mistyped",
    (_, props) => <PlainActPage {...props} act="delete" />,
    (visit, staff) => acts.deleteMistyped(visit.caller, staff, asked(visit)),
    (visit) => {
      visit.leaveNotice({ tone: "good", key: "people.delete.done" });
      return redirect(peoplePath);
    },
  );
  offer(
    `${person_}/recovery`,
    "recovery.send",
    (visit, props) =>
      props.person.ways.length === 0 ? null : <RecoveryPage {...props} chosen={visit.field("contact")} />,
    (visit, staff) =>
      acts.sendRecovery(visit.caller, staff, { ...asked(visit), contactPointId: visit.field("contact") }),
    () => ({ tone: "good", key: "people.recovery.done" }),
  );
  offer(
    `${person_}/browser`,
    "browser.approve",
    (visit, props) => <PairingPage {...props} number={visit.field("number")} />,
    (visit, staff) =>
      deps.approveBrowser(visit.caller, staff, {
        ...asked(visit),
        number: visit.field("number"),
        isConfirmed: visit.field("confirmed") === "1",
      }),
    (visit, { step, pairing }, staff) =>
      step === "approved"
        ? { tone: "good", key: "people.pairing.done" }
        : form(visit, staff, "browser.approve", (_, props) => (
            <ConfirmPairingPage {...props} number={visit.field("number")} pairing={pairing} />
          )),
  );
  contactRoutes();

  function contactRoutes(): void {
    const { corrections } = deps;

    const shownContact = (visit: Visit, { contacts }: PersonSeen) =>
      contacts.find(({ point }) => point.id === contactIdOf(visit)) ?? null;

    const saved = ({ usableFrom }: { usableFrom: number | null }, visit: Visit): FlashNotice =>
      usableFrom === null
        ? { tone: "good", key: "people.contact.done.at-once" }
        : {
            tone: "good",
            key: "people.contact.done.waits",
            values: { moment: visit.view().moment(usableFrom) },
          };

    for (const channel of ["email", "sms"] as const) {
      if (channel === "sms" && !deps.hasSms) continue;
      offer(
        `${person_}/contacts/add/${channel}`,
        "contact.correct",
        (visit, props) => (
          <CorrectContactPage {...props} channel={channel} replaced={null} typed={visit.field("contact")} />
        ),
        (visit, staff) =>
          corrections.correct(visit.caller, staff, {
            ...asked(visit),
            channel,
            typed: visit.field("contact"),
            replacesId: null,
          }),
        (visit, outcome) => saved(outcome, visit),
      );
    }
    offer(
      `${person_}/contacts/:point/replace`,
      "contact.correct",
      (visit, props) => {
        const contact = shownContact(visit, props.person);
        if (!contact) return null;
        const { id, channel } = contact.point;
        if (channel === "sms" && !deps.hasSms) return null;
        return (
          <CorrectContactPage
            {...props}
            channel={channel}
            replaced={{ id, shown: contact.shown }}
            typed={visit.field("contact")}
          />
        );
      },
      async (visit, staff) => {
        const seen = await person.see(staff, personIdOf(visit));
        const contact = seen && shownContact(visit, seen);
        return corrections.correct(visit.caller, staff, {
          ...asked(visit),
          channel: contact?.point.channel ?? "email",
          typed: visit.field("contact"),
          replacesId: contactIdOf(visit),
        });
      },
      (visit, outcome) => saved(outcome, visit),
    );
    for (const act of ["remove", "approve"] as const) {
      offer(
        `${person_}/contacts/:point/${act}`,
        act === "remove" ? "contact.correct" : "contact.approve",
        (visit, props) => {
          const contact = shownContact(visit, props.person);
          return (
            contact && (
              <ContactActPage {...props} act={act} contact={{ id: contact.point.id, shown: contact.shown }} />
            )
          );
        },
        (visit, staff) =>
          corrections[act](visit.caller, staff, { ...asked(visit), contactPointId: contactIdOf(visit) }),
        () => ({ tone: "good", key: `people.contact.${act}.done` }),
      );
    }
  }
}
