import type { Page, PlainBrowser } from "./browser.ts";
import { formsOf } from "./found-forms.ts";

let written = 0;

/** What somebody writes who was never here before. */
export function aRequest(changes: Record<string, string> = {}): Record<string, string> {
  const number = ++written;
  return {
    symptom: "cannot-sign-in",
    name: "Léa Martin",
    email: `lea.demande${number}@example.fr`,
    what: `Je ne peux plus entrer depuis hier, essai ${number}.`,
    ...changes,
  };
}

/** The form as the page offers it, with what it carries. */
export async function openForm(browser: PlainBrowser, query = "symptom=cannot-sign-in") {
  const page = await browser.get(`/contact?${query}`);
  return { page, carried: carriedBy(page) };
}

/** The hidden fields of the form of a page. */
export function carriedBy(page: Page, action = "/contact"): Record<string, string> {
  const fields = formsOf(page.html, page.path).find((form) => form.action === action)?.fields ?? {};
  const names = ["draft", "kept", "replaces", "place-for"].filter((name) => name in fields);
  return Object.fromEntries(names.map((name) => [name, fields[name] as string]));
}

/** Opens the form, fills it in and sends it. */
export async function sendRequest(
  browser: PlainBrowser,
  values: Record<string, string>,
  options: { query?: string; follow?: boolean } = {},
): Promise<Page> {
  const { carried } = await openForm(browser, options.query);
  return browser.post(
    "/contact",
    { ...carried, evidence: "1", ...values },
    { follow: options.follow ?? true },
  );
}

/** The same as a browser sends it that has files to bring. */
export function withPictures(
  values: Record<string, string>,
  pictures: { name: string; bytes: Buffer }[],
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  for (const { name, bytes } of pictures) {
    form.append("pictures", new File([new Uint8Array(bytes)], name, { type: "image/png" }));
  }
  return form;
}
