import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** The database that the configuration names. */
export function openStore(config: Pick<Config, "databaseUrl" | "dataFolder">): Store {
  if (config.databaseUrl) return openPostgres(config.databaseUrl, { connections: 10 });
  return openSqlite(join(config.dataFolder, "loquet.sqlite"));
}
