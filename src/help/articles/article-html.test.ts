import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onlyNames, type RenderAbout, renderArticle } from "./article-html.ts";

const picture = { src: "/help/images/sign-in.fr.png?v=1", width: 360, height: 400 };
const about: RenderAbout = {
  names: ["school", "guardian", "pupil"],
  knownNames: onlyNames(["guardian", "pupil", "member", "staff"]),
  values: {
    brand: "Portail <b>&*scolaire*",
    support: "l’assistance",
    minLength: "12",
    codeMinutes: "30",
    unfinishedDays: "7",
    lockMinutes: "60",
    triesBeforeLock: "10",
  },
  picture: (name) => (name === "sign-in" ? picture : null),
  tableLabel: "Tableau",
};
const render = (body: string) => renderArticle(body, 1, about);
const faultsOf = (body: string) => render(body).faults.map(({ line, says }) => `${line} ${says}`);

describe("the parts of an article", () => {
  test("headings have ids of their own, and stand in the contents", () => {
    const { html, contents, faults } = render("## Été *chaud*\n\n### Détail\n\n## Été chaud\n\n## الرسائل");
    expect(contents).toEqual([
      { id: "part-ete-chaud", title: "Été chaud" },
      { id: "part-ete-chaud-2", title: "Été chaud" },
      { id: expect.stringMatching(/^part-/), title: "الرسائل" },
    ]);
    expect(html).toContain('<h2 id="part-ete-chaud">Été <em>chaud</em></h2>');
    expect(html).toContain('<h3 id="part-detail">');
    expect(faults).toEqual([]);
  });

  test("the portal's own words are filled in, and are text", () => {
    const { html, text } = render(
      "{{brand}} : {{ minLength }} caractères. {{support}} aide. Demandez à {{support}}.",
    );
    expect(html).toContain("Portail &lt;b&gt;&amp;*scolaire* : 12 caractères.");
    expect(text).toContain("L’assistance aide. Demandez à l’assistance.");
  });

  test("a block stands only where its names say", () => {
    const body =
      ":::only school\nÉcole\n:::\n:::only community service\nAilleurs\n:::\n:::only member pupil\nÉlève\n:::";
    expect(render(body).text).toBe("École Élève");
  });

  test("blocks may stand inside each other", () => {
    const body =
      ":::question Pourquoi ?\nAvant\n:::only community\nnon\n:::\n:::only school\noui\n:::\nAprès\n:::\nFin";
    const { html, text, faults } = render(body);
    expect(html).toMatch(
      /<details class="question"><summary>Pourquoi \?<\/summary><div>[\s\S]*oui[\s\S]*Après[\s\S]*<\/div><\/details>[\s\S]*Fin/,
    );
    expect(text).not.toContain("non");
    expect(faults).toEqual([]);
  });

  test("a button is a link on one line", () => {
    expect(render(":::action Recevoir & lire | /forgot-password").html).toBe(
      '<p class="article-action"><a class="button is-quiet" href="/forgot-password">Recevoir &amp; lire</a></p>',
    );
  });

  test("a picture has its words, its size and its points", () => {
    const { html, faults } = render(
      ":::figure sign-in\nalt: La page « Se connecter »\n1. Le champ\n2. Le bouton\n:::",
    );
    expect(html).toContain(
      '<img src="/help/images/sign-in.fr.png?v=1" width="360" height="400" alt="La page « Se connecter »"',
    );
    expect(html).toMatch(/<figcaption><ol>\s*<li>Le champ<\/li>\s*<li>Le bouton<\/li>\s*<\/ol>/);
    expect(faults).toEqual([]);
  });

  test("without its picture, the points still guide", () => {
    const { html, faults } = render(":::figure nowhere\nalt: x\n1. Le champ\n:::");
    expect(html).toMatch(/<ol>\s*<li>Le champ<\/li>/);
    expect(faults[0]).toMatchObject({ says: "figure-missing", line: 1 });
  });

  test("a table scrolls in its own frame, with a name of its own, and is aligned by class", () => {
    const { html } = render("| a | b |\n|---|--:|\n| 1 | 2 |\n\n| c |\n|---|\n| 3 |");
    expect(html).toContain('<section class="table-scroll" tabindex="0" aria-label="Tableau"><table>');
    expect(html).toContain('aria-label="Tableau 2"');
    expect(html).toContain('<td class="is-end">2</td>');
    expect(html).not.toContain("style=");
  });

  test("marks inside code are left alone", () => {
    expect(render("```\n:::only school\n```").html).toContain(":::only school");
  });
});

test.each([
  ["# Titre", "1 heading-one"],
  ["[x](javascript:alert)", "1 link-refused"],
  ["texte\n\n<javascript:alert>", "3 link-refused"],
  ["![x](/y.png)", "1 picture-outside"],
  ["{{nom}}", "1 placeholder-unknown"],
  [":::onyl school\nx\n:::", "1 block-unknown"],
  [":::only school\nx", "1 block-open"],
  ["x\n:::", "2 block-none"],
  [":::only ecole\nx\n:::", "1 only-unknown"],
  [":::question\nx\n:::", "1 question-untitled"],
  [":::action Aller /x", "1 action-incomplete"],
  [":::action Aller | javascript:x", "1 link-refused"],
  [":::figure sign-in\n1. x\n:::", "1 figure-without-alt"],
  [":::only community\n{{nom}}\n:::", "2 placeholder-unknown"],
])("%j: %s", (body, fault) => {
  expect(faultsOf(body)).toContain(fault);
});

/** Every tag and attribute that an article may hold; what people write is never one of them. */
const allowed = [
  /^<\/?(?:p|em|strong|s|ul|ol|li|blockquote|pre|code|table|thead|tbody|tr|figure|figcaption|div|summary|section|details|h[2-6]|a|th|td)>$/,
  /^<(?:br|hr)>$/,
  /^<h[2-6] id="part-[\p{L}\p{N}-]*">$/u,
  /^<ol start="\d+">$/,
  /^<code class="language-[^"<>]*">$/,
  /^<(?:th|td) class="is-(?:start|center|end)">$/,
  /^<details class="question">$/,
  /^<p class="article-action">$/,
  /^<figure class="figure">$/,
  /^<section class="table-scroll" tabindex="0" aria-label="Tableau(?: \d+)?">$/,
  /^<a (?:class="button is-quiet" )?href="(?:\/[^"<>/\\][^"<>\\]*|\/|#[^"<>]+|https?:\/\/[^"<>\s]+|mailto:[^"<>\s]+)"(?: title="[^"<>]*")?(?: rel="noopener external")?>$/,
  /^<img src="\/help\/images\/sign-in\.fr\.png\?v=1" width="360" height="400" alt="[^"<>]*" loading="lazy" decoding="async">$/,
];

function foreignMarkup(html: string): string[] {
  const tags = html.match(/<[^>]*>?/g) ?? [];
  return tags.filter((tag) => !allowed.some((shape) => shape.test(tag)));
}

const vectors = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  "<a href='javascript:alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](  javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java&#115;cript:alert(1))",
  "[x](javascript&#58;alert(1))",
  "[x](&#x6A;avascript:alert(1))",
  "[x](\\javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](vbscript:msgbox(1))",
  "[x](//evil.example)",
  "[x](/\\evil.example)",
  "[x](https://ours@evil.example)",
  "[x]: javascript:alert(1)\n\n[x]",
  '[x](/a "title\\"onmouseover=alert(1)")',
  '[x](/a"onmouseover="alert(1))',
  "<javascript:alert(1)>",
  "![x](javascript:alert(1))",
  '![x"onerror="alert(1)](y)',
  "## <img src=x onerror=alert(1)>",
  '## " onmouseover="alert(1)',
  "`<script>alert(1)</script>`",
  '```"><script>alert(1)</script>\nx\n```',
  "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
  ":::question <script>alert(1)</script>\n<script>alert(1)</script>\n:::",
  ":::question [x](javascript:alert(1))\nx\n:::",
  ':::action <b onmouseover=alert(1)>x</b> | /sign-in"onmouseover="alert(1)',
  ":::action x | javascript:alert(1)",
  ":::action x | //evil.example",
  ':::figure sign-in\nalt: " onerror="alert(1)\n1. <script>alert(1)</script>\n:::',
  ':::figure "><script>alert(1)</script>\nalt: x\n:::',
  ":::only school<script>alert(1)</script>\n<script>alert(1)</script>\n:::",
  ":::<script>alert(1)</script>\nx\n:::",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "\u2028<script>alert(1)</script>",
  "<!--<script>alert(1)</script>-->",
  "<![CDATA[<script>alert(1)</script>]]>",
  "<details open ontoggle=alert(1)>",
];

describe("nobody's markup comes through", () => {
  test.each(vectors)("%j", (vector) => {
    expect(foreignMarkup(render(vector).html)).toEqual([]);
    expect(foreignMarkup(render(`:::only school\n${vector}\n:::\n`).html)).toEqual([]);
    expect(foreignMarkup(render(`- ${vector}\n\n> ${vector}`).html)).toEqual([]);
  });

  test("whatever is written, and however its pieces are put together", () => {
    const pieces = [
      ...vectors,
      ..."<>\"'`&[]()!#*_|\\:/-~{}".split(""),
      ...[
        ":::",
        ":::only school",
        ":::question ",
        ":::figure sign-in",
        ":::action a | ",
        "alt: ",
        "javascript:",
      ],
      ...["\n", "\n\n", " ", "    ", "{{brand}}", "on", "error=", "href=", "\t", "\u0000", "\u00a0"],
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (body) => {
        expect(foreignMarkup(render(body).html)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
