import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";

journey("devices", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: signs out one device, then all others, and the journal says so`, async () => {
      const email = scene.unused("anne@example.fr");
      await anAccount(scene.portal, "Anne Moreau").email(email).made();
      const [home, library, telephone] = [
        await scene.visitor({ script }),
        await scene.visitor({ script }),
        await scene.visitor({ script, width: 320 }),
      ];
      for (const device of [library, telephone, home]) await device.signIn(email, password);
      await home.follow(words("account.devices.title"));
      expect(await home.text()).toContain(words("account.devices.this"));
      await home.press(
        words("account.devices.sign-out"),
        home.main.locator("li").filter({ hasText: "Chrome" }).last(),
      );
      expect(await home.text()).toContain(words("account.devices.signed-out"));
      await home.press(words("account.devices.sign-out-others"));
      for (const device of [library, telephone]) {
        await device.open("/account");
        expect(device.path).toBe("/sign-in");
      }
      await home.open("/account/journal");
      expect(home.path).toBe("/account/journal");
    });

    test(`${mode}: changes the password with the current one, and stays signed in here only`, async () => {
      const email = scene.unused("anne@example.fr");
      await anAccount(scene.portal, "Anne Moreau").email(email).made();
      const [home, library] = [await scene.visitor({ script }), await scene.visitor({ script })];
      for (const device of [library, home]) await device.signIn(email, password);
      await home.follow(words("account.password.title"));
      await home.submit({ "current-password": "pas le bon", "new-password": "trois-cerfs-volants-8" });
      expect(home.status).toBe(422);
      await home.submit({ "current-password": password, "new-password": "trois-cerfs-volants-8" });
      expect(home.path).toBe("/account");
      expect(await home.text()).toContain(words("account.password.changed"));
      await library.open("/account");
      expect(library.path).toBe("/sign-in");
    });
  }

  test("signs in to another account only after being told whose is open", async () => {
    const [anne, marc] = [scene.unused("anne@example.fr"), scene.unused("marc@example.fr")];
    await anAccount(scene.portal, "Anne Moreau").email(anne).made();
    await anAccount(scene.portal, "Marc Lefèvre").email(marc).made();
    const shared = await scene.visitor();
    await shared.signIn(anne, password);
    await shared.open("/sign-in");
    expect(await shared.text()).toContain(words("sign-in.other-account", { name: "Anne Moreau" }));
    await shared.submit({ username: marc, "current-password": password });
    expect(shared.path).toBe("/account");
    expect(await shared.text()).toContain("Marc Lefèvre");
  });
});
