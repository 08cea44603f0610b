import fc from "fast-check";
import { expect, test } from "vitest";
import { htmlToText } from "./html-text.ts";

const text = (html: string) => htmlToText(html, 10_000);

test("paragraphs, lines, lists and tables become lines", () => {
  expect(
    text(
      "<html><head><title>x</title><style>p{color:red}</style></head><body><p>Bonjour&nbsp;!</p><p>Je n&rsquo;arrive <b>plus</b>\n à<br>entrer.</p><ul><li>un<li>deux</ul><table><tr><td>a<td>b</tr><tr><td>c</tr></table></body></html>",
    ),
  ).toBe("Bonjour\u00a0!\n\nJe n’arrive plus à\nentrer.\n\n- un\n- deux\n\na b\nc");
});

test("what is quoted in it begins with >, so that it can be folded", () => {
  expect(
    text(
      "<div>Oui.</div><blockquote><p>Est-ce <i>bien</i>&nbsp;?<blockquote>Encore</blockquote></blockquote>Merci",
    ),
  ).toBe("Oui.\n>\n> Est-ce bien\u00a0?\n> > Encore\nMerci");
});

test("a link shows where it leads, whatever its words say", () => {
  expect(text('<a href="https://mechant.test/x?a=1&amp;b=2">https://acces.example.fr</a>')).toBe(
    "https://acces.example.fr (https://mechant.test/x?a=1&b=2)",
  );
  expect(text('<a href="https://example.fr/">https://example.fr</a>')).toBe("https://example.fr");
  expect(text('<a href="javascript:alert(1)">ici</a> <a href=mailto:a@example.org>moi</a>')).toBe("ici moi");
});

test("nothing that runs or hides comes out", () => {
  const hostile = [
    "<script>alert(1)</script>a",
    "<SCRIPT SRC=x>alert(1)</SCRIPT >a",
    "<style><!-- body{} --></style>a",
    "<img src=x onerror=alert(1)>a",
    "<svg><script>alert(1)</script></svg>a",
    "<!-- <script> -->a<!-- never closed",
    "<template><b>no</b></template>a",
    '<a title="> <script>alert(1)</script>">a</a>',
  ];
  for (const html of hostile) expect(text(html)).toBe("a");
});

test("what only looks like a tag is text", () => {
  expect(text("1 < 2 and 3 <4, a<3 && x &lt;b&gt; &#8364; &unknown; &#0;")).toBe(
    "1 < 2 and 3 <4, a<3 && x <b> € &unknown; \ufffd",
  );
});

test("never throws, and never says more than it may", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "<",
          ">",
          "<p>",
          "</p>",
          "<a href='",
          '"',
          "&amp",
          "<!--",
          "-->",
          "x ",
          "<blockquote>",
          "\u0000",
        ),
      ),
      (parts) => {
        expect(htmlToText(parts.join(""), 50).length).toBeLessThan(2000);
      },
    ),
  );
});

test("blocks that follow one long line take no time", () => {
  const start = performance.now();
  htmlToText(`<br>${"> ".repeat(50_000)}x${"<p>".repeat(300_000)}`, 200_000);
  htmlToText(`${"&gt;".repeat(150_000)}${"<p>".repeat(300_000)}`, 200_000);
  expect(performance.now() - start).toBeLessThan(2000);
});

test.each(["<", "<a ", '<a "', "<a href='x", "<!--", "<blockquote>a", " ", "&", "<li>"])(
  "a million of %j takes no time",
  (piece) => {
    const start = performance.now();
    htmlToText(piece.repeat(1_000_000 / piece.length), 200_000);
    expect(performance.now() - start).toBeLessThan(2000);
  },
);
