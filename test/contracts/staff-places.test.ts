import { afterAll, beforeAll, expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment } from "../support/schools.ts";
import { aStaffMember, atTheDesk, giveRole } from "../support/staff.ts";
import { withWalledRoles } from "../support/walled-roles.ts";
import { fold, words } from "../support/words.ts";

const reason = "Rejoint l’équipe lundi";

onEachEngine("staff of establishments", (engine) => {
  let portal: TestPortal;
  let desk: PlainBrowser;
  let lilas: string;
  let tilleuls: string;
  let made = 0;

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", change: withWalledRoles });
    const academy = await anEstablishment(portal, "academy", "Académie du Nord");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", academy);
    tilleuls = await anEstablishment(portal, "school", "Collège des Tilleuls", academy);
    const closed = await anEstablishment(portal, "school", "Collège du Moulin", academy);
    for (let n = 0; n < 11; n++) await anEstablishment(portal, "school", `Lycée Voltaire ${n}`, academy);
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set closed_at = 1 where id = ?", [closed]),
    );
    // A real UAI, so that it is found as a code.
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set code = '0752387M' where id = ?", [lilas]),
    );
    desk = await atTheDesk(portal, await aStaffMember(portal, "operator", { name: "Olivier Blanc" }));
  });
  afterAll(() => portal?.close());

  const invite = (change: Record<string, string> = {}) => {
    made += 1;
    return desk.post("/desk/staff/invite", {
      name: "Aïcha Diallo",
      email: `aicha-${made}@ecole.example`,
      username: `a.diallo.${made}`,
      role: "an-office",
      reason,
      ...change,
    });
  };
  const placesOf = async (accountId: string) =>
    (
      await portal.portal.store.ask<{ role: string; establishment_id: string | null }>(
        "select role, establishment_id from staff_grants where account_id = ? order by granted_at, id",
        [accountId],
      )
    ).map(({ role, establishment_id: place }) => `${role} ${place ?? "everywhere"}`);

  test("a role with walls is given at an establishment that its code or name finds, else refused at the field", async () => {
    for (const [establishment, refusal] of [
      ["", "staff.establishment.missing"],
      ["Collège Inconnu", "staff.establishment.unknown"],
      ["0750001A", "staff.establishment.unknown"],
      ["Moulin", "staff.establishment.unknown"],
      ["Voltaire", "staff.establishment.too-many"],
    ] as const) {
      const page = await invite({ establishment });
      expect(page.status, establishment).toBe(422);
      expect(page.text, establishment).toContain(words(refusal));
      if (establishment !== "") expect(page.html).toContain(`value="${establishment}"`);
    }
    for (const establishment of ["0752387m", "lilas"]) {
      const page = await invite({ establishment });
      expect(page.text, establishment).toContain(words("staff.invite.done"));
      const id = page.path.split("/").at(-1) ?? "";
      expect(page.text).toContain("Bureau des familles (Collège des Lilas)");
      expect(await placesOf(id)).toEqual([`an-office ${lilas}`]);
      expect(
        await portal.portal.store.ask("select kind, left_at from memberships where account_id = ?", [id]),
      ).toEqual([{ kind: "staff", left_at: null }]);
    }
    expect((await invite({ role: "operator", establishment: "lilas" })).text).not.toContain("Lilas)");
  });

  test("where several have the name, they are offered, and one of them counts", async () => {
    const several = await invite({ establishment: "collège des" });
    expect(several.text).toContain(words("staff.establishment.several"));
    for (const id of [lilas, tilleuls]) expect(several.html).toContain(`value="${id}"`);
    const other = await invite({
      establishment: "collège des",
      place: "01890000-0000-7000-8000-000000000000",
    });
    expect(other.text).toContain(words("staff.establishment.several"));
    const chosen = await invite({ establishment: "collège des", place: tilleuls });
    expect(await placesOf(chosen.path.split("/").at(-1) ?? "")).toEqual([`an-office ${tilleuls}`]);
  });

  test("one role is added beside another, each is taken by itself, and one for everybody takes their place", async () => {
    const { account, email } = await aStaffMember(portal, "an-office", { establishmentId: lilas });
    const give = (role: string, establishment = "") =>
      desk.post(`/desk/staff/${account.id}/role`, { role, establishment, reason });
    expect((await give("an-office", "lilas")).text).toContain(words("staff.role.same"));
    expect((await give("an-office", "tilleuls")).text).toContain(words("staff.role.changed"));
    const page = await give("a-boss", "tilleuls");
    for (const title of [
      "Bureau des familles (Collège des Lilas)",
      "Bureau des familles (Collège des Tilleuls)",
      "Principal (Collège des Tilleuls)",
    ]) {
      expect(page.text).toContain(title);
    }
    const [link] = page.html.match(/\/desk\/staff\/[0-9a-f-]+\/roles\/[0-9a-f-]+/) ?? [];
    expect((await desk.get(link ?? "")).text).toContain(words("staff.role.take.one"));
    expect((await desk.post(link ?? "", { reason })).text).toContain(words("staff.role.taken"));
    expect(await placesOf(account.id)).toEqual([`an-office ${lilas}`, `an-office ${tilleuls}`]);
    expect((await portal.messageTo(email)).subject).toBe(
      words("staff.mail.taken.subject", { brand: portal.config.preset.brandName }),
    );
    expect((await desk.post(link ?? "", { reason })).status).toBe(404);
    await give("operator");
    expect(await placesOf(account.id)).toEqual(["operator everywhere"]);
    const stranger = await aStaffMember(portal, "an-office", { establishmentId: lilas });
    const [theirs] = await portal.portal.store.ask<{ id: string }>(
      "select id from staff_grants where account_id = ?",
      [stranger.account.id],
    );
    expect((await desk.post(`/desk/staff/${account.id}/roles/${theirs?.id}`, { reason })).status).toBe(404);
  });

  test("a role given before it had walls opens nothing, and is taken away on the desk", async () => {
    const { account } = await aStaffMember(portal, "an-office", { establishmentId: null });
    const page = await desk.get(`/desk/staff/${account.id}`);
    expect(page.text).toContain(words("staff.role.nowhere"));
    const warned = async () => (await portal.portal.operator.warnings()).join();
    expect(await warned()).toContain("open nothing (1)");
    const [link] = page.html.match(/\/desk\/staff\/[0-9a-f-]+\/roles\/[0-9a-f-]+/) ?? [];
    expect((await desk.post(link ?? "", { reason })).text).toContain(words("staff.role.withdrawn"));
    expect(await warned()).not.toContain("open nothing");
  });

  test("the command line gives and takes them by the code, and says what is missing", async () => {
    const { accounts } = portal.portal.operator;
    const create = (role: string, establishment: string | null) => {
      made += 1;
      const email = `ligne-${made}@ecole.example`;
      const username = `ligne.${made}`;
      return accounts.create({
        email,
        username,
        name: null,
        kind: null,
        role,
        establishment,
        language: null,
      });
    };
    const refusal = (name: string) => ({ ok: false, refusal: name });
    expect(await create("a-boss", null)).toEqual(refusal("establishment-missing"));
    expect(await create("a-boss", "0750001A")).toEqual(refusal("establishment-unknown"));
    expect(await create("operator", "0752387M")).toEqual(refusal("establishment-unused"));
    const outcome = await create("a-boss", "0752387m");
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await placesOf(outcome.account.id)).toEqual([`a-boss ${lilas}`]);

    await anAccount(portal, "Rémi").kind("staff").username("remi.roux").email("remi@ecole.example").made();
    const grant = (role: string, establishment: string | null) =>
      accounts.grant("remi.roux", { role, establishment });
    expect(await grant("a-boss", null)).toEqual(refusal("establishment-missing"));
    expect(await grant("operator", "0752387M")).toEqual(refusal("establishment-unused"));
    expect(await grant("a-boss", "0752387M")).toEqual({ ok: true });
    expect(fold((await portal.messageTo("remi@ecole.example")).text)).toContain(
      "Principal (Collège des Lilas)",
    );
    const shown = await accounts.show("remi.roux");
    expect(shown).toMatchObject({ shown: { roles: [{ role: "a-boss", establishment: "0752387M" }] } });
    expect(await accounts.revoke("remi.roux", { role: "a-boss", establishment: null })).toEqual(
      refusal("establishment-missing"),
    );
    expect(await accounts.revoke("remi.roux", { role: "a-boss", establishment: "0752387M" })).toEqual({
      ok: true,
    });
    const [remi] = await portal.portal.store.ask<{ id: string }>(
      "select id from accounts where name = 'Rémi'",
      [],
    );
    await giveRole(portal, remi?.id ?? "", "a-boss", null);
    expect(await accounts.revoke("remi.roux", { role: "a-boss", establishment: null })).toEqual({ ok: true });
    expect(await placesOf(remi?.id ?? "")).toEqual([]);
  });
});
