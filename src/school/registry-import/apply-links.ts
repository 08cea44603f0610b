import type { Tx } from "../../store/store.ts";
import type { LinkRow } from "./import-rows.store.ts";
import { pupilsByName } from "./plan.ts";
import {
  endGuardianship,
  findRecords,
  type GuardianshipRow,
  putGuardianships,
  putLinks,
  type RegistryLinkRow,
  removeLinks,
} from "./registry.store.ts";

type Link = Omit<RegistryLinkRow, "is_tied">;

/**
 * Keeps who answers for whom, as a registry says it, and makes guardianships of it where both are known. The others
 * wait: files may come in any order. `denied_at` of a guardianship stays, whatever the registry says.
 */
export async function tieLinks(tx: Tx, links: Link[], now: number): Promise<void> {
  for (const ofSchool of bySchool(links)) {
    const establishment_id = ofSchool[0]?.establishment_id as string;
    const byName = ofSchool.some(isNamed) ? await pupilsByName(tx, null, establishment_id) : null;
    const told = ofSchool.map((link) => {
      const recordId = isNamed(link) ? byName?.get(link.pupil_record_id) : undefined;
      return { link, named: recordId ? { ...link, pupil_record_id: recordId } : link };
    });
    const guardians = await findRecords(tx, { establishment_id, kind: "guardian" }, [
      ...new Set(ofSchool.map((link) => link.guardian_record_id)),
    ]);
    const pupils = await findRecords(tx, { establishment_id, kind: "pupil" }, [
      ...new Set(told.map(({ named }) => named.pupil_record_id)),
    ]);
    const rows: RegistryLinkRow[] = [];
    const ties = new Map<string, GuardianshipRow>();
    for (const { named } of told) {
      const guardian = guardians.get(named.guardian_record_id);
      const pupil = pupils.get(named.pupil_record_id);
      const isTied = guardian?.gone_at === null && pupil?.gone_at === null;
      rows.push({ ...only(named), is_tied: isTied ? 1 : 0 });
      if (!isTied) continue;
      const tie = guardianshipRow(guardian.account_id, pupil.account_id, named, now);
      const key = `${tie.guardian_id} ${tie.pupil_id}`;
      // Of two records that say it, the stronger one counts.
      const other = ties.get(key);
      if (!other || tie.level < other.level) ties.set(key, tie);
    }
    await removeLinks(
      tx,
      establishment_id,
      told.filter(({ link, named }) => link !== named).map(({ link }) => link),
    );
    await putLinks(tx, [
      ...new Map(rows.map((row) => [`${row.guardian_record_id} ${row.pupil_record_id}`, row])).values(),
    ]);
    await putGuardianships(tx, [...ties.values()]);
  }
}

/** Ends what was made of links that the registry has not any more. */
export async function endLinks(tx: Tx, links: LinkRow[], now: number): Promise<void> {
  for (const ofSchool of bySchool(links)) {
    const establishmentId = ofSchool[0]?.establishment_id as string;
    const find = (kind: "guardian" | "pupil", ids: string[]) =>
      findRecords(tx, { establishment_id: establishmentId, kind }, [...new Set(ids)]);
    const guardians = await find(
      "guardian",
      ofSchool.map((link) => link.guardian_record_id),
    );
    const pupils = await find(
      "pupil",
      ofSchool.map((link) => link.pupil_record_id),
    );
    await removeLinks(tx, establishmentId, ofSchool);
    for (const link of ofSchool) {
      const guardian = guardians.get(link.guardian_record_id);
      const pupil = pupils.get(link.pupil_record_id);
      if (!guardian || !pupil) continue;
      const tie = { guardianId: guardian.account_id, pupilId: pupil.account_id, establishmentId, at: now };
      await endGuardianship(tx, tie);
    }
  }
}

const isNamed = (link: Link) => link.pupil_record_id.startsWith("name:");

const only = ({ establishment_id, guardian_record_id, pupil_record_id, level, kinship }: Link): Link => ({
  establishment_id,
  guardian_record_id,
  pupil_record_id,
  level,
  kinship,
});

const guardianshipRow = (guardianId: string, pupilId: string, link: Link, now: number): GuardianshipRow => ({
  guardian_id: guardianId,
  pupil_id: pupilId,
  establishment_id: link.establishment_id,
  level: link.level,
  kinship: link.kinship,
  since: now,
  ended_at: null,
  denied_at: null,
});

function bySchool<Row extends Link>(links: Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const link of links) {
    const group = groups.get(link.establishment_id) ?? [];
    group.push(link);
    groups.set(link.establishment_id, group);
  }
  return [...groups.values()];
}
