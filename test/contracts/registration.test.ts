import { afterEach, describe, expect, test } from "vitest";
import { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

const form = {
  email: "lea@example.fr",
  name: "Léa Martin",
  nickname: "lea_m",
  password: "huit-ponts-verts-27",
};

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`registration on ${engine}`, () => {
    let portal: TestPortal;
    afterEach(() => portal.close());

    test("a person signs up, confirms in the same browser, and is signed in", async () => {
      portal = await startPortal({ engine });
      const browser = new PlainBrowser(portal.url);
      const waiting = await browser.post("/sign-up", form);
      expect(waiting.path).toBe("/sign-up/sent");
      expect(waiting.text).toContain("lea@example.fr");
      const mail = await portal.messageTo("lea@example.fr");
      expect(mail.subject).toBe("Veuillez activer votre compte");
      const confirmed = await browser.post("/confirm/code", { code: mail.code ?? "" }, { follow: false });
      expect(confirmed.location).toBe("/account");
      expect(browser.cookie("loquet-session")).toBeDefined();
    });

    test("an address that has an account gets the same page and a different mail", async () => {
      portal = await startPortal({ engine });
      const first = new PlainBrowser(portal.url);
      await first.post("/sign-up", form);
      const link = (await portal.messageTo("lea@example.fr")).links.find((found) => found.includes("token="));
      const token = new URL(link ?? "").searchParams.get("token") ?? "";
      await first.post("/confirm", { token });
      await portal.settle();
      const second = new PlainBrowser(portal.url);
      const waiting = await second.post("/sign-up", { ...form, nickname: "autre" });
      expect(waiting.path).toBe("/sign-up/sent");
      const mail = await portal.messageTo("lea@example.fr");
      expect(mail.subject).toContain("Vous avez déjà un compte");
      expect(mail.code).toBeNull();
    });
  });
}
