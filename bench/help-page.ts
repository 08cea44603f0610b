import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Bench, startServer } from "./bench.ts";

/**
 * What a first visit to a help page brings over the line: page, style sheet and scripts, without the font. Files are
 * sent compressed by the portal, pages by the proxy in front of it if at all (docs/decisions/no-compressed-pages.md):
 * both are counted as gzip makes them. Pictures come as one scrolls, and are told apart.
 */
export async function measureHelpPage(bench: Bench): Promise<void> {
  const server = await startServer({
    engine: "sqlite",
    accounts: 0,
    postgresUrl: bench.postgresUrl,
    preset: "school",
  });
  try {
    const read = async (path: string) =>
      Buffer.from(
        await (
          await fetch(server.url + path, {
            headers: { "accept-encoding": "identity", "accept-language": "fr" },
          })
        ).arrayBuffer(),
      );
    const home = (await read("/help")).toString("utf8");
    const slugs = new Set(
      [...home.matchAll(/href="(\/help\/[a-z0-9-]+)"/g)].map((match) => match[1] as string),
    );
    const pages = ["/help", "/help/search?q=mail", ...slugs].filter(
      (path) => !/\/(?:diagnosis|status)$/.test(path),
    );
    const weights: { path: string; bytes: number; sent: number; pictures: number }[] = [];
    for (const path of pages) {
      const html = (await read(path)).toString("utf8");
      const files = new Set(
        [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] as string),
      );
      let bytes = gzipSync(html).length;
      let sent = Buffer.byteLength(html);
      for (const file of files) {
        if (file.endsWith(".woff2")) continue;
        const content = await read(file);
        bytes += gzipSync(content, { level: 9 }).length;
        sent += brotliCompressSync(content).length;
      }
      let pictures = 0;
      for (const [, src] of html.matchAll(/src="(\/help\/images\/[^"]+)"/g)) {
        pictures += (await read(src as string)).length;
      }
      weights.push({ path, bytes, sent, pictures });
    }
    const heaviest = weights.toSorted((a, b) => b.bytes - a.bytes)[0];
    if (!heaviest) throw new Error("There is no help page.");
    const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
    for (const { path, bytes, sent, pictures } of weights.toSorted((a, b) => b.bytes - a.bytes).slice(0, 5)) {
      const more = pictures > 0 ? `, and ${kilobytes(pictures)} of pictures` : "";
      bench.say(
        `${path}: ${kilobytes(bytes)} compressed; ${kilobytes(sent)} without a compressing proxy${more}`,
      );
    }
    bench.result(
      `heaviest of ${weights.length} help pages, without font and pictures`,
      kilobytes(heaviest.bytes),
      "< 30 KB",
      heaviest.bytes < 30 * 1024,
    );
  } finally {
    await server.stop();
  }
}
