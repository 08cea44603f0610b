import { IdentifierField } from "../../access/fields.tsx";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Exact, Facts, ItemList, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import { SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { PupilSeen } from "./families.ts";
import type { SideSeen } from "./join-other.ts";
import type { JoinSeen, UndoCondition } from "./joins.ts";

/** Where a pupil is: « 6e B, Collège Jean-Moulin ». */
export const placeWords = (
  { t }: View,
  { school, className }: { school: string; className: string | null },
): string => (className === null ? school : t("families.place", { class: className, school }));

/** Whoever is no legal representative says another thing. */
const notMineWords = ({ t }: View, { level }: Pick<PupilSeen, "level">): string =>
  t(level === 1 ? "families.not-mine" : "families.not-mine.care");

/** On the account page of a guardian: their pupils, and their other accounts. */
export function FamilyPart(props: {
  view: View;
  pupils: PupilSeen[];
  joins: JoinSeen[];
  mayHaveAnother: boolean;
}) {
  const { view, pupils, joins } = props;
  const { t, moment } = view;
  return (
    <>
      <ItemList
        label={t("families.pupils")}
        empty={t("families.pupils.none")}
        items={pupils.map((pupil) => ({
          key: pupil.id,
          title: pupil.name === null ? t("families.pupil.unnamed") : <bdi>{pupil.name}</bdi>,
          tag: pupil.reportedAt !== null && <Tag tone="careful">{t("families.pupil.reported")}</Tag>,
          lines: [
            ...pupil.places.map((place) => <bdi key={place.school}>{placeWords(view, place)}</bdi>),
            ...(pupil.reportedAt === null
              ? []
              : [t("families.pupil.reported-at", { moment: moment(pupil.reportedAt) })]),
          ],
          acts: pupil.reportedAt === null && (
            <a href={`/account/pupils/${pupil.id}/not-mine`}>
              {notMineWords(view, pupil)} <span class="unseen">{pupil.name}</span>
            </a>
          ),
        }))}
      />
      {props.mayHaveAnother && (
        <Notice view={view} tone="careful" title={t("families.another.title")}>
          <p>{t("families.another.what")}</p>
        </Notice>
      )}
      {joins.length > 0 && (
        <ItemList
          label={t("families.joins")}
          empty=""
          items={joins.map((join) => ({
            key: join.id,
            title: (
              <>
                {t("families.joined-account")} <Exact>{join.joinedIdentifier}</Exact>
              </>
            ),
            lines: [
              t("families.joined-since", { moment: moment(join.joinedAt) }),
              ...(join.undoUntil === null
                ? []
                : [t("families.undo-until", { moment: moment(join.undoUntil) })]),
            ],
            acts: join.undoUntil !== null && (
              <a href={`/account/joins/${join.id}`}>
                {t("families.unjoin.link")} <span class="unseen">{join.joinedIdentifier}</span>
              </a>
            ),
          }))}
        />
      )}
      <LinkList links={[{ href: "/account/join", label: t("families.join.title") }]} />
    </>
  );
}

const backToAccount = (view: View) => (
  <LinkList links={[{ href: "/account", label: view.t("contacts.back") }]} />
);

/** « Je ne suis pas le représentant légal de cet élève » : what it does, and one question. */
export function NotMinePage(props: { view: View; pupil: PupilSeen; typed: string; errors: FieldError[] }) {
  const { view, pupil, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={notMineWords(view, pupil)} hasErrors={errors.length > 0}>
      <Facts
        rows={[
          { label: t("families.pupil"), value: <bdi>{pupil.name}</bdi> },
          {
            label: t("families.school"),
            value: pupil.places.map((place) => (
              <div key={`${place.school} ${place.className}`}>
                <bdi>{placeWords(view, place)}</bdi>
              </div>
            )),
          },
        ]}
      />
      <p>{t(pupil.level === 1 ? "families.not-mine.what" : "families.not-mine.care.what")}</p>
      <p>{t("families.not-mine.then")}</p>
      <Form
        view={view}
        action={`/account/pupils/${pupil.id}/not-mine`}
        errors={errors}
        explainsRequired={false}
      >
        <TextArea
          view={view}
          name="words"
          label={t("families.words")}
          hint={t("families.words.hint")}
          value={props.typed}
          rows={3}
        />
        <Button tone="wrong">{t("families.not-mine.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: "/contact", label: t("families.not-mine.contact") },
          { href: "/account", label: t("families.not-mine.back") },
        ]}
      />
    </Page>
  );
}

/** The other account's identifier and password. */
export function JoinPage(props: {
  view: View;
  identifier: string;
  errors: FieldError[];
  isLastTry?: boolean;
}) {
  const { view, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("families.join.title")} hasErrors={errors.length > 0}>
      <p>{t("families.join.what")}</p>
      <p>{t("families.join.password-first")}</p>
      {props.isLastTry && (
        <Notice view={view} tone="careful" title={t("sign-in.last-try")}>
          <p>{t("sign-in.last-try.what")}</p>
        </Notice>
      )}
      <Form view={view} action="/account/join" errors={errors}>
        <IdentifierField
          view={view}
          label={t("families.join.identifier")}
          hint={t("families.join.identifier.hint")}
          value={props.identifier}
          forgot={t("sign-in.forgot-identifier")}
        />
        <PasswordField
          view={view}
          name="password"
          label={t("families.join.password")}
          autocomplete="current-password"
          aside={{ href: "/forgot-password", label: t("sign-in.forgot-password") }}
          required
        />
        <Button>{t("families.join.submit")}</Button>
      </Form>
      {backToAccount(view)}
    </Page>
  );
}

const sideRows = (view: View, side: SideSeen) => [
  { label: view.t("account.name"), value: <bdi>{side.name}</bdi> },
  { label: view.t("account.identifiers", { count: 1 }), value: <Exact>{side.identifier}</Exact> },
  {
    label: view.t("families.join.pupils"),
    value:
      side.pupils.length === 0
        ? view.t("families.pupils.none")
        : side.pupils.map((pupil) => (
            <div key={pupil.id}>
              <bdi>{pupil.name ?? view.t("families.pupil.unnamed")}</bdi>
            </div>
          )),
  },
];

/** What will be one account, before it is. */
export function ConfirmJoinPage(props: {
  view: View;
  proof: string;
  kept: SideSeen;
  joined: SideSeen;
  undoForDays: number;
}) {
  const { view, kept, joined } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("families.join.confirm.title")}>
      <h2>{t("families.join.kept")}</h2>
      <Facts rows={sideRows(view, kept)} />
      <h2>{t("families.join.joined")}</h2>
      <Facts rows={sideRows(view, joined)} />
      <div class="prose">
        <ul>
          <li>{t("families.join.does.pupils", { kept: kept.identifier })}</li>
          <li>{t("families.join.does.closes", { joined: joined.identifier })}</li>
          <li>{t("families.join.does.undo", { days: props.undoForDays })}</li>
        </ul>
      </div>
      <Form
        view={view}
        action="/account/join/confirm"
        fields={{ proof: props.proof }}
        explainsRequired={false}
      >
        <Button>{t("families.join.confirm.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("families.join.confirm.cancel") }]} />
    </Page>
  );
}

/** Not joined: why, and what to do. */
export function JoinRefusedPage({ view, refusal }: { view: View; refusal: string }) {
  const { t } = view;
  const why = refusal.slice("families.join.".length) as
    | "same"
    | "not-guardian"
    | "frozen"
    | "over"
    | "expired";
  return (
    <Page view={view} title={t("families.join.refused")} tone="careful">
      <p>{t(`families.join.${why}`)}</p>
      <LinkList
        links={[
          { href: "/account/join", label: t("families.join.again") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Behind « Séparer les comptes » : what was joined, and what the press will do. */
export function UnjoinPage(props: {
  view: View;
  action: string;
  fields: Record<string, string>;
  join: JoinSeen;
}) {
  const { view, join } = props;
  const { t, moment } = view;
  return (
    <Page view={view} title={t("families.unjoin.title")}>
      <Facts
        rows={[
          { label: t("families.mail.kept"), value: <Exact>{join.keptIdentifier}</Exact> },
          { label: t("families.mail.joined"), value: <Exact>{join.joinedIdentifier}</Exact> },
          { label: t("families.joined.at"), value: moment(join.joinedAt) },
        ]}
      />
      <div class="prose">
        <ul>
          <li>{t("families.unjoin.does.back", { joined: join.joinedIdentifier })}</li>
          <li>{t("families.unjoin.does.password")}</li>
          <li>{t("families.unjoin.does.never")}</li>
        </ul>
      </div>
      <Form view={view} action={props.action} fields={props.fields} explainsRequired={false}>
        <Button tone="wrong">{t("families.unjoin.submit")}</Button>
      </Form>
      <p>{t("families.unjoin.keep")}</p>
    </Page>
  );
}

/** It is undone; it opens nothing to anybody. */
export function UnjoinedPage({ view, join }: { view: View; join: JoinSeen }) {
  const { t } = view;
  return (
    <Page view={view} title={t("families.unjoined.title")} tone="good">
      <p>{t("families.separated.use", { kept: join.keptIdentifier, joined: join.joinedIdentifier })}</p>
      <p>{t("families.unjoined.not-you")}</p>
      <LinkList
        links={[
          { href: "/sign-in", label: t("ui.to-sign-in") },
          { href: "/forgot-password", label: t("not-me.next.link") },
        ]}
      />
    </Page>
  );
}

export function SpentUnjoinPage({
  view,
  condition,
}: {
  view: View;
  condition: Exclude<UndoCondition, "open">;
}) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t(`families.unjoin.${condition}.title`)}
      what={t(`families.unjoin.${condition}.what`)}
      links={[
        { href: "/sign-in", label: t("ui.to-sign-in") },
        { href: "/contact", label: t("families.not-mine.contact") },
      ]}
    />
  );
}
