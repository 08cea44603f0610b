import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProjectRoot } from "../kernel/root.ts";
import { migrate } from "../store/migrate.ts";
import { openSqlite } from "../store/sqlite.ts";
import type { Store } from "../store/store.ts";
import {
  clearCaptured,
  createCaptureEmailChannel,
  createCaptureSmsChannel,
  listCaptured,
} from "./capture.ts";

let folder: string;
let store: Store;
let now = 1000;
const clock = { now: () => now };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "loquet-capture-"));
  store = openSqlite(join(folder, "loquet.sqlite"));
  await migrate(store, findProjectRoot(), clock);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const email = {
  messageId: "m1",
  from: "",
  to: "lea@example.org",
  subject: "Veuillez activer votre compte",
  text: "Code 12345678",
  html: "<p>Code 12345678</p>",
  envelopeId: "m1",
  replyTo: "aide+42@ecole.example",
  trial: { locale: "fr", code: "12345678", links: ["http://localhost:3000/confirm?t=x"], queuedAt: 900 },
};

test("captured messages are listed newest first, in the promised shape", async () => {
  now = 1000;
  await createCaptureEmailChannel(store, clock).send(email);
  now = 2000;
  const sms = { messageId: "m2", to: "+33612345678", text: "Code 87654321", validForSeconds: null };
  const result = await createCaptureSmsChannel(store, clock).send(sms);
  expect(result.outcome).toBe("accepted");
  expect(await listCaptured(store)).toEqual([
    {
      id: "m2",
      channel: "sms",
      to: "+33612345678",
      locale: "",
      subject: "",
      text: "Code 87654321",
      html: "",
      links: [],
      code: null,
      queuedAt: 2000,
      sentAt: 2000,
      replyTo: null,
    },
    {
      id: "m1",
      channel: "email",
      to: "lea@example.org",
      locale: "fr",
      subject: "Veuillez activer votre compte",
      text: "Code 12345678",
      html: "<p>Code 12345678</p>",
      links: ["http://localhost:3000/confirm?t=x"],
      code: "12345678",
      queuedAt: 900,
      sentAt: 1000,
      replyTo: "aide+42@ecole.example",
    },
  ]);
});

test("a message sent again after a crash is still one message", async () => {
  const channel = createCaptureEmailChannel(store, clock);
  await channel.send(email);
  await channel.send(email);
  expect(await listCaptured(store)).toHaveLength(1);
});

test("the mailbox can be emptied", async () => {
  await createCaptureEmailChannel(store, clock).send(email);
  await clearCaptured(store);
  expect(await listCaptured(store)).toEqual([]);
});
