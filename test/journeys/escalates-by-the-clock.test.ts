import { expect, test } from "vitest";
import { hour, minute } from "../../src/kernel/clock.ts";
import { aCase } from "../support/a-case.ts";
import { journey } from "../support/journey.ts";
import { aStaffMember, nextCode } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

journey("escalation by the clock", { preset: "community", engines: ["sqlite", "postgres"] }, (scene) => {
  test("nobody answers in time: the next team is told, takes it, and the report counts it", async () => {
    const operator = await aStaffMember(scene.portal, "operator", { name: "Olga Perrin" });
    await aStaffMember(scene.portal, "support");
    const opened = await aCase(scene.portal, { symptom: "sms-not-received" });
    await scene.wait(4 * hour + minute);
    const mail = await scene.messageTo(operator.email);
    expect(fold(mail.subject)).toBe(words("escalation.mail.subject", { count: 1 }));
    expect(mail.text).toContain(opened.number);

    const desk = await scene.visitor();
    await desk.open(mail.links[0] ?? "");
    await desk.signIn(operator.identifier, operator.password ?? "");
    await desk.submit({ "one-time-code": nextCode(scene.portal) });
    await desk.open("/desk/cases?view=team");
    expect(await desk.text()).toContain(words("inbox.escalated"));
    await desk.page.locator(`a[href="/desk/cases/${opened.number}"]`).click();
    await desk.look();
    expect(fold(await desk.text())).toContain(
      words("cases.event.escalated.time", {
        from: "L’équipe d’assistance",
        to: "L’exploitation du portail",
      }),
    );
    await desk.page.locator("#answer").fill("La route des SMS est rétablie.");
    await desk.press(words("inbox.answer.submit-solved"));
    expect(await desk.text()).toContain(words("inbox.status.solved"));

    await scene.wait(hour + minute);
    await desk.open("/desk/reports?days=7");
    const text = fold(await desk.text());
    expect(text).toContain(words("symptom.sms-not-received"));
    await desk.unfold(words("chart.table"));
    await desk.follow(words("case-reports.print"));
    expect(await desk.page.locator("main table").count()).toBe(3);
    await desk.follow(words("case-reports.back"));
    await desk.open("/desk/canned-answers");
    await desk.follow(words("canned-answers.new"));
    await desk.submit();
    expect(desk.status).toBe(422);
    await desk.page.locator("#title").fill("SMS rétablis");
    await desk.page.locator("#body").fill("Bonjour {name}, les SMS partent de nouveau.");
    await desk.submit();
    expect(await desk.text()).toContain("SMS rétablis");
  });
});
