import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../src/command-line/run.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { Engine, Store } from "../../src/store/store.ts";
import { createMigratedDatabase } from "./postgres.ts";
import { findFreePort } from "./postgres-server.ts";
import { Program, runProgram } from "./program.ts";

/** A school's registry in the plain format: so many pupils, and a guardian of each. */
export function manyPeople(count: number): string {
  const lines = ["type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;eleves"];
  for (let n = 0; n < count; n++) {
    const digits = String(n % 10_000).padStart(4, "0");
    lines.push(`eleve;E${n};PETIT;Noé;31/05/2012;6${"ABCDEF"[n % 6]};;;`);
    lines.push(`responsable;R${n};ROUX;Ève;;;eve${n}@example.fr;063998${digits};E${n}`);
  }
  return `${lines.join("\n")}\n`;
}

export const tree = "type;code;name;parent\nacademy;ac-test;Académie;\nschool;0752387M;Collège;ac-test\n";

/** A folder and a database of one's own, in which the program is run. */
export async function aProgramFolder(engine: Engine) {
  const folder = mkdtempSync(join(tmpdir(), "loquet-import-"));
  const database = engine === "postgres" ? await createMigratedDatabase() : null;
  const port = await findFreePort();
  const environment = {
    PORT: String(port),
    LOQUET_DATA: join(folder, "data"),
    LOQUET_PRESET: "school",
    LOQUET_DEMO: "0",
    LOQUET_SECRET: "a-secret-of-the-import-test-0123456789-0123456789",
    LOQUET_LOG_LEVEL: "error",
    LOQUET_MAIL_FROM: "no-reply@acces.example.org",
    ...(database ? { DATABASE_URL: database.url } : {}),
  };

  /** Looks into the database beside whatever runs. */
  async function look<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    const store = database
      ? openPostgres(new Secret(database.url), { connections: 2 })
      : openSqlite(join(folder, "data", "loquet.sqlite"));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  /** A command in this very process: only what is killed, or serves, needs one of its own. */
  async function command(words: string[], answer: string | null) {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await runCommand(words, {
      environment,
      say: (line) => out.push(line),
      complain: (line) => err.push(line),
      ask: async () => answer,
      stopAsked: () => new Promise(() => {}),
    });
    return { code, out: out.join("\n"), err: err.join("\n") };
  }

  return {
    environment,
    look,
    /** How many rows of a table, with what may follow its name. */
    count: (table: string) =>
      look(async (store) => {
        const [row] = await store.ask<{ n: number }>(`select count(*) as n from ${table}`, []);
        return Number(row?.n);
      }),
    command: (...words: string[]) => command(words, null),
    /** The same with somebody at the terminal. */
    answering: (answer: string) => ({ command: (...words: string[]) => command(words, answer) }),
    write(name: string, text: string | Buffer): string {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    run: (...words: string[]) => runProgram(words, environment),
    start: (...words: string[]) => new Program(words, environment),
    async close() {
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type ProgramFolder = Awaited<ReturnType<typeof aProgramFolder>>;

/** What an import leaves, without what differs from one run to the next: ids and times. */
export function whatIsThere({ look }: ProgramFolder) {
  return look(async (store) => {
    const rows = (statement: string) => store.ask<object>(statement, []);
    return {
      accounts: await rows(
        `select r.kind, r.record_id, r.gone_at, r.digest, a.status, a.name, s.surname, s.birth_date, c.code as class
          from registry_records r join accounts a on a.id = r.account_id join school_people s on s.account_id = a.id
          join memberships m on m.account_id = a.id left join establishments c on c.id = m.class_id
          order by r.kind, r.record_id`,
      ),
      contacts: await rows(
        `select r.record_id, p.channel, p.address, p.state from contact_points p
          join registry_records r on r.account_id = p.account_id order by r.record_id, p.channel, p.address`,
      ),
      ties: await rows(
        `select g.record_id as guardian, p.record_id as pupil, t.level, t.ended_at from guardianships t
          join registry_records g on g.account_id = t.guardian_id join registry_records p on p.account_id = t.pupil_id
          order by g.record_id, p.record_id`,
      ),
      links: await rows(
        "select guardian_record_id, pupil_record_id, is_tied from registry_links order by 1, 2",
      ),
      identifiers: await rows("select key from identifiers order by key"),
      // One line an account.
      journal: await rows(
        `select r.record_id, count(*) as lines from journal j join registry_records r on r.account_id = j.account_id
          where j.event like 'registry-import.%' group by r.kind, r.record_id order by r.kind, r.record_id`,
      ),
      found: await rows("select count(distinct account_id) as people from people_words"),
    };
  });
}
