import { afterEach, describe, expect, test } from "vitest";
import { createIds } from "../../src/kernel/ids.ts";
import { createJobs } from "../../src/operate/jobs.ts";
import { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { seededRandom } from "../support/world.ts";

const day = 24 * 60 * 60_000;
const form = {
  email: "lea@example.fr",
  name: "Léa Martin",
  nickname: "lea_m",
  password: "huit-ponts-verts-27",
};

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`jobs on ${engine}`, () => {
    let portal: TestPortal;
    afterEach(() => portal.close());

    const signUp = (more: object = {}) =>
      new PlainBrowser(portal.url, { "user-agent": firefox }).post("/sign-up", { ...form, ...more });
    const subjects = async () => (await portal.messages(form.email)).map(({ subject }) => subject);
    const openLink = async (mail: { links: string[] }) => {
      const link = new URL(mail.links.find((found) => found.includes("token=")) ?? "");
      return new PlainBrowser(portal.url).get(link.pathname + link.search);
    };

    test("an unfinished sign-up is reminded once, with a link that works and no code", async () => {
      portal = await startPortal({ engine });
      await signUp();
      const first = await portal.messageTo(form.email);
      portal.clock.advance(3 * day + 1000);
      const reminder = await portal.messageTo(form.email);
      expect(reminder.subject).toBe("Votre compte n’est pas encore activé");
      expect(reminder.code).toBeNull();
      expect(reminder.text).toContain("Firefox");
      expect((await openLink(reminder)).status).toBe(200);
      expect((await openLink(first)).status).toBe(200);
      portal.clock.advance(day);
      await portal.settle();
      expect(await subjects()).toHaveLength(2);
    });

    test("it is removed after the preset's delay: link, address and nickname are free, and the mail tells it later", async () => {
      portal = await startPortal({ engine });
      await signUp();
      await portal.settle();
      portal.clock.advance(day);
      await new PlainBrowser(portal.url).post("/confirm/again", { email: form.email });
      const newer = await portal.messageTo(form.email);
      portal.clock.advance(6 * day + 1000);
      await portal.settle();
      const late = await openLink(newer);
      expect(late.status).toBe(410);
      expect(late.text).toContain("pas été activé à temps");
      const browser = new PlainBrowser(portal.url);
      await browser.post("/confirm/again", { email: form.email });
      const truth = await portal.messageTo(form.email);
      expect(truth.subject).toContain("Aucun compte");
      expect(truth.text.replaceAll(/\s+/g, " ")).toContain("nous l’avons supprimée le 9 mars 2027");
      await browser.post("/sign-up", form);
      const again = await portal.messageTo(form.email);
      expect(again.subject).toBe("Veuillez activer votre compte");
      const done = await browser.post("/confirm/code", { code: again.code ?? "" }, { follow: false });
      expect(done.location).toBe("/account");
    });

    test("a sign-up that was confirmed, or asked for anew, is neither reminded nor removed", async () => {
      portal = await startPortal({ engine });
      const browser = new PlainBrowser(portal.url);
      await browser.post("/sign-up", form);
      await browser.post("/confirm/code", { code: (await portal.messageTo(form.email)).code ?? "" });
      await signUp({ email: "noe@example.fr", nickname: "noe" });
      await portal.settle();
      portal.clock.advance(6 * day);
      await portal.settle();
      await signUp({ email: "noe@example.fr", nickname: "noe-noe" });
      await portal.settle();
      portal.clock.advance(2 * day);
      await portal.settle();
      expect(await subjects()).toEqual([
        "Votre compte Place civique est ouvert",
        "Veuillez activer votre compte",
      ]);
      expect((await openLink(await portal.messageTo("noe@example.fr"))).status).toBe(200);
    });

    test("an account that was prepared for somebody waits for its owner however long that takes", async () => {
      portal = await startPortal({ engine });
      const asked = { email: form.email, name: null, kind: null, username: null, role: null, language: null };
      await portal.portal.operator.accounts.create(asked);
      await portal.settle();
      portal.clock.advance(60 * day);
      await portal.settle();
      expect(await portal.portal.operator.accounts.show(form.email)).toMatchObject({ ok: true });
      expect(await subjects()).toHaveLength(1);
    });

    test("what is too old is forgotten: network addresses first, then requests, messages and the journal", async () => {
      portal = await startPortal({ engine });
      const browser = new PlainBrowser(portal.url);
      await browser.post("/sign-up", form);
      await browser.post("/confirm/code", { code: (await portal.messageTo(form.email)).code ?? "" });
      await portal.settle();
      expect(await counted(portal)).toMatchObject({ traced: expect.any(Number), challenges: 1, messages: 2 });
      portal.clock.advance(89 * day);
      await portal.settle();
      expect((await counted(portal)).traced).toBeGreaterThan(0);
      expect((await counted(portal)).sessions).toBe(0);
      portal.clock.advance(2 * day);
      await portal.settle();
      expect(await counted(portal)).toMatchObject({ traced: 0, messages: 2, budgets: 0 });
      portal.clock.advance(8 * day);
      await portal.settle();
      expect(await counted(portal)).toMatchObject({ challenges: 0, requests: 0 });
      const lines = (await counted(portal)).journal;
      expect(lines).toBeGreaterThan(0);
      portal.clock.advance(300 * day);
      await portal.settle();
      expect(await counted(portal)).toMatchObject({ messages: 0, journal: 0, accounts: 1 });
    });

    test("a closed account loses its name and addresses a year later", async () => {
      portal = await startPortal({ engine });
      const browser = new PlainBrowser(portal.url);
      await browser.post("/sign-up", form);
      await browser.post("/confirm/code", { code: (await portal.messageTo(form.email)).code ?? "" });
      expect(await portal.portal.operator.accounts.close(form.email)).toEqual({ ok: true });
      portal.clock.advance(300 * day);
      await portal.settle();
      expect(await portal.portal.operator.accounts.show(form.email)).toMatchObject({ ok: true });
      portal.clock.advance(70 * day);
      await portal.settle();
      expect(await portal.portal.operator.accounts.show(form.email)).toEqual({
        ok: false,
        refusal: "unknown",
      });
      expect(await counted(portal)).toMatchObject({ accounts: 1, contacts: 0 });
    });

    test("of many nodes, one runs a job that is due; one that fails is tried again soon", async () => {
      portal = await startPortal({ engine });
      const { clock } = portal;
      const { store } = portal.portal;
      let runs = 0;
      let isBroken = false;
      const faults: string[] = [];
      const node = (seed: number) =>
        createJobs({
          store,
          clock,
          ids: createIds(clock, seededRandom(seed)),
          jobs: [
            {
              name: "test.count",
              everySeconds: 600,
              async run() {
                runs++;
                await new Promise((resolve) => setTimeout(resolve, 50));
                if (isBroken) throw new Error("away");
              },
            },
          ],
          onFault: (_, what) => faults.push(what),
        });
      const nodes = [1, 2, 3, 4, 5, 6].map(node);
      const all = () => Promise.all(nodes.map((one) => one.runDue()));
      const sum = (taken: number[]) => taken.reduce((a, b) => a + b, 0);
      expect(sum(await all())).toBe(1);
      expect(sum(await all())).toBe(0);
      clock.advance(600_000);
      isBroken = true;
      expect(sum(await all())).toBe(1);
      expect(faults).toEqual(["job test.count"]);
      isBroken = false;
      expect(sum(await all())).toBe(0);
      clock.advance(60_000);
      expect(sum(await all())).toBe(1);
      expect(runs).toBe(3);
    });
  });
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** How many rows of each kind are left; `traced` are journal lines with a network address. */
async function counted(portal: TestPortal) {
  const { store } = portal.portal;
  const count = async (table: string, tracedOnly = false) => {
    let query = store
      .tables<Record<string, Record<string, string>>>()
      .selectFrom(table)
      .select((select) => select.fn.countAll<number>().as("count"));
    if (tracedOnly) query = query.where("source_address", "is not", null);
    return Number((await query.executeTakeFirstOrThrow()).count);
  };
  return {
    accounts: await count("accounts"),
    contacts: await count("contact_points"),
    challenges: await count("challenges"),
    requests: await count("requests"),
    messages: await count("messages"),
    sessions: await count("sessions"),
    budgets: await count("budgets"),
    journal: await count("journal"),
    traced: await count("journal", true),
  };
}
