import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Bench, startServer } from "./bench.ts";

/** What a first visit to the sign-in page brings over the line, compressed, without the font. */
export async function measurePageWeight(bench: Bench): Promise<void> {
  const server = await startServer({ engine: "sqlite", accounts: 0, postgresUrl: bench.postgresUrl });
  const page = await fetch(`${server.url}/sign-in`, { headers: { "accept-encoding": "gzip" } });
  const html = await page.text();
  const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] as string);
  let bytes = gzipSync(html).length;
  let sent = Number(page.headers.get("content-length") ?? Buffer.byteLength(html));
  for (const file of new Set(files)) {
    if (file.endsWith(".woff2")) continue;
    const content = Buffer.from(await (await fetch(server.url + file)).arrayBuffer());
    bytes += Math.min(gzipSync(content).length, brotliCompressSync(content).length);
    sent += brotliCompressSync(content).length;
  }
  await server.stop();
  bench.say(`as sent: ${(sent / 1024).toFixed(1)} KB; all compressed: ${(bytes / 1024).toFixed(1)} KB`);
  const kilobytes = sent / 1024;
  bench.result(
    "sign-in page in all, without the font",
    `${kilobytes.toFixed(1)} KB`,
    "< 25 KB",
    kilobytes < 25,
  );
}
