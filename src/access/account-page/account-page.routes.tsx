import type { Account } from "../../accounts/accounts.ts";
import { showPhoneNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Http } from "../../http/server.ts";
import { signedIn, toSignIn } from "../../http/signed-in.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person, StartedSession } from "../../kernel/caller.ts";
import { type Clock, day, second } from "../../kernel/clock.ts";
import type { PagePart } from "../../ui/page-part.ts";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError } from "../../ui/view.ts";
import { fieldErrors, formStatus } from "../refusals.ts";
import { waitStatus } from "../too-often.tsx";
import {
  AccountLanguagePage,
  AccountPage,
  ChangePasswordPage,
  DevicesPage,
  JournalPage,
} from "./account-page.pages.tsx";
import type { AccountPage as AccountRules } from "./account-page.ts";
import type { ChangePassword } from "./change-password.ts";
import { PasswordAgainTriesPage } from "./password-tries.pages.tsx";

/** Null where it has nothing to say to this person. */
export type AccountPart = (visit: Visit, account: Account) => Promise<PagePart | null>;

export interface AccountPageRoutesDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  accountPage: AccountRules;
  change: ChangePassword;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit, unlike: string[]) => PasswordRules;
  identifierOf: (accountId: string) => Promise<string>;
  isStaff: (accountId: string) => Promise<boolean>;
  /** What other rooms add to the page, in their order. */
  parts: AccountPart[];
  /** Gives the browser the cookie of its renewed session. */
  signBrowserIn: (visit: Visit, session: StartedSession) => void;
}

const languageCookieSeconds = (400 * day) / second;

export function accountPageRoutes(http: Http, deps: AccountPageRoutesDeps): void {
  overviewRoutes(http, deps);
  passwordRoutes(http, deps);
  deviceRoutes(http, deps);
  languageRoutes(http, deps);
}

function overviewRoutes(http: Http, deps: AccountPageRoutesDeps): void {
  const { clock, preset, hasSms, accountPage } = deps;
  const show = (contact: { channel: "email" | "sms"; address: string }) =>
    contact.channel === "email" ? contact.address : showPhoneNumber(contact.address, preset.phoneCountry);

  http.get(
    "/account",
    signedIn(async (visit, person) => {
      const found = await accountPage.show(person);
      if (!found) return toSignIn(visit, "/account");
      const { account } = found;
      const until = account.contacts_frozen_until;
      const parts = await Promise.all(deps.parts.map((part) => part(visit, account)));
      return page(
        <AccountPage
          view={visit.view({ person })}
          parts={parts.filter((part) => part !== null)}
          shown={{
            account,
            identifiers: found.identifiers.map(({ shown }) => shown),
            contacts: found.contacts.map(({ point, isLast }) => ({
              point,
              shown: show(point),
              canChange: point.channel === "email" || hasSms,
              canRemove: !isLast,
            })),
            waiting: found.waiting.map((one) => ({ shown: show(one), askedAt: one.askedAt })),
            frozenUntil: until !== null && until > clock.now() ? until : null,
            isStaff: await deps.isStaff(account.id),
            now: clock.now(),
          }}
        />,
      );
    }),
  );

  http.get(
    "/account/journal",
    signedIn(async (visit, person) => {
      const before = visit.query("before");
      const { lines, older } = await accountPage.activity(person, before);
      return page(
        <JournalPage view={visit.view({ person })} lines={lines} older={older} isFirst={before === ""} />,
      );
    }),
  );
}

function passwordRoutes(http: Http, deps: AccountPageRoutesDeps): void {
  const { change, clock, preset } = deps;

  async function form(visit: Visit, person: Person, errors: FieldError[]): Promise<Answer> {
    const rules = deps.passwordRules(visit, await change.ownWords(person.accountId));
    return page(
      <ChangePasswordPage
        view={visit.view({ isRefusal: errors.length > 0, person })}
        identifier={await deps.identifierOf(person.accountId)}
        rules={{
          ...rules,
          list: [...rules.list, { id: "different", text: visit.t("password.rule.different") }],
          hints: ["current-password"],
        }}
        errors={errors}
      />,
      formStatus(visit, "account.invalid", errors),
    );
  }

  http.get(
    "/account/password",
    signedIn((visit, person) => form(visit, person, [])),
  );

  http.post(
    "/account/password",
    signedIn(async (visit, person) => {
      const outcome = await change.changePassword(visit.caller, person, {
        current: visit.field("current-password"),
        next: visit.field("new-password"),
      });
      if (outcome.ok) {
        deps.signBrowserIn(visit, outcome.session);
        visit.leaveNotice({ tone: "good", key: "account.password.changed" });
        return redirect("/account");
      }
      switch (outcome.refusal) {
        case "account.invalid":
          return form(visit, person, fieldErrors(visit, preset, outcome.fields));
        case "password-again.too-many":
          return page(
            <PasswordAgainTriesPage view={visit.view({ isRefusal: true, person })} until={outcome.until} />,
            waitStatus(visit, clock, outcome),
          );
        case "account.signed-out":
          return toSignIn(visit, visit.path);
      }
    }),
  );
}

function deviceRoutes(http: Http, { accountPage }: AccountPageRoutesDeps): void {
  http.get(
    "/account/devices",
    signedIn(async (visit, person) =>
      page(<DevicesPage view={visit.view({ person })} devices={await accountPage.devices(person)} />),
    ),
  );

  http.post(
    "/account/devices/:id/sign-out",
    signedIn(async (visit, person) => {
      const id = visit.path.split("/")[3] ?? "";
      if (!(await accountPage.signOutDevice(visit.caller, person, id))) return problemAnswer(visit, 404);
      visit.leaveNotice({ tone: "good", key: "account.devices.signed-out" });
      return redirect("/account/devices");
    }, "/account/devices"),
  );

  http.post(
    "/account/devices/sign-out-others",
    signedIn(async (visit, person) => {
      const count = await accountPage.signOutOthers(visit.caller, person);
      visit.leaveNotice({ tone: "good", key: "account.devices.others-signed-out", values: { count } });
      return redirect("/account/devices");
    }, "/account/devices"),
  );
}

function languageRoutes(http: Http, { accountPage }: AccountPageRoutesDeps): void {
  function form(visit: Visit, person: Person, errors: FieldError[] = []): Answer {
    return page(
      <AccountLanguagePage
        view={visit.view({ isRefusal: errors.length > 0, person })}
        chosen={person.locale}
        errors={errors}
      />,
      formStatus(visit, "account.invalid", errors),
    );
  }

  http.get(
    "/account/language",
    signedIn(async (visit, person) => form(visit, person)),
  );

  http.post(
    "/account/language",
    signedIn(async (visit, person) => {
      const language = visit.field("language");
      if (!(await accountPage.chooseLanguage(visit.caller, person, language))) {
        return form(visit, person, [{ field: "language", message: visit.t("account.language.choose") }]);
      }
      visit.cookies.set("language", language, languageCookieSeconds);
      visit.leaveNotice({ tone: "good", key: "account.language.chosen" });
      return redirect("/account");
    }),
  );
}
