import { expect, test } from "vitest";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

journey("the help", { preset: "school" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: from the sign-in page to the button that does the thing`, async () => {
      const lea = await scene.visitor({ script });
      await lea.open("/sign-in");
      await lea.follow(words("ui.footer.help"));
      expect(await lea.heading()).toBe(words("articles.home.title"));
      await lea.page.locator("input[type=search]").fill("jai pas recu le mial");
      await lea.submit();
      expect(lea.path).toBe("/help/search");
      expect(await lea.page.locator(".hits mark").count()).toBeGreaterThan(0);
      await lea.follow("Je ne reçois pas");
      expect(lea.path).toBe("/help/mail-not-received");
      expect(await lea.page.locator(".breadcrumbs li").count()).toBe(3);
      expect(await lea.page.locator(".contents a").count()).toBeGreaterThan(2);
      await Promise.all([
        lea.page.waitForEvent("load"),
        lea.page.locator(".article-action a.button").first().click(),
      ]);
      await lea.look();
      expect(lea.path).toMatch(/^\/forgot-/);
    });

    test(`${mode}: says whether it helped, and what is missing`, async () => {
      const noe = await scene.visitor({ script, width: 320 });
      await noe.open("/help/locked-account");
      expect(await noe.page.locator("figure img").getAttribute("alt")).toMatch(/\S/);
      await noe.press(words("articles.feedback.no"));
      await noe.page.locator("#comment").fill("Je n’ai pas trouvé le bouton.");
      await noe.submit();
      expect(await noe.text()).toContain(words("articles.feedback.thanks"));
      await noe.open("/help/locked-account");
      await noe.press(words("articles.feedback.no"));
      await noe.press(words("articles.feedback.cancel"), noe.main);
      expect(await noe.text()).toContain(words("articles.feedback.taken-back"));
    });

    test(`${mode}: finds nothing, and is shown the other ways`, async () => {
      const visitor = await scene.visitor({ script, colorScheme: "dark" });
      await visitor.open("/help/search?q=zzzzqqqq");
      expect(await visitor.text()).toContain(words("articles.search.none", { query: "zzzzqqqq" }));
      await visitor.open("/help/no-such-article");
      expect(visitor.status).toBe(404);
      expect(await visitor.text()).toContain(words("articles.none.what"));
    });

    test(`${mode}: in Arabic, from right to left, with the words of another language where they are borrowed`, async () => {
      const karim = await scene.visitor({ script, locale: "ar-MA" });
      await karim.open("/help");
      expect(await karim.heading()).toBe(words("articles.home.title", {}, "ar"));
      await karim.open("/help/search?q=رسالة");
      expect(await karim.page.locator(".hits li").count()).toBeGreaterThan(0);
      await karim.open("/help/mail-not-received");
      expect(await karim.page.locator(".article").getAttribute("dir")).toBe("ltr");
    });
  }

  test("with script: what fits stands below the box while one types, and is read out", async () => {
    const lea = await scene.visitor();
    await lea.open("/help");
    const box = lea.page.locator("input[type=search]");
    await box.pressSequentially("sms");
    const results = lea.page.locator("[data-help-results]");
    await results.locator('a[href="/help/sms-not-received"]').waitFor();
    expect(await lea.page.locator("[data-help-status]").textContent()).toMatch(/\d+ article/);
    await lea.look();
    await box.fill("");
    await results.waitFor({ state: "hidden" });
    await box.pressSequentially("zzgirafe");
    await results.getByText("zzgirafe").waitFor();
    const counted = lea.page.waitForRequest((request) => request.url().endsWith("/help/searched"));
    await counted;
  });

  test("on paper every question is open, and there is nothing to press", async () => {
    const lea = await scene.visitor();
    const slugs = ["mail-not-received", "strong-password", "keep-your-account-safe", "locked-account"];
    for (const slug of slugs) {
      await lea.open(`/help/${slug}?print=1`);
      expect(await lea.page.locator("details.question:not([open])").count()).toBe(0);
    }
    await lea.open("/help/locked-account");
    await lea.page.emulateMedia({ media: "print" });
    for (const gone of [".breadcrumbs", ".article-feedback", ".still-need", "main .button", ".languages"]) {
      expect(await lea.page.locator(`${gone}:visible`).count(), gone).toBe(0);
    }
    expect(await lea.page.locator(".article:visible").count()).toBe(1);
    await lea.page.emulateMedia({ media: "screen" });
  });
});
