import Bowser from "bowser";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";

/** What comes with a case by itself; the room of cases keeps it as it is. */
export interface Evidence {
  at: number;
  path?: string;
  messageShown?: string;
  incident?: string;
  browser?: string;
  device?: string;
  channel?: string;
  diagnosis?: { question: string; answer: string }[];
  articlesRead?: string[];
  tried?: string;
  recentChange?: string;
}

/** A form that was opened: what it will send of itself, and the id that its case will have, however often it is sent. */
export interface Draft {
  caseId: string;
  evidence: Evidence;
}

const draftFor = "contact-draft";
/** Sent again within this, a form is the same request. */
const oneCaseFor = 2 * day;
const reference = /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

/** What the address of the form says, and what its request does. */
export interface Seen {
  /** `?incident=`: the reference of a refusal. */
  incident: string;
  /** `?diagnosis=`: what was answered on the way, as the diagnosis wrote it. */
  diagnosis: string;
  /** `?article=`: the article that did not help. */
  article: string;
  /** `?from=`: the page, where the link knows better than the browser says. */
  from: string;
  referer: string | null;
  host: string | null;
  userAgent: string | null;
  browser: string | null;
  locale: string;
}

/**
 * What is known of a trouble without asking: when, where, with what, and what was tried in the help. Gathered when the
 * form is opened, shown before it is sent, and left out if the person wants. Anybody can write an address: of its
 * words only those that the portal knows are taken. Sealed on the way from the form to its sending.
 */
export function createEvidence(deps: {
  clock: Clock;
  ids: Ids;
  keys: Keys;
  /** The questions and answers of a way through the diagnosis, in words of its own. */
  readDiagnosis: (text: string, locale: string) => { question: string; answer: string }[];
}) {
  const { clock, ids, keys } = deps;

  /** What is known when the form is opened. `referer` counts only as a page of this portal, without its secrets. */
  function gather(seen: Seen): Evidence {
    const incident = seen.incident.trim().toUpperCase();
    const path = pathOf(seen.from) ?? refererPath(seen.referer, seen.host);
    const diagnosis = seen.diagnosis === "" ? [] : deps.readDiagnosis(seen.diagnosis, seen.locale);
    const read = [seen.article, /^\/help\/([a-z0-9-]+)$/.exec(path ?? "")?.[1] ?? ""];
    const articlesRead = [...new Set(read.filter((slug) => /^[a-z0-9][a-z0-9-]{0,79}$/.test(slug)))];
    return {
      at: clock.now(),
      ...given("path", path),
      ...given("incident", reference.test(incident) ? incident : null),
      ...given("browser", seen.browser),
      ...given("device", deviceOf(seen.userAgent)),
      ...(diagnosis.length > 0 ? { diagnosis: diagnosis.slice(-12) } : {}),
      ...(articlesRead.length > 0 ? { articlesRead } : {}),
    };
  }

  const newDraft = (evidence: Evidence): Draft => ({ caseId: ids.uuid(), evidence });

  /** For a hidden field of the form. Bound to the browser that opened it. */
  const sealDraft = (draft: Draft, browserId: string) =>
    keys.seal(draftFor, JSON.stringify({ ...draft, browserId }));

  /**
   * Null for a field that was lost, altered, or made in another browser. One that was opened long ago is sent all the
   * same, as a request of its own: nobody comes back with it to a case that lives on without them.
   */
  function readDraft(sealed: string, browserId: string): Draft | null {
    const opened = sealed === "" ? null : keys.open(draftFor, sealed);
    if (opened === null) return null;
    const { caseId, evidence, browserId: madeIn } = JSON.parse(opened) as Draft & { browserId: string };
    if (madeIn !== browserId) return null;
    return { caseId: clock.now() - evidence.at < oneCaseFor ? caseId : ids.uuid(), evidence };
  }

  return { gather, newDraft, sealDraft, readDraft };
}

export type EvidenceRules = ReturnType<typeof createEvidence>;

function given<Name extends keyof Evidence>(name: Name, value: Evidence[Name] | null | undefined) {
  return value === null || value === undefined || value === "" ? {} : { [name]: value };
}

/** A path of this portal: of its query nothing is kept, where tokens may stand. */
function pathOf(typed: string): string | null {
  return /^\/[a-z0-9/-]{0,100}$/.test(typed) ? typed : null;
}

function refererPath(referer: string | null, host: string | null): string | null {
  const from = referer === null ? null : URL.parse(referer);
  if (!from || from.host !== host || from.pathname.startsWith("/contact")) return null;
  return pathOf(from.pathname);
}

/** `mobile`, `tablet` or `desktop`, as the browser says. */
function deviceOf(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const type = Bowser.getParser(userAgent.slice(0, 400)).getPlatformType(true);
  return ["mobile", "tablet", "desktop"].includes(type) ? type : null;
}
