import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";

/** The whole HTML document of a `<Page>`. Everything inserted as text has been escaped. */
export function renderPage(page: VNode): string {
  return `<!doctype html>${renderToString(page)}`;
}
