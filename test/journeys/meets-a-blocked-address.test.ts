import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";
const newPassword = "trois-cerfs-volants-8";

journey("a blocked address", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: says until when, answers 429, and leaves links, codes and recovery open`, async () => {
      const address = script ? "203.0.113.7" : "203.0.113.8";
      const email = scene.unused("omar@example.fr");
      await anAccount(scene.portal, "Omar Sy").email(email).made();
      const known = await scene.visitor({ script, address });
      await known.signIn(email, password);
      await known.press("Se déconnecter");

      const sprayer = new PlainBrowser(scene.portal.url, { "x-forwarded-for": address });
      for (let n = 0; n < 31; n++) {
        await sprayer.post("/sign-in", { identifier: `personne${n}-${mode}@example.org`, password: "faux" });
      }
      const omar = await scene.visitor({ script, address });
      await omar.signIn(email, password);
      expect(omar.status).toBe(429);
      expect(await omar.heading()).toBe("Votre adresse IP est temporairement bloquée.");
      expect(await omar.text()).toMatch(/2 mars 2027/);
      const again = await sprayer.post("/sign-in", { identifier: email, password });
      expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);

      // A browser that the account knows, and somebody elsewhere, sign in as ever.
      await known.signIn(email, password);
      expect(known.path).toBe("/account");
      const elsewhere = await scene.visitor({ script });
      await elsewhere.signIn(email, password);
      expect(elsewhere.path).toBe("/account");

      // Recovery works from the blocked address, and makes its browser known.
      await omar.follow(words("sign-in.forgot-password"));
      await omar.submit({ username: email });
      await omar.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
      await omar.submit({ "new-password": newPassword });
      expect(omar.path).toBe("/sign-in");
      await omar.submit({ "current-password": newPassword });
      expect(omar.path).toBe("/account");

      // And the block ends by itself.
      await scene.wait(10 * 60_000);
      const stranger = await scene.visitor({ script, address });
      await stranger.signIn(email, newPassword);
      expect(stranger.path).toBe("/account");
    });
  }
});
