import { expect, test } from "vitest";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { linkOf, type Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const password = "huit-ponts-verts-27";

async function signUp(visitor: Visitor, scene: Scene): Promise<string> {
  const email = scene.unused("lea@example.fr");
  await visitor.open("/sign-up");
  await visitor.submit({
    email,
    name: "Léa Martin",
    nickname: scene.unused("lea"),
    "new-password": password,
  });
  expect(visitor.path).toBe("/sign-up/sent");
  expect(await visitor.text()).toContain(email);
  return email;
}

journey("signing up", { preset: "community", engines: ["sqlite", "postgres"] }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: signs up, opens the link in the same browser, and is signed in`, async () => {
      const lea = await scene.visitor({ script });
      const email = await signUp(lea, scene);
      const mail = await scene.messageTo(email);
      expect(mail.subject).toBe("Veuillez activer votre compte");
      await lea.openLinkOf(mail);
      expect(await lea.text()).toContain(email);
      await lea.submit();
      expect(lea.path).toBe("/account");
      expect(await lea.cookie("session")).toBeDefined();
    });

    test(`${mode}: signs up and copies the code into the waiting page`, async () => {
      const lea = await scene.visitor({ script, width: 320 });
      const email = await signUp(lea, scene);
      const { code } = await scene.messageTo(email);
      await lea.submit({ "one-time-code": `${code?.slice(0, 4)} ${code?.slice(4)}` });
      expect(lea.path).toBe("/account");
    });

    test(`${mode}: opens the link in another browser, and goes on at its sign-in page`, async () => {
      const [computer, telephone] = [await scene.visitor({ script }), await scene.visitor({ script })];
      const email = await signUp(computer, scene);
      await telephone.openLinkOf(await scene.messageTo(email));
      await telephone.submit();
      expect(telephone.path).toBe("/sign-in");
      expect(await telephone.text()).toContain(words("confirmation.done.sign-in"));
      expect(await telephone.cookie("session")).toBeUndefined();
      // The browser that waits goes on too, but nobody is signed in there by what happened elsewhere.
      if (script) await computer.page.waitForURL("**/sign-in");
      else await computer.submit({ "one-time-code": "12345678" });
      expect(computer.path).toBe("/sign-in");
      expect(await computer.cookie("session")).toBeUndefined();
    });
  }

  test("a mail scanner follows GET, HEAD and redirects of all links, and nothing is spent", async () => {
    const lea = await scene.visitor();
    const email = await signUp(lea, scene);
    const mail = await scene.messageTo(email);
    const found = [...mail.html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href as string);
    const links = new Set([...mail.links, ...found.map((href) => href.replaceAll("&amp;", "&"))]);
    expect(links.size).toBeGreaterThan(0);
    for (const link of links) {
      for (const method of ["HEAD", "GET", "GET"]) {
        const answer = await fetch(link, { method, headers: { "user-agent": "LinkScanner/1.0" } });
        expect(answer.status, `${method} ${link}`).toBeLessThan(400);
      }
    }
    await scene.portal.settle();
    await lea.openLinkOf(mail);
    await lea.submit();
    expect(lea.path).toBe("/account");
    expect(await scene.subjectsTo(email)).toHaveLength(2);
  });

  test("a scanner with a real browser and script presses nothing", async () => {
    const [lea, scanner] = [await scene.visitor(), await scene.visitor()];
    const email = await signUp(lea, scene);
    const link = linkOf(await scene.messageTo(email));
    await scanner.open(link);
    await scanner.page.waitForTimeout(500);
    await lea.open(link);
    expect(lea.status).toBe(200);
    await lea.submit();
    expect(lea.path).toBe("/account");
  });
});
