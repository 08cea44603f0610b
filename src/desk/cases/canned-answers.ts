import type { Preset } from "../../config/preset.ts";
import type { MessageKey, Translations } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import * as rows from "./canned-answers.store.ts";
import type { CaseRow } from "./cases.store.ts";
import { relayName } from "./routing.ts";

/**
 * Canned answers: what is said often, once well written, with places that are filled in from the case. A few come with
 * the portal in every language; the others are a relay's own, or everybody's.
 *
 * Tables: canned_answers. Settings: languages.offered, relays.
 * Refusals: canned-answers.title-missing, .body-missing, .placeholder-unknown, .language-unknown, .relay-unknown,
 * .too-many.
 */
export type CannedAnswers = ReturnType<typeof createCannedAnswers>;

/** An answer to choose, already filled in for one case. */
export interface OfferedAnswer {
  id: string;
  title: string;
  text: string;
}

export interface CannedForm {
  relay: string | null;
  locale: string;
  title: string;
  body: string;
}

export interface CannedRefusal {
  field: "relay" | "locale" | "title" | "body";
  refusal: `canned-answers.${string}`;
  /** What is not a placeholder. */
  placeholder?: string;
}

/**
 * What can be filled in: the person's name, the number of the case, the name of the relay. Never its link: staff must
 * not hold it (promise 7), and every mail of a case has its button.
 */
export const placeholders = ["name", "number", "relay"] as const;
type Placeholder = (typeof placeholders)[number];

const shipped = ["look-in-spam", "which-address", "identity", "unlocked", "sms", "all-well"] as const;
const cannedAtMost = 300;
const longestTitle = 80;
const longestBody = 4000;
const place = /\{([^{}\s]{1,40})\}/g;

export function createCannedAnswers(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "languages" | "relays">;
  translations: Translations;
  /** The relays whose cases this member of staff sees. */
  reach: (staff: Staff) => string[];
}) {
  const { store, clock, ids, preset } = deps;

  /** Those for this case, in the language of the person, filled in. */
  async function offer(row: CaseRow): Promise<OfferedAnswer[]> {
    const own = (await rows.listCanned(store)).filter(
      ({ relay, locale }) => locale === row.locale && (relay === null || relay === row.relay),
    );
    const all = [...own.map(({ id, title, body }) => ({ id, title, body })), ...shippedIn(row.locale)];
    const values = valuesOf(row);
    return all.map(({ id, title, body }) => ({ id, title, text: fillIn(body, values) }));
  }

  function valuesOf(row: CaseRow): PlaceValues {
    const relay = preset.relays.find(({ id }) => id === row.relay);
    return {
      // Until the address is known to be theirs, no word of the writer's is mailed there (promise 2).
      name: row.email_confirmed_at === null ? "" : row.name,
      number: row.number,
      // In answers that were written when this could be filled in.
      link: deps.translations.to(row.locale)("canned-answers.link-in-mail"),
      relay: relay ? relayName(relay, row.locale) : row.relay,
    };
  }

  /** Those that come with the portal. Their placeholders are kept as they are. */
  function shippedIn(locale: string) {
    const t = deps.translations.to(locale);
    const kept = Object.fromEntries(placeholders.map((name) => [name, `{${name}}`]));
    return shipped.map((id) => ({
      id,
      title: t(`canned-answers.shipped.${id}.title` as MessageKey),
      body: t(`canned-answers.shipped.${id}.body` as MessageKey, kept),
    }));
  }

  /** Those that this member of staff may change: of their own relays, and of everybody. */
  async function list(staff: Staff): Promise<rows.CannedRow[]> {
    return (await rows.listCanned(store)).filter(({ relay }) => mayEdit(staff, relay));
  }

  async function find(staff: Staff, id: string): Promise<rows.CannedRow | null> {
    const row = await rows.findCanned(store, id);
    return row && mayEdit(staff, row.relay) ? row : null;
  }

  const mayEdit = (staff: Staff, relay: string | null) => relay === null || deps.reach(staff).includes(relay);

  function refusalsOf(staff: Staff, form: CannedForm): CannedRefusal[] {
    const found: CannedRefusal[] = [];
    if (!mayEdit(staff, form.relay)) found.push({ field: "relay", refusal: "canned-answers.relay-unknown" });
    if (!preset.languages.offered.includes(form.locale)) {
      found.push({ field: "locale", refusal: "canned-answers.language-unknown" });
    }
    if (form.title.trim() === "") found.push({ field: "title", refusal: "canned-answers.title-missing" });
    if (form.body.trim() === "") found.push({ field: "body", refusal: "canned-answers.body-missing" });
    const unknown = [...form.body.matchAll(place)].map((match) => match[1] as string).find(isUnknown);
    if (unknown !== undefined) {
      found.push({
        field: "body",
        refusal: "canned-answers.placeholder-unknown",
        placeholder: `{${unknown}}`,
      });
    }
    return found;
  }

  /** Writes a new one (`id` null), or changes one. Null for one that they may not change. */
  async function save(staff: Staff, id: string | null, form: CannedForm) {
    const fields = refusalsOf(staff, form);
    if (fields.length > 0) return { ok: false as const, fields };
    return store.transact(async (tx) => {
      const change = {
        relay: form.relay,
        locale: form.locale,
        title: form.title.trim().replaceAll(/\s+/g, " ").slice(0, longestTitle),
        body: form.body.replaceAll("\r\n", "\n").trim().slice(0, longestBody),
        changed_at: clock.now(),
        changed_by: staff.accountId,
      };
      if (id === null) {
        if ((await rows.listCanned(tx)).length >= cannedAtMost) {
          const full: CannedRefusal = { field: "title", refusal: "canned-answers.too-many" };
          return { ok: false as const, fields: [full] };
        }
        await rows.insertCanned(tx, { id: ids.uuid(), ...change });
        return done;
      }
      const row = await rows.findCanned(tx, id);
      if (!row || !mayEdit(staff, row.relay)) return null;
      await rows.updateCanned(tx, id, change);
      return done;
    });
  }

  /** False for one that they may not change. */
  async function remove(staff: Staff, id: string): Promise<boolean> {
    return store.transact(async (tx) => {
      const row = await rows.findCanned(tx, id);
      if (!row || !mayEdit(staff, row.relay)) return false;
      await rows.removeCanned(tx, id);
      return true;
    });
  }

  return { offer, list, find, save, remove, shippedIn };
}

const isUnknown = (name: string) => !placeholders.some((known) => known === name);

type PlaceValues = Record<Placeholder | "link", string>;

/** Fills in what is known; what is empty goes with the space before it, and anything else in braces stays as it is. */
export function fillIn(body: string, values: PlaceValues): string {
  return body.replaceAll(/([^\S\n]?)\{([^{}\s]{1,40})\}/g, (whole, space: string, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    const value = values[name as keyof PlaceValues];
    return value === "" ? "" : space + value;
  });
}
