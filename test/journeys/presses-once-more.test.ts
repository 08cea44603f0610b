import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";
const filters: Server[] = [];

/** A filter on the way, as some schools have: it takes out whatever says where a form came from. */
async function startFilter(portalUrl: string): Promise<string> {
  const filter = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers };
    for (const name of ["sec-fetch-site", "origin", "referer"]) delete headers[name];
    const passed = request(portalUrl + incoming.url, { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  filters.push(filter);
  await new Promise<void>((resolve) => filter.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(filter.address() as AddressInfo).port}`;
}

afterAll(() => {
  for (const filter of filters) filter.close();
});

journey("a form without sender", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: comes back with what was typed, and one more press goes on`, async () => {
      const email = scene.unused("theo@example.fr");
      await anAccount(scene.portal, "Théo Blanc").email(email).made();
      const filter = await startFilter(scene.portal.url);
      const theo = await scene.visitor({ script });
      await theo.open(`${filter}/sign-in`);
      await theo.submit({ username: email, "current-password": password });
      expect(await theo.heading()).toBe(words("http.press-again.title"));
      // What is secret is not sent back: it is typed once more.
      expect(await theo.page.content()).not.toContain(password);
      await theo.submit({ "current-password": password });
      expect(theo.path).toBe("/account");
      await theo.press("Se déconnecter");
      await theo.submit();
      expect(theo.path).toBe("/sign-in");
    });
  }

  test("a form of another site is refused with a clear page", async () => {
    const victim = await scene.visitor();
    const trap = createServer((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/html" });
      outgoing.end(
        `<form method="post" action="${scene.portal.url}/sign-in"><input name="identifier" value="x"><button>Win</button></form>`,
      );
    });
    filters.push(trap);
    await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
    // Another name of the same machine: for a browser, another site.
    await victim.page.goto(`http://localhost:${(trap.address() as AddressInfo).port}/`);
    await Promise.all([victim.page.waitForEvent("load"), victim.page.locator("button").click()]);
    expect(victim.status).toBe(403);
    expect(await victim.heading()).toBe(words("http.foreign.title"));
    await victim.look();
  });
});
