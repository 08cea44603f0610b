import { insertingMany } from "../store/many-rows.ts";
import type { JournalRow } from "./journal.store.ts";

/** Lines of many accounts at once, for what happens to a whole registry. */
export const insertManyLines = insertingMany<JournalRow>("journal", {
  id: "text",
  account_id: "text",
  event: "text",
  actor_kind: "text",
  actor_id: "text",
  at: "bigint",
  incident: "text",
  params: "text",
  reason: "text",
  browser: "text",
  source_address: "text",
});
