import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBudgets } from "../../src/access/budgets/budgets.ts";
import { readConfig } from "../../src/config/config.ts";
import { createArticleFeedback } from "../../src/help/articles/article-feedback.ts";
import { createArticles } from "../../src/help/articles/articles.ts";
import { createArticleEditing } from "../../src/help/articles/edit-articles.ts";
import { createHelpSearches } from "../../src/help/articles/help-searches.ts";
import { readArticle } from "../../src/help/articles/read-article.ts";
import { createTranslations } from "../../src/i18n/translations.ts";
import { day, second } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import type { Store } from "../../src/store/store.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";
import { seededRandom, TestClock } from "../support/world.ts";

const slug = "mail-not-received";
const title = "Un titre tout neuf";

/** What the editor's page posts. */
const anArticle = (changes: Record<string, string> = {}) => ({
  title,
  summary: "Une phrase.",
  category: "messages",
  order: "10",
  related: "",
  "action-label": "Recevoir un message",
  "action-href": "/forgot-password",
  "symptom-mail-not-received": "1",
  body: "## Une étape\n\nUn zèbre attend {{codeMinutes}} minutes.",
  ...changes,
});

const seenOf = (page: Page) => /name="seen" value="(\d+)"/.exec(page.html)?.[1] ?? "none";
const englishOf = (portal: TestPortal) => new PlainBrowser(portal.url, { "accept-language": "en" });

onEachEngine("the help centre", (engine) => {
  let portal: TestPortal;
  let reader: PlainBrowser;
  let staff: MadeStaff;
  let desk: PlainBrowser;

  beforeAll(async () => {
    portal = await startPortal({ preset: "community", engine });
    staff = await aStaffMember(portal, "operator", { name: "Olivier Blanc" });
    desk = await atTheDesk(portal, staff);
    reader = new PlainBrowser(portal.url);
  });
  afterAll(() => portal?.close());

  /** Opens the editor and saves, having seen what is there. */
  async function save(
    name: string,
    fields: Record<string, string>,
    act: "draft" | "published" | "preview" = "published",
    who = desk,
  ): Promise<Page> {
    const address = `/desk/articles/${name}/fr`;
    const seen = seenOf(await who.get(address));
    return who.post(address, { ...fields, seen, act }, { follow: false });
  }
  const asked = (table: string) =>
    portal.portal.store
      .tables<Record<string, Record<string, unknown>>>()
      .selectFrom(table)
      .selectAll()
      .execute();

  test("shows its shelves, its search and the way by questions", async () => {
    const { html, status } = await reader.get("/help");
    expect(status).toBe(200);
    expect(html).toContain(`href="/help/${slug}"`);
    expect(html).toContain('href="/help/diagnosis"');
    expect(html).toContain('action="/help/search"');
    expect(html).toContain('<link rel="canonical"');
    expect(html).toContain('hreflang="en"');
  });

  test("an article stands under its own address, in the language of its reader", async () => {
    const french = await reader.get(`/help/${slug}`);
    const english = await englishOf(portal).get(`/help/${slug}`);
    expect(french.status).toBe(200);
    expect(french.html).toContain('<html lang="fr"');
    expect(english.html).toContain('<html lang="en"');
    expect(english.text).not.toBe(french.text);
    expect(french.text).toContain(words("articles.still-need"));
    expect(french.html).toContain(`href="/contact?article=${slug}"`);
    expect(french.html).toContain(`<link rel="canonical" href="${portal.url}/help/${slug}?lang=fr"`);
    expect(french.html).toContain(`hreflang="en" href="${portal.url}/help/${slug}?lang=en"`);
  });

  test("an article that is not written in a language is shown in another, and says so", async () => {
    await save("only-french", anArticle());
    const arabic = await new PlainBrowser(portal.url, { "accept-language": "ar" }).get("/help/only-french");
    expect(arabic.html).toContain('<html lang="ar" dir="rtl"');
    expect(arabic.html).toMatch(/<h1><span lang="fr" dir="ltr">Un titre tout neuf<\/span><\/h1>/);
    expect(arabic.html).toMatch(/<div class="prose article" lang="fr" dir="ltr">/);
    expect(arabic.text).toContain(words("articles.fallback", { wanted: "العربية", given: "الفرنسية" }, "ar"));
  });

  test("an address that leads nowhere is a 404 that offers to search", async () => {
    const page = await reader.get("/help/mail-non-recu");
    expect(page.status).toBe(404);
    expect(page.text).toContain(words("articles.none.title"));
    expect(page.html).toContain('value="mail non recu"');
    for (const path of [
      "/help/%3Cscript%3E",
      "/help/..%2f..%2fetc",
      "/help/A%20b",
      `/help/${"x".repeat(190)}`,
    ]) {
      expect((await reader.get(path)).status).toBe(404);
    }
  });

  test("the version to print has its questions open and asks nothing", async () => {
    await save("with-question", anArticle({ body: ":::question Pourquoi ?\nParce que.\n:::" }));
    const screen = await reader.get("/help/with-question");
    const paper = await reader.get("/help/with-question?print=1");
    expect(screen.html).toContain('<details class="question"><summary>');
    expect(paper.html).toContain('<details class="question" open><summary>');
    expect(paper.html).not.toContain('id="feedback"');
    expect(paper.html).toContain('name="robots" content="noindex"');
  });

  describe("the search", () => {
    test("finds with wrong letters, without accents, and marks what it met", async () => {
      const page = await reader.get(`/help/search?q=${encodeURIComponent("verouiller")}`);
      expect(page.html).toContain('href="/help/locked-account"');
      expect(page.html).toMatch(/<mark>[^<]*<\/mark>/);
      expect(page.html).toContain('name="robots" content="noindex"');
    });

    test("answers programs, and the part of a page that is fetched while one types", async () => {
      const data = await reader.get("/help/search?q=spam", { headers: { accept: "application/json" } });
      const { hits } = JSON.parse(data.html) as { hits: { slug: string; href: string }[] };
      expect(hits[0]).toMatchObject({ slug: "mail-in-spam", href: "/help/mail-in-spam" });
      const part = await reader.get("/help/search?q=spam&fragment=1");
      expect(part.html).toMatch(/^<div class="search-results"/);
    });

    test("what is typed comes back as text", async () => {
      const typed = '"><script>alert(1)</script>';
      for (const more of ["", "&fragment=1"]) {
        const page = await reader.get(`/help/search?q=${encodeURIComponent(typed)}${more}`);
        expect(page.html).not.toContain("<script>alert");
      }
    });

    test("is counted by words alone, and not while one types", async () => {
      await reader.get("/help/search?q=zzgirafe&fragment=1");
      await reader.get("/help/search?q=Zzgirafe%20!");
      await reader.get("/help/search?q=zzgirafe");
      await reader.post("/help/searched", { q: "zzokapi" });
      await reader.get("/help/search?q=lea.martin%40example.fr");
      await reader.get("/help/search?q=06%2039%2098%2000%2001");
      expect(await asked("help_searches")).toEqual([]);
      await portal.settle();
      const rows = (await asked("help_searches")).filter(({ query }) => /^zz|lea|06/.test(String(query)));
      expect(rows.map(({ query, uses, results }) => [query, Number(uses), Number(results)]).sort()).toEqual([
        ["zzgirafe", 2, 0],
        ["zzokapi", 1, 0],
      ]);
      expect(Object.keys(rows[0] ?? {}).sort()).toEqual(["day", "locale", "query", "results", "uses"]);
      const report = await desk.get("/desk/articles/searches");
      expect(report.text).toContain("zzgirafe");
    });

    test("a search that found nothing shows when an article answers it since", async () => {
      await reader.get("/help/search?q=zzlicorne");
      await portal.settle();
      await save("zzlicorne", anArticle({ title: "La zzlicorne" }));
      const report = await desk.get("/desk/articles/searches");
      expect(report.text).toMatch(/zzlicorne[^z]*1 article trouvé/);
    });
  });

  describe("what readers answer", () => {
    test("a yes is thanked for, once for each browser", async () => {
      const own = new PlainBrowser(portal.url);
      await own.get(`/help/${slug}`);
      for (let times = 0; times < 3; times++) {
        const page = await own.post("/help/feedback", { article: slug, answer: "yes" });
        expect(page.text).toContain(words("articles.feedback.thanks"));
      }
      const rows = await asked("article_feedback");
      expect(rows.filter((row) => row.slug === slug)).toHaveLength(1);
    });

    test("a no opens a comment, which joins it once", async () => {
      const own = new PlainBrowser(portal.url);
      await own.get("/help/locked-account");
      const page = await own.post("/help/feedback", { article: "locked-account", answer: "no" });
      expect(page.text).toContain(words("articles.feedback.comment"));
      const id = /name="id" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
      const comment = "Je n’ai pas compris <b>l’étape</b> 2.";
      const thanks = await own.post("/help/feedback/comment", { article: "locked-account", id, comment });
      expect(thanks.text).toContain(words("articles.feedback.thanks"));
      const again = await own.post("/help/feedback/comment", {
        article: "locked-account",
        id,
        comment: "encore",
      });
      expect(again.text).toContain(words("articles.feedback.gone"));
      const report = await desk.get("/desk/articles/feedback?article=locked-account");
      expect(report.text).toContain(comment);
      expect(report.html).not.toContain("<b>l’étape");
    });

    test("« Annuler » takes it back, but nothing that was written", async () => {
      const own = new PlainBrowser(portal.url);
      await own.get("/help/strong-password");
      const page = await own.post("/help/feedback", { article: "strong-password", answer: "no" });
      const id = /name="id" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
      const after = await own.post("/help/feedback/cancel", {
        article: "strong-password",
        id,
        comment: "rien",
      });
      expect(after.text).toContain(words("articles.feedback.taken-back"));
      const rows = await asked("article_feedback");
      expect(rows.filter((row) => row.slug === "strong-password")).toEqual([]);
    });

    test("a comment that is too long comes back whole", async () => {
      const own = new PlainBrowser(portal.url);
      await own.get(`/help/${slug}`);
      const page = await own.post("/help/feedback", { article: slug, answer: "no" });
      const id = /name="id" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
      const comment = "trop ".repeat(300);
      const refused = await own.post("/help/feedback/comment", { article: slug, id, comment });
      expect(refused.status).toBe(422);
      expect(refused.html).toContain(comment.slice(0, 500));
      expect(refused.text).toContain(words("articles.feedback.too-long", { most: 1000 }));
    });

    test("somebody else's answer cannot be touched by guessing", async () => {
      const before = await asked("article_feedback");
      const id = "01890000-0000-7000-8000-000000000000";
      await reader.post("/help/feedback/cancel", { article: slug, id });
      await reader.post("/help/feedback/comment", { article: slug, id, comment: "x" });
      expect(await asked("article_feedback")).toEqual(before);
    });
  });

  describe("the desk", () => {
    test("lists every article with its state in each language", async () => {
      const page = await desk.get("/desk/articles?q=mail");
      expect(page.html).toContain(`href="/desk/articles/${slug}/fr"`);
      expect(page.text).toContain(words("articles.desk.state.file"));
      expect(page.text).toContain(words("articles.desk.state.none"));
    });

    test("a preview shows the text and saves nothing", async () => {
      const before = (await asked("article_versions")).length;
      const page = await save("preview-only", anArticle({ body: "Un **gnou**." }), "preview");
      expect(page.status).toBe(200);
      expect(page.html).toContain("<strong>gnou</strong>");
      expect((await asked("article_versions")).length).toBe(before);
    });

    test("a draft is kept and nobody reads it; published, everybody does, at once", async () => {
      await save("a-new-one", anArticle(), "draft");
      expect((await reader.get("/help/a-new-one")).status).toBe(404);
      expect((await reader.get("/help/search?q=zebre")).html).not.toContain("/help/a-new-one");
      expect((await desk.get("/desk/articles/a-new-one/fr")).html).toContain("Un zèbre attend");
      const done = await save("a-new-one", anArticle());
      expect(done.location).toBe("/desk/articles/a-new-one/fr");
      const page = await reader.get("/help/a-new-one");
      expect(page.text).toContain("Un zèbre attend 30 minutes.");
      expect((await reader.get("/help/search?q=zebre")).html).toContain("/help/a-new-one");
      expect((await reader.get("/help/sitemap.xml")).html).toContain("/help/a-new-one?lang=fr");
    });

    test("what staff publish goes before the file, and can be withdrawn and restored", async () => {
      const name = "change-language";
      const original = (await reader.get(`/help/${name}`)).text;
      await save(name, anArticle());
      expect((await reader.get(`/help/${name}`)).text).toContain("Un zèbre attend");
      await desk.post(`/desk/articles/${name}/fr/withdraw`, { seen: "1" });
      expect((await reader.get(`/help/${name}`)).status).toBe(404);
      expect((await englishOf(portal).get(`/help/${name}`)).status).toBe(200);
      const history = await desk.get(`/desk/articles/${name}/fr/history`);
      expect(history.text).toContain("Olivier Blanc");
      expect(history.text).toContain(words("articles.history.file"));
      const restored = await desk.post(`/desk/articles/${name}/fr/history/0/restore`, { seen: "2" });
      expect(restored.text).toContain(words("articles.history.restored"));
      expect((await reader.get(`/help/${name}`)).status).toBe(404);
      const editor = await desk.get(`/desk/articles/${name}/fr`);
      expect(editor.html).not.toContain("Un zèbre attend");
      const file = readArticle(await readFile(`${findProjectRoot()}/help/fr/${name}.md`, "utf8"));
      await save(name, anArticle({ body: file.body }));
      expect((await reader.get(`/help/${name}`)).text).toContain(
        original.slice(original.length / 3, original.length / 3 + 80),
      );
    });

    test("a version shows line by line what it changed", async () => {
      await save("with-history", anArticle({ body: "Ligne une.\n\nLigne deux.\n\nLigne trois." }));
      await save("with-history", anArticle({ body: "Ligne une.\n\nLigne nouvelle.\n\nLigne trois." }));
      const page = await desk.get("/desk/articles/with-history/fr/history/2");
      expect(page.text).toContain(`${words("articles.history.removed")} Ligne deux.`);
      expect(page.text).toContain(`${words("articles.history.added")} Ligne nouvelle.`);
    });

    test("a save that names a version that never was is refused, and makes nothing", async () => {
      for (const seen of ["", "5"]) {
        const data = new FormData();
        for (const [name, value] of Object.entries({ ...anArticle(), act: "draft", seen })) {
          data.append(name, value);
        }
        const page = await desk.post("/desk/articles/never-there/fr", data, { follow: false });
        expect(page.status).toBe(400);
      }
      expect((await asked("article_versions")).filter((row) => row.slug === "never-there")).toEqual([]);
    });

    test("what is faulty is kept as a draft, and not published", async () => {
      const faulty = anArticle({
        title: "",
        category: "",
        body: "[x](javascript:alert(1))\n\n:::only nowhere",
      });
      const refused = await save("faulty", faulty);
      expect(refused.status).toBe(422);
      expect(refused.text).toContain(words("articles.fault.field-missing", { field: "title" }));
      expect(refused.html).toContain(":::only nowhere");
      expect(refused.text).toContain(words("articles.editor.remark", { line: 3, words: "" }).trim());
      expect((await reader.get("/help/faulty")).status).toBe(404);
      expect((await save("faulty", faulty, "draft")).status).toBe(303);
      expect((await desk.get("/desk/articles/faulty/fr")).html).toContain(":::only nowhere");
    });

    test("two who edit at once lose nothing: both texts are shown, and the next save decides", async () => {
      const other = await atTheDesk(portal, await aStaffMember(portal, "support", { name: "Nadia Cherif" }));
      await save("two-hands", anArticle({ body: "Le début." }));
      const seen = seenOf(await desk.get("/desk/articles/two-hands/fr"));
      await save("two-hands", anArticle({ body: "Le texte de Nadia." }), "published", other);
      const mine = { ...anArticle({ body: "Mon texte à moi." }), seen, act: "published" };
      const warned = await desk.post("/desk/articles/two-hands/fr", mine, { follow: false });
      expect(warned.status).toBe(409);
      expect(warned.text).toContain("Nadia Cherif");
      expect(warned.text).toContain("Le texte de Nadia.");
      expect(warned.html).toContain("Mon texte à moi.");
      expect((await reader.get("/help/two-hands")).text).toContain("Le texte de Nadia.");
      const decided = { ...mine, seen: seenOf(warned) };
      expect((await desk.post("/desk/articles/two-hands/fr", decided, { follow: false })).status).toBe(303);
      expect((await reader.get("/help/two-hands")).text).toContain("Mon texte à moi.");
      expect((await desk.get("/desk/articles/two-hands/fr/history")).text).toContain("Nadia Cherif");
    });

    test("ten who save at the same moment make one version, and nine warnings", async () => {
      await save("ten-hands", anArticle());
      const seen = seenOf(await desk.get("/desk/articles/ten-hands/fr"));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          desk.post(
            "/desk/articles/ten-hands/fr",
            { ...anArticle({ body: `Texte ${index}` }), seen, act: "published" },
            { follow: false },
          ),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(409)]);
      const rows = (await asked("article_versions")).filter((row) => row.slug === "ten-hands");
      expect(rows.map(({ number }) => Number(number)).sort()).toEqual([1, 2]);
    });

    test("a new article needs a name that is free and can stand in an address", async () => {
      for (const name of ["search", "diagnosis", "Été", "a b", "<script>", "x".repeat(61), slug]) {
        const page = await desk.post("/desk/articles/new", { slug: name, locale: "fr" }, { follow: false });
        expect(page.status, name).toBe(422);
      }
      const page = await desk.post(
        "/desk/articles/new",
        { slug: "tout-neuf", locale: "fr" },
        { follow: false },
      );
      expect(page.location).toBe("/desk/articles/tout-neuf/fr");
      expect((await desk.get("/desk/articles/tout-neuf/fr")).status).toBe(200);
    });

    test("what does not exist is a 404", async () => {
      for (const path of ["mail-not-received/xx", "Mail/fr", "nope/fr/history/7", `${slug}/fr/history/x`]) {
        expect((await desk.get(`/desk/articles/${path}`)).status).toBe(404);
      }
    });

    test("scripts that are typed into the editor are text, there and in the help", async () => {
      const typed = fc.array(
        fc.oneof(
          fc.constantFrom(
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "]](javascript:alert(1))",
          ),
          fc.constantFrom("<svg onload=alert(1)>", "</textarea>", "</title>", "&lt;script&gt;"),
          fc.string({ maxLength: 8 }).filter((text) => !/[\p{Cc}\ufffd]/u.test(text) && text.isWellFormed()),
        ),
        { minLength: 1, maxLength: 4 },
      );
      await fc.assert(
        fc.asyncProperty(typed, async (pieces) => {
          const text = pieces.join("");
          const fields = anArticle({
            title: text,
            summary: text,
            "action-label": text,
            related: text,
            body: `Un. ${text}`,
          });
          const page = await save("with-scripts", fields, "draft");
          expect([303, 422]).toContain(page.status);
          for (const path of ["", "/history", "/history/1"]) {
            const shown = await desk.get(`/desk/articles/with-scripts/fr${path}`);
            expect(shown.html).not.toMatch(/<script>alert|<img src=x|<svg onload/);
          }
          expect((await desk.get("/desk/articles?q=scripts")).html).not.toMatch(
            /<script>alert|<img src=x|<svg onload/,
          );
        }),
        { numRuns: 15 },
      );
      const published = anArticle({
        title: "<script>alert(1)</script>",
        summary: '"><img src=x onerror=alert(1)>',
        "action-label": "<svg onload=alert(1)>",
        body: "Un. <script>alert(1)</script>",
      });
      await save("with-scripts", published);
      for (const path of ["/help/with-scripts", "/help", "/help/search?q=script", "/help/sitemap.xml"]) {
        expect((await reader.get(path)).html).not.toMatch(/<script>alert|<img src=x|<svg onload/);
      }
    });
  });
});

onEachEngine("the rooms behind the help", (engine) => {
  const { config } = readTestConfig();
  const clock = new TestClock();
  const ids = createIds(clock, seededRandom(5));
  const keys = createKeys(seededRandom(6), config.secret, null);
  const root = findProjectRoot();
  const { to } = createTranslations(root, config.timezone);
  let store: Store;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ store, close } = await openTestStore(engine));
  });
  afterAll(() => close?.());

  const aNode = () => {
    const { preset, timezone } = config;
    const articles = createArticles({ root, store, clock, preset, translate: to });
    const countFeedback = async () => [];
    const editing = createArticleEditing({ store, clock, ids, preset, timezone, articles, countFeedback });
    return { articles, editing };
  };
  const author = { accountId: "01890000-0000-7000-8000-000000000000", name: "Olivier Blanc" };
  const publish = (
    editing: ReturnType<typeof createArticleEditing>,
    name: string,
    seen: number,
    body: string,
  ) => {
    const action = { label: "Aller", href: "/sign-in" };
    const values = { title, summary: "Une phrase.", category: "messages", action };
    const source = editing.write(values, body);
    return editing.save(author, { slug: name, locale: "fr", source, seen, as: "published" });
  };

  test("another node shows what was published here, within ten seconds, and finds its words", async () => {
    const [here, there] = [aNode(), aNode()];
    expect(await there.articles.read("zz-nodes", "fr")).toBeNull();
    expect(await publish(here.editing, "zz-nodes", 0, "Un zzokapi.")).toEqual({ ok: true, number: 1 });
    expect((await here.articles.read("zz-nodes", "fr"))?.rendered.text).toBe("Un zzokapi.");
    await there.articles.follow();
    expect(await there.articles.read("zz-nodes", "fr")).toBeNull();
    clock.advance(10 * second);
    await there.articles.follow();
    expect((await there.articles.read("zz-nodes", "fr"))?.number).toBe(1);
    expect(await there.articles.search("zzokapi", "fr")).toHaveLength(1);
    await publish(here.editing, "zz-nodes", 1, "Un zzgnou.");
    clock.advance(10 * second);
    await there.articles.follow();
    expect(await there.articles.search("zzokapi", "fr")).toHaveLength(0);
    expect(await there.articles.search("zzgnou", "fr")).toHaveLength(1);
  });

  test("what readers said and searched for is forgotten in time", async () => {
    const budgets = createBudgets({ clock, keys, limits: config.preset.limits, alarm() {} });
    const feedback = createArticleFeedback({ store, clock, ids, keys, budgets, preset: config.preset });
    const searches = createHelpSearches({ store, clock, preset: config.preset });
    const reader = { sourceKey: "192.0.2.7", browserId: "A".repeat(22), isSlowed: false };
    const given = { slug, locale: "fr", answer: "no", isBrowserBound: false } as const;
    const answered = await feedback.answer(reader, given);
    if (!answered.ok) throw new Error(answered.refusal);
    await feedback.comment(answered.id, "  Trop court. ");
    searches.count("Un zzlama", "fr", 0);
    await searches.writeDown();
    const forget = async () => {
      await store.transact(feedback.forgetOld);
      await store.transact(searches.forgetOld);
    };
    await forget();
    expect((await feedback.comments(slug)).map(({ comment }) => comment)).toEqual(["Trop court."]);
    expect(await searches.list(true)).toHaveLength(1);
    clock.advance(
      Math.max(config.preset.retention.casesDays, config.preset.retention.addressesDays) * day + day,
    );
    await forget();
    expect(await feedback.comments(slug)).toEqual([]);
    expect(await feedback.counts()).toEqual([]);
    expect(await searches.list(false)).toEqual([]);
  });

  test("answers beyond the limit are refused until when, and told so", async () => {
    const limits = { ...config.preset.limits, "article-feedback.per-source": { max: 2, perSeconds: 600 } };
    const budgets = createBudgets({ clock, keys, limits, alarm() {} });
    const feedback = createArticleFeedback({ store, clock, ids, keys, budgets, preset: config.preset });
    const reader = { sourceKey: "192.0.2.8", browserId: "B".repeat(22), isSlowed: false };
    const given = { slug, locale: "fr", answer: "yes", isBrowserBound: false } as const;
    expect((await feedback.answer(reader, given)).ok).toBe(true);
    expect((await feedback.answer(reader, given)).ok).toBe(true);
    expect(await feedback.answer(reader, given)).toMatchObject({
      refusal: "articles.feedback.too-many",
      until: clock.now() + 600 * second,
    });
    // A whole school reads from one address.
    expect((await feedback.answer({ ...reader, isSlowed: true }, given)).ok).toBe(true);
  });

  test("a day holds so many different searches and no more", async () => {
    const searches = createHelpSearches({ store, clock, preset: config.preset });
    for (let batch = 0; batch < 6; batch++) {
      for (let n = 0; n < 1000; n++)
        searches.count(`zz${batch} ${"abcdefghij"[n % 10]} mot${n % 100}x${Math.floor(n / 100)}`, "fr", 0);
      await searches.writeDown();
    }
    const rows = await store.ask<{ count: number }>("select count(*) as count from help_searches", []);
    expect(Number(rows[0]?.count)).toBe(5000);
    searches.count("zz0 a mot0x0", "fr", 3);
    await searches.writeDown();
    expect((await searches.list(false)).find(({ query }) => query === "zz0 a mot0x0")).toMatchObject({
      uses: 2,
    });
  });
});

function readTestConfig() {
  const folder = mkdtempSync(join(tmpdir(), "loquet-articles-"));
  const read = readConfig(
    {
      LOQUET_DATA: folder,
      LOQUET_PRESET: "community",
      LOQUET_DEMO: "0",
      LOQUET_SECRET: "a-master-secret-that-only-tests-know-0123456789",
    },
    findProjectRoot(),
  );
  rmSync(folder, { recursive: true, force: true });
  if (!read.ok) throw new Error(read.faults.join("\n"));
  return read;
}

describe("the articles that come with the portal", () => {
  test.each(["school", "community", "service"] as const)(
    "in %s, each can be read in every language",
    async (preset) => {
      const portal = await startPortal({ preset });
      try {
        for (const language of ["fr", "en", "ar"]) {
          const reader = new PlainBrowser(portal.url, { "accept-language": language });
          const links = (page: Page) =>
            [...page.html.matchAll(/href="(\/help\/[a-z0-9-]+)"/g)].map((match) => match[1] as string);
          const home = await reader.get("/help");
          const slugs = new Set(links(home).filter((path) => !/\/(?:diagnosis|status)$/.test(path)));
          expect(slugs.size).toBeGreaterThan(15);
          for (const path of slugs) expect((await reader.get(path)).status, path).toBe(200);
        }
      } finally {
        await portal.close();
      }
    },
  );

  test.each(["school", "community", "service"] as const)(
    "in %s, no link of an article leads nowhere",
    async (preset) => {
      const portal = await startPortal({ preset });
      try {
        const leads = new Map<string, string>();
        for (const language of ["fr", "en"]) {
          const reader = new PlainBrowser(portal.url, { "accept-language": language });
          const home = await reader.get("/help");
          for (const [, path] of home.html.matchAll(/href="(\/help\/[a-z0-9-]+)"/g)) {
            const article = await reader.get(path as string);
            const main = /<main[\s\S]*<\/main>/.exec(article.html)?.[0] ?? "";
            for (const [, href] of main.matchAll(/href="(\/[^"#]*)/g))
              leads.set(href as string, `${language}${path}`);
          }
        }
        const stranger = new PlainBrowser(portal.url);
        const wrong: string[] = [];
        for (const [href, from] of leads) {
          const { status } = await stranger.get(href.replaceAll("&amp;", "&"), { follow: false });
          if (status >= 400) wrong.push(`${from} leads to ${href}: ${status}`);
        }
        expect(wrong).toEqual([]);
      } finally {
        await portal.close();
      }
    },
  );

  test("the sitemap names every page in each of its languages, and robots find it", async () => {
    const portal = await startPortal({ preset: "school" });
    try {
      const reader = new PlainBrowser(portal.url);
      const { html, headers } = await reader.get("/help/sitemap.xml");
      expect(headers.get("content-type")).toContain("application/xml");
      const pages = [...html.matchAll(/<loc>([^<]+)<\/loc>/g)].map((match) => match[1] as string);
      expect(pages).toContain(`${portal.url}/help/${slug}?lang=fr`);
      for (const page of pages.slice(0, 6)) expect((await reader.get(page)).status).toBe(200);
      expect((await reader.get("/robots.txt")).html).toContain(`Sitemap: ${portal.url}/help/sitemap.xml`);
    } finally {
      await portal.close();
    }
  });

  test("pictures are served to be kept, and nothing else of their folder", async () => {
    const portal = await startPortal({ preset: "school" });
    try {
      const reader = new PlainBrowser(portal.url);
      const page = await reader.get("/help/cannot-sign-in");
      const src = /<img src="(\/help\/images\/[^"]+)"/.exec(page.html)?.[1] ?? "";
      const picture = await fetch(portal.url + src);
      expect(picture.status).toBe(200);
      expect(picture.headers.get("content-type")).toBe("image/png");
      expect(picture.headers.get("cache-control")).toContain("immutable");
      await picture.arrayBuffer();
      for (const path of ["pictures.json", "..%2ffr%2flocked-account.md", "", "nothing.fr.png"]) {
        expect((await reader.get(`/help/images/${path}`)).status).toBe(404);
      }
    } finally {
      await portal.close();
    }
  });
});
