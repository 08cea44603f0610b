import type { Case, OpenCase } from "../../src/desk/cases/cases.ts";
import { stranger } from "../../src/journal/journal.ts";
import type { TestPortal } from "./portal.ts";

/** A case as the contact form opens it; `change` says what is special about it. */
export function aCase(portal: TestPortal, change: Partial<OpenCase> = {}): Promise<Case> {
  const { cases, store } = portal.portal;
  return store.transact((tx) =>
    cases.openCase(tx, {
      origin: "form",
      locale: "fr",
      subject: "Je ne reçois rien",
      body: "Bonjour, j’attends le message depuis ce matin.",
      symptom: "mail-not-received",
      kind: "member",
      name: "Léa Martin",
      email: { address: "lea@example.fr", key: "lea@example.fr" },
      phone: null,
      evidence: { at: portal.clock.now(), browser: "Firefox (Linux)", incident: "7KQ2-M9TD" },
      caller: null,
      actor: stranger,
      ...change,
    }),
  );
}

/** The case as it is now. */
export async function caseNow(portal: TestPortal, { id }: Pick<Case, "id">): Promise<Case> {
  const found = await portal.portal.cases.find(portal.portal.store, id);
  if (!found) throw new Error(`The case ${id} is gone.`);
  return found;
}

/** What happened to a case, by the keys of its words, oldest first. */
export async function eventsOf(portal: TestPortal, { id }: Pick<Case, "id">): Promise<string[]> {
  const rows = await portal.portal.store.ask<{ body: string }>(
    "select body from case_messages where case_id = ? and kind = 'event' order by at, id",
    [id],
  );
  return rows.map(({ body }) => body);
}
