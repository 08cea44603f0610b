import type { CSSProperties } from "preact";
import { renderToString } from "preact-render-to-string";
import type { MailBlock } from "./mail-blocks.ts";
import { defaultMailColours } from "./mail-colours.ts";
import type { MailColours, MailView } from "./mail-content.ts";

// Mail programs drop style sheets, classes, variables and logical properties: everything is inline and symmetrical.
const fontFamily = "'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** The HTML part: no image, no web font, nothing fetched, one column of at most 600 pixels. */
export function renderMailHtml(view: MailView, blocks: MailBlock[]): string {
  const colours = view.colours ?? defaultMailColours;
  const { paper, sheet, ink, inkSoft, line } = colours;
  return `<!doctype html>${renderToString(
    <html lang={view.locale} dir={view.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <meta name="supported-color-schemes" content="light" />
        <title>{view.brandName}</title>
      </head>
      <body {...{ bgcolor: paper }} style={{ margin: 0, padding: "24px 8px", background: paper, color: ink }}>
        <Preview blocks={blocks} />
        <div style={{ maxWidth: 600, margin: "0 auto", fontFamily, fontSize: 17, lineHeight: 1.5 }}>
          <p style={{ margin: "0 0 12px", padding: "0 24px", fontWeight: 700, color: ink }}>
            {view.brandName}
          </p>
          <div
            style={{
              padding: 24,
              background: sheet,
              border: `1px solid ${line}`,
              borderRadius: 8,
              color: ink,
            }}
          >
            {blocks.map((block, index) => (
              <Block key={index} block={block} colours={colours} />
            ))}
          </div>
          <p style={{ margin: "12px 0 0", padding: "0 24px", fontSize: 15, color: inkSoft }}>
            {view.brandName}
            <br />
            <a href={view.publicUrl} style={{ color: inkSoft }}>
              {view.publicUrl}
            </a>
          </p>
        </div>
      </body>
    </html>,
  )}`;
}

/** What a mail program shows beside the subject: the first real sentence, not the name of the service again. */
function Preview({ blocks }: { blocks: MailBlock[] }) {
  const sentence = blocks.find((block, index) => block.kind === "text" && index > 0) ?? blocks[0];
  if (sentence?.kind !== "text") return null;
  return <div style={{ display: "none", maxHeight: 0, overflow: "hidden" }}>{sentence.text}</div>;
}

const paragraph: CSSProperties = { margin: "0 0 20px" };

function Block({ block, colours }: { block: MailBlock; colours: MailColours }) {
  switch (block.kind) {
    case "text":
      return <TextBlock block={block} colours={colours} />;
    case "facts":
      return (
        <div style={{ ...paragraph, padding: "12px 16px", background: colours.paper, borderRadius: 8 }}>
          {block.rows.map(({ label, value }) => (
            <div key={label}>
              {label} <strong style={{ wordBreak: "break-word" }}>{value}</strong>
            </div>
          ))}
        </div>
      );
    case "list":
      return (
        <ul style={{ ...paragraph, padding: "0 24px" }}>
          {block.items.map(({ title, text }) => (
            <li key={title + text} style={{ margin: "0 0 12px" }}>
              <strong>{title}</strong>
              <br />
              {text}
            </li>
          ))}
        </ul>
      );
    case "button":
      return <ButtonBlock block={block} colours={colours} />;
    case "link":
      return (
        <p style={paragraph}>
          {block.heading !== undefined && (
            <>
              <strong>{block.heading}</strong>
              <br />
            </>
          )}
          {block.before !== undefined && <>{block.before} </>}
          <a href={block.url} style={{ color: colours.accent, fontWeight: 700, wordBreak: "break-word" }}>
            {block.label}
          </a>
        </p>
      );
    case "code":
      return <CodeBlock block={block} colours={colours} />;
  }
}

type BlockOf<Kind extends MailBlock["kind"]> = { block: MailBlock & { kind: Kind }; colours: MailColours };

function TextBlock({ block, colours }: BlockOf<"text">) {
  const quiet: CSSProperties = {
    margin: 0,
    padding: "16px 0 0",
    borderTop: `1px solid ${colours.line}`,
    color: colours.inkSoft,
    fontSize: 15,
  };
  return (
    <p style={block.quiet ? quiet : paragraph}>
      {block.heading !== undefined && (
        <>
          <strong>{block.heading}</strong>
          <br />
        </>
      )}
      {block.text.split("\n").map((line, index) => (
        <>
          {index > 0 && <br />}
          {line}
        </>
      ))}
    </p>
  );
}

function ButtonBlock({ block, colours }: BlockOf<"button">) {
  return (
    <>
      <p style={{ margin: "0 0 12px" }}>
        <a
          href={block.url}
          style={{
            display: "inline-block",
            padding: "12px 24px",
            background: colours.accent,
            border: `1px solid ${colours.accent}`,
            borderRadius: 8,
            color: colours.onAccent,
            fontWeight: 700,
            textDecoration: "none",
          }}
        >
          {block.label}
        </a>
      </p>
      <p style={{ ...paragraph, fontSize: 15, color: colours.inkSoft }}>
        {block.instead}
        <br />
        <a href={block.url} dir="ltr" style={{ color: colours.inkSoft, wordBreak: "break-all" }}>
          {block.url}
        </a>
      </p>
    </>
  );
}

/** Groups of four are kept apart by padding, not by spaces: what is copied is the code itself. */
function CodeBlock({ block, colours }: BlockOf<"code">) {
  const groups = block.code.match(/.{1,4}/gu) ?? [];
  const font = { fontFamily: "Consolas, Menlo, monospace", fontSize: 30, fontWeight: 700, letterSpacing: 2 };
  return (
    <p style={{ ...paragraph, padding: "12px 16px", background: colours.paper, borderRadius: 8 }}>
      {block.label}
      <br />
      <bdo dir="ltr" style={{ ...font, lineHeight: 1.4 }}>
        {groups.map((group, index) => (
          <span key={index} style={index > 0 ? { paddingLeft: 12 } : undefined}>
            {group}
          </span>
        ))}
      </bdo>
    </p>
  );
}
