import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formatMoment } from "../../src/i18n/moment.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { aCase } from "../support/a-case.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey } from "../support/journey.ts";
import { type PrintedLetter, readPrintedLetters } from "../support/printed-letters.ts";
import { anEstablishment } from "../support/schools.ts";
import { aStaffMember } from "../support/staff.ts";
import type { Visitor, VisitorOptions } from "../support/visitor.ts";
import { fold, words } from "../support/words.ts";

const password = "neuf-lacs-bleus-calmes-31";
const newPassword = "trois-cerfs-volants-8";
const paulsMobile = "+33639981001";
const registry = [
  "type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;eleves",
  "élève;4501;BENALI;Lina;31/05/2014;6A;;;",
  "élève;4502;ROCHE;Hugo;12/02/2014;6A;;;",
  "élève;4503;PETIT;Noé;30/02/2014;5B;;;",
  "responsable;9001;BENALI;Nadia;;;;06 39 98 10 02;4501",
  "responsable;9002;ROCHE;Paul;;;;06 39 98 10 01;4502",
  "responsable;9003;ROCHE;Anne;;;anne.roche@example.fr;01 40 00 00 00;4502",
  "responsable;9004;PETIT;Ève;;;eve@example.fr;;4503",
].join("\n");
/** A week later, another number stands in it for Paul. */
const laterRegistry = registry.replace("06 39 98 10 01", "06 39 98 10 03");

// One year of one school: each story stands on the one before.
journey("a school year begins", { preset: "school" }, (scene) => {
  let school = "";
  let importPath = "";
  let classId = "";
  /** Paths of pages of people, by their name. */
  const pages = new Map<string, string>();
  /** What the school printed, by the name on the letter. */
  const letters = new Map<string, PrintedLetter>();

  const moment = (ms: number) => fold(formatMoment("fr", "Europe/Paris", ms));

  async function atDesk(role: string, at = school, options: VisitorOptions = {}): Promise<Visitor> {
    const staff = await aStaffMember(scene.portal, role, { establishmentId: at });
    return visitorAtDesk(scene, staff, options);
  }

  async function loads(desk: Visitor, csv: string): Promise<void> {
    await desk.open("/desk/imports");
    await desk.page.setInputFiles("#files", {
      name: "rentrée.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(csv),
    });
    await desk.submit();
    expect(await desk.text()).toContain(words("registry-import.preview.what"));
  }

  /** Presses and, when the worker has been there, looks at what was done. */
  async function applies(desk: Visitor): Promise<void> {
    await desk.press(words("registry-import.apply"));
    expect(await desk.text()).toContain(words("registry-import.applying"));
    await scene.portal.settle();
    if (desk.hasScript) {
      await desk.page.getByText(words("registry-import.status.applied"), { exact: true }).waitFor();
      await desk.look();
    } else {
      await desk.follow(words("registry-import.refresh"));
    }
    expect(await desk.text()).toContain(words("registry-import.status.applied"));
  }

  /** Takes the letters from the printer. */
  async function prints(
    desk: Visitor,
    kind: "guardian" | "pupil",
    inClass: string,
  ): Promise<PrintedLetter[]> {
    await desk.open("/desk/letters");
    expect(await desk.text()).toContain("Collège des Lilas");
    // Each office writes to its own people: there is nothing to choose.
    expect(await desk.page.locator("input[name=kind]:checked").getAttribute("value")).toBe(kind);
    const option = desk.page.locator("#class option", { hasText: inClass });
    classId = (await option.getAttribute("value")) ?? "";
    await desk.page.selectOption("#class", classId);
    const [download] = await Promise.all([
      desk.page.waitForEvent("download"),
      desk.mainForm.locator("button[type=submit]").click(),
    ]);
    expect(download.suggestedFilename()).toBe("lettres-activation.pdf");
    const printed = readPrintedLetters(await readFile(await download.path()));
    for (const letter of printed) {
      const [, name = ""] = /Bonjour (.+),/.exec(letter.text) ?? [];
      letters.set(name, letter);
    }
    return printed;
  }

  async function findsPages(desk: Visitor, surname: string): Promise<void> {
    await desk.open(`/desk/people?q=${surname}`);
    for (const link of await desk.page.locator('#people-results a[href^="/desk/people/"]').all()) {
      pages.set((await link.innerText()).trim(), (await link.getAttribute("href")) ?? "");
    }
  }

  /** As everybody does who has the letter before them; answers when the password is chosen. */
  async function opensLetter(name: string, options: VisitorOptions): Promise<Visitor> {
    const letter = letters.get(name);
    const visitor = await scene.visitor(options);
    await visitor.open("/activate");
    await visitor.page.fill("#identifier", letter?.identifier ?? "");
    await visitor.page.fill("#code", "ABCD-EFGH-JKMN");
    await visitor.submit();
    expect(visitor.status).toBe(422);
    expect(await visitor.focused()).toBe("#errors");
    expect(await visitor.text()).not.toContain(name);
    await visitor.page.fill("#code", letter?.code.toLowerCase().replaceAll("-", " ") ?? "");
    await visitor.submit();
    expect(visitor.path).toBe("/activate/password");
    expect(await visitor.text()).toContain(words("activation.password.greeting", { name }));
    expect(await visitor.text()).toContain(letter?.identifier);
    await visitor.submit({ "new-password": password });
    expect(visitor.path).toBe("/activate/contact");
    return visitor;
  }

  async function givesEmail(visitor: Visitor, email: string): Promise<void> {
    await visitor.choose("channel", "email");
    await visitor.page.fill("#email", email);
    await visitor.submit();
    expect(await visitor.heading()).toBe(words("contacts.waiting.title.email"));
    const { code } = await scene.messageTo(email);
    await visitor.submit({ "one-time-code": code ?? "" });
    expect(visitor.path).toBe("/account");
    expect(await visitor.text()).toContain(words("activation.done"));
    expect(await visitor.text()).toContain(email);
  }

  test("the office loads the registry, sees what it would change, applies it and prints letters", async () => {
    const academy = await anEstablishment(scene.portal, "academy", "Académie du Nord");
    school = await anEstablishment(scene.portal, "school", "Collège des Lilas", academy);
    const desk = await atDesk("school-office");
    await desk.follow(words("desk.nav.imports"));
    await desk.submit();
    await loads(desk, registry);
    importPath = desk.path;
    expect(await desk.text()).toContain("Collège des Lilas");
    await desk.follow(words("registry-import.action.new"));
    for (const name of ["Lina BENALI", "Ève PETIT"]) expect(await desk.text()).toContain(name);
    await desk.open(`${importPath}/faults`);
    expect(await desk.text()).toContain(words("registry-import.fault.mobile-landline"));
    await desk.open(importPath);
    await applies(desk);

    const guardians = await prints(desk, "guardian", "6A");
    expect([...letters.keys()].sort()).toEqual(["Anne ROCHE", "Nadia BENALI", "Paul ROCHE"]);
    expect(new Set(guardians.map(({ code }) => code)).size).toBe(3);
    for (const { text } of guardians) expect(text).toContain("Collège des Lilas");
    await findsPages(desk, "roche");
    await findsPages(desk, "benali");
    await desk.open(pages.get("Anne ROCHE") ?? "");
    expect(await desk.text()).toContain("Hugo ROCHE");
    expect(await desk.text()).toContain(words("letters.of-person"));
    await desk.open("/desk/statistics");

    const pupilLife = await atDesk("pupil-life-office", school, { script: false, width: 320 });
    expect(await prints(pupilLife, "pupil", "6A")).toHaveLength(2);
    await findsPages(pupilLife, "lina");
  });

  test("pupils open their accounts with the letter: one now with an address, one later", async () => {
    const lina = await opensLetter("Lina BENALI", {});
    await lina.press(words("activation.later"));
    expect(lina.path).toBe("/account");
    expect(await lina.text()).toContain(words("activation.done"));
    const hugo = await opensLetter("Hugo ROCHE", { width: 320, colorScheme: "dark" });
    await givesEmail(hugo, "hugo@example.fr");

    // The letter has served.
    const finder = await scene.visitor({ script: false });
    await finder.open("/activate");
    await finder.page.fill("#identifier", letters.get("Hugo ROCHE")?.identifier ?? "");
    await finder.page.fill("#code", letters.get("Hugo ROCHE")?.code ?? "");
    await finder.submit();
    expect(finder.status).toBe(410);
    expect(await finder.heading()).toBe(words("activation.letter.used.title"));
  });

  test("a guardian opens hers with the letter, without script", async () => {
    const nadia = await opensLetter("Nadia BENALI", { script: false });
    await givesEmail(nadia, "nadia@example.fr");
    expect(await nadia.text()).toContain("Lina BENALI");
  });

  test("a guardian opens his alone, by mobile and birth date, without script", async () => {
    const paul = await scene.visitor({ script: false, width: 320 });
    await paul.open("/activate");
    await paul.follow(words("activation.by-mobile"));
    const namesNobody = async () => {
      expect(await paul.page.content()).not.toMatch(/Paul|Hugo|roche/i);
    };
    await paul.submit({ tel: "06 39 98 10 01" });
    expect(paul.path).toBe("/activate/mobile/sent");
    await namesNobody();
    const sms = await scene.messageTo(paulsMobile);
    expect(sms.text).not.toMatch(/Paul|Hugo|roche/i);
    await paul.submit({ "one-time-code": sms.code ?? "" });
    expect(paul.path).toBe("/activate/mobile/birth-date");
    await namesNobody();
    await paul.page.fill("#birth-date", "13/02/2014");
    await paul.submit();
    expect(paul.status).toBe(422);
    expect(await paul.focused()).toBe("#errors");
    await namesNobody();
    await paul.page.fill("#birth-date", "12.2.2014");
    await paul.submit();
    expect(await paul.text()).toContain(words("activation.password.greeting", { name: "Paul ROCHE" }));
    await paul.submit({ "new-password": password });
    expect(paul.path).toBe("/account");
    expect(await paul.text()).toContain("Hugo ROCHE");
  });

  test("a guardian’s number changed: corrected by the office, it serves a day later, and both see when", async () => {
    const [fresh, typed] = ["+33639981009", "06 39 98 10 09"];
    const desk = await atDesk("school-office", school, { script: false });
    await desk.open(pages.get("Nadia BENALI") ?? "");
    const replace = desk.page.locator("main a[href$='/replace']", { hasText: "06 39 98 10 02" });
    await desk.open((await replace.getAttribute("href")) ?? "");
    await desk.page.fill("#contact", typed);
    await desk.submit();
    expect(desk.status).toBe(422);
    expect(await desk.focused()).toBe("#errors");
    await desk.page.fill("#reason", "Nouveau numéro, pièce d’identité vue au guichet");
    await desk.submit();
    const from = scene.portal.clock.now() + day;
    expect(await desk.text()).toContain(words("people.contact.done.waits", { moment: moment(from) }));
    await desk.reload();
    expect(await desk.text()).toContain(words("people.contact.waiting", { moment: moment(from) }));

    const mail = await scene.messageTo("nadia@example.fr");
    expect(fold(mail.text)).toContain(words("people.mail.usable-from", { moment: moment(from) }));
    const identifier = letters.get("Nadia BENALI")?.identifier ?? "";
    const nadia = await scene.visitor({ script: false });
    await nadia.signIn(identifier, password);
    expect(await nadia.text()).toContain(words("contacts.state.usable-from", { moment: moment(from) }));

    /** The same pages before and after: what tells them apart is the telephone. */
    async function asks(): Promise<Visitor> {
      const visitor = await scene.visitor({ width: 320 });
      await visitor.open("/forgot-password");
      await visitor.choose("channel", "sms");
      await visitor.submit({ username: identifier });
      expect(await visitor.heading()).toBe(words("recovery.waiting.title.sms"));
      await scene.portal.settle();
      return visitor;
    }
    await scene.wait(day - 5 * minute);
    await asks();
    expect(await scene.portal.messages(fresh)).toEqual([]);
    await scene.wait(hour);
    const later = await asks();
    const sms = await scene.messageTo(fresh);
    await later.submit({ "one-time-code": sms.code ?? "" });
    await later.submit({ "new-password": newPassword });
    await later.submit({ "current-password": newPassword });
    expect(later.path).toBe("/account");
    expect(await later.text()).toContain(typed);
    expect(await later.text()).not.toContain("06 39 98 10 02");
  });

  test("the registry says another number than the one a guardian proved: both are kept, the office decides", async () => {
    const desk = await atDesk("school-office");
    await loads(desk, laterRegistry);
    expect(await desk.text()).toContain(words("registry-import.conflicts", { count: 1 }));
    await applies(desk);
    await desk.open("/desk/imports/conflicts");
    await desk.follow("Paul ROCHE");
    const text = await desk.text();
    for (const known of ["06 39 98 10 01", "06 39 98 10 03"]) expect(text).toContain(known);
    // What could only be refused is not offered: the one that he proved is his only one, and may be replaced.
    expect(text).toContain(words("registry-import.conflict.only-proved"));
    const takeAway = desk.page.locator("#registry-conflict a");
    expect((await takeAway.allInnerTexts()).map(fold)).toEqual([
      words("people.contact.remove.title", { contact: "06 39 98 10 03" }),
      words("people.contact.replace.title", { contact: "06 39 98 10 01" }),
    ]);
    await desk.press(words("registry-import.conflict.keep"));
    expect(await desk.text()).toContain(words("registry-import.conflict.kept"));
    expect(await desk.text()).not.toContain(words("registry-import.conflict.what"));
    const from = scene.portal.clock.now() + day;
    expect(await desk.text()).toContain(words("contacts.state.usable-from", { moment: moment(from) }));
    expect(await desk.text()).toContain(words("people.message.activation.mobile"));
    expect(await desk.text()).not.toContain(words("people.message.other"));
  });

  test("the office of another school finds none of it, at any address", async () => {
    const tilleuls = await anEstablishment(scene.portal, "school", "Collège des Tilleuls");
    const { number } = await aCase(scene.portal, { kind: "guardian", establishmentId: school });
    const [nadia = "", anne = ""] = [pages.get("Nadia BENALI"), pages.get("Anne ROCHE")];
    const known = await atDesk("school-office");
    const foreign = await atDesk("school-office", tilleuls, { script: false });
    const nobody = "01a40540-d800-740d-8623-0d0d3df4bb6e";
    const of = `kind=guardian&class=${classId}`;
    const addresses = [
      [nadia, `/desk/people/${nobody}`],
      [`${nadia}/contacts/add/sms`, `/desk/people/${nobody}/contacts/add/sms`],
      [anne.replace("people", "letters/people"), `/desk/letters/people/${nobody}`],
      [`/desk/letters/schools/${school}`, `/desk/letters/schools/${nobody}`],
      [importPath, `/desk/imports/${nobody}`],
      [`/desk/statistics/${school}`, `/desk/statistics/${nobody}`],
      [`/desk/statistics/${school}/people?${of}`, `/desk/statistics/${nobody}/people?${of}`],
      [`/desk/cases/${number}`, "/desk/cases/ZZZZ-ZZZZ"],
    ];
    const said = async () => (await foreign.text()).replace(/[0-9A-Z]{4}-[0-9A-Z]{4}/, "");
    for (const [own = "", none = ""] of addresses) {
      await known.open(own);
      expect(known.status, own).toBe(200);
      await foreign.open(own);
      expect(foreign.status, own).toBe(404);
      const there = await said();
      await foreign.open(none);
      expect(foreign.status, none).toBe(404);
      expect(await said(), own).toBe(there);
    }
    for (const q of ["benali", "nadia@example.fr"]) {
      await known.open(`/desk/people?q=${q}`);
      expect(await known.text(), q).toContain("Nadia BENALI");
      await foreign.open(`/desk/people?q=${q}`);
      expect(await foreign.text(), q).not.toContain("Nadia BENALI");
    }
  });
});
