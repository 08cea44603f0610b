import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { appliedMigrations, knownMigrations, migrate } from "../store/migrate.ts";
import { openStore } from "../store/open.ts";
import type { Db, Store } from "../store/store.ts";
import { uploadsOf, writeBackup } from "./backup/write-backup.ts";
import * as marks from "./marks.store.ts";

export interface Preparation {
  config: Config;
  root: string;
  clock: Clock;
  /** False for a command that runs beside a server: changing the schema under it would break it. */
  mayMigrate: boolean;
  hasAccounts: (db: Db) => Promise<boolean>;
  /** Told where the backup lies that was made before a migration. */
  onBackup: (file: string) => void;
}

/**
 * Opens the database and brings it to this program's schema, after a backup if there is something to lose.
 * Refuses with a `Fault`, whose message is for the operator: a database of a newer version, invented people
 * anywhere but in a trial, and a trial on real people's data.
 */
export async function prepareDatabase(preparation: Preparation): Promise<Store> {
  const { config, root, clock } = preparation;
  const store = openStore(config);
  try {
    await update(store, preparation);
    await checkDemoMark(store, preparation);
    return store;
  } catch (cause) {
    await store.close();
    throw cause;
  }

  async function update(opened: Store, { mayMigrate, onBackup }: Preparation): Promise<void> {
    const known = knownMigrations(root);
    const applied = await appliedMigrations(opened);
    const isNewer = applied.some((name) => !known.includes(name));
    const pending = known.filter((name) => !applied.includes(name));
    if (pending.length === 0 && !isNewer) return;
    if (!isNewer && applied.length > 0) {
      if (!mayMigrate) {
        throw new Fault(
          "The database waits for a migration, and a server is using it: stop the server, then type: loquet migrate",
        );
      }
      const file = join(config.dataFolder, "backups", `before-${pending[0]}-${clock.now()}.loquet.gz`);
      await writeBackup({ store: opened, file, clock, uploadsFolder: uploadsOf(config) });
      onBackup(file);
    }
    // Also refuses, with its own sentence, what a newer version wrote.
    await migrate(opened, root, clock);
  }
}

/** Invented people have printed passwords: their database opens nowhere else, and no other database as theirs. */
async function checkDemoMark(store: Store, { config, clock, hasAccounts }: Preparation): Promise<void> {
  const isMarked = (await marks.readMark(store, "demo")) !== null;
  if (isMarked === config.isDemo) return;
  if (isMarked) {
    throw new Fault(
      "This database holds the invented people of a trial, whose passwords are public. Start with another LOQUET_DATA or DATABASE_URL, or with LOQUET_DEMO=1 on loopback.",
    );
  }
  if (await hasAccounts(store)) {
    throw new Fault(
      "LOQUET_DEMO: this database holds real people, and a trial would show their messages. Set LOQUET_DEMO=0, or give the trial another LOQUET_DATA or DATABASE_URL.",
    );
  }
  await store.transact((tx) => marks.setMark(tx, "demo", String(clock.now())));
}
