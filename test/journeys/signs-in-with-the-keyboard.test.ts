import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey } from "../support/journey.ts";

const password = "ancien-mot-de-passe-9";

journey("the keyboard alone", { preset: "community" }, (scene) => {
  test("is enough to pass the header, sign in, be told of a mistake, and sign out", async () => {
    const email = scene.unused("lou@example.fr");
    await anAccount(scene.portal, "Lou Petit").email(email).made();
    const lou = await scene.visitor();
    const { keyboard } = lou.page;
    const tabTo = async (wanted: string) => {
      for (let n = 0; n < 30; n++) {
        await keyboard.press("Tab");
        if ((await lou.focused()).includes(wanted)) return;
      }
      throw new Error(`The Tab key does not lead to ${wanted}.`);
    };
    const pressEnter = async () => {
      await Promise.all([lou.page.waitForEvent("load"), keyboard.press("Enter")]);
      await lou.look();
    };

    await lou.open("/sign-in");
    await keyboard.press("Tab");
    expect(await lou.focused()).toBe("Passer au contenu principal");
    await keyboard.press("Enter");
    await tabTo("#identifier");
    await keyboard.type(email);
    await tabTo("#password");
    await keyboard.type("pas le bon");
    await pressEnter();
    // The summary has the focus and leads to the field.
    expect(await lou.focused()).toBe("#errors");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    expect(await lou.focused()).toBe("#identifier");
    await tabTo("#password");
    await keyboard.type(password);
    await tabTo("Se connecter");
    await pressEnter();
    expect(lou.path).toBe("/account");
    await lou.reload();
    await tabTo("Se déconnecter");
    await pressEnter();
    expect(lou.path).toBe("/sign-in");
    expect(await lou.cookie("session")).toBeUndefined();
  });
});
