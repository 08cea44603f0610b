import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { afterRestore } from "../../src/operate/backup/after-restore.ts";
import { restoreBackup } from "../../src/operate/backup/restore-backup.ts";
import { writeBackup } from "../../src/operate/backup/write-backup.ts";
import { lockFolder } from "../../src/operate/folder-lock.ts";
import { listTables } from "../../src/store/catalogue.ts";
import { readRows } from "../../src/store/copy-rows.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { createTestDatabase } from "../support/postgres.ts";

type Engine = "sqlite" | "postgres";

const root = findProjectRoot();
const form = {
  email: "lea@example.fr",
  name: "Léa Martin",
  nickname: "lea_m",
  password: "huit-ponts-verts-27",
};

let folder: string;
let source: TestPortal | undefined;
let ending: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "loquet-backup-"));
  ending = [];
});
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A new, empty database. */
async function emptyStore(engine: Engine): Promise<Store> {
  const database = engine === "postgres" ? await createTestDatabase() : null;
  const store = openStore({
    databaseUrl: database && new Secret(database.url),
    dataFolder: mkdtempSync(join(folder, "data-")),
  });
  ending.push(async () => {
    await store.close();
    await database?.drop();
  });
  return store;
}

/** A portal with one confirmed account, one unfinished one, and a mail that has not left. */
async function livedIn(engine: Engine): Promise<TestPortal> {
  source = await startPortal({ engine });
  const first = new PlainBrowser(source.url);
  await first.post("/sign-up", form);
  await first.post("/confirm/code", { code: (await source.messageTo(form.email)).code ?? "" });
  await source.settle();
  const second = new PlainBrowser(source.url);
  await second.post("/sign-up", { ...form, email: "noe@example.fr", nickname: "noe" });
  await source.settle();
  // A request that nobody has resolved, and a mail that has not left.
  source.clock.advance(60_000);
  await second.post("/sign-up/resend", {});
  const invited = {
    email: "ines@example.fr",
    name: "Inès",
    kind: null,
    username: null,
    role: null,
    language: null,
  };
  await source.portal.operator.accounts.create(invited);
  return source;
}

async function backup(portal: TestPortal, file = join(folder, "a.loquet.gz")): Promise<string> {
  const uploadsFolder = join(portal.config.dataFolder, "uploads");
  await writeBackup({ store: portal.portal.store, file, clock: portal.clock, uploadsFolder });
  return file;
}

function restore(store: Store, file: string, portal: TestPortal, uploadsFolder = join(folder, "uploads")) {
  const afterwards = (tx: Parameters<typeof afterRestore>[0]) => afterRestore(tx, portal.clock.now());
  return restoreBackup({ store, file, root, clock: portal.clock, uploadsFolder, afterwards });
}

async function contentOf(store: Store): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {};
  for (const table of await listTables(store)) {
    const rows: unknown[] = [];
    for await (const some of readRows(store, { ...table, columns: [...table.columns].sort() }))
      rows.push(...some);
    content[table.name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return content;
}

const untouched = ["accounts", "identifiers", "contact_points", "journal", "captured_messages", "nicknames"];

const pairs: [Engine, Engine][] = [
  ["sqlite", "sqlite"],
  ["sqlite", "postgres"],
  ["postgres", "sqlite"],
  ["postgres", "postgres"],
];
const available = pairs.filter((pair) => !pair.includes("postgres") || has("postgres"));

describe.each(available)("a backup of %s", (from, to) => {
  test(`restores on ${to} with every row as it was`, async () => {
    const portal = await livedIn(from);
    const before = await contentOf(portal.portal.store);
    const file = await backup(portal);
    const store = await emptyStore(to);
    const restored = await restore(store, file, portal);
    expect(restored.rows).toBeGreaterThan(10);
    const after = await contentOf(store);
    for (const table of untouched) expect(after[table], table).toEqual(before[table]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  test(`restored on ${to}: nobody is signed in, links expire, and what was unsent is held`, async () => {
    const portal = await livedIn(from);
    expect(await portal.portal.operator.outbox.list(10)).toHaveLength(1);
    const file = await backup(portal);
    const store = await emptyStore(to);
    await restore(store, file, portal);
    const { sessions, requests, messages } = await contentOf(store);
    expect(sessions).toEqual([]);
    expect(requests?.filter((row) => String(row).includes("cancelled by a restore"))).toHaveLength(1);
    expect(messages?.filter((row) => /"(queued|sending)"/.test(String(row)))).toEqual([]);
    expect(messages?.filter((row) => String(row).includes('"held"'))).toHaveLength(1);
  });
});

describe("a restore", () => {
  test("expires the links that were sent before it, and the page says so", async () => {
    const portal = await livedIn("sqlite");
    await portal.settle();
    const mail = await portal.messageTo("noe@example.fr");
    const file = await backup(portal);
    const target = mkdtempSync(join(folder, "data-"));
    const store = openStore({ databaseUrl: null, dataFolder: target });
    await restore(store, file, portal);
    await store.close();
    const revived = await startPortal({ change: (config) => ({ ...config, dataFolder: target }) });
    ending.push(revived.close);
    revived.clock.advance(120_000);
    const link = new URL(mail.links.find((found) => found.includes("token=")) ?? "");
    const page = await new PlainBrowser(revived.url).get(link.pathname + link.search);
    expect(page.status).toBe(410);
    expect(page.text).toContain("a expiré");
  });

  test("sends what was held only when it is released", async () => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    const target = mkdtempSync(join(folder, "data-"));
    const store = openStore({ databaseUrl: null, dataFolder: target });
    await restore(store, file, portal);
    await store.close();
    const revived = await startPortal({ change: (config) => ({ ...config, dataFolder: target }) });
    ending.push(revived.close);
    await revived.settle();
    expect(await revived.messages("ines@example.fr")).toEqual([]);
    expect(await revived.portal.operator.outbox.release()).toBe(1);
    expect((await revived.messageTo("ines@example.fr")).subject).not.toBe("");
    expect(await revived.portal.operator.outbox.release()).toBe(0);
  });

  test("refuses a database that holds anything", async () => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    await expect(restore(portal.portal.store, file, portal)).rejects.toThrow("not empty");
  });

  test("brings the uploads back, and refuses a file that leads outside them", async () => {
    const portal = await livedIn("sqlite");
    const uploads = join(portal.config.dataFolder, "uploads");
    mkdirSync(join(uploads, "letters"), { recursive: true });
    writeFileSync(join(uploads, "letters", "é.pdf"), Buffer.alloc(300_000, 7));
    const file = await backup(portal);
    const store = await emptyStore("sqlite");
    const restored = await restore(store, file, portal);
    expect(restored.files).toBe(1);
    expect(readFileSync(join(folder, "uploads", "letters", "é.pdf"))).toEqual(Buffer.alloc(300_000, 7));

    const lines = gunzipSync(readFileSync(file)).toString().replace("letters/é.pdf", "../é.pdf");
    const bad = join(folder, "bad.gz");
    writeFileSync(bad, gzipSync(lines));
    const other = await emptyStore("sqlite");
    await expect(restore(other, bad, portal, join(folder, "others"))).rejects.toThrow("outside the uploads");
    expect(readdirSync(folder)).not.toContain("é.pdf");
    expect(await listTables(other)).toEqual([]);
  });

  const damages: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ["cut short", (bytes) => bytes.subarray(0, bytes.length - 200), /is cut|damaged/],
    ["altered in the middle", (bytes) => flip(bytes, bytes.length >> 1), /damaged|is cut/],
    ["no backup at all", () => Buffer.from("not a backup"), /no backup/],
    ["cut between two lines", (bytes) => gzipSync(firstLines(bytes, 5)), /is cut/],
    ["another program's", () => gzipSync('{"format":"else"}\n'), /no backup/],
    ["missing a row", (bytes) => gzipSync(withoutARow(bytes)), /damaged/],
  ];
  test.each(damages)("of a file that is %s changes nothing, and says so", async (_, damage, sentence) => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    const bad = join(folder, "bad.gz");
    writeFileSync(bad, damage(readFileSync(file)));
    const store = await emptyStore("sqlite");
    await expect(restore(store, bad, portal)).rejects.toThrow(sentence);
    expect(await listTables(store)).toEqual([]);
    await restore(store, file, portal);
  });

  test("of a backup by a newer version is refused", async () => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    const lines = gunzipSync(readFileSync(file)).toString().replace("-ground", "-ground-and-more");
    writeFileSync(file, gzipSync(lines));
    const store = await emptyStore("sqlite");
    await expect(restore(store, file, portal)).rejects.toThrow("newer version");
  });
});

describe("a backup", () => {
  test("is one moment of the database, readable by its owner only, and holds no master secret", async () => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o077).toBe(0);
    const text = gunzipSync(readFileSync(file)).toString();
    expect(text).not.toContain(portal.config.secret.reveal());
    expect(text).not.toContain(form.password);
  });

  test("never replaces a file", async () => {
    const portal = await livedIn("sqlite");
    const file = await backup(portal);
    await expect(backup(portal, file)).rejects.toThrow("exists already");
  });
});

test("one process at a time has a folder, until it lets go of it", () => {
  const lock = lockFolder(folder);
  expect(lock).not.toBeNull();
  expect(lockFolder(folder)).toBeNull();
  lock?.release();
  const again = lockFolder(folder);
  expect(again).not.toBeNull();
  again?.release();
});

function flip(bytes: Buffer, at: number): Buffer {
  const altered = Buffer.from(bytes);
  altered[at] = (altered[at] as number) ^ 0xff;
  return altered;
}

function firstLines(bytes: Buffer, count: number): string {
  return `${gunzipSync(bytes).toString().split("\n").slice(0, count).join("\n")}\n`;
}

function withoutARow(bytes: Buffer): string {
  const lines = gunzipSync(bytes).toString().split("\n");
  lines.splice(
    lines.findIndex((line) => line.startsWith("[")),
    1,
  );
  return lines.join("\n");
}
