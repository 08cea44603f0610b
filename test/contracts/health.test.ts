import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { createLog } from "../../src/operate/log.ts";
import { prepareDatabase } from "../../src/operate/prepare-database.ts";
import { appliedMigrations } from "../../src/store/migrate.ts";
import { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

let portal: TestPortal | undefined;
let folder = "";
afterEach(async () => {
  await portal?.close();
  portal = undefined;
  if (folder) rmSync(folder, { recursive: true, force: true });
  folder = "";
});

const token = "a-token-that-only-monitoring-knows";
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${portal?.url}${path}`, { headers });

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`health on ${engine}`, () => {
    test("a portal that can serve says so, and one that cannot says what is missing", async () => {
      portal = await startPortal({ engine });
      expect((await ask("/healthz")).status).toBe(200);
      expect(await (await ask("/readyz")).json()).toEqual({ status: "ready" });
      const { store } = portal.portal;
      await store.transact((tx) => sql`delete from migrations`.execute(tx.tables()));
      const behind = await ask("/readyz");
      expect(behind.status).toBe(503);
      expect(await behind.json()).toEqual({ status: "not ready", faults: ["migrations"] });
      await store.close();
      const away = await ask("/readyz");
      expect(away.status).toBe(503);
      expect(await away.json()).toEqual({ status: "not ready", faults: ["database"] });
      expect((await ask("/healthz")).status).toBe(200);
    });

    test("a database of a newer version is refused with one clear sentence", async () => {
      portal = await startPortal({ engine });
      const { store } = portal.portal;
      await store.transact((tx) =>
        sql`insert into migrations (name, applied_at) values ('2099-01-01-later', 1)`.execute(tx.tables()),
      );
      const { config } = portal;
      await expect(startPortal({ change: () => config })).rejects.toThrow(/newer version.*2099-01-01-later/);
    });

    test("a backup is made before a migration, and the schema never changes under a running server", async () => {
      portal = await startPortal({ engine });
      await new PlainBrowser(portal.url).post("/sign-up", { email: "lea@example.fr" });
      const { config, clock } = portal;
      folder = mkdtempSync(join(tmpdir(), "loquet-root-"));
      const migrations = join(folder, "src", "store", "migrations");
      cpSync(join(findProjectRoot(), "src", "store", "migrations"), migrations, { recursive: true });
      mkdirSync(join(migrations, "2098-01-01-more"));
      writeFileSync(
        join(migrations, "2098-01-01-more", "up.sql"),
        "create table more (id text primary key);\n",
      );
      const made: string[] = [];
      const preparation = { config, root: folder, clock, hasAccounts: async () => false };
      const onBackup = (file: string) => made.push(file);
      await expect(prepareDatabase({ ...preparation, mayMigrate: false, onBackup })).rejects.toThrow(
        "loquet migrate",
      );
      const store = await prepareDatabase({ ...preparation, mayMigrate: true, onBackup });
      expect(await appliedMigrations(store)).toContain("2098-01-01-more");
      await store.close();
      expect(made).toHaveLength(1);
      expect(readdirSync(join(config.dataFolder, "backups"))).toEqual([
        expect.stringMatching(/^before-2098-01-01-more-\d+\.loquet\.gz$/),
      ]);
    });
  });
}

describe("metrics", () => {
  test("are for this machine, or for who bears the token; others find nothing", async () => {
    portal = await startPortal({ change: (config) => ({ ...config, metricsToken: new Secret(token) }) });
    expect((await ask("/metrics")).status).toBe(200);
    const forwarded = { "x-forwarded-for": "192.0.2.7" };
    expect((await ask("/metrics", forwarded)).status).toBe(404);
    expect((await ask("/metrics", { ...forwarded, authorization: `Bearer ${token}` })).status).toBe(200);
    for (const wrong of [`Bearer ${token}x`, "Bearer ", `Basic ${token}`, token]) {
      expect((await ask("/metrics", { ...forwarded, authorization: wrong })).status).toBe(404);
    }
  });

  test("without a token nobody from elsewhere gets them, whatever they bear", async () => {
    portal = await startPortal();
    for (const authorization of ["Bearer null", "Bearer undefined", "Bearer  "]) {
      expect((await ask("/metrics", { via: "1.1 proxy", authorization })).status).toBe(404);
    }
  });

  test("count answers, events, resolutions, attempts and what waits, and hold nothing of a person", async () => {
    portal = await startPortal();
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-up", {
      email: "lea@example.fr",
      name: "Léa Martin",
      nickname: "lea_m",
      password: "huit-ponts-verts-27",
    });
    await browser.get("/nowhere/lea@example.fr");
    await portal.settle();
    const asked = {
      email: "ines@example.fr",
      name: null,
      kind: null,
      username: null,
      role: null,
      language: null,
    };
    await portal.portal.operator.accounts.create(asked);
    portal.clock.advance(90_000);
    const text = await (await ask("/metrics")).text();
    for (const line of [
      'loquet_http_answers_total{route="/sign-up",status="3xx"} 1',
      'loquet_http_answers_total{route="(none)",status="4xx"} 1',
      'loquet_http_answer_seconds_count{route="/sign-up"} 1',
      'loquet_events_total{event="registration.created"} 1',
      'loquet_requests_resolved_total{kind="registration.sign-up",result="activation sent"} 1',
      'loquet_message_attempts_total{channel="email",route="capture",outcome="accepted"} 1',
      'loquet_messages_unsent{status="queued",channel="email",route="capture"} 1',
      "loquet_message_oldest_waiting_seconds 90",
      "loquet_hashing_wait_seconds 0",
      "process_resident_memory_bytes",
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toMatch(/example\.fr|lea_m|Martin/);
  });
});

test("the log drops what a person typed and the values of a failed statement, even where somebody forgot", () => {
  let lines = "";
  const log = createLog(
    { logLevel: "info", isDemo: false },
    {
      write(line: string) {
        lines += line;
      },
    },
  );
  const fault = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (key)=(lea@example.fr) already exists.",
    parameters: ["lea@example.fr"],
  });
  log.error(
    { err: new Error("outer", { cause: fault }), email: "lea@example.fr", form: { password: "secret-27" } },
    "fault",
  );
  expect(lines).toContain('"code":"23505"');
  expect(lines).toContain('"level":"error"');
  expect(lines).not.toMatch(/lea@|secret-27/);
});

describe("the legal texts", () => {
  test("are shown in every language from templates whose gaps are marked", async () => {
    portal = await startPortal();
    for (const language of ["fr", "en", "ar"]) {
      for (const path of ["/legal", "/privacy", "/accessibility"]) {
        const shown = await new PlainBrowser(portal.url).get(`${path}?lang=${language}`);
        expect(shown.status).toBe(200);
        expect(shown.text).toContain("[[");
        expect(shown.html).toMatch(new RegExp(`<div class="prose" lang="${language}"`));
        expect(shown.html.match(/<h1/g)).toHaveLength(1);
      }
    }
  });

  test("are the operator's own where there are any, with every markup escaped but Markdown's", async () => {
    folder = mkdtempSync(join(tmpdir(), "loquet-legal-"));
    mkdirSync(join(folder, "fr"));
    const own = "# Qui nous sommes\n\nLa *mairie*.\n\n<script>alert(1)</script> [x](javascript:alert(1))\n";
    writeFileSync(join(folder, "fr", "legal.md"), own);
    portal = await startPortal({
      change: (config) => ({ ...config, preset: { ...config.preset, legalFolder: folder } }),
    });
    const browser = new PlainBrowser(portal.url);
    const shown = await browser.get("/legal");
    expect(shown.html).toContain("<h1>Qui nous sommes</h1>");
    expect(shown.html).toContain("<em>mairie</em>");
    expect(shown.html).not.toMatch(/<script>|href="javascript/);
    expect(shown.text).not.toContain("[[");
    const english = await browser.get("/legal?lang=en");
    expect(english.html).toContain('lang="fr"');
    expect(english.text).toContain("mairie");
    const warnings = await portal.portal.operator.warnings();
    expect(warnings.join()).toContain("fr/privacy.md");
    expect(warnings.join()).not.toContain("legal.md");
  });
});
