import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import type { By } from "./case-input.ts";
import { addWords, type CaseMessageRow, type CaseRow, insertMessage } from "./cases.store.ts";

/** One message adds no more than this to what a case is found by. */
const wordsAtMost = 400;

/** Writes what is said in a case, and what happens to it. */
export function createCaseTalk({ clock, ids }: { clock: Clock; ids: Ids }) {
  /** What was said; its words are what the case is found by. Answers the id of the message. */
  async function say(
    tx: Tx,
    caseId: string,
    said: Pick<CaseMessageRow, "kind" | "channel" | "body"> &
      Partial<Pick<CaseMessageRow, "author_id" | "author_name" | "quoted" | "mail_id" | "at">>,
  ): Promise<string> {
    const id = ids.uuid();
    await insertMessage(tx, {
      id,
      case_id: caseId,
      kind: said.kind,
      author_id: said.author_id ?? null,
      author_name: said.author_name ?? null,
      channel: said.channel,
      body: said.body,
      quoted: said.quoted ?? null,
      params: null,
      at: said.at ?? clock.now(),
      mail_id: said.mail_id ?? null,
    });
    await indexWords(tx, caseId, said.body);
    return id;
  }

  async function indexWords(tx: Tx, caseId: string, ...texts: (string | null | undefined)[]): Promise<void> {
    const words = new Set(texts.flatMap((text) => (text ? foldWords(text) : [])));
    await addWords(tx, caseId, [...words].slice(0, wordsAtMost));
  }

  /**
   * What happened, for staff: `event` is the key of its words, `cases.event.*`, `params` their values. Who did it
   * is kept beside it.
   */
  async function note(
    tx: Tx,
    caseId: string,
    event: string,
    by: By,
    params: Record<string, string | number> = {},
  ): Promise<void> {
    await insertMessage(tx, {
      id: ids.uuid(),
      case_id: caseId,
      kind: "event",
      author_id: by.kind === "staff" ? by.staff.accountId : null,
      author_name: by.kind === "staff" ? by.staff.name : null,
      channel: by.kind === "staff" ? "desk" : by.kind === "person" ? "form" : "system",
      body: event,
      quoted: null,
      params: JSON.stringify(params),
      at: clock.now(),
      mail_id: null,
    });
  }

  /** What a case is found by from its first moment. */
  function indexCase(tx: Tx, row: CaseRow): Promise<void> {
    // Its number is found whole, and by either half; an address by its parts.
    return indexWords(
      tx,
      row.id,
      row.number.replaceAll("-", ""),
      row.number,
      row.name,
      row.subject,
      row.identifier,
      row.email,
      row.phone,
      row.establishment,
      row.pupil,
      row.pupil_class,
      row.new_email,
      row.new_phone,
      row.incident,
    );
  }

  return { say, note, indexCase };
}

export type CaseTalk = ReturnType<typeof createCaseTalk>;
