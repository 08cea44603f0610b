import { expect, test } from "vitest";
import { createArticleSearch, cutSnippet, markWords, placeWords } from "./article-search.ts";

const nothing = { summary: "", headings: "", symptoms: "", words: placeWords("") };
const search = createArticleSearch();
const articles = [
  {
    slug: "mail",
    title: "Je ne reçois pas l’e-mail",
    symptoms: "courriel spam",
    text: "Regardez vos courriers indésirables.",
  },
  { slug: "password", title: "Mot de passe oublié", text: "Recevez un e-mail avec un lien." },
  { slug: "locked", title: "Mon compte est verrouillé", text: "Attendez, ou choisissez un mot de passe." },
  { slug: "arabic", title: "لم تصل رسالة البريد", text: "" },
];
for (const { text, ...article } of articles) {
  search.put({ ...nothing, key: `${article.slug} 0`, ...article, words: placeWords(text) });
}
const find = (query: string) => search.find(query).map(({ slug }) => slug);

test.each([
  ["mail", "mail"],
  ["MAIL", "mail"],
  ["mot de passe", "password"],
  ["passe oublie", "password"],
  ["oublié mot", "password"],
  ["verouillé", "locked"],
  ["verrouilé", "locked"],
  ["vérroulié", "locked"],
  ["verrou", "locked"],
  ["mial", "mail"],
  ["j’ai pas reçu le courriel", "mail"],
  ["indesirables", "mail"],
  ["بريد", "arabic"],
])("« %s » finds %s first", (query, slug) => {
  expect(find(query)[0]).toBe(slug);
});

test("words that say nothing, or nothing at all, find nothing by themselves but are looked for when alone", () => {
  expect(find("")).toEqual([]);
  expect(find("   ?! ")).toEqual([]);
  expect(find("zzzz qqqq")).toEqual([]);
});

test("a text that changed is found by its new words only, and one that is gone by none", () => {
  const own = createArticleSearch();
  own.put({ ...nothing, slug: "a", key: "1", title: "girafe" });
  own.put({ ...nothing, slug: "a", key: "2", title: "éléphant" });
  expect(own.find("girafe")).toEqual([]);
  expect(own.find("elephant")).toHaveLength(1);
  own.keepOnly(new Set());
  expect(own.find("elephant")).toEqual([]);
  own.put({ ...nothing, slug: "a", key: "2", title: "éléphant" });
  expect(own.find("elephant")).toHaveLength(1);
});

test("an endless query is answered like a short one", () => {
  expect(find(`mail ${"x ".repeat(5000)}`)).toContain("mail");
});

test("what was met is marked, with its accents", () => {
  expect(markWords("Le mail reçu, le mél.", new Set(["mail", "recu"]))).toEqual([
    { text: "Le ", isMarked: false },
    { text: "mail", isMarked: true },
    { text: " ", isMarked: false },
    { text: "reçu", isMarked: true },
    { text: ", le mél.", isMarked: false },
  ]);
});

test("the stretch that is shown holds what was met", () => {
  const text = `${"Rien ici encore. ".repeat(40)}Le code est expiré depuis hier. ${"Rien non plus. ".repeat(40)}`;
  const pieces = cutSnippet(text, placeWords(text), new Set(["code", "expire"]));
  const cut = pieces.map((piece) => piece.text).join("");
  expect(cut).toContain("Le code est expiré depuis");
  expect(pieces.filter(({ isMarked }) => isMarked).map((piece) => piece.text)).toEqual(["code", "expiré"]);
  expect(cut.length).toBeLessThan(200);
  expect(cut.startsWith("… ")).toBe(true);
  expect(cutSnippet("Court.", placeWords("Court."), new Set())).toEqual([
    { text: "Court.", isMarked: false },
  ]);
  expect(cutSnippet("", placeWords(""), new Set(["x"]))).toEqual([]);
});
