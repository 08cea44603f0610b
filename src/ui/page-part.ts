import type { ComponentChildren } from "preact";

/** A part of a page that another room brings, under its own heading. */
export interface PagePart {
  /** Of the heading's anchor. */
  id: string;
  title: string;
  content: ComponentChildren;
}
