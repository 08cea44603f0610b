import sharp from "sharp";
import { expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { composeMail, type MailParts, sendMail } from "../support/smtp-client.ts";
import { aStaffMember, nextCode } from "../support/staff.ts";
import { words } from "../support/words.ts";

const mailPort = await findFreePort();
const support = "aide@loquet.example";

journey(
  "a mail becomes a case",
  { preset: "service", environment: { LOQUET_INBOUND_MAIL: `127.0.0.1:${mailPort}` } },
  (scene) => {
    async function write(parts: Partial<MailParts> & { from: string }): Promise<void> {
      const { inboundMail } = scene.portal.portal;
      if (inboundMail?.address() === null) await inboundMail.listen();
      const to = parts.to ?? support;
      const { code } = await sendMail(mailPort, {
        from: /<?([^<>\s]+@[^<>\s]+)>?$/.exec(parts.from)?.[1] as string,
        to,
        raw: await composeMail({ to, ...parts }),
      });
      expect(code).toBe(250);
      await scene.portal.settle();
    }

    /** As a mail program answers: to Reply-To, the whole mail below. */
    const reply = (mail: CapturedMessage, text: string): Partial<MailParts> & { from: string } => ({
      from: mail.to,
      to: mail.replyTo as string,
      subject: `Re: ${mail.subject}`,
      text: `${text}\n\nLe mar. 2 mars 2027 à 09:00, Portail <no-reply@loquet.example> a écrit :\n\n${mail.text.replaceAll(/^/gm, "> ")}`,
    });

    for (const { mode, script } of scriptModes) {
      test(`${mode}: it is acknowledged, answered at the desk, and the reply joins`, async () => {
        const [zoe, subject] = [scene.unused("zoe@example.fr"), scene.unused("Plus d'accès ")];
        const picture = await sharp({
          create: { width: 600, height: 400, channels: 3, background: "#884422" },
        })
          .png()
          .toBuffer();
        await write({
          from: zoe,
          subject,
          text: "Bonjour,\nje n'entre plus depuis hier.\n\n-- \nZoé Petit",
          attachments: [
            { filename: "message affiché.png", content: picture },
            { filename: "lettre.pdf", content: "%PDF-1.7" },
          ],
        });
        const acknowledged = await scene.messageTo(zoe);
        expect(acknowledged.subject).toMatch(/Votre demande [0-9A-Z]{4}-[0-9A-Z]{4} est bien arrivée/);
        expect(acknowledged.text).not.toMatch(/Plus d'accès|Zoé/);
        const number = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(acknowledged.subject)?.[0] as string;

        const nadia = await aStaffMember(scene.portal, "support", { name: "Nadia Roche" });
        const desk = await scene.visitor({ script });
        await desk.signIn(nadia.identifier, nadia.password as string);
        await desk.open("/desk/cases");
        expect(desk.path).toBe("/desk/second-factor");
        await desk.submit({ "one-time-code": nextCode(scene.portal) });
        await desk.open("/desk/cases");
        expect(await desk.text()).toContain(subject);
        await desk.follow(zoe.slice(0, zoe.indexOf("@")));
        expect(desk.path).toBe(`/desk/cases/${number}`);
        const shown = await desk.text();
        expect(shown).toContain("je n'entre plus depuis hier.");
        expect(shown).toContain("lettre.pdf");
        expect(await desk.page.getByRole("link", { name: /message affiché\.png/ }).count()).toBeGreaterThan(
          0,
        );

        await desk.page.getByLabel(words("inbox.answer.label")).fill("Bonjour,\n\nquel message voyez-vous ?");
        await desk.press(words("inbox.answer.submit"));
        const answered = await scene.messageTo(zoe);
        expect(answered.text).toContain("quel message voyez-vous ?");
        expect(answered.replyTo).toBe(acknowledged.replyTo);

        await write(reply(answered, "« Identifiant ou mot de passe incorrect. »"));
        await desk.open(`/desk/cases/${number}`);
        expect(await desk.text()).toContain("« Identifiant ou mot de passe incorrect. »");
        // What it quotes is there, and folded.
        const quoted = desk.page.locator("details", { hasText: "> quel message voyez-vous ?" });
        expect(await quoted.first().getAttribute("open")).toBeNull();

        // The link of the acknowledgement shows both sides to whoever wrote, on a telephone as well.
        const phone = await scene.visitor({ script, width: 320 });
        await phone.openLinkOf(acknowledged);
        const seen = await phone.text();
        expect(seen).toContain("quel message voyez-vous ?");
        expect(seen).toContain("« Identifiant ou mot de passe incorrect. »");
        expect(seen).not.toContain("lettre.pdf");
      });
    }

    test("a mail that tries scripts is shown as words", async () => {
      const eve = scene.unused("eve@example.org");
      const subject = scene.unused("<img src=x onerror=alert(1)> ");
      await write({
        from: `"<script>alert(1)</script>" <${eve}>`,
        subject,
        html: `<p onclick="alert(1)">Bonjour <script>alert(1)</script><a href="javascript:alert(1)">ici</a></p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>`,
      });
      const acknowledged = await scene.messageTo(eve);
      const number = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(acknowledged.subject)?.[0] as string;
      const nadia = await aStaffMember(scene.portal, "support");
      const desk = await scene.visitor();
      await desk.signIn(nadia.identifier, nadia.password as string);
      await desk.open("/desk/second-factor");
      await desk.submit({ "one-time-code": nextCode(scene.portal) });
      await desk.open(`/desk/cases/${number}`);
      expect(await desk.text()).toContain("Bonjour ici <script>alert(1)</script>");
      expect(await desk.text()).toContain(subject.trim());
      expect(await desk.page.locator("main img[src=x], main a[href^=javascript]").count()).toBe(0);
      expect(`${acknowledged.subject}${acknowledged.html}`).not.toContain("alert(1)");
    });
  },
);
