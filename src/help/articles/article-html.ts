import MarkdownIt, { type Token } from "markdown-it";
import { foldWords } from "../../store/words.ts";
import { type Block, readBlocks } from "./article-blocks.ts";
import type { ArticleFault } from "./article-fault.ts";
import { isOwnPath, isSafeLink } from "./article-links.ts";
import { presetNames } from "./article-shape.ts";
import { type ArticleValues, fillIn, unknownPlaceholders } from "./article-values.ts";

/** A picture of an article, as it is shown: address, and size in CSS pixels. */
export interface Picture {
  src: string;
  width: number;
  height: number;
}

/** For whom an article is rendered. */
export interface RenderAbout {
  /** Names whose `:::only` blocks are shown: the preset's, and those of the kinds of person that exist. */
  names: string[];
  /** Every name that `:::only` knows. */
  knownNames: readonly string[];
  values: ArticleValues;
  picture: (name: string) => Picture | null;
  /** Names a table to those who hear that it can be scrolled. */
  tableLabel: string;
}

export interface RenderedArticle {
  /** Holds no markup but ours: whatever was written is escaped, and links lead only where `isSafeLink` allows. */
  html: string;
  /** The second-level headings, for the contents list. */
  contents: { id: string; title: string }[];
  /** The words of every heading. */
  headings: string;
  /** The words of the article, for the search. */
  text: string;
  faults: ArticleFault[];
}

/** What `:::only` can name. */
export const onlyNames = (kinds: readonly string[]) => [...presetNames, ...kinds];

interface Pass {
  about: RenderAbout;
  contents: RenderedArticle["contents"];
  headings: string[];
  words: string[];
  faults: ArticleFault[];
  ids: Set<string>;
  tables: number;
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
// Pictures are figures, with their alternative text and points; four spaces are a slip, not a program.
markdown.disable(["image", "code"]);
// Every link is kept here, so that a refused one can be told with its line; `render` then takes it away.
markdown.validateLink = () => true;

const { escapeHtml } = markdown.utils;

/**
 * The one function that makes HTML of an article, for the page, the preview and the search alike. `firstLine` is
 * the line of the file on which the body begins. Source: CommonMark 0.31 and tables, with raw HTML off.
 */
export function renderArticle(body: string, firstLine: number, about: RenderAbout): RenderedArticle {
  const { blocks, faults } = readBlocks(body, firstLine);
  const pass: Pass = {
    about,
    contents: [],
    headings: [],
    words: [],
    faults,
    ids: new Set(),
    tables: 0,
  };
  const html = renderBlocks(blocks, pass);
  return {
    html,
    contents: pass.contents,
    headings: pass.headings.join(" "),
    text: pass.words.join(" ").replaceAll(/\s+/g, " ").trim(),
    faults: pass.faults.sort((a, b) => a.line - b.line),
  };
}

function renderBlocks(blocks: Block[], pass: Pass): string {
  return blocks.map((block) => renderBlock(block, pass)).join("");
}

function renderBlock(block: Block, pass: Pass): string {
  switch (block.kind) {
    case "text":
      return renderMarkdown(block.markdown, block.line, pass);
    case "only":
      return renderOnly(block, pass);
    case "question": {
      const title = renderInline(block.title, block.line, pass);
      const answer = renderBlocks(block.blocks, pass);
      return `<details class="question"><summary>${title}</summary><div>${answer}</div></details>`;
    }
    case "action": {
      const { label, href, line } = block;
      if (!isSafeLink(href)) {
        pass.faults.push({ line, says: "link-refused", values: { href } });
        return "";
      }
      const words = escapeHtml(say(label, line, pass));
      return `<p class="article-action"><a class="button is-quiet" href="${escapeHtml(href)}">${words}</a></p>`;
    }
    case "figure":
      return renderFigure(block, pass);
  }
}

function renderOnly(block: Block & { kind: "only" }, pass: Pass): string {
  const { names, knownNames } = pass.about;
  for (const name of block.names.filter((name) => !knownNames.includes(name))) {
    const values = { name, names: knownNames.join(", ") };
    pass.faults.push({ line: block.line, says: "only-unknown", values });
  }
  if (block.names.some((name) => names.includes(name))) return renderBlocks(block.blocks, pass);
  // Not shown here, yet checked: the same file serves every preset.
  const aside: Pass = { ...pass, contents: [], headings: [], words: [], ids: new Set(), tables: 0 };
  renderBlocks(block.blocks, aside);
  return "";
}

function renderFigure({ name, alt, points, line }: Block & { kind: "figure" }, pass: Pass): string {
  const picture = pass.about.picture(name);
  if (!picture) pass.faults.push({ line, says: "figure-missing", values: { name } });
  const list = points === "" ? "" : renderMarkdown(points, line, pass);
  // The points say in words what the picture shows: without it they still guide.
  if (!picture) return list;
  const { src, width, height } = picture;
  const words = escapeHtml(fillIn(alt, pass.about.values));
  const image = `<img src="${escapeHtml(src)}" width="${width}" height="${height}" alt="${words}" loading="lazy" decoding="async">`;
  return `<figure class="figure">${image}${list && `<figcaption>${list}</figcaption>`}</figure>`;
}

function renderInline(source: string, line: number, pass: Pass): string {
  const tokens = markdown.parseInline(source, {});
  prepare(tokens, line, pass);
  return markdown.renderer.render(tokens, markdown.options, {});
}

function renderMarkdown(source: string, firstLine: number, pass: Pass): string {
  const tokens = markdown.parse(source, {});
  prepare(tokens, firstLine, pass);
  return markdown.renderer.render(tokens, markdown.options, { nameTable: () => nameTable(pass) });
}

/** Fills in, names the headings, takes away what may not stand there, and gathers the words. */
function prepare(tokens: Token[], firstLine: number, pass: Pass): void {
  let line = firstLine;
  for (const token of tokens) {
    if (token.map) line = firstLine + token.map[0];
    if (token.type === "inline") prepareInline(token, line, pass);
    else if (token.type === "fence") {
      token.content = say(token.content, line, pass);
      pass.words.push(token.content);
    } else if (token.type === "th_open" || token.type === "td_open") alignByClass(token);
  }
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open") prepareHeading(token, tokens[index + 1] as Token, firstLine, pass);
    if (token.type === "heading_close" && token.tag === "h1") token.tag = "h2";
  }
}

function prepareHeading(open: Token, inline: Token, firstLine: number, pass: Pass): void {
  const title = (inline.children ?? []).map(({ content }) => content).join("");
  if (open.tag === "h1") {
    open.tag = "h2";
    pass.faults.push({ line: firstLine + (open.map?.[0] ?? 0), says: "heading-one", values: { title } });
  }
  const id = uniqueId(title, pass.ids);
  open.attrSet("id", id);
  pass.headings.push(title);
  if (open.tag === "h2") pass.contents.push({ id, title });
}

/** Prefixed, so that no heading takes the name of a field of the page. */
function uniqueId(title: string, taken: Set<string>): string {
  const plain = `part-${foldWords(title).slice(0, 8).join("-")}`;
  let id = plain;
  for (let n = 2; taken.has(id); n++) id = `${plain}-${n}`;
  taken.add(id);
  return id;
}

function prepareInline(token: Token, line: number, pass: Pass): void {
  const refused: boolean[] = [];
  const kept: Token[] = [];
  for (const child of token.children ?? []) {
    if (child.type === "text" || child.type === "code_inline") {
      child.content = say(child.content, line, pass);
      if (/!$/.test(child.content)) notePicture(token, line, pass);
    }
    if (child.type === "link_open") {
      const href = String(child.attrGet("href") ?? "");
      refused.push(!isSafeLink(href));
      if (!isSafeLink(href)) pass.faults.push({ line, says: "link-refused", values: { href } });
      else if (!isOwnPath(href) && !href.startsWith("#")) child.attrSet("rel", "noopener external");
      if (refused.at(-1)) continue;
    }
    if (child.type === "link_close" && refused.pop()) continue;
    kept.push(child);
  }
  token.children = kept;
  pass.words.push(kept.map(({ type, content }) => (/break$/.test(type) ? " " : content)).join(""));
}

/** `![…](…)`: an exclamation mark and a link, now that pictures are not Markdown's business. */
function notePicture(token: Token, line: number, pass: Pass): void {
  if (/!\[[^\]]*\]\(/.test(token.content)) pass.faults.push({ line, says: "picture-outside" });
}

function say(source: string, line: number, pass: Pass): string {
  for (const name of unknownPlaceholders(source)) {
    pass.faults.push({ line, says: "placeholder-unknown", values: { name } });
  }
  return fillIn(source, pass.about.values);
}

/** The content policy allows no style of its own to an element. */
function alignByClass(token: Token): void {
  const style = token.attrGet("style");
  if (style === null) return;
  token.attrs = (token.attrs ?? []).filter(([name]) => name !== "style");
  const side = /right/.test(String(style)) ? "end" : /center/.test(String(style)) ? "center" : "start";
  token.attrSet("class", `is-${side}`);
}

/** Two landmarks of one page may not have the same name (WCAG 2.4.1, ARIA landmarks). */
function nameTable(pass: Pass): string {
  pass.tables++;
  return pass.tables === 1 ? pass.about.tableLabel : `${pass.about.tableLabel} ${pass.tables}`;
}

// Wider than a telephone, it scrolls in its own frame, by keyboard too (WCAG 1.4.10, 2.1.1).
markdown.renderer.rules.table_open = (_tokens, _index, _options, env) => {
  const name = (env as { nameTable: () => string }).nameTable();
  return `<section class="table-scroll" tabindex="0" aria-label="${escapeHtml(name)}"><table>\n`;
};
markdown.renderer.rules.table_close = () => "</table></section>\n";
