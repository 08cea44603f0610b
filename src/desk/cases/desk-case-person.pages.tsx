import { QuietButton } from "../../ui/buttons.tsx";
import { Exact, Facts, Tag } from "../../ui/facts.tsx";
import { Details, Notice } from "../../ui/notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import type { Evidence as EvidenceOf } from "./case-input.ts";
import { type CasePageProps, CasePress } from "./desk-case-props.tsx";
import type { PersonCard } from "./inbox-case.ts";

/**
 * Who it is about, as far as that is known. Until a contact point of record has answered, whoever writes may be
 * anybody: nothing that changes the account is offered here, and the rules refuse it (promise 7).
 */
export function PersonBeside(props: CasePageProps) {
  const { view, file } = props;
  const { t } = view;
  const { row, person } = file;
  const mayAct = file.mayAct && row.status !== "merged";
  return (
    <section class="case-card" aria-labelledby="person-title">
      <h2 id="person-title">{t("inbox.person.title")}</h2>
      {row.identity_proved_at === null ? (
        <Notice view={view} tone="careful" title={t("inbox.identity.not-proved")}>
          <p>{t("inbox.identity.what")}</p>
        </Notice>
      ) : (
        <Notice view={view} tone="good" title={t("inbox.identity.proved")}>
          <p>
            {t(`inbox.identity.by.${row.identity_proved_by ?? "link"}`, {
              moment: view.moment(row.identity_proved_at),
            })}
          </p>
        </Notice>
      )}
      <Writer {...props} />
      {row.account_id !== null && person && <Card {...props} person={person} />}
      {row.account_id !== null && !person && <p class="hint">{t("inbox.person.not-yours")}</p>}
      {mayAct && <NewDetails {...props} />}
      {mayAct && row.identity_proved_at === null && person && <AskIdentity {...props} />}
      {mayAct && row.identity_proved_at === null && <Tie {...props} />}
    </section>
  );
}

/** What the writer says of themselves. */
function Writer({ view, file }: CasePageProps) {
  const { t } = view;
  const { row } = file;
  const said: [label: string, value: string | null][] = [
    [t("inbox.writer.name"), row.name],
    [t("inbox.writer.email"), row.email],
    [t("inbox.writer.phone"), row.phone],
    [t("inbox.writer.identifier"), row.identifier],
    [t("inbox.writer.kind"), row.kind && t(`account.kind.${row.kind}`)],
    [t("inbox.writer.relation"), row.relation],
    [t("inbox.writer.establishment"), row.establishment],
    [t("inbox.writer.pupil"), row.pupil],
    [t("inbox.writer.class"), row.pupil_class],
  ];
  const rows = said
    .filter(([, value]) => value !== null && value !== "")
    .map(([label, value]) => ({ label, value: <bdi>{value}</bdi> }));
  return (
    <>
      <h3>{t("inbox.writer.title")}</h3>
      <Facts rows={rows} />
      {row.email !== null && (
        <p class="hint">
          {t(row.email_confirmed_at === null ? "inbox.writer.unconfirmed" : "inbox.writer.confirmed")}
        </p>
      )}
    </>
  );
}

function Card({ view, file, person }: CasePageProps & { person: PersonCard }) {
  const { t } = view;
  const isProved = file.row.identity_proved_at !== null;
  return (
    <>
      <h3>{t("inbox.account.title")}</h3>
      <Facts
        rows={[
          { label: t("inbox.writer.name"), value: <bdi>{person.name}</bdi> },
          {
            label: t("inbox.writer.identifier"),
            value: person.identifiers.map((shown) => <Exact key={shown}>{shown}</Exact>),
          },
          { label: t("inbox.writer.kind"), value: t(`account.kind.${person.kind}`) },
          { label: t("inbox.fact.state"), value: t(`inbox.account.status.${person.status}`) },
          ...(person.lockedUntil === null
            ? []
            : [
                {
                  label: t("inbox.account.locked"),
                  value: t("inbox.account.locked-until", { moment: view.moment(person.lockedUntil) }),
                },
              ]),
          {
            label: t("inbox.account.contacts"),
            value:
              person.contacts.length === 0
                ? t("inbox.account.no-contacts")
                : person.contacts.map((point) => (
                    <p key={point.id}>
                      <Exact>{point.shown}</Exact>{" "}
                      {!point.isDead ? (
                        <Tag tone={point.state === "verified" ? "good" : "careful"}>
                          {t(`inbox.contact.${point.state === "verified" ? "verified" : "declared"}`)}
                        </Tag>
                      ) : (
                        <Tag tone="wrong">{t("inbox.contact.dead")}</Tag>
                      )}
                    </p>
                  )),
          },
        ]}
      />
      {/* The page of the person says what may be done there; until who writes is proved, nothing is offered here. */}
      <p>
        <a href={`/desk/people/${person.accountId}${isProved ? `?case=${file.row.number}` : ""}`}>
          {t(isProved ? "inbox.account.act" : "inbox.account.see")}
        </a>
      </p>
    </>
  );
}

/** Details that the person says are up to date: in the record by one press, once it is proved who they are. */
function NewDetails({ view, file }: CasePageProps) {
  const { t } = view;
  const { row } = file;
  const given = [row.new_email, row.new_phone].filter((value) => value !== null && value !== "");
  if (given.length === 0) return null;
  return (
    <>
      <h3>{t("inbox.details.title")}</h3>
      {given.map((value) => (
        <p key={value}>
          <Exact>{value}</Exact>
        </p>
      ))}
      {row.details_applied_at !== null ? (
        <p class="hint">{t("inbox.details.applied", { moment: view.moment(row.details_applied_at) })}</p>
      ) : row.identity_proved_at === null || row.account_id === null ? (
        <p class="hint">{t("inbox.details.shut")}</p>
      ) : (
        <CasePress number={row.number} act="apply" label={t("inbox.details.apply")} />
      )}
    </>
  );
}

function AskIdentity({ view, file }: CasePageProps) {
  const { t } = view;
  if (file.waysToProve.length === 0) return <p class="hint">{t("inbox.identity.no-way")}</p>;
  return (
    <>
      <h3>{t("inbox.identity.ask.title")}</h3>
      <p class="hint">{t("inbox.identity.ask.what")}</p>
      {file.waysToProve.map((point) => (
        <CasePress
          key={point.id}
          number={file.row.number}
          act="identity"
          label={t("inbox.identity.ask", { contact: point.shown })}
          fields={{ contact: point.id }}
        />
      ))}
    </>
  );
}

/** Looks for the person, by a GET form, and ties the case to one of those found. */
function Tie({ view, file, found, failed }: CasePageProps) {
  const { t } = view;
  const { row } = file;
  const summary = row.account_id === null ? t("inbox.tie.title") : t("inbox.tie.other");
  return (
    <Details summary={summary} isOpen={found !== null || failed?.form === "person"}>
      <search>
        <form class="form" method="get" action={`/desk/cases/${row.number}`}>
          <TextField
            view={view}
            name="person"
            label={t("inbox.tie.search")}
            hint={t("inbox.tie.hint")}
            value={found?.words ?? row.identifier ?? row.email ?? row.name}
          />
          <QuietButton>{t("inbox.tie.submit")}</QuietButton>
        </form>
      </search>
      {found && found.people.length === 0 && <p class="empty">{t("inbox.tie.none")}</p>}
      {found && found.people.length > 0 && (
        <ul class="items" aria-label={t("inbox.tie.found")}>
          {found.people.map((one) => (
            <li key={one.accountId}>
              <div class="item-words">
                <p class="item-title">
                  <bdi>{one.name}</bdi>
                </p>
                {[...one.identifiers, ...one.contacts].map((line) => (
                  <p key={line} class="hint">
                    <bdi>{line}</bdi>
                  </p>
                ))}
              </div>
              <CasePress
                number={row.number}
                act="tie"
                label={t("inbox.tie.press", { name: one.name })}
                fields={{ account: one.accountId }}
              />
            </li>
          ))}
        </ul>
      )}
      {row.account_id !== null && (
        <CasePress number={row.number} act="tie" label={t("inbox.tie.undo")} fields={{ account: "" }} />
      )}
      {failed?.form === "person" && failed.errors.map(({ message }) => <p key={message}>{message}</p>)}
    </Details>
  );
}

/** What came with the case by itself. It helps, and proves nothing. */
export function Evidence({ view, file }: CasePageProps) {
  const { t } = view;
  return (
    <section class="case-card" aria-labelledby="evidence-title">
      <h2 id="evidence-title">{t("inbox.evidence.title")}</h2>
      <Facts rows={evidenceRows(view, file.evidence)} />
      {file.evidence.incident !== undefined && (
        <p>
          <a href={`/desk/people?q=${encodeURIComponent(file.evidence.incident)}`}>
            {t("inbox.evidence.look-up")}
          </a>
        </p>
      )}
    </section>
  );
}

function evidenceRows(view: View, evidence: EvidenceOf) {
  const { t } = view;
  const { articlesRead = [], diagnosis = [], channel } = evidence;
  const plain: [label: string, value: string | undefined][] = [
    [t("inbox.evidence.at"), view.moment(evidence.at)],
    [t("inbox.evidence.path"), evidence.path],
    [t("inbox.evidence.message"), evidence.messageShown],
    [t("inbox.evidence.incident"), evidence.incident],
    [t("inbox.evidence.browser"), evidence.browser],
    [t("inbox.evidence.device"), evidence.device],
    [
      t("inbox.evidence.channel"),
      channel === "email" || channel === "sms" ? t(`recovery.channel.${channel}`) : channel,
    ],
    [t("inbox.evidence.tried"), evidence.tried],
    [t("inbox.evidence.change"), evidence.recentChange],
    ...diagnosis.map(({ question, answer }): [string, string] => [question, answer]),
  ];
  const rows = plain
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([label, value]) => ({ label, value: <bdi>{value}</bdi> }));
  // Slugs come from a stranger's browser: one that is no slug is shown as text.
  const articles = articlesRead.map((slug) => (
    <p key={slug}>{/^[a-z0-9-]+$/.test(slug) ? <a href={`/help/${slug}`}>{slug}</a> : <bdi>{slug}</bdi>}</p>
  ));
  return articles.length === 0
    ? rows
    : [...rows, { label: t("inbox.evidence.articles"), value: <>{articles}</> }];
}
