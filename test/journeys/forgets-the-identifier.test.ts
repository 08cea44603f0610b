import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";

let numbers = 50;

journey("a forgotten identifier", { preset: "school" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: a guardian is told by SMS every account behind the number, and signs in`, async () => {
      const mobile = `+3363998${String(numbers++).padStart(4, "0")}`;
      const [claire, noe] = [scene.unused("c.martin"), scene.unused("n.martin")];
      await anAccount(scene.portal, "Claire Martin").username(claire).kind("guardian").mobile(mobile).made();
      await anAccount(scene.portal, "Noé Martin").username(noe).kind("pupil").mobile(mobile).made();
      const visitor = await scene.visitor({ script, width: 320 });
      await visitor.open("/sign-in");
      await visitor.follow("Identifiant oublié ?");
      await visitor.choose("kind", "guardian");
      await visitor.choose("channel", "sms");
      await visitor.submit({ tel: `0${mobile.slice(3)}` });
      expect(visitor.path).toBe("/forgot-identifier/sent");
      const sms = await scene.messageTo(mobile);
      expect(sms.text).toContain("Claire Martin");
      expect(sms.text).toContain(claire);
      expect(sms.text).toContain(noe);
      await visitor.signIn(claire, "ancien-mot-de-passe-9");
      expect(await visitor.cookie("session")).toBeDefined();
    });

    test(`${mode}: a pupil is told by e-mail every account behind the family's mailbox`, async () => {
      const mailbox = scene.unused("famille@example.fr");
      const [noe, jade] = [scene.unused("n.martin"), scene.unused("j.martin")];
      await anAccount(scene.portal, "Noé Martin").username(noe).kind("pupil").email(mailbox).made();
      await anAccount(scene.portal, "Jade Martin").username(jade).kind("pupil").email(mailbox).made();
      const visitor = await scene.visitor({ script });
      await visitor.open("/forgot-identifier");
      await visitor.choose("kind", "pupil");
      await visitor.choose("channel", "email");
      await visitor.submit({ email: mailbox });
      expect(visitor.path).toBe("/forgot-identifier/sent");
      const mail = await scene.messageTo(mailbox);
      for (const told of ["Noé Martin", noe, "Jade Martin", jade]) expect(mail.text).toContain(told);
      expect(mail.code).toBeNull();
    });

    test(`${mode}: an address that nobody has meets the same pages, and its mailbox the truth`, async () => {
      const [known, unknown] = [scene.unused("connue@example.fr"), scene.unused("autre@example.fr")];
      await anAccount(scene.portal, "Paul Durand").username(scene.unused("p.durand")).email(known).made();
      const said: string[] = [];
      for (const email of [known, unknown]) {
        const visitor = await scene.visitor({ script });
        await visitor.open("/forgot-identifier");
        await visitor.choose("channel", "email");
        await visitor.submit({ email });
        said.push((await visitor.text()).replaceAll(email, "…"));
      }
      expect(said[0]).toBe(said[1]);
      expect((await scene.messageTo(unknown)).text).not.toContain("Paul");
    });
  }
});
