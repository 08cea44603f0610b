import { expect, test } from "vitest";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { aStaffMember } from "../support/staff.ts";
import type { Visitor, VisitorOptions } from "../support/visitor.ts";
import { words } from "../support/words.ts";

journey("the articles on the desk", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: a new article is written, looked at, kept, published, found, and withdrawn`, async () => {
      const editor = await atDesk(scene, { script });
      const slug = script ? "written-here" : "written-here-too";
      const reader = await scene.visitor({ script });
      await editor.open("/desk/articles/new");
      await editor.page.locator("#slug").fill(slug);
      await editor.submit();
      await editor.page.locator("#title").fill("Ma boîte aux zèbres");
      await editor.page.locator("#summary").fill("Où vont les zèbres.");
      await editor.page.locator("#category").selectOption("messages");
      await editor.page.locator("#action-label").fill("Aller voir");
      await editor.page.locator("#action-href").fill("/sign-in");
      await editor.page.locator("#body").fill("## Étape\n\nAttendez **{{codeMinutes}} minutes**.");
      await editor.submit();
      expect(await editor.page.locator(".preview-sheet").innerText()).toContain("Attendez 30 minutes.");
      await editor.press(words("articles.editor.draft"));
      expect(await editor.text()).toContain(words("articles.editor.saved"));
      await reader.open(`/help/${slug}`);
      expect(reader.status).toBe(404);
      await editor.press(words("articles.editor.publish"));
      expect(await editor.text()).toContain(words("articles.editor.published"));
      await reader.open("/help/search?q=zebres");
      await reader.follow("Ma boîte aux zèbres");
      expect(reader.path).toBe(`/help/${slug}`);
      await editor.follow(words("articles.editor.history"));
      await editor.follow("Version 2");
      await editor.open(`/desk/articles/${slug}/fr`);
      await editor.unfold(words("articles.editor.withdraw"));
      await editor.press(words("articles.editor.withdraw.do"), editor.page.locator("details.details[open]"));
      await reader.reload();
      expect(reader.status).toBe(404);
    });

    test(`${mode}: what is faulty is told with its place, and scripts stay text`, async () => {
      const editor = await atDesk(scene, { script, width: 320 });
      await editor.open("/desk/articles/strong-password/fr");
      await editor.page.locator("#title").fill("");
      await editor.page
        .locator("#body")
        .fill('<img src=x onerror="alert(1)">\n\n[x](javascript:alert(1))\n\n:::only nowhere');
      editor.page.on("dialog", () => {
        throw new Error("A script ran.");
      });
      await editor.press(words("articles.editor.publish"));
      expect(editor.status).toBe(422);
      expect(await editor.focused()).toBe("#errors");
      expect(await editor.text()).toContain(words("articles.fault.field-missing", { field: "title" }));
      expect(await editor.page.locator(".preview-sheet img").count()).toBe(0);
      expect(await editor.page.locator(".preview-sheet").innerText()).toContain("<img src=x");
    });
  }

  test("two who edit at once see both texts, and nothing is lost", async () => {
    const [olivier, nadia] = [await atDesk(scene), await atDesk(scene, { colorScheme: "dark" })];
    for (const editor of [olivier, nadia]) await editor.open("/desk/articles/change-language/fr");
    await nadia.page.locator("#summary").fill("Le résumé de Nadia.");
    await nadia.press(words("articles.editor.draft"));
    await olivier.page.locator("#summary").fill("Le résumé d’Olivier.");
    await olivier.press(words("articles.editor.draft"));
    expect(olivier.status).toBe(409);
    expect(await olivier.text()).toContain(words("articles.editor.conflict"));
    expect(await olivier.page.locator(".difference").innerText()).toContain("Le résumé de Nadia.");
    expect(await olivier.page.locator("#summary").inputValue()).toBe("Le résumé d’Olivier.");
    await olivier.press(words("articles.editor.draft"));
    expect(await olivier.text()).toContain(words("articles.editor.saved"));
    await olivier.follow(words("articles.editor.history"));
    expect(await olivier.text()).toContain("Version 1");
  });

  test("sees what readers say and what they look for in vain", async () => {
    const reader = await scene.visitor();
    await reader.open("/help/locked-account");
    await reader.press(words("articles.feedback.no"));
    await reader.page.locator("#comment").fill("Il manque le bouton <b>rouge</b>.");
    await reader.submit();
    await reader.open("/help/search?q=zzlicorne");
    await scene.portal.settle();
    const editor = await atDesk(scene);
    await editor.open("/desk/articles");
    await editor.follow(words("articles.desk.place.feedback"));
    expect(await editor.text()).toContain("Il manque le bouton <b>rouge</b>.");
    await editor.follow(words("articles.desk.place.searches"));
    expect(await editor.text()).toContain("zzlicorne");
    await editor.follow(words("articles.desk.place.list"));
    expect(await editor.text()).toContain(words("articles.desk.answers", { yes: 0, no: 1 }));
  });
});

/** A member of staff who may do everything with articles, past both factors. */
async function atDesk(scene: Scene, options?: VisitorOptions): Promise<Visitor> {
  const staff = await aStaffMember(scene.portal, "operator");
  const visitor = await visitorAtDesk(scene, staff, options);
  await visitor.open("/desk/articles");
  return visitor;
}
