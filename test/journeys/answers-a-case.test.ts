import { expect, test } from "vitest";
import { minute } from "../../src/kernel/clock.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { PlainBrowser } from "../support/browser.ts";
import { aRequest, sendRequest } from "../support/case-form.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { aStaffMember } from "../support/staff.ts";
import { linkOf, nextAddress } from "../support/visitor.ts";
import { fold, words } from "../support/words.ts";

/** Somebody writes by the form; answers the number of the case. */
async function write(scene: Scene, values: Record<string, string>): Promise<string> {
  const browser = new PlainBrowser(scene.portal.url, { "x-forwarded-for": nextAddress() });
  await sendRequest(browser, aRequest(values));
  const mail = await scene.messageTo(values.email ?? "");
  return /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(mail.subject)?.[0] ?? "";
}

/** The person says by mail that these cases are theirs. */
async function confirmAll(scene: Scene, numbers: string[]): Promise<void> {
  const { cases, store } = scene.portal.portal;
  await store.transact(async (tx) => {
    for (const number of numbers) {
      const row = await cases.findByNumber(tx, number);
      if (row) await cases.confirmEmail(tx, row.id, "reply");
    }
  });
}

journey("answering a case", { preset: "community", wideSources: true }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: it is taken, noted, answered, handed over, merged and solved`, async () => {
      const anne = await aStaffMember(scene.portal, "support", { name: "Anne Moreau" });
      const paul = await aStaffMember(scene.portal, "support", { name: "Paul Roux" });
      const email = scene.unused("lea@example.fr");
      const number = await write(scene, { email, what: "Je n’ai pas reçu le code." });
      const another = await write(scene, { email, what: "C’est encore moi, toujours rien." });

      const desk = await visitorAtDesk(scene, anne, { script });
      expect(await desk.text()).toMatch(/demandes? à prendre/);
      await desk.open("/desk/cases?view=unassigned");
      await desk.page.locator(`a[href="/desk/cases/${number}"]`).click();
      await desk.look();
      expect(await desk.text()).toContain(words("inbox.identity.not-proved"));
      expect(await desk.text()).toContain("Je n’ai pas reçu le code.");
      await desk.press(words("inbox.acts.take"));
      expect(await desk.text()).toContain(words("inbox.acts.taken", { number }));
      await desk.page.locator("#note").fill("Vu au téléphone, rappeler demain.");
      await desk.press(words("inbox.note.submit"));
      expect(await desk.text()).toContain(words("inbox.said.note"));

      await desk.page.locator("#canned").selectOption("look-in-spam");
      if (script) await desk.page.getByRole("button", { name: words("inbox.answer.canned.insert") }).click();
      else await desk.press(words("inbox.answer.canned.insert"));
      const answer = desk.page.locator("#answer");
      expect(fold(await answer.inputValue())).toContain("Bonjour,");
      await answer.press("End");
      await answer.pressSequentially(" À vite.");
      await desk.press(words("inbox.answer.submit"));
      expect(await desk.text()).toContain(words("inbox.answer.sent", { number }));
      const mail = await scene.messageTo(email);
      expect(mail.text).toContain("indésirables");
      expect(mail.text).not.toContain("téléphone, rappeler");

      await scene.wait(minute);
      const lea = await scene.visitor({ script, width: 320 });
      await lea.open(linkOf(mail));
      await lea.page.locator("#what").fill("Rien dans les indésirables non plus.");
      await lea.submit();
      await desk.open("/desk/cases?view=mine");
      expect(await desk.text()).toContain(words("inbox.unread"));
      await desk.page.locator(`a[href="/desk/cases/${number}"]`).click();
      expect(await desk.text()).toContain("Rien dans les indésirables non plus.");

      await desk.unfold(words("inbox.hand-over.title"));
      await desk.page
        .locator("#to")
        .selectOption({ label: words("inbox.hand-over.colleague", { name: "Paul Roux" }) });
      await desk.press(words("inbox.hand-over.submit"));
      expect(desk.status).toBe(422);
      expect(await desk.text()).toContain(words("inbox.hand-over.reason-missing"));
      await desk.page.locator("#reason").fill("Il connaît sa messagerie.");
      await desk.press(words("inbox.hand-over.submit"));
      expect(await desk.text()).toContain("Il connaît sa messagerie.");

      await confirmAll(scene, [number, another]);
      const other = await visitorAtDesk(scene, paul, { script, colorScheme: "dark" });
      await other.open(`/desk/cases/${another}`);
      await other.unfold(words("inbox.merge.title"));
      await other.page.locator("#merge").fill(number);
      await other.press(words("inbox.merge.submit"));
      expect(other.path).toBe(`/desk/cases/${number}`);
      expect(await other.text()).toContain("C’est encore moi, toujours rien.");
      await other.open(`/desk/cases/${another}`);
      await other.follow(words("inbox.merged.link", { number }));
      await other.page.locator("#answer").fill("Votre messagerie avait tout bloqué. C’est réparé.");
      await other.press(words("inbox.answer.submit-solved"));
      expect(await other.text()).toContain(words("inbox.status.solved"));
      const asked = await scene.messageTo(email);
      await lea.open(asked.links.find((link) => link.includes("/contact/well")) ?? "");
      await lea.press(words("contact.well.3"));
      await other.open(`/desk/cases/${number}`);
      expect(await other.text()).toContain(words("cases.event.rated.3"));
    });
  }

  test("somebody answers meanwhile: nothing is sent twice, and nothing is lost", async () => {
    const anne = await aStaffMember(scene.portal, "support", { name: "Anne Moreau" });
    const paul = await aStaffMember(scene.portal, "support", { name: "Paul Roux" });
    const number = await write(scene, { email: scene.unused("noe@example.fr") });
    const [first, second] = [
      await visitorAtDesk(scene, anne),
      await visitorAtDesk(scene, paul, { width: 320 }),
    ];
    await first.open(`/desk/cases/${number}`);
    await second.open(`/desk/cases/${number}`);
    expect(await second.text()).toContain(words("inbox.viewing", { names: "Anne Moreau" }));
    await first.page.locator("#answer").fill("La réponse d’Anne.");
    await second.page.locator("#answer").fill("La réponse de Paul.");
    await first.press(words("inbox.answer.submit"));
    await second.press(words("inbox.answer.submit"));
    expect(second.status).toBe(409);
    expect(await second.text()).toContain(words("inbox.newer.title"));
    expect(await second.text()).toContain("La réponse d’Anne.");
    expect(await second.page.locator("#answer").inputValue()).toBe("La réponse de Paul.");
    await second.press(words("inbox.answer.submit"));
    expect(await second.text()).toContain(words("inbox.answer.sent", { number }));
  });

  test("with the keyboard alone: from case to case, to the answer, never while typing, and off when asked", async () => {
    const anne = await aStaffMember(scene.portal, "support");
    const numbers = [
      await write(scene, { email: scene.unused("a@example.fr") }),
      await write(scene, { email: scene.unused("b@example.fr") }),
    ];
    const desk = await visitorAtDesk(scene, anne);
    await desk.open("/desk/cases?view=team");
    const { keyboard } = desk.page;
    const focusedCase = () => desk.page.evaluate("document.activeElement.getAttribute('href') ?? ''");
    await keyboard.press("j");
    const top = await focusedCase();
    await keyboard.press("j");
    const next = await focusedCase();
    expect(next).not.toBe(top);
    await keyboard.press("k");
    expect(await focusedCase()).toBe(top);
    await keyboard.press("/");
    expect(await desk.focused()).toBe("#q");
    await keyboard.type("jk?");
    expect(await desk.page.locator("#q").inputValue()).toBe("jk?");

    await desk.open(`/desk/cases/${numbers[0]}`);
    await keyboard.press("r");
    expect(await desk.focused()).toBe("#answer");
    await keyboard.type("narj");
    expect(await desk.page.locator("#answer").inputValue()).toBe("narj");
    await desk.page.locator("h1").click();
    await keyboard.press("n");
    expect(await desk.focused()).toBe("#note");
    await desk.page.locator("h1").click();
    await keyboard.press("?");
    expect(await desk.text()).toContain(words("inbox.shortcut.take"));
    await desk.page.getByRole("button", { name: words("inbox.shortcut.turn-off") }).click();
    await desk.page.locator("h1").click();
    await keyboard.press("r");
    expect(await desk.focused()).not.toBe("#answer");
    await desk.reload();
    await keyboard.press("r");
    expect(await desk.focused()).not.toBe("#answer");
    await keyboard.press("?");
    await desk.unfold(words("inbox.shortcut.title"));
    await desk.page.getByRole("button", { name: words("inbox.shortcut.turn-on") }).click();
    await desk.page.locator("h1").click();
    await Promise.all([desk.page.waitForEvent("load"), keyboard.press("a")]);
    expect(await desk.text()).toContain(words("inbox.acts.taken", { number: numbers[0] ?? "" }));
  });

  test("a page that is open hears that somebody wrote, and who else looks", async () => {
    const anne = await aStaffMember(scene.portal, "support", { name: "Anne Moreau" });
    const email = scene.unused("rose@example.fr");
    const number = await write(scene, { email });
    const link = linkOf(await scene.messageTo(email));
    const desk = await visitorAtDesk(scene, anne);
    await desk.open(`/desk/cases/${number}`);
    const rose = await scene.visitor();
    await rose.open(link);
    await rose.page.locator("#what").fill("Encore moi.");
    await rose.submit();
    // As when the page is looked at again: it asks at once.
    await desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await desk.page.getByText(words("inbox.viewing.newer")).waitFor();
  });
});
