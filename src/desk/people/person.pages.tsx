import type { ComponentChildren } from "preact";
import { contactState } from "../../access/account-page/contact-state.tsx";
import { eventWords } from "../../access/account-page/event-words.ts";
import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Details } from "../../ui/notices.tsx";
import type { PagePart } from "../../ui/page-part.ts";
import type { View } from "../../ui/view.ts";
import {
  attemptWords,
  doerWords,
  messageState,
  messageTones,
  messageWords,
  originWords,
  receiptTones,
  receiptWords,
  toneOf,
} from "./people-words.ts";
import type { ContactSeen, PersonCase, PersonSeen, Timeline, TimelineEntry } from "./person.ts";

export interface PersonPageProps {
  view: View;
  staff: Staff;
  person: PersonSeen;
  /** Without it a number can be taken away, and none be put in its place. */
  hasSms: boolean;
  timeline: Timeline;
  /** What other rooms say of them. */
  parts: PagePart[];
  /** Null where this role sees no cases. */
  cases: PersonCase[] | null;
  isNewest: boolean;
}

const pathOf = ({ account }: PersonSeen) => `/desk/people/${account.id}`;

/** One screen: who it is, why they cannot get in, what happened, and what can be done. */
export function PersonPage(props: PersonPageProps) {
  const { view, staff, person } = props;
  const { t } = view;
  const name = person.account.name === "" ? t("people.person.pseudonymised") : person.account.name;
  return (
    <DeskPage view={view} staff={staff} current="people" title={name} heading={<bdi>{name}</bdi>}>
      <div class="person">
        <div class="person-main">
          <Facts rows={factsOf(view, person)} />
          <Section title={t("people.contacts.title")} id="contacts">
            <ItemList
              label={t("people.contacts.title")}
              empty={t("people.contacts.none")}
              items={person.contacts.map((contact) => contactItem(props, contact))}
            />
            {person.may.has("contact.correct") && canCorrect(person) && (
              <LinkList
                links={(props.hasSms ? (["email", "sms"] as const) : (["email"] as const)).map((channel) => ({
                  href: `${pathOf(person)}/contacts/add/${channel}`,
                  label: t(`contacts.add.${channel}`),
                }))}
              />
            )}
          </Section>
          {props.parts.map(({ id, title, content }) => (
            <Section key={id} title={title} id={id}>
              {content}
            </Section>
          ))}
        </div>
        <div class="person-side">
          <Section title={t("people.acts.title")} id="acts">
            <ActLinks view={view} person={person} />
          </Section>
          {props.cases && (
            <Section title={t("people.cases.title")} id="cases">
              <ItemList
                label={t("people.cases.title")}
                empty={t("people.cases.none")}
                items={props.cases.map(({ id, title, state, at }) => ({
                  key: id,
                  title: (
                    <a href={`/desk/cases/${id}`}>
                      <bdi>{title}</bdi>
                    </a>
                  ),
                  lines: [state, view.moment(at)],
                }))}
              />
            </Section>
          )}
        </div>
      </div>
      <Section title={t("people.timeline.title")} id="timeline">
        <TimelineList view={view} entries={props.timeline.entries} />
        <LinkList
          links={[
            ...(props.timeline.older === null
              ? []
              : [
                  {
                    href: `${pathOf(person)}?before=${props.timeline.older}#timeline`,
                    label: t("people.timeline.older"),
                  },
                ]),
            ...(props.isNewest
              ? []
              : [{ href: `${pathOf(person)}#timeline`, label: t("people.timeline.newest") }]),
            { href: "/desk/people", label: t("people.person.back") },
          ]}
        />
      </Section>
    </DeskPage>
  );
}

const canCorrect = ({ account }: PersonSeen) => account.status === "active" || account.status === "pending";

function factsOf(view: View, person: PersonSeen): { label: string; value: ComponentChildren }[] {
  const { t, moment } = view;
  const { account } = person;
  return [
    { label: t("people.person.state"), value: <StateAndWhy view={view} person={person} /> },
    { label: t("account.kind"), value: t(`account.kind.${account.kind}`) },
    {
      label: t("account.identifiers", { count: person.identifiers.length }),
      value: person.identifiers.map((identifier) => (
        <div key={identifier}>
          <Exact>{identifier}</Exact>
        </div>
      )),
    },
    ...(account.nickname === null
      ? []
      : [{ label: t("account.nickname"), value: <Exact>{account.nickname}</Exact> }]),
    { label: t("people.person.created"), value: moment(account.created_at) },
    {
      label: t("people.person.last-sign-in"),
      value:
        person.lastSignInAt === null ? t("people.person.last-sign-in.none") : moment(person.lastSignInAt),
    },
    { label: t("people.person.sessions"), value: person.sessions },
    { label: t("people.person.known-browsers"), value: person.knownBrowsers },
  ];
}

/** The state in a word, and the reason for it in sentences. */
function StateAndWhy({ view, person }: { view: View; person: PersonSeen }) {
  const { t } = view;
  const { account, locks } = person;
  const word = locks.length > 0 && account.status === "active" ? "locked" : account.status;
  return (
    <>
      <Tag tone={toneOf[word]}>{t(`people.state.${word}`)}</Tag>
      {whyOf(view, person).map((sentence) => (
        <p key={sentence} class="hint">
          {sentence}
        </p>
      ))}
    </>
  );
}

function whyOf({ t, moment }: View, person: PersonSeen): string[] {
  const { account, locks, disabled, closed, frozenUntil } = person;
  const why: string[] = locks.flatMap(({ since, until, failures, isKnownBrowser }) => [
    t("people.why.locked", { since: moment(since), until: moment(until), failures }),
    t(isKnownBrowser ? "people.why.locked.known-browser" : "people.why.locked.stranger"),
  ]);
  if (account.status === "pending") {
    const made = moment(account.created_at);
    why.push(
      person.removedAt === null
        ? t("people.why.invited", { moment: made })
        : t("people.why.unfinished", { moment: made, until: moment(person.removedAt) }),
    );
  }
  if (account.status === "disabled") {
    why.push(
      disabled
        ? t("people.why.disabled", { moment: moment(disabled.at), by: doerWords(t, disabled) })
        : t("people.why.disabled.unknown"),
    );
  }
  if (closed) why.push(t("people.why.closed", { moment: moment(closed.at), by: doerWords(t, closed) }));
  if (frozenUntil !== null) why.push(t("people.why.frozen", { moment: moment(frozenUntil) }));
  return why;
}

function contactItem(
  { view, person, hasSms }: Pick<PersonPageProps, "view" | "person" | "hasSms">,
  { point, shown, correction }: ContactSeen,
) {
  const { t, moment } = view;
  const state = contactState(view, point, person.now);
  const isWaiting = correction !== null;
  // The owner's own words for it say "your"; where it comes from stands on the next line.
  const isUsable = point.usable_from === null || point.usable_from <= person.now;
  const isDeclared = point.state === "declared" && point.dead_since === null && isUsable;
  const lines = [
    ...(isWaiting ? [] : [isDeclared ? t("people.contact.unverified") : state.line]),
    originWords(t, point),
    ...(point.dead_reason !== null && point.dead_since !== null && person.seesAll
      ? [t("people.contact.dead-reason", { reason: point.dead_reason })]
      : []),
    ...(correction?.usableFrom
      ? [t("people.contact.waiting", { moment: moment(correction.usableFrom) })]
      : []),
    ...(correction?.replaces ? [t("people.contact.replaces", { contact: correction.replaces })] : []),
    ...(correction?.isYours ? [t("people.contact.own-waiting")] : []),
  ];
  const path = `${pathOf(person)}/contacts/${point.id}`;
  const mayCorrect = person.may.has("contact.correct") && canCorrect(person) && person.frozenUntil === null;
  const mayApprove = isWaiting && !correction.isYours && person.may.has("contact.approve");
  const link = (act: "approve" | "replace" | "remove") => (
    <a href={`${path}/${act}`}>
      {t(`people.contact.${act}`)} <span class="unseen">{shown}</span>
    </a>
  );
  return {
    key: point.id,
    title: <Exact>{shown}</Exact>,
    tag: <Tag tone={state.tone}>{isWaiting ? t("contacts.word.waiting") : state.word}</Tag>,
    lines,
    acts: (mayCorrect || mayApprove) && (
      <>
        {mayApprove && link("approve")}
        {mayCorrect && !isWaiting && (hasSms || point.channel === "email") && link("replace")}
        {mayCorrect && link("remove")}
      </>
    ),
  };
}

function ActLinks({ view, person }: { view: View; person: PersonSeen }) {
  const { t } = view;
  const { account, may } = person;
  const isOpen = account.status === "active";
  const link = (act: string, label: string) => ({ href: `${pathOf(person)}/${act}`, label });
  const links = [
    ...(may.has("account.unlock") && person.locks.length > 0 ? [link("unlock", t("people.act.unlock"))] : []),
    ...(may.has("recovery.send") && person.ways.length > 0
      ? [link("recovery", t(isOpen ? "people.act.recovery" : "people.act.activation"))]
      : []),
    ...(may.has("browser.approve") && isOpen ? [link("browser", t("people.act.browser"))] : []),
    ...(may.has("account.delete-mistyped") && person.isUnused
      ? [link("delete", t("people.act.delete"))]
      : []),
    ...(may.has("account.close") && account.status !== "closed"
      ? [link("close", t("people.act.close"))]
      : []),
  ];
  if (links.length === 0) return <p class="empty">{t("people.acts.none")}</p>;
  return <LinkList label={t("people.acts.title")} links={links} />;
}

/** What happened and what was sent, in one list: a message with its attempts folded beneath it. */
function TimelineList({ view, entries }: { view: View; entries: TimelineEntry[] }) {
  const { t, moment } = view;
  if (entries.length === 0) return <p class="empty">{t("people.timeline.none")}</p>;
  return (
    <ul class="items person-timeline" aria-label={t("people.timeline.title")}>
      {entries.map((entry) => (
        <li key={entry.id}>
          <p class="person-when hint">{moment(entry.at)}</p>
          <div class="item-words">
            {entry.kind === "event" ? (
              <EventWords view={view} entry={entry} />
            ) : (
              <MessageWords view={view} entry={entry} />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function EventWords({ view, entry }: { view: View; entry: Extract<TimelineEntry, { kind: "event" }> }) {
  const { t } = view;
  const by = doerWords(t, entry.doer);
  return (
    <>
      <p class="item-title">{eventWords(t, entry.event, entry.params)}</p>
      <p class="hint">
        {entry.browser === null
          ? t("people.timeline.by", { by })
          : t("people.timeline.by.from", { by, browser: entry.browser })}
        {entry.incident !== null && ` · ${t("people.timeline.incident", { reference: entry.incident })}`}
      </p>
      {entry.reason !== null && <p class="hint">{t("people.timeline.reason", { reason: entry.reason })}</p>}
    </>
  );
}

function MessageWords({ view, entry }: { view: View; entry: Extract<TimelineEntry, { kind: "message" }> }) {
  const { t } = view;
  const { message, shown, attempts, receipt } = entry;
  const what = messageWords(t, message.template);
  return (
    <>
      <p class="item-title">
        {t(`people.timeline.${message.channel}`, { to: shown, what })}{" "}
        {receipt ? (
          <Tag tone={receiptTones[receipt.outcome]}>{t(`people.receipt-word.${receipt.outcome}`)}</Tag>
        ) : (
          <Tag tone={messageTones[message.status]}>{t(`people.message-word.${message.status}`)}</Tag>
        )}
      </p>
      <p class="hint">{messageState(view, message)}</p>
      {receipt && <p class="hint">{receiptWords(view, receipt)}</p>}
      {attempts.length > 0 && (
        <Details summary={t("people.attempts", { count: attempts.length })}>
          <ul class="person-attempts">
            {attempts.map((attempt) => (
              <li key={attempt.id}>{attemptWords(view, attempt)}</li>
            ))}
          </ul>
        </Details>
      )}
    </>
  );
}
