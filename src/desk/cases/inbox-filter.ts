import { type Kind, kindsOfPerson } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";

/**
 * What the inbox is asked for, as it stands in the address line: a view, filters, words, and where to go on. Whatever
 * somebody writes there by hand is read as far as it makes sense, and the rest is left out.
 */
export const inboxViews = ["mine", "team", "unassigned", "late", "all"] as const;
export type InboxView = (typeof inboxViews)[number];

/** `live`: open or waiting for the person. */
export const inboxStates = ["live", "open", "waiting", "solved", "closed", "any"] as const;
export type InboxState = (typeof inboxStates)[number];

/** A state that is listed: one that was merged is found by its number only. */
export type ListedStatus = "open" | "waiting" | "solved" | "closed";

/** Ordered by what is due next, for live cases, or by what happened last, the newest first. */
export type InboxOrder = "due" | "recent";

export interface InboxFilter {
  view: InboxView;
  state: InboxState;
  relay: string | null;
  symptom: Symptom | null;
  kind: Kind | null;
  /** Account of the staff member it is assigned to. */
  assignee: string | null;
  /** Where it stands: a school, or an academy with its schools. */
  establishment: string | null;
  /** As typed. */
  words: string;
  /** Where the page before ended. */
  after: InboxCursor | null;
}

export interface InboxCursor {
  key: number;
  id: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const longestQuery = 200;

/** Cases that are late or nobody's are live by definition; « all » means all unless a state is chosen. */
const stateOf = (view: InboxView, hasWords: boolean): InboxState =>
  view === "all" || hasWords ? "any" : "live";

export const isLive = (state: InboxState) => state === "live" || state === "open" || state === "waiting";

/** States that can be chosen in a view. */
export function statesOf(view: InboxView): readonly InboxState[] {
  return view === "late" || view === "unassigned" ? inboxStates.filter(isLive) : inboxStates;
}

/** `query(name)` answers a value of the address line, "" when absent. */
export function readFilter(query: (name: string) => string): InboxFilter {
  const words = query("q").trim().slice(0, longestQuery);
  // Words are looked for in everything one may see, unless a view is named.
  const view = oneOf(inboxViews, query("view")) ?? (words === "" ? "team" : "all");
  const state = oneOf(statesOf(view), query("state")) ?? stateOf(view, words !== "");
  const assignee = query("assignee");
  const establishment = query("establishment");
  const relay = query("relay");
  return {
    view,
    state,
    relay: /^[a-z][a-z0-9-]{0,39}$/.test(relay) ? relay : null,
    symptom: oneOf(symptoms, query("symptom")),
    kind: oneOf(kindsOfPerson, query("kind")),
    assignee: uuid.test(assignee) ? assignee : null,
    establishment: uuid.test(establishment) ? establishment : null,
    words,
    after: readCursor(query("after")),
  };
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value | null {
  return values.find((value) => value === text) ?? null;
}

function readCursor(text: string): InboxCursor | null {
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(text);
  return match && uuid.test(match[2] as string) ? { key: Number(match[1]), id: match[2] as string } : null;
}

/** The same filter as the query of an address, without `?`; what says nothing is left out. */
export function writeFilter(filter: InboxFilter, change: Partial<InboxFilter> = {}): string {
  const { after = null, ...rest } = { ...filter, after: null, ...change };
  const query = new URLSearchParams();
  query.set("view", rest.view);
  if (rest.state !== stateOf(rest.view, rest.words !== "")) query.set("state", rest.state);
  for (const name of ["relay", "symptom", "kind", "assignee", "establishment"] as const) {
    const value = rest[name];
    if (value !== null) query.set(name, value);
  }
  if (rest.words !== "") query.set("q", rest.words);
  if (after !== null) query.set("after", `${after.key}.${after.id}`);
  return query.toString();
}

/** True where something beside the view narrows the list. */
export function isNarrowed(filter: InboxFilter): boolean {
  const { relay, symptom, kind, assignee, establishment, words, view, state } = filter;
  return (
    [relay, symptom, kind, assignee, establishment].some((value) => value !== null) ||
    words !== "" ||
    state !== stateOf(view, false)
  );
}

/** Live cases by what is due next, the others by what happened last. */
export function orderOf({ state }: Pick<InboxFilter, "state">): InboxOrder {
  return state === "live" || state === "open" || state === "waiting" ? "due" : "recent";
}

export function statusesOf({ view, state }: Pick<InboxFilter, "view" | "state">): ListedStatus[] {
  // What waits for the person is never late.
  if (view === "late") return ["open"];
  if (!statesOf(view).includes(state)) return ["open", "waiting"];
  if (state === "live") return ["open", "waiting"];
  return state === "any" ? ["open", "waiting", "solved", "closed"] : [state];
}
