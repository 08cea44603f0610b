import type { Asked, Db, Tx } from "../../store/store.ts";

/** A school as far as an import needs it. */
export interface KnownSchool {
  id: string;
  parent_id: string | null;
  type: string;
  code: string;
  name: string;
  closed_at: number | null;
}

export interface SchoolMembership {
  account_id: string;
  establishment_id: string;
  class_id: string | null;
  left_at: number | null;
}

export interface SchoolPerson {
  account_id: string;
  surname: string;
  first_name: string;
  birth_date: string | null;
  postal: string | null;
  accepts_sms: number | null;
}

/** What an import needs of the establishments, whose tables are theirs. */
export interface Schools {
  findByCode(db: Db, code: string): Promise<KnownSchool | null>;
  findMany(db: Asked, ids: readonly string[]): Promise<Map<string, KnownSchool>>;
  /** Every class of these schools, closed or not. */
  classesOfMany(db: Asked, schoolIds: readonly string[]): Promise<KnownSchool[]>;
  /** Makes or opens classes; answers their ids by `classKey`. */
  ensureClasses(
    tx: Tx,
    classes: readonly { schoolId: string; code: string; name: string }[],
    made: { uuid: () => string; now: number },
  ): Promise<Map<string, string>>;
  classKey(schoolId: string, code: string): string;
  putMemberships(
    tx: Tx,
    rows: readonly {
      account_id: string;
      establishment_id: string;
      kind: "pupil" | "guardian";
      class_id: string | null;
      since: number;
    }[],
  ): Promise<void>;
  leaveMemberships(tx: Tx, establishmentId: string, accountIds: readonly string[], at: number): Promise<void>;
  /** Those who left included. */
  membershipsOfMany(db: Asked, accountIds: readonly string[]): Promise<SchoolMembership[]>;
  putPeople(tx: Tx, rows: readonly SchoolPerson[]): Promise<void>;
  findPeople(db: Asked, accountIds: readonly string[]): Promise<Map<string, SchoolPerson>>;
}
