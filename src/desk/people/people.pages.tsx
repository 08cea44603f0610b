import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import {
  type AddressTruth,
  type PeopleFound,
  type PeopleState,
  type PersonLine,
  peopleStates,
} from "./people.ts";
import { messageState, messageTones, messageWords, stateOf, toneOf } from "./people-words.ts";

export interface PeoplePageProps {
  view: View;
  staff: Staff;
  typed: string;
  state: PeopleState;
  isFirst: boolean;
  found: Extract<PeopleFound, { ok: true }>;
  /** Where people belong, by account. */
  places: ReadonlyMap<string, string[]>;
  /** An address or number of a person as this role may see it. */
  shownOf: (account: PersonLine["account"], contact: { channel: "email" | "sms"; address: string }) => string;
}

const path = "/desk/people";

const linkOf = (typed: string, state: PeopleState, after?: string): string => {
  const query = new URLSearchParams({ q: typed, state, ...(after === undefined ? {} : { after }) });
  return `${path}?${query}`;
};

/** Finding a person: one GET form, so that a search can be kept and sent on; with script it answers as one types. */
export function PeoplePage(props: PeoplePageProps) {
  const { view, staff, typed, state } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="people" title={t("people.title")}>
      <search>
        <form
          class="search-form people-search"
          method="get"
          action={path}
          data-people-search="people-results"
        >
          <TextField
            view={view}
            name="q"
            label={t("people.search.label")}
            hint={t("people.search.hint")}
            value={typed}
            autocomplete="off"
          />
          <SelectField
            view={view}
            name="state"
            label={t("people.search.state")}
            options={peopleStates.map((value) => ({ value, label: t(`people.state.${value}`) }))}
            value={state}
          />
          <Button>{t("people.search.submit")}</Button>
        </form>
      </search>
      {/* Outside of what is replaced: only what changes in a place that stays is read out. */}
      <p id="people-count" class="unseen" role="status">
        {props.found.asked === "people" &&
          t("people.search.count", { count: props.found.people.length + props.found.near.length })}
      </p>
      <div id="people-results" class="people-results">
        <Results {...props} />
      </div>
      {staff.may.has("person.invite") && (
        <LinkList links={[{ href: `${path}/invite`, label: t("people.invite.title") }]} />
      )}
    </DeskPage>
  );
}

function Results(props: PeoplePageProps) {
  const { view, found, typed, state } = props;
  const { t } = view;
  if (found.asked !== "people") {
    const words = found.asked === "nothing" ? "people.search.start" : "people.search.too-little";
    return <p class="empty">{t(words)}</p>;
  }
  const { people, near, next, address } = found;
  const isNobody = people.length === 0 && near.length === 0 && address === null && next === null;
  const links = [
    ...(next === null
      ? []
      : [
          {
            href: linkOf(typed, state, next),
            label: t(found.isPartial ? "people.search.further" : "people.search.next"),
          },
        ]),
    ...(props.isFirst ? [] : [{ href: linkOf(typed, state), label: t("people.search.first") }]),
  ];
  return (
    <>
      {address !== null && <AddressCard view={view} address={address} hasNear={near.length > 0} />}
      {isNobody && <p class="empty">{t("people.search.none")}</p>}
      {people.length > 0 && <PeopleList {...props} people={people} label={t("people.search.results")} />}
      {found.isPartial && <p class="hint">{t("people.search.partial")}</p>}
      {near.length > 0 && (
        <Section title={t("people.search.near.title")} id="near">
          <p class="hint">{t("people.search.near.what")}</p>
          <PeopleList {...props} people={near} label={t("people.search.near.title")} />
        </Section>
      )}
      {links.length > 0 && <LinkList links={links} />}
    </>
  );
}

function PeopleList({
  view,
  people,
  label,
  places,
  shownOf,
}: Pick<PeoplePageProps, "view" | "places" | "shownOf"> & { people: PersonLine[]; label: string }) {
  const { t } = view;
  return (
    <ItemList
      label={label}
      empty={t("people.search.none")}
      items={people.map((person) => {
        const { account, identifiers, contacts } = person;
        const word = stateOf(person);
        const usernames = identifiers.flatMap(({ kind, shown }) => (kind === "username" ? [shown] : []));
        const reached = contacts.map((contact) => shownOf(account, contact));
        return {
          key: account.id,
          title: (
            <a href={`${path}/${account.id}`}>
              <bdi>{account.name === "" ? t("people.person.pseudonymised") : account.name}</bdi>
            </a>
          ),
          tag: (
            <>
              <Tag tone={toneOf[word]}>{t(`people.state.${word}`)}</Tag>{" "}
              <Tag>{t(`account.kind.${account.kind}`)}</Tag>
            </>
          ),
          lines: [
            ...(places.get(account.id) ?? []).map((place) => <bdi key={place}>{place}</bdi>),
            <span key="by" class="people-found-by">
              {[...usernames, ...(account.nickname === null ? [] : [account.nickname]), ...reached].map(
                (shown) => (
                  <bdi key={shown}>{shown}</bdi>
                ),
              )}
            </span>,
          ],
        };
      })}
    />
  );
}

/** An address or number at which nobody is to be helped: what happened there, so that the caller is told the truth. */
function AddressCard({ view, address, hasNear }: { view: View; address: AddressTruth; hasNear: boolean }) {
  const { t, moment } = view;
  const { channel, isHeld, removed, suppression, messages } = address;
  const title = t(isHeld ? `people.address.held.${channel}` : `people.address.title.${channel}`);
  const words = removed && (removed.reason === "refused" ? "refused" : "unfinished");
  return (
    <Notice view={view} tone="careful" title={title}>
      <p>
        <Exact>{address.address}</Exact>
      </p>
      {isHeld && <p>{t("people.address.held.next")}</p>}
      {hasNear && <p>{t("people.address.near")}</p>}
      {removed && words && (
        <p>{t(`people.address.removed.${words}`, { moment: moment(removed.removed_at) })}</p>
      )}
      {suppression && (
        <p>
          {t("people.address.suppressed", { moment: moment(suppression.since), reason: suppression.reason })}
        </p>
      )}
      {messages.length === 0 ? (
        <p>{t("people.address.no-messages")}</p>
      ) : (
        <>
          <p>{t("people.address.messages")}</p>
          <ItemList
            label={t("people.address.messages")}
            empty={t("people.address.no-messages")}
            items={messages.map((message) => ({
              key: message.id,
              title: t(`people.address.message.${message.channel}`, {
                what: messageWords(t, message.template),
              }),
              tag: (
                <Tag tone={messageTones[message.status]}>{t(`people.message-word.${message.status}`)}</Tag>
              ),
              lines: [messageState(view, message)],
            }))}
          />
        </>
      )}
    </Notice>
  );
}
