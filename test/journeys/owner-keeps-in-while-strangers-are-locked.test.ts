import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";

const password = "ancien-mot-de-passe-9";

journey("a known browser", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: the owner signs in while strangers keep the account locked`, async () => {
      const email = scene.unused("ines@example.fr");
      await anAccount(scene.portal, "Inès Robert").email(email).made();
      const ines = await scene.visitor({ script });
      await ines.signIn(email, password);
      expect(ines.path).toBe("/account");
      await ines.press("Se déconnecter");

      await scene.guess(email, 12);
      const stranger = await scene.visitor({ script });
      await stranger.signIn(email, password);
      expect(await stranger.heading()).toBe("Votre compte est verrouillé.");

      await ines.signIn(email, "une faute de frappe");
      expect(await ines.text()).toContain("Identifiant ou mot de passe incorrect.");
      await ines.submit({ "current-password": password });
      expect(ines.path).toBe("/account");
      // Her success ends nothing for the strangers.
      await stranger.signIn(email, password);
      expect(await stranger.heading()).toBe("Votre compte est verrouillé.");
      expect((await scene.subjectsTo(email)).length).toBe(1);
    });
  }
});
