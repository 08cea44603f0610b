import { readFileSync } from "node:fs";
import { listGranted } from "../src/desk/roles/roles.store.ts";
import { createDayOf } from "../src/i18n/moment.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import { keptOf } from "../src/school/families/joins.store.ts";
import { createSameGuardian } from "../src/school/families/same-guardian.ts";
import { makeIdentifiers } from "../src/school/identifiers/identifiers.ts";
import { keepMemorySmall, operator } from "../src/school/registry-import/import-files.ts";
import { sourceOfFile } from "../src/school/registry-import/read/source.ts";
import { createRegistryImport } from "../src/school/registry-import/registry-import.ts";
import { openPostgres } from "../src/store/postgres.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import { importedSchools } from "../src/wiring/imported-schools.ts";

/**
 * A process of its own, as the command line is, so that its memory is measured alone: loads a registry's file, and says
 * in JSON how long it took and how much memory it had at most: in all, and its own alone (without the files it maps).
 */
const [database = "", path = ""] = process.argv.slice(2);
const store = database.startsWith("postgres")
  ? openPostgres(new Secret(database), { connections: 4 })
  : openSqlite(database);

let ownMegabytes = 0;
let allMegabytes = 0;
function lookAtMemory(): void {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  ownMegabytes = Math.max(ownMegabytes, of("RssAnon"));
  allMegabytes = Math.max(allMegabytes, of("VmRSS"));
}
const watch = setInterval(lookAtMemory, 200);
lookAtMemory();

const keepNoMore = await keepMemorySmall(store);
const clock = systemClock;
const ids = createIds(clock, systemRandom);
const unused = () => Promise.reject(new Error("not needed to load a registry"));
const sameGuardian = createSameGuardian({
  store,
  ids,
  join: unused,
  findAccount: unused,
  lastInAt: unused,
  wake: () => {},
});
const registry = createRegistryImport({
  store,
  clock,
  ids,
  schools: importedSchools(sameGuardian.namesPut),
  // As in a portal: asked of every batch, though none of these people joined accounts or works on the desk.
  holdersOf: async (tx, accountIds) =>
    new Map((await keptOf(tx, accountIds)).map(({ joined_id, kept_id }) => [joined_id, kept_id])),
  staffAmong: (db, accountIds) => listGranted(db, accountIds, clock.now()),
  locale: "fr",
  phoneCountry: "FR",
  makeIdentifiers,
  warnOfContact: async () => {},
  endRequests: async () => {},
  dayOf: createDayOf("Europe/Paris"),
  recordApplied: async () => {},
  onFault: (cause) => {
    throw cause;
  },
  wake: () => {},
});
const startedAt = performance.now();
const spent: Record<string, number> = {};
let lookedAt = startedAt;
function spend(on: string): void {
  const now = performance.now();
  spent[on] = (spent[on] ?? 0) + (now - lookedAt) / 1000;
  lookedAt = now;
}

const { id } = await registry.read(operator, { sources: [sourceOfFile(path)], schoolCode: null });
spend("read");
await registry.apply(operator, id, { marksGone: true });
for (let rows = 1; rows > 0; ) {
  const [row] = await store.ask<{ phase: string }>("select phase from imports where id = ?", [id]);
  rows = await registry.applyNext(id);
  spend(row?.phase ?? "");
}
const seconds = (performance.now() - startedAt) / 1000;
clearInterval(watch);
keepNoMore();
lookAtMemory();
const report = await registry.see(operator, id);
await store.close();
const { user, system } = process.cpuUsage();
process.stdout.write(
  JSON.stringify({
    status: report?.status,
    refusal: report?.refusal,
    counts: report?.counts,
    seconds,
    spent,
    cpuSeconds: (user + system) / 1e6,
    ownMegabytes,
    allMegabytes,
  }),
);
