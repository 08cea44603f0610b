import fixedFiles from "@fastify/static";
import type { Http } from "../../http/server.ts";
import { picturesFolder, picturesPath } from "./article-files.ts";

/** The pictures of articles. Their addresses hold a digest of their content: they may be kept for ever. */
export function picturesRoute(http: Http, root: string): void {
  http.app.register(fixedFiles, {
    root: picturesFolder(root),
    prefix: picturesPath,
    immutable: true,
    maxAge: "365d",
    index: false,
    decorateReply: false,
    allowedPath: (path) => /^\/[a-z0-9-]+\.[A-Za-z-]+\.png$/.test(path),
  });
}
