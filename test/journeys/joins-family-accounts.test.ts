import { expect, test } from "vitest";
import { aLetter, aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { accountNow, anAccount, type MadeAccount } from "../support/an-account.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey } from "../support/journey.ts";
import { aStaffMember } from "../support/staff.ts";
import { linkOf, type Visitor, type VisitorOptions } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const password = "neuf-lacs-bleus-calmes-31";
const brand = "Portail scolaire";

journey("a family in two schools", { preset: "school" }, (scene) => {
  const schools = new Map<string, MadeSchool>();
  async function school(name: string): Promise<MadeSchool> {
    const known = schools.get(name);
    if (known) return known;
    const email = `secretariat@${name.toLowerCase()}.example`;
    const made = await aSchool(scene.portal, `Collège des ${name}`, { email });
    schools.set(name, made);
    return made;
  }

  /** Somebody whom a registry brought, who has no password yet. */
  async function waits(name: string, username: string, kind: "guardian" | "pupil", at: MadeSchool) {
    const made = await anAccount(scene.portal, name)
      .kind(kind)
      .username(username)
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(scene.portal, made, at);
    return made;
  }

  async function withChild(guardian: MadeAccount, name: string, at: MadeSchool): Promise<void> {
    const child = await waits(name, scene.unused("enfant"), "pupil", at);
    await isGuardianOf(scene.portal, guardian, child, at);
  }

  /** By the letter of the school and an address of one's own, as everybody does. */
  async function activates(made: MadeAccount, email: string, options: VisitorOptions = {}): Promise<Visitor> {
    const letter = await aLetter(scene.portal, made);
    const visitor = await scene.visitor({ script: false, ...options });
    await visitor.open("/activate");
    await visitor.page.fill("#identifier", letter.identifier);
    await visitor.page.fill("#code", letter.codePlain);
    await visitor.submit();
    await visitor.submit({ "new-password": password });
    if ((await visitor.page.locator('input[name="channel"]').count()) > 0)
      await visitor.choose("channel", "email");
    await visitor.page.fill("#email", email);
    await visitor.submit();
    const { code } = await scene.messageTo(email);
    await visitor.page.fill("#code", code ?? "");
    await visitor.submit();
    expect(visitor.path).toBe("/account");
    await scene.portal.settle();
    return visitor;
  }

  /** Somebody who activated their account before, signed in. */
  async function returns(
    name: string,
    username: string,
    more: { at: MadeSchool; email: string; child: string },
    options: VisitorOptions = {},
  ): Promise<{ made: MadeAccount; visitor: Visitor }> {
    const made = await anAccount(scene.portal, name)
      .kind("guardian")
      .username(username)
      .email(more.email)
      .made();
    await belongs(scene.portal, made, more.at);
    await withChild(made, more.child, more.at);
    const visitor = await scene.visitor(options);
    await visitor.signIn(username, made.password ?? "");
    return { made, visitor };
  }

  async function atDesk(at: MadeSchool, role: string, options: VisitorOptions = {}): Promise<Visitor> {
    const staff = await aStaffMember(scene.portal, role, { name: "Anne Moreau", establishmentId: at.id });
    return visitorAtDesk(scene, staff, options);
  }

  test("brothers and sisters come together by themselves: one guardian, one name, one address proved in both", async () => {
    const [lilas, tilleuls] = [await school("Lilas"), await school("Tilleuls")];
    const email = "nadia@example.fr";
    const first = await waits("Nadia Benali", "n.benali", "guardian", lilas);
    await withChild(first, "Yanis Benali", lilas);
    const second = await waits("Nadia Benali", "n.benali2", "guardian", tilleuls);
    await withChild(second, "Lina Benali", tilleuls);

    const visitor = await activates(first, email);
    expect(await visitor.text()).toContain("Yanis Benali");
    expect(await visitor.text()).not.toContain("Lina Benali");
    scene.portal.clock.advance(60_000);
    const later = await activates(second, email, { width: 320 });
    await later.open("/account");
    const text = await later.text();
    for (const known of ["Yanis Benali", "Lina Benali", "6e B, Collège des Lilas", "n.benali"]) {
      expect(text).toContain(known);
    }
    expect(await scene.subjectsTo(email)).toContain(words("families.joined.subject", { brand }));

    // The other account's browser is signed out, and its owner is told what to use.
    await visitor.open("/account");
    expect(visitor.path).toBe("/sign-in");
    await visitor.signIn("n.benali", password);
    expect(await visitor.heading()).toBe(words("sign-in.joined"));
    expect(await visitor.text()).toContain("n.benali2");

    const desk = await atDesk(lilas, "school-office", { locale: "ar", script: false });
    await desk.open("/desk/families");
    expect(await desk.text()).toContain("n.benali2");
    const arab = await scene.visitor({ locale: "ar", script: false });
    await arab.signIn("n.benali2", password);
    await arab.open("/account");
    expect(await arab.text()).toContain("Lina Benali");
  });

  test("father and son of one name and one address stay two", async () => {
    const [lilas, tilleuls] = [await school("Lilas"), await school("Tilleuls")];
    const email = "karim@example.fr";
    const father = await waits("Karim Haddad", "k.haddad", "guardian", lilas);
    const son = await anAccount(scene.portal, "Karim Haddad")
      .kind("pupil")
      .username("k.haddad2")
      .email(email)
      .made();
    await belongs(scene.portal, son, tilleuls);
    const visitor = await activates(father, email);
    await visitor.open("/account");
    expect(await visitor.text()).not.toContain("k.haddad2");
    expect(await visitor.text()).not.toContain(words("families.another.title"));
    for (const one of [father, son]) expect((await accountNow(scene.portal, one)).status).toBe("active");
  });

  test("joined by identifier and password, and undone from the message", async () => {
    const [lilas, tilleuls] = [await school("Lilas"), await school("Tilleuls")];
    const other = { at: tilleuls, email: "ines.leroy@example.fr", child: "Zoé Dumas" };
    const second = (await returns("Inès Dumas-Leroy", "i.dumas2", other)).made;
    const own = { at: lilas, email: "ines@example.fr", child: "Tom Dumas" };
    const { visitor } = await returns("Inès Dumas", "i.dumas", own);
    const known = second.password ?? "";
    await visitor.follow(words("families.join.title"));
    await visitor.submit({ username: "i.dumas2", "current-password": "tout-autre-chose-4" });
    expect(visitor.status).toBe(422);
    expect(await visitor.focused()).toBe("#errors");
    await visitor.submit({ username: "i.dumas2", "current-password": known });
    expect(await visitor.heading()).toBe(words("families.join.confirm.title"));
    for (const named of ["Tom Dumas", "Zoé Dumas", "i.dumas2"]) expect(await visitor.text()).toContain(named);
    await visitor.submit();
    expect(visitor.path).toBe("/account");
    expect(await visitor.text()).toContain(words("families.join.done", { days: 30 }));
    expect(await visitor.text()).toContain("Zoé Dumas");

    const owner = await scene.visitor({ width: 320 });
    const message = await scene.messageTo("ines.leroy@example.fr");
    expect(message.subject).toBe(words("families.joined.subject", { brand }));
    await owner.open(linkOf(message));
    expect(await owner.heading()).toBe(words("families.unjoin.title"));
    await owner.submit();
    expect(await owner.heading()).toBe(words("families.unjoined.title"));
    await owner.open(linkOf(message));
    expect(owner.status).toBe(410);
    await owner.signIn("i.dumas2", known);
    expect(await owner.text()).toContain("Zoé Dumas");
    await visitor.reload();
    expect(await visitor.text()).not.toContain("Zoé Dumas");
  });

  test("a link that is not right is reported, and removed by the school", async () => {
    const lilas = await school("Lilas");
    const hugo = { at: lilas, email: "hugo@example.fr", child: "Mia Rousseau" };
    const { made: guardian, visitor } = await returns("Hugo Lambert", "h.lambert", hugo, { script: false });
    await visitor.follow(words("families.not-mine"));
    await visitor.page.fill("#words", "Je ne connais pas cette enfant.");
    await visitor.submit();
    expect(visitor.path).toBe("/account");
    expect(await visitor.text()).toContain(words("families.not-mine.done"));
    expect(await visitor.text()).not.toContain("Mia Rousseau");
    expect((await scene.messageTo("secretariat@lilas.example")).text).not.toMatch(
      /Mia|Hugo|Rousseau|Lambert/,
    );

    const desk = await atDesk(lilas, "head");
    await desk.follow(words("families.news", { count: 1 }));
    expect(desk.path).toBe("/desk/families");
    await desk.follow("Mia Rousseau");
    expect(await desk.text()).toContain("Je ne connais pas cette enfant.");
    await desk.submit();
    expect(desk.status).toBe(422);
    await desk.choose("decision", "removed");
    await desk.page.fill("#reason", "Homonyme dans le registre");
    await desk.submit();
    expect(await desk.text()).toContain(words("families.decide.removed.done"));
    await desk.open(`/desk/people/${guardian.account.id}`);
    expect(await desk.text()).toContain(words("families.person.pupils.none"));
    await visitor.reload();
    expect(await visitor.text()).toContain(words("families.pupils.none"));
    expect((await scene.messageTo("hugo@example.fr")).text).toContain("Homonyme dans le registre");
  });
});
