import type { Person } from "../../kernel/caller.ts";
import type { ContactValues, FormMistake } from "./contact-form.ts";

/** An establishment to choose; `about`: its town and its academy. */
export interface ContactPlace {
  id: string;
  name: string;
  about: string;
}

/** What this room needs of the room of schools: handed over in wiring. */
export interface ContactPlaces {
  /** Open schools and academies by their code, or by words of their name. */
  search(typed: string, limit: number): Promise<ContactPlace[]>;
  academies(): Promise<ContactPlace[]>;
  /** The schools that an account belongs to now. */
  ofPerson(accountId: string): Promise<ContactPlace[]>;
  /** What an establishment itself says of a relay, by language; what it does not say comes from above. */
  linesOf(placeId: string, relayId: string): Promise<Record<string, string[]> | null>;
}

/** What is asked beside the establishment that was typed: which of several, which of one's own, or which academy. */
export interface PlaceQuestion {
  which: "match" | "own" | "academy";
  options: ContactPlace[];
  /** The answer so far; empty before there is one. */
  answer: string;
}

/** Not among those: answered by one more question. */
export const notListed = "none";
/** The academy is not known either: the request goes to those who see it everywhere. */
export const notKnown = "unknown";

const shownAtMost = 8;

/** As it is compared and kept. */
export const typedPlace = (values: Pick<ContactValues, "establishment">): string =>
  values.establishment.replaceAll(/\s+/g, " ").trim().slice(0, 150);

/**
 * Where a request belongs. What was typed is looked up: exactly one establishment is taken as it is; of several the
 * person chooses; where none is found, they are asked for the academy, once, and may say that they do not know. Whoever
 * is signed in and typed nothing chooses among their own schools. An answer counts for the words that it was given to:
 * `place-for` carries those, so that other words are looked up again.
 *
 * That there is such a school is no secret; nothing of this looks at anybody but who is signed in (promise 2).
 */
export async function readPlace(
  places: ContactPlaces,
  values: Pick<ContactValues, "establishment" | "place" | "place-for">,
  person: Person | null,
): Promise<{ placeId: string | null; question: PlaceQuestion | null; mistake: FormMistake | null }> {
  const typed = typedPlace(values);
  const answer = typed === values["place-for"] ? values.place : "";
  const found = typed === "" ? await ownOf(places, person) : await places.search(typed, shownAtMost);
  const [only] = found;
  if (typed !== "" && only && found.length === 1) return { placeId: only.id, question: null, mistake: null };

  const isOneOf = (options: ContactPlace[]) => options.some(({ id }) => id === answer);
  if (found.length > 0 && (answer === "" || isOneOf(found))) {
    const question: PlaceQuestion = { which: typed === "" ? "own" : "match", options: found, answer };
    return answer === ""
      ? { placeId: null, question, mistake: { field: "place", refusal: "contact.place.which-missing" } }
      : { placeId: answer, question, mistake: null };
  }
  const academies = await places.academies();
  if (academies.length === 0) return { placeId: null, question: null, mistake: null };
  const question: PlaceQuestion = { which: "academy", options: academies, answer };
  if (answer === notKnown) return { placeId: null, question, mistake: null };
  if (isOneOf(academies)) return { placeId: answer, question, mistake: null };
  return {
    placeId: null,
    question: { ...question, answer: "" },
    mistake: { field: "place", refusal: "contact.place.academy-missing" },
  };
}

const ownOf = (places: ContactPlaces, person: Person | null): Promise<ContactPlace[]> =>
  person === null ? Promise.resolve([]) : places.ofPerson(person.accountId);
