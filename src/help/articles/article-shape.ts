import { z } from "zod";
import { type Kind, kindsOfPerson, type Preset, presetShape } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import type { Locale } from "../../i18n/locale.ts";
import { isSafeLink } from "./article-links.ts";

/** The shelves of the help centre, in the order in which they stand there. */
export const categories = [
  "messages",
  "sign-in",
  "account",
  "identifier",
  "security",
  "browser",
  "contact",
] as const;
export type Category = (typeof categories)[number];

export const presetNames = presetShape.shape.name.options;
export type PresetName = (typeof presetNames)[number];

/** The same in every language, and part of the article's address. */
const slugPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longestSlug = 60;
/** Pages of `/help` that are no articles. */
const takenSlugs = ["search", "searched", "feedback", "diagnosis", "status", "images", "contact", "sitemap"];

export function isSlug(text: string): boolean {
  return text.length <= longestSlug && slugPattern.test(text) && !takenSlugs.includes(text);
}

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u);
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .max(40)
    .refine((list) => new Set(list).size === list.length);

/** What stands above an article's text. `audience` and `presets` null: for everybody, everywhere. */
export const frontShape = z.strictObject({
  title: line(90),
  summary: line(240),
  category: z.enum(categories),
  updated: z.iso.date(),
  audience: listOf(z.enum(kindsOfPerson)).min(1).nullable().default(null),
  presets: listOf(z.enum(presetNames)).min(1).nullable().default(null),
  symptoms: listOf(z.enum(symptoms)).default([]),
  order: z.int().min(0).max(9999).default(100),
  related: listOf(z.string().refine(isSlug)).default([]),
  action: z
    .strictObject({ label: line(60), href: z.string().refine(isSafeLink) })
    .nullable()
    .default(null),
});

export interface ArticleFront {
  title: string;
  summary: string;
  category: Category;
  /** Such as `2026-11-22`. */
  updated: string;
  audience: Kind[] | null;
  presets: PresetName[] | null;
  symptoms: Symptom[];
  /** Within its category, the lowest first. */
  order: number;
  related: string[];
  /** The button that does the thing; null where it differs by preset, and stands in the text. */
  action: { label: string; href: string } | null;
}

/** The fields in the order in which they are written and asked for. */
export const frontFields = Object.keys(frontShape.shape) as (keyof ArticleFront)[];

/** One article in one language. */
export interface Article {
  slug: string;
  locale: Locale;
  front: ArticleFront;
  body: string;
  /** 0: the file that came with the portal; else the version that staff published. */
  number: number;
}

export const longestBody = 30_000;

/** Whether an article is for a portal of this preset. */
export function isFor(front: ArticleFront, preset: Pick<Preset, "name" | "kinds">): boolean {
  if (front.presets && !front.presets.includes(preset.name)) return false;
  return !front.audience || front.audience.some((kind) => preset.kinds.includes(kind));
}
