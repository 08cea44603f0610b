import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessLanguage } from "./guess-language.ts";
import { parseMail } from "./parse-mail.ts";
import type { MailContext } from "./parsed-mail.ts";
import { createMailReader } from "./read-mail.ts";

const context: MailContext = {
  envelopeFrom: "lea@example.org",
  ownAddresses: ["ne-pas-repondre@ecole.example", "aide@ecole.example"],
};
const bytes = (...lines: string[]) => Buffer.from(lines.join("\r\n"), "latin1");
const from = "From: =?UTF-8?Q?L=C3=A9a?= Martin <lea@example.org>";
const read = (...lines: string[]) => parseMail(bytes(...lines), context);
const png = Buffer.alloc(20_000, 9).toString("base64");

describe("a mail is read", () => {
  test("with its author, subject, ids and words", async () => {
    expect(
      await read(
        from,
        "Message-ID: <a1@example.org>",
        "In-Reply-To: <b2@ecole.example>",
        "References: <c3@ecole.example>",
        "   <b2@ecole.example>",
        "Subject: =?ISO-8859-1?Q?Mot_de_passe_oubli=E9?=",
        " =?UTF-8?B?ICHigKY=?=",
        "Content-Language: fr-FR",
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Bonjour, j'ai oubli=E9 mon mot de passe.",
        "",
        "> cit=E9",
      ),
    ).toEqual({
      messageId: "<a1@example.org>",
      repliesTo: "<b2@ecole.example> <c3@ecole.example>   <b2@ecole.example>",
      from: { name: "Léa Martin", address: "lea@example.org" },
      subject: "Mot de passe oublié !…",
      language: "fr-FR",
      text: "Bonjour, j'ai oublié mon mot de passe.",
      quoted: "> cité",
      isCut: false,
      pictures: [],
      otherAttachments: [],
      automatic: null,
    });
  });

  test("by its plain part; by its HTML where that is all, or where the plain one is empty", async () => {
    const both = (plain: string) =>
      read(
        from,
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        plain,
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<p>en <b>HTML</b><script>alert(1)</script></p>",
        "--b--",
      );
    expect((await both("en clair")).text).toBe("en clair");
    expect((await both("  ")).text).toBe("en HTML");
    expect((await read(from, "Content-Type: text/html", "", "<p>seul</p>")).text).toBe("seul");
  });

  test("with its pictures, and the names of what else is attached; marks of a signature are left out", async () => {
    const part = (type: string, name: string, content: string, more: string[] = []) => [
      "--b",
      `Content-Type: ${type}; name="${name}"`,
      "Content-Transfer-Encoding: base64",
      ...more,
      "",
      content,
    ];
    const parsed = await read(
      from,
      "Content-Type: multipart/related; boundary=b",
      "",
      "--b",
      "",
      "Voyez :",
      ...part("image/png", "capture.png", png, ["Content-ID: <a@b>"]),
      ...part("image/png", "logo.png", "AAAA", ["Content-ID: <c@d>"]),
      ...part("application/zip", "../../etc/passwd\u0000.zip", "AAAA"),
      ...part("application/pdf", "dossier/facture.pdf", "AAAA"),
      ...part("image/svg+xml", "dessin.svg", "AAAA"),
      "--b--",
    );
    expect(parsed.pictures.map(({ name, bytes: { length } }) => [name, length])).toEqual([
      ["capture.png", 20_000],
    ]);
    expect(parsed.otherAttachments).toEqual(["passwd.zip", "facture.pdf", "dessin.svg"]);
    expect(parsed.text).toBe("Voyez :");
  });

  test("as far as it can be: wrong charset, invalid UTF-8, NUL bytes, unseen and turning characters", async () => {
    expect((await read(from, "Content-Type: text/plain; charset=klingon", "", "caf\xe9")).text).toBe("café");
    expect((await read(from, "Content-Type: text/plain; charset=utf-8", "", "a\xff\xfeb\xc3")).text).toMatch(
      /^a.*b/,
    );
    expect(
      (await read("From: a@b\u0000.org", "Subject: x\u0000y\u0007", "", "u\u0000v\u001b[31mw")).text,
    ).toBe("uv[31mw");
    const turned = Buffer.from("\u202Eabc\u202C \u200Fمرحبا\u2066x\u2069 e\u0301", "utf8").toString("latin1");
    expect((await read(from, "Content-Type: text/plain; charset=utf-8", "", turned)).text).toBe(
      "abc \u200Fمرحباx é",
    );
    const utf16 = [
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from("Bonjour", "utf16le").toString("base64"),
    ];
    expect((await read(from, "Content-Type: text/plain; charset=utf-16le", ...utf16)).text).toBe("Bonjour");
  });

  test("without a header that a header smuggled in", async () => {
    const parsed = await read(
      from,
      "Subject: =?UTF-8?Q?Bonjour=0D=0ABcc:_paul@example.org?=",
      "Message-ID: <a@b> <c@d>",
      "",
      "x",
    );
    expect(parsed.subject).toBe("Bonjour Bcc: paul@example.org");
    expect(parsed.messageId).toBeNull();
  });

  test("as nobody's when its author is not one: none, two, a group, or two headers", async () => {
    for (const headers of [
      ["Subject: x"],
      ["From: lea@example.org, paul@example.org"],
      ["From: Toutes: lea@example.org, paul@example.org;"],
      [from, "From: chef@ecole.example"],
      ["From: <>"],
    ]) {
      expect((await read(...headers, "", "x")).from).toBeNull();
    }
    expect((await read('From: "Martin, Léa @ école" <lea@example.org>', "", "x")).from?.address).toBe(
      "lea@example.org",
    );
  });

  test("up to its limits, and says that it was cut", async () => {
    const long = await read(from, "", "mot ".repeat(30_000));
    expect(long.text.length).toBe(50_000);
    expect(long.isCut).toBe(true);
    const parts = await read(
      from,
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b\r\n\r\nx\r\n".repeat(5000),
    );
    expect(parts.isCut).toBe(true);
    const names = Array.from({ length: 500 }, (_, at) => `--b\r\nContent-Type: a/b; name=n${at}\r\n\r\nx`);
    const many = await read(from, "Content-Type: multipart/mixed; boundary=b", "", ...names, "--b--");
    expect(many.otherAttachments).toHaveLength(30);
  });

  test("whatever it is", async () => {
    const piece = fc.constantFrom(
      "From: a@b.org",
      "Content-Type: multipart/mixed; boundary=b",
      "--b",
      "--b--",
      "",
      "x",
      ": ",
      "=?utf-8?q?",
      "Content-Transfer-Encoding: base64",
      "\u0000",
      "\xff",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (lines) => {
        const parsed = await read(...lines);
        expect(parsed.text.includes("\u0000")).toBe(false);
      }),
    );
  });
});

describe("a robot's mail is told from a person's", () => {
  const robots: [string, string, string[], string?][] = [
    [
      "report",
      "a report of delivery",
      [from, "Content-Type: multipart/report; report-type=delivery-status; boundary=b"],
    ],
    ["empty-sender", "one without sender", [from], ""],
    ["loop", "one that came round", [from, "X-Loop: aide@autre.example"]],
    [
      "loop",
      "one that passed too many servers",
      [from, ...Array.from({ length: 60 }, () => "Received: from a by b")],
    ],
    ["our-own", "our own come back", ["From: Portail <NE-PAS-REPONDRE@ecole.example>"]],
    ["our-own", "one from the support address", ["From: aide+abc@ecole.example"]],
    ["our-own", "one that we sent, forwarded", [from], "aide@ecole.example"],
    ["auto-submitted", "an absence", [from, "Auto-Submitted: auto-replied (vacation)"]],
    ["auto-response", "an absence of Exchange", [from, "X-Auto-Response-Suppress: DR, OOF, AutoReply"]],
    ["auto-response", "an old absence", [from, "X-Autoreply: yes"]],
    ["auto-response", "an absence that only says so", [from, "Subject: Réponse automatique : Absente"]],
    ["bulk", "a newsletter", [from, "List-Unsubscribe: <https://example.org/x>"]],
    ["bulk", "a list", [from, "List-Id: <parents.example.org>"]],
    ["bulk", "junk by its own word", [from, "Precedence: Bulk"]],
    ["robot-sender", "a daemon", ["From: MAILER-DAEMON@example.org"]],
    ["robot-sender", "one that nobody reads", ["From: Portail <no-reply@example.org>"]],
    ["robot-sender", "a notice", ["From: notifications+1@example.org"]],
  ];
  test.each(robots)("%s: %s", async (reason, _what, headers, envelopeFrom) => {
    const about = { ...context, envelopeFrom: envelopeFrom ?? context.envelopeFrom };
    const body = Buffer.from([...headers.map((line) => line), "", "x"].join("\r\n"), "utf8");
    expect((await parseMail(body, about)).automatic).toBe(reason);
  });

  test.each([
    ["Auto-Submitted: no"],
    ["Precedence: first-class"],
    ["Subject: Absence de mon fils"],
    ["X-Mailer: Automatic reply 3.0"],
  ])("%s is a person's", async (header) => {
    expect((await read(from, header, "", "x")).automatic).toBeNull();
  });
});

describe("in a thread apart", () => {
  const { read: readMail } = createMailReader();

  test("a mail comes out as it does here, its pictures too", async () => {
    const mail = bytes(
      from,
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "",
      "Bonjour",
      "--b",
      "Content-Type: image/png; name=a.png",
      "Content-Transfer-Encoding: base64",
      "",
      png,
      "--b--",
    );
    const parsed = await readMail(mail, context);
    expect(parsed).toMatchObject({ text: "Bonjour", from: { name: "Léa Martin" }, isCut: false });
    expect(Buffer.from(parsed.pictures[0]?.bytes ?? []).toString("base64")).toBe(png);
  });

  test("one that the parser refuses is read by its headers", async () => {
    const nested = Array.from({ length: 40 }, (_, at) => [
      `Content-Type: multipart/mixed; boundary=b${at}`,
      "",
      `--b${at}`,
    ]).flat();
    const parsed = await readMail(bytes(from, "Subject: Poup\xe9es", ...nested, "x"), context);
    expect(parsed).toMatchObject({
      from: { address: "lea@example.org" },
      text: "",
      isCut: true,
      automatic: null,
    });
  });

  test("several at once come out each for itself", async () => {
    const mails = Array.from({ length: 5 }, (_, at) => readMail(bytes(from, "", `mail ${at}`), context));
    expect((await Promise.all(mails)).map(({ text }) => text)).toEqual(
      [0, 1, 2, 3, 4].map((at) => `mail ${at}`),
    );
  });

  test.each([
    ["ten million empty lines", "\n".repeat(10_000_000)],
    ["ten million characters of one line", "x".repeat(10_000_000)],
    ["two million parts", `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\n\n".repeat(2_000_000)}`],
    ["three million open tags", `Content-Type: text/html\r\n\r\n${"<a ".repeat(3_300_000)}`],
  ])("%s hold up nobody else", async (_what, hostile) => {
    let longestPause = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longestPause = Math.max(longestPause, performance.now() - last);
      last = performance.now();
    }, 5);
    const parsed = await readMail(Buffer.from(`${from}\r\n${hostile}`, "latin1"), context);
    clearInterval(timer);
    expect(parsed.isCut).toBe(true);
    expect(parsed.text.length).toBeLessThanOrEqual(50_000);
    expect(longestPause).toBeLessThan(500);
  });
});

test("the language is told by the header, else by the letters and the small words", () => {
  const offered = ["fr", "en", "ar"];
  expect(guessLanguage("Hello", "fr-CA, en", offered)).toBe("fr");
  expect(guessLanguage("Bonjour, je ne peux plus entrer dans mon compte", null, offered)).toBe("fr");
  expect(guessLanguage("Hello, I can not sign in to my account", "de", offered)).toBe("en");
  expect(guessLanguage("مرحبا، لا أستطيع الدخول إلى حسابي", null, offered)).toBe("ar");
  expect(guessLanguage("Hello, I can not sign in", null, ["fr"])).toBeNull();
  expect(guessLanguage("12345", null, offered)).toBeNull();
});
