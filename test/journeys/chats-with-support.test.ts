import { beforeEach, expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { minute, second } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey } from "../support/journey.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { composeMail, sendMail } from "../support/smtp-client.ts";
import { aStaffMember } from "../support/staff.ts";
import { linkOf, type Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const mailPort = await findFreePort();

/** In the page: a line that is open, and on which nothing ever arrives. */
function keepEventsBack(): void {
  class Silent extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSED = 2;
    readyState = 1;
    constructor() {
      super();
      setTimeout(() => this.dispatchEvent(new Event("open")));
    }
    close() {
      this.readyState = 2;
    }
  }
  Object.assign(globalThis, { EventSource: Silent });
}

journey(
  "chats with support",
  {
    preset: "service",
    environment: { LOQUET_INBOUND_MAIL: `127.0.0.1:${mailPort}` },
  },
  (scene) => {
    // Whoever was there in the story before is gone.
    beforeEach(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await scene.wait(5 * minute);
    });

    async function atTheDesk(name: string, options: { script?: boolean } = {}): Promise<Visitor> {
      const staff = await aStaffMember(scene.portal, "support", { name });
      const visitor = await visitorAtDesk(scene, staff, options);
      await visitor.open("/desk/chat");
      await visitor.press(words("desk-chat.available.press"));
      return visitor;
    }

    async function asks(visitor: Visitor, text: string, email: string, name = "Léa Martin"): Promise<void> {
      await visitor.open("/chat?from=/sign-in&incident=7KQ2-M9TD");
      await visitor.fill({ name, email });
      await visitor.page.locator("#what").fill(text);
      await visitor.submit();
    }

    const writes = async (visitor: Visitor, text: string) => {
      await visitor.page.locator("#text").fill(text);
      await visitor.page.locator("[data-chat-say] button[type=submit]").click();
    };
    const sees = (visitor: Visitor, text: string) =>
      expect.poll(() => visitor.text(), { timeout: 10_000 }).toContain(text);
    const log = (visitor: Visitor) => visitor.page.getByRole("log");

    async function replyTo(mail: CapturedMessage, text: string): Promise<void> {
      const { inboundMail } = scene.portal.portal;
      if (inboundMail?.address() === null) await inboundMail.listen();
      const to = mail.replyTo as string;
      const raw = await composeMail({ from: mail.to, to, subject: `Re: ${mail.subject}`, text });
      expect((await sendMail(mailPort, { from: mail.to, to, raw })).code).toBe(250);
      await scene.portal.settle();
    }

    test("asks, is taken, and both talk; a reload keeps all; its mail can be answered", async () => {
      const camille = await atTheDesk("Camille Roy");
      const email = scene.unused("lea@example.fr");
      const lea = await scene.visitor();
      await asks(lea, "Je ne reçois pas le code.", email);
      expect(lea.path).toBe("/chat/talk");
      await sees(lea, "Vous êtes la prochaine personne.");

      // The desk hears of it by itself; so do other pages of the desk.
      await sees(camille, "Léa Martin");
      expect(await camille.page.locator(".desk-rooms").innerText()).toContain("(1)");
      await camille.look();
      await camille.press(words("desk-chat.take"));
      expect(camille.path).toMatch(/^\/desk\/chat\/[0-9a-f-]{36}$/);
      expect(await camille.text()).toContain("7KQ2-M9TD");
      await sees(lea, "Vous parlez avec Camille Roy.");
      await lea.look();

      await writes(camille, "Bonjour ! Regardez dans les indésirables.");
      await sees(lea, "Regardez dans les indésirables.");
      await expect.poll(() => camille.page.locator("#text").inputValue()).toBe("");
      // With the keyboard alone, and the focus stays where one writes.
      await lea.page.locator("#text").focus();
      await lea.page.keyboard.type("J’y vais.");
      await lea.page.keyboard.press("Enter");
      await sees(camille, "J’y vais.");
      expect(await lea.focused()).toBe("#text");
      await camille.look();

      const before = await log(lea).innerText();
      await lea.reload();
      expect(await log(lea).innerText()).toBe(before);
      // What comes after the reload is heard once.
      await writes(camille, "Vous y êtes ?");
      await sees(lea, "Vous y êtes ?");
      expect((await log(lea).innerText()).split("Vous y êtes ?")).toHaveLength(2);

      await writes(lea, "Oui, il y était.");
      await sees(camille, "Oui, il y était.");
      await camille.press(words("desk-chat.end"));
      await sees(lea, words("chat.ended.title"));
      await lea.look();
      const mail = await scene.messageTo(email);
      expect(mail.text).toContain("Regardez dans les indésirables.");
      expect(mail.text).not.toContain("Je ne reçois pas le code.");
      await lea.openLinkOf(mail);
      expect(await lea.text()).toContain("Je ne reçois pas le code.");

      await replyTo(mail, "Finalement, non.");
      const number = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(mail.subject)?.[0];
      await camille.open(`/desk/cases/${number}`);
      expect(await camille.text()).toContain("Finalement, non.");
      expect(await camille.text()).toContain(words("inbox.status.open"));
    });

    test("goes on by mail when the agent leaves and nobody else is there", async () => {
      const camille = await atTheDesk("Camille Roy");
      const email = scene.unused("omar@example.fr");
      const omar = await scene.visitor();
      await asks(omar, "Mon compte ne marche plus.", email, "Omar Diallo");
      await sees(camille, "Omar Diallo");
      await camille.press(words("desk-chat.take"));
      await writes(camille, "Je regarde.");
      await sees(omar, "Je regarde.");
      await writes(omar, "Vous êtes là ?");
      await sees(camille, "Vous êtes là ?");
      await camille.leave();
      // Its stream is closed; then nothing is heard of that page any more.
      await omar.page.waitForTimeout(300);
      await scene.wait(91 * second);
      await sees(omar, words("chat.ended.goes-on.title"));
      await omar.look();
      const text = await omar.text();
      expect(text).toContain(words("chat.system.ended.staff-left"));
      const number = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(text)?.[0];
      const mail = await scene.messageTo(email);
      expect(mail.subject).toContain(number);
      expect(mail.text).toContain("Je regarde.");

      await omar.unfold(words("chat.ended.add"));
      await omar.page.locator("#text").fill("Et depuis hier.");
      await omar.submit();
      expect(await omar.text()).toContain("Et depuis hier.");
      await omar.press(words("chat.ended.close"));
      await omar.open("/chat/talk");
      expect(omar.path).toBe("/chat");
    });

    test("is offered to a colleague when the agent leaves", async () => {
      const [camille, sacha] = [await atTheDesk("Camille Roy"), await atTheDesk("Sacha Blin")];
      const ines = await scene.visitor({ width: 320 });
      await asks(ines, "Bonjour", scene.unused("ines@example.fr"), "Inès");
      await sees(camille, "Inès");
      await camille.press(words("desk-chat.take"));
      await camille.leave();
      await ines.page.waitForTimeout(300);
      await scene.wait(91 * second);
      await sees(ines, "Camille Roy n’est plus là");
      await sees(sacha, "En attente (1)");
      await sacha.press(words("desk-chat.take"));
      await sees(ines, "Vous parlez avec Sacha Blin.");
      await ines.look();
      await writes(ines, "Merci.");
      await sees(sacha, "Merci.");
      await ines.press(words("chat.end.settled"));
      expect(await ines.heading()).toBe(words("chat.ended.title"));
      await sees(sacha, words("desk-chat.over.title"));
      expect(await sacha.page.locator("#text").count()).toBe(0);
      await sacha.look();
    });

    test("is handed over, and continued in writing", async () => {
      const [camille, sacha] = [await atTheDesk("Camille Roy"), await atTheDesk("Sacha Blin")];
      const max = await scene.visitor();
      await asks(max, "Une facture ?", scene.unused("max@example.fr"), "Max");
      await sees(camille, "Max");
      await camille.press(words("desk-chat.take"));
      await camille.page.getByLabel(words("desk-chat.hand-over")).selectOption({ label: "Sacha Blin" });
      await camille.press(words("desk-chat.hand-over.press"));
      expect(await camille.text()).toContain("La conversation est confiée à Sacha Blin.");
      await sees(max, "Vous parlez avec Sacha Blin.");
      await sees(sacha, "Max");
      await sacha.follow("Max");
      // What is typed and not sent is not lost by a press elsewhere.
      await sacha.page.locator("#text").fill("Je demande");
      await sacha.page.getByRole("button", { name: words("desk-chat.to-case") }).click();
      await sees(sacha, words("chat.unsent"));
      await writes(sacha, "Je demande à la comptabilité.");
      await sees(max, "Je demande à la comptabilité.");
      await sacha.press(words("desk-chat.to-case"));
      expect(sacha.path).toMatch(/^\/desk\/cases\//);
      await sees(max, words("chat.system.ended.staff-case"));
    });

    test("goes on where the network keeps events back: the page asks, again and again", async () => {
      const camille = await atTheDesk("Camille Roy");
      const remi = await scene.visitor();
      await remi.page.addInitScript(keepEventsBack);
      await asks(remi, "Bonjour", scene.unused("remi@example.fr"), "Rémi");
      await sees(camille, "Rémi");
      await camille.press(words("desk-chat.take"));
      for (const text of ["Une première réponse.", "Une deuxième.", "Une troisième."]) {
        await writes(camille, text);
        await expect.poll(() => remi.text(), { timeout: 20_000 }).toContain(text);
      }
    });

    test("hears again after the portal was away for a moment, and keeps what is typed when it is over", async () => {
      const camille = await atTheDesk("Camille Roy");
      // Whatever else than a stream is answered, as by a proxy: a browser gives such a line up for good.
      let isAway = true;
      await camille.page.route("**/desk/chat/events", (route) =>
        isAway ? route.fulfill({ status: 404 }) : route.fallback(),
      );
      await camille.reload();
      await camille.page.waitForTimeout(1500);
      isAway = false;
      const lea = await scene.visitor();
      await asks(lea, "Vous m’entendez ?", scene.unused("lea.away@example.fr"), "Léa Absente");
      await sees(camille, "Léa Absente");

      await camille.press(words("desk-chat.take"));
      await sees(lea, "Vous parlez avec Camille Roy.");
      await lea.page.locator("#text").fill("Longuement écrit");
      await camille.press(words("desk-chat.end"));
      await sees(lea, words("chat.state.ended"));
      await scene.wait(31 * minute);
      await lea.page.locator("[data-chat-say] button[type=submit]").click();
      await expect.poll(() => lea.page.locator("#what").inputValue()).toBe("Longuement écrit");
      expect(await lea.text()).toContain(words("chat.none"));
      await lea.look();
    });

    test("does not keep a desk signed in at which nobody sits", async () => {
      const camille = await atTheDesk("Camille Roy");
      let pings = 0;
      await camille.page.route("**/desk/chat/ping", (route) => {
        pings += 1;
        return route.fallback();
      });
      await camille.page.clock.install();
      await camille.open("/desk/people");
      await expect.poll(() => pings).toBe(1);
      await camille.page.clock.runFor(60_000);
      await expect.poll(() => pings).toBe(4);
      await camille.page.clock.runFor(600_000);
      await camille.page.waitForTimeout(500);
      const after = pings;
      await camille.page.clock.runFor(120_000);
      await camille.page.waitForTimeout(500);
      expect(pings).toBe(after);
    });

    test("with nobody there is a written request, and without script, too", async () => {
      const zoe = await scene.visitor();
      const email = scene.unused("zoe@example.fr");
      await asks(zoe, "Il y a quelqu’un ?", email, "Zoé");
      expect(zoe.path).toBe("/contact/sent");
      expect((await scene.messageTo(email)).subject).toContain("est bien arrivée");

      await atTheDesk("Camille Roy");
      const plain = await scene.visitor({ script: false });
      await asks(plain, "Sans script", scene.unused("ana@example.fr"), "Ana");
      expect(plain.path).toBe("/contact/sent");
    });

    test("without script, staff answer all the same", async () => {
      const camille = await atTheDesk("Camille Roy", { script: false });
      const lou = await scene.visitor({ locale: "en-GB" });
      await asks(lou, "Hello?", scene.unused("lou@example.org"), "Lou");
      await sees(lou, "You are next.");
      await camille.open("/desk/chat");
      await camille.press(words("desk-chat.take"));
      await camille.page.locator("#text").fill("Hello Lou.");
      await camille.press(words("chat.send"));
      await sees(lou, "Hello Lou.");
      await writes(lou, "Thanks.");
      await sees(lou, "Thanks.");
      await camille.follow(words("chat.reload"));
      expect(await camille.text()).toContain("Thanks.");
      await camille.press(words("desk-chat.end"));
      await sees(lou, "The chat is over");
    });

    test("reads from right to left, and a signed-in person need not say who they are", async () => {
      const camille = await atTheDesk("Camille Roy");
      const email = scene.unused("nour@example.org");
      const made = await anAccount(scene.portal, "Nour Benali").email(email).made();
      const nour = await scene.visitor({ locale: "ar" });
      await nour.signIn(email, made.password ?? "");
      await nour.open("/chat");
      expect(await nour.field("name").inputValue()).toBe("Nour Benali");
      expect(await nour.field("email").inputValue()).toBe(email);
      await nour.page.locator("#what").fill("مرحبا");
      await nour.submit();
      await sees(camille, "Nour Benali");
      await camille.press(words("desk-chat.take"));
      expect(await camille.text()).toContain(words("desk-chat.signed-in"));
      await writes(camille, "Bonjour Nour.");
      await sees(nour, "Bonjour Nour.");
      await nour.look();
      await nour.page.locator("main form[action='/chat/end'] button").last().click();
      await scene.messageTo(email);
      const mail = await scene.messageTo(email);
      expect(mail.text).toContain("مرحبا");
      expect(linkOf(mail)).toContain("/contact/case");
    });
  },
);
