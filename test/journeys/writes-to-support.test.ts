import sharp from "sharp";
import { expect, test } from "vitest";
import { minute } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { giveRole } from "../support/staff.ts";
import type { Visitor } from "../support/visitor.ts";
import { linkOf } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";
const screenshot = () =>
  sharp({ create: { width: 900, height: 600, channels: 3, background: "#fffcf6" } })
    .png()
    .toBuffer();

/** From the list of problems to the form, filled in but not sent. */
async function write(visitor: Visitor, symptom: "locked" | "cannot-sign-in", email: string): Promise<void> {
  await visitor.open("/contact?incident=7KQ2-M9TD");
  await visitor.follow(words(`symptom.${symptom}`));
  expect(await visitor.text()).toContain(words("contact.suggestions"));
  expect(await visitor.text()).toContain("7KQ2-M9TD");
  await visitor.page.locator("#what").fill("La page dit que mon compte est verrouillé.");
  await visitor.fill({ name: "Léa Martin", email });
}

const staffOf = async (scene: Scene, name: string) => {
  const { account } = await anAccount(scene.portal, name)
    .kind("staff")
    .email(scene.unused("aide@aide.example"))
    .made();
  const [role] = scene.portal.config.preset.roles;
  await giveRole(scene.portal, account.id, "support");
  return {
    accountId: account.id,
    sessionId: "desk",
    name,
    locale: "fr",
    roles: ["support"],
    grants: [{ role: "support", establishmentId: null }],
    may: new Set<string>(role?.may),
    helps: role?.helps ?? [],
    relays: role?.relays ?? [],
  };
};

journey("writing to support", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: without account, with a picture, up to « tout va bien »`, async () => {
      const email = scene.unused("lea@example.fr");
      const lea = await scene.visitor({ script });
      await write(lea, "locked", email);
      await lea.page
        .locator("#pictures")
        .setInputFiles({ name: "écran.png", mimeType: "image/png", buffer: await screenshot() });
      await lea.submit();
      expect(await lea.heading()).toBe(words("contact.sent.title"));
      expect(await lea.text()).toContain(email);

      const mail = await scene.messageTo(email);
      await lea.open(linkOf(mail));
      expect(await lea.text()).toContain(words("contact.case.picture", { name: "écran.png" }));
      await lea.press(words("contact.case.you.yes"));
      expect(await lea.text()).toContain(words("contact.case.confirmed"));

      const { store, cases } = scene.portal.portal;
      const caseId = cases.readCaseLink(new URL(linkOf(mail)).searchParams.get("token") ?? "") ?? "";
      const alice = await staffOf(scene, "Alice Aide");
      await store.transact((tx) =>
        cases.addStaffAnswer(tx, alice, caseId, "Ouvrez le lien de déverrouillage."),
      );
      await lea.open(linkOf(await scene.messageTo(email)));
      expect(await lea.text()).toContain("Ouvrez le lien de déverrouillage.");
      await lea.page.locator("#what").fill("C’est fait, merci.");
      await lea.submit();
      expect(await lea.text()).toContain(words("contact.case.sent"));

      await store.transact((tx) =>
        cases.addStaffAnswer(tx, alice, caseId, "Avec plaisir.", { isSolved: true }),
      );
      const asked = await scene.messageTo(email);
      await lea.open(asked.links.find((link) => link.includes("/contact/well")) ?? "");
      await lea.press(words("contact.well.3"));
      expect(await lea.text()).toContain(words("contact.well.thanks.3"));
    });

    test(`${mode}: a picture that is none, and a name forgotten: nothing typed is lost`, async () => {
      const email = scene.unused("theo@example.fr");
      const theo = await scene.visitor({ script, colorScheme: "dark" });
      await write(theo, "cannot-sign-in", email);
      await theo.fill({ name: "" });
      await theo.page
        .locator("#pictures")
        .setInputFiles({ name: "écran.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
      await theo.submit();
      expect(theo.status).toBe(422);
      expect(await theo.focused()).toBe("#errors");
      expect(await theo.page.locator("#what").inputValue()).toContain("verrouillé");
      await theo.submit({ name: "Théo Blanc" });
      expect(await theo.heading()).toBe(words("contact.sent.title"));
    });
  }

  test("a picture is pasted", async () => {
    const email = scene.unused("nina@example.fr");
    const nina = await scene.visitor();
    await write(nina, "locked", email);
    const bytes = [...(await screenshot())];
    await nina.page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], "image.png", { type: "image/png" }));
      document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    })()`);
    await nina.page.waitForFunction("document.querySelector('#pictures').files.length === 1");
    await nina.submit();
    await nina.open(linkOf(await scene.messageTo(email)));
    expect(await nina.text()).toContain(words("contact.case.picture", { name: "image.png" }));
  });

  test("« ce n’est pas moi » ends it", async () => {
    const email = scene.unused("autre@example.fr");
    const somebody = await scene.visitor({ width: 320 });
    await write(somebody, "locked", email);
    await somebody.submit();
    const owner = await scene.visitor({ locale: "en-GB" });
    await owner.open(linkOf(await scene.messageTo(email)));
    await owner.press(words("contact.case.you.no"));
    expect(await owner.text()).toContain(words("contact.case.disowned"));
  });

  test("a case about access ends by itself when the person signs in, and asks", async () => {
    const email = scene.unused("marc@example.fr");
    await anAccount(scene.portal, "Marc Roy").email(email).made();
    const marc = await scene.visitor();
    await write(marc, "cannot-sign-in", email);
    await marc.submit();
    await marc.open(linkOf(await scene.messageTo(email)));
    await marc.press(words("contact.case.you.yes"));
    await scene.wait(minute);
    await marc.signIn(email, password);
    await scene.wait(2 * minute);
    const asked = await scene.messageTo(email);
    expect(asked.subject).toContain("de nouveau connecté");
    await marc.open(asked.links.find((link) => link.includes("/contact/well")) ?? "");
    await marc.press(words("contact.well.1"));
    expect(await marc.text()).toContain(words("contact.well.thanks.1"));
    expect(await marc.text()).toContain(words("contact.case.state.open"));
  });

  test("« est-ce vous ? » is answered at a contact point of record", async () => {
    const email = scene.unused("rose@example.fr");
    const { account, contacts } = await anAccount(scene.portal, "Rose Noir").email(email).made();
    const foreign = scene.unused("nouvelle@example.fr");
    const rose = await scene.visitor();
    await write(rose, "locked", foreign);
    await rose.unfold(words("contact.details.title"));
    await rose.page.locator("#new-email").fill(foreign);
    await rose.submit();
    const mail = await scene.messageTo(foreign);
    const { store, cases } = scene.portal.portal;
    const caseId = cases.readCaseLink(new URL(linkOf(mail)).searchParams.get("token") ?? "") ?? "";
    const alice = await staffOf(scene, "Alice Aide");
    await store.transact(async (tx) => {
      await cases.tieToAccount(tx, alice, caseId, account.id);
      await cases.askIdentity(tx, alice, caseId, contacts[0]?.id ?? "", {
        incident: "TEST-0001",
        locale: "fr",
        browser: null,
        browserId: "",
        knownCookie: null,
        sourceAddress: "192.0.2.1",
        sourceKey: "192.0.2.1",
        isSlowed: false,
      });
    });
    await rose.open(linkOf(await scene.messageTo(email)));
    // The owner sees what would be done before saying yes.
    expect(await rose.text()).toContain(foreign);
    await rose.submit();
    expect(await rose.heading()).toBe(words("contact.identity.yes.title"));
    expect((await cases.find(store, caseId))?.identity_proved_by).toBe("identity-link");
  });

  test("a link that leads nowhere says what to do", async () => {
    const lost = await scene.visitor({ width: 320, colorScheme: "dark" });
    await lost.open("/contact/case?token=cut-off");
    expect(await lost.heading()).toBe(words("contact.unknown.title"));
    await lost.open("/contact/identity?token=cut-off");
    expect(await lost.heading()).toBe(words("contact.identity.unknown.title"));
  });
});

journey("a pupil without mailbox", { preset: "school" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: gets a number to note, a link, and the place to come to`, async () => {
      const tom = await scene.visitor({ script, width: 320, locale: "ar" });
      await tom.open("/contact?symptom=password-forgotten");
      await tom.choose("kind", "pupil");
      await tom.page.locator("#no-email").check({ force: true });
      await tom.page.locator("#what").fill("J’ai oublié mon mot de passe.");
      await tom.page.locator("#class").fill("6e B");
      await tom.submit({ name: "Tom Martin" });
      expect(await tom.heading()).toBe(words("contact.sent.title", {}, "ar"));
      const number = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await tom.text())?.[0] ?? "";
      await tom.follow(words("contact.sent.follow", {}, "ar"));
      expect(await tom.heading()).toContain(number);
      await tom.press(words("contact.case.settled.press", {}, "ar"));
      expect(await tom.text()).toContain(words("contact.case.thanks-settled", {}, "ar"));
    });
  }
});
