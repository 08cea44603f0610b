import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { journey } from "../support/journey.ts";
import { aStaffMember, nextCode } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

journey("watching the SMS", { preset: "school" }, (scene) => {
  test("the operator sees where SMS go, and that one number asked for too many", async () => {
    await anAccount(scene.portal, "Nadia Haddad")
      .kind("guardian")
      .username("n.haddad")
      .mobile("+33612345678")
      .made();
    for (let n = 0; n < 7; n++) {
      await new PlainBrowser(scene.portal.url).post("/forgot-password", {
        identifier: "n.haddad",
        channel: "sms",
      });
      await scene.wait(0);
    }
    const operator = await aStaffMember(scene.portal, "operator", { name: "Olga Perrin" });
    const desk = await scene.visitor();
    await desk.open("/sign-in");
    await desk.signIn(operator.identifier, operator.password ?? "");
    await desk.open("/desk");
    await desk.submit({ "one-time-code": nextCode(scene.portal) });
    await desk.follow(words("desk.nav.sms"));
    const text = fold(await desk.text());
    expect(text).toContain("France");
    expect(text).toContain(words("desk-sms.refusal.number"));
    expect(text).toContain(words("desk-sms.ceilings"));
    await desk.unfold(words("chart.table"));
  });
});
