import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import type { Preset } from "../../src/config/preset.ts";
import { day, hour } from "../../src/kernel/clock.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aRegistry, aSchool } from "../support/registry.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const header = "type;identifiant;nom;prenom;classe;courriel;portable;accepte_sms;eleves";
const pupil = "eleve;1;PETIT;Noé;6A;noe@example.fr;;;";
const guardian = (email: string, mobile: string) => `responsable;9;PETIT;Ève;;${email};${mobile};non;1`;
const csv = (...lines: string[]) => [header, ...lines].join("\n");

/** Of guardians alone, and without the act by which contact points are seen whole. */
const counter: Preset["roles"][number] = {
  id: "counter",
  level: 4,
  name: { fr: "Guichet", en: "Counter", ar: "الشباك" },
  helps: ["guardian"],
  reach: "establishment",
  relays: [],
  may: ["people.search", "people.see", "contact.correct", "letters.print", "registry.import"],
};

onEachEngine("what a registry says beside what a person proved", (engine) => {
  let portal: TestPortal;
  let registry: ReturnType<typeof aRegistry>;
  let school: string;
  let office: PlainBrowser;
  let head: PlainBrowser;
  let elsewhere: PlainBrowser;
  let members: MadeStaff[] = [];
  let eve: string;
  let noe: string;

  async function signIn(): Promise<void> {
    const [one, two, three] = members as [MadeStaff, MadeStaff, MadeStaff];
    office = await atTheDesk(portal, one);
    head = await atTheDesk(portal, two);
    elsewhere = await atTheDesk(portal, three);
  }
  /** Later: sessions of staff have ended meanwhile. */
  async function after(ms: number): Promise<void> {
    portal.clock.advance(ms);
    await signIn();
  }

  const idOf = async (username: string) =>
    (await accountRows.findByIdentifier(portal.portal.store, username))?.id as string;
  const linesOf = async (accountId: string, event: string) =>
    portal.portal.store.ask<{ actor_kind: string; params: string }>(
      "select actor_kind, params from journal where account_id = ? and event = ?",
      [accountId, event],
    );

  /** As if they had proved every contact point, and opened the account. */
  async function proves(accountId: string): Promise<void> {
    const now = portal.clock.now();
    await portal.portal.store.transact(async (tx) => {
      for (const { id } of await accountRows.contactPointsOf(tx, accountId)) {
        await accountRows.updateContactPoint(tx, id, { state: "verified", verified_at: now });
      }
      const opened = { status: "active", password_hash: "x", activated_at: now } as const;
      await accountRows.updateAccount(tx, accountId, opened);
    });
  }

  beforeAll(async () => {
    portal = await startPortal({
      engine,
      preset: "school",
      wideSources: true,
      change: (config) => ({
        ...config,
        preset: { ...config.preset, roles: [...config.preset.roles, counter] },
      }),
    });
    registry = aRegistry(portal.portal.store, { clock: portal.clock, seed: 77 });
    school = await aSchool(portal.portal.store, "0990001A", portal.clock);
    const other = await aSchool(portal.portal.store, "0990002B", portal.clock);
    await registry.load(csv(pupil, guardian("eve@example.fr", "0639980001")));
    [eve, noe] = [await idOf("e.petit"), await idOf("n.petit")];
    const member = (role: string, establishmentId: string) => aStaffMember(portal, role, { establishmentId });
    members = [await member("counter", school), await member("head", school), await member("head", other)];
    await signIn();
  });
  afterAll(() => portal?.close());

  test("is shown on the person's page, masked as the page masks, until staff keep both", async () => {
    const link = words("letters.of-person");
    const before = await office.get(`/desk/people/${eve}`);
    expect(fold(before.text)).not.toContain(words("registry-import.conflict.title"));
    expect(fold(before.text)).toContain(link);
    expect(before.html).toContain(`/desk/letters/people/${eve}`);
    await proves(eve);
    await after(day);
    await registry.load(csv(pupil, guardian("eve@example.fr", "0639980002")));
    const seen = await office.get(`/desk/people/${eve}`);
    expect(fold(seen.text)).toContain(words("registry-import.conflict.title"));
    expect(fold(seen.text)).toContain(words("registry-import.conflict.keep"));
    expect(fold(seen.text)).toContain(words("registry-import.sms.no"));
    expect(fold(seen.text)).not.toContain(link);
    expect(seen.html).not.toMatch(/39 ?98 ?00 ?0[12]/);
    expect((await head.get(`/desk/people/${eve}`)).html).toMatch(/39 ?98 ?00 ?02/);
    const [point] = (await accountRows.contactPointsOf(portal.portal.store, eve)).filter(
      ({ state }) => state === "declared",
    );
    const path = `/desk/people/${eve}/registry/${point?.id}/keep`;
    // Not by staff of another school, not for somebody else, and not what is no conflict.
    expect((await elsewhere.post(path, {})).status).toBe(404);
    expect((await office.post(`/desk/people/${noe}/registry/${point?.id}/keep`, {})).status).toBe(404);
    const kept = await office.post(path, {});
    expect(fold(kept.text)).toContain(words("registry-import.conflict.kept"));
    expect(fold(kept.text)).not.toContain(words("registry-import.conflict.title"));
    await office.post(path, {});
    expect(await linesOf(eve, "registry-import.kept")).toMatchObject([{ actor_kind: "staff" }]);
    expect(
      (await portal.portal.store.ask("select id from journal where event = 'desk.registry-kept'", [])).length,
    ).toBe(1);
    // Both are kept, and a file that says the same brings nothing back; one that says another does.
    expect(await accountRows.contactPointsOf(portal.portal.store, eve)).toHaveLength(3);
    await after(day);
    await registry.load(csv(pupil, guardian("eve@example.fr", "0639980002")));
    expect(fold((await office.get(`/desk/people/${eve}`)).text)).not.toContain(
      words("registry-import.conflict.title"),
    );
    await registry.load(csv(pupil, guardian("eve@example.fr", "0639980003")));
    expect(fold((await office.get(`/desk/people/${eve}`)).text)).toContain(
      words("registry-import.conflict.title"),
    );
  });

  test("stands in a list of the school, for those alone who may see the person", async () => {
    await proves(noe);
    await after(day);
    await registry.load(csv(pupil.replace("noe@", "noe.petit@"), guardian("eve@example.fr", "0639980003")));
    const path = "/desk/imports/conflicts";
    // One school: no choice to make. The office helps guardians only, the head both.
    const ofOffice = fold((await office.get(path)).text);
    expect(ofOffice).toContain("Ève PETIT");
    expect(ofOffice).not.toContain("Noé PETIT");
    expect(ofOffice).not.toContain("39 98 00 03");
    expect(fold((await head.get(`${path}?school=0990001A`)).text)).toContain("noe.petit@example.fr");
    const other = await elsewhere.get(`${path}?school=0990001A`);
    expect(fold(other.text)).toContain(words("registry-import.refusal.school-unknown", { what: "0990001A" }));
    expect(other.text).not.toContain("PETIT");
    const nobody = await elsewhere.get(path);
    expect(fold(nobody.text)).toContain(words("registry-import.conflicts.none"));
  });

  test("the file's takes the place of the only proved one when staff say so: after a day the other goes", async () => {
    const mobiles = async () =>
      (await accountRows.contactPointsOf(portal.portal.store, eve)).filter(
        ({ channel, state }) => channel === "sms" && state !== "obsolete",
      );
    const [proved] = (await mobiles()).filter(({ state }) => state === "verified");
    const path = `/desk/people/${eve}/contacts/${proved?.id}/replace`;
    const sent = { contact: "06 39 98 00 03", reason: "Elle a changé de numéro" };
    expect(fold((await head.post(path, { ...sent, contact: "06 39 98 00 01" })).text)).toContain(
      words("people.contact.theirs-already"),
    );
    await head.post(path, sent);
    expect((await mobiles()).map(({ address, state }) => [address, state]).sort()).toEqual([
      ["+33639980001", "verified"],
      ["+33639980003", "declared"],
    ]);
    await after(day);
    await portal.settle();
    expect((await mobiles()).map(({ address }) => address)).toEqual(["+33639980003"]);
    expect(fold((await head.get(`/desk/people/${eve}`)).text)).not.toContain(
      words("registry-import.conflict.title"),
    );
  });

  test("the person's « it was not me » keeps what they proved, and takes the file's away", async () => {
    const addresses = async () =>
      (await accountRows.contactPointsOf(portal.portal.store, noe)).map(({ address, state }) => [
        address,
        state,
      ]);
    const proved = (await accountRows.contactPointsOf(portal.portal.store, noe)).find(
      ({ state }) => state === "verified",
    );
    const replace = () =>
      head.post(`/desk/people/${noe}/contacts/${proved?.id}/replace`, {
        contact: "noe.petit@example.fr",
        reason: "Dit par la famille",
      });
    await replace();
    expect(fold((await replace()).text)).toContain(words("people.contact.theirs-already"));
    const mail = await portal.messageTo("noe@example.fr");
    expect(await portal.messages("noe.petit@example.fr")).toEqual([]);
    const token = tokenOf(mail, "/account/not-me");
    await new PlainBrowser(portal.url).post("/account/not-me", { token });
    await after(day);
    await portal.settle();
    expect(await addresses()).toEqual([["noe@example.fr", "verified"]]);
  });

  test("an account closed because its person left is told so by e-mail, once, and never by SMS", async () => {
    const luc = "responsable;8;ROUX;Luc;;luc@example.fr;;;1";
    await registry.load(csv(pupil.replace("noe@", "noe.petit@"), luc));
    portal.clock.advance(61 * day);
    await portal.settle();
    portal.clock.advance(2 * hour);
    await portal.settle();
    const mail = await portal.messageTo("eve@example.fr");
    expect(fold(mail.text)).toContain(words("registry-import.mail.closed.next"));
    expect(fold(mail.text)).toContain("e.petit");
    const sent = await portal.portal.store.ask<{ channel: string }>(
      "select channel from messages where account_id = ? and template = 'registry-import.closed'",
      [eve],
    );
    expect(sent).toEqual([{ channel: "email" }]);
  });
});
