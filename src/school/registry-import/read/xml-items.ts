import { SaxesParser } from "saxes";
import { Unreadable } from "./record.ts";

/** Fields and groups of fields, as the exports of SIECLE nest them: `DONNEES`, a section, an item, its fields. */
export interface XmlItem {
  section: string;
  name: string;
  attributes: Record<string, string>;
  fields: Record<string, string>;
  groups: { name: string; fields: Record<string, string>; line: number }[];
  line: number;
}

/** A value outside of the data, such as `PARAMETRES/UAJ`. */
export interface XmlParameter {
  name: string;
  value: string;
  line: number;
}

export interface XmlHandlers {
  root(name: string, line: number): void;
  parameter(parameter: XmlParameter): void;
  item(item: XmlItem): void;
}

const deepest = 12;
const longestText = 4000;
/** Tags inside of one item: ten times those of the longest that a registry writes. All of an item is kept. */
const tagsAtMost = 1000;
const longestTag = 100;
/** Text without a single tag: nothing that a registry writes, and the parser keeps all of it. */
const longestWithoutTag = 256 * 1024;

/**
 * Reads XML as it comes, and keeps no more than one item. A document type is refused where it begins: entities
 * of one's own are how a file of a few lines becomes gigabytes, or reads other files (OWASP, XML external entities).
 */
export function createXmlItems(handlers: XmlHandlers) {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const path: string[] = [];
  let item: XmlItem | null = null;
  let group: XmlItem["groups"][number] | null = null;
  let text = "";
  let tags = 0;
  let sinceTag = 0;

  parser.on("error", (cause) => {
    const what = cause.message.replace(/^\d+:\d+:\s*/, "");
    const isEnd = /unclosed tag|must contain a root|unexpected end/i.test(what);
    throw new Unreadable(isEnd ? "xml-truncated" : "xml-broken", parser.line, what);
  });
  parser.on("doctype", () => {
    throw new Unreadable("xml-doctype", parser.line);
  });
  parser.on("opentag", ({ name, attributes }) => {
    sinceTag = 0;
    text = "";
    path.push(name);
    if (path.length > deepest || name.length > longestTag)
      throw new Unreadable("xml-too-long", parser.line, name.slice(0, longestTag));
    if (path.length === 1) handlers.root(name, parser.line);
    if (path[1] !== "DONNEES") return;
    const line = parser.line;
    if (path.length === 4) {
      const section = path[2] as string;
      tags = 0;
      item = { section, name, attributes: { ...attributes }, fields: {}, groups: [], line };
    } else if (path.length > 4 && ++tags > tagsAtMost) {
      throw new Unreadable("xml-too-long", line, name);
    }
    if (path.length === 5) group = { name, fields: {}, line };
  });
  const addText = (more: string) => {
    text += more;
    if (text.length > longestText) throw new Unreadable("xml-too-long", parser.line, path.at(-1) ?? "");
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", ({ name }) => {
    sinceTag = 0;
    if (path[1] !== "DONNEES") {
      if (path.length === 3) handlers.parameter({ name, value: text.trim(), line: parser.line });
    } else if (path.length === 6 && group) group.fields[name] ??= text;
    else if (path.length === 5 && item && group) {
      if (Object.keys(group.fields).length > 0) item.groups.push(group);
      else item.fields[name] ??= text;
      group = null;
    } else if (path.length === 4 && item) {
      handlers.item(item);
      item = null;
    }
    text = "";
    path.pop();
  });

  return {
    write(piece: string): void {
      sinceTag += piece.length;
      parser.write(piece);
      if (sinceTag > longestWithoutTag) throw new Unreadable("xml-too-long", parser.line);
    },
    close(): void {
      parser.close();
    },
  };
}
