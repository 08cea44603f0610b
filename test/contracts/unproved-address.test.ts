import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";

const victim = "victime@example.fr";
const signUp = {
  email: victim,
  name: "Gagnez 500 € sur evil.example",
  nickname: "gagnant",
  password: "huit-ponts-verts-27",
};

onEachEngine("an address that nobody proved", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  /** Somebody signs up with another's address, and with an advertisement for a name. */
  async function start(): Promise<PlainBrowser> {
    portal = await startPortal({ preset: "community", engine, wideSources: true });
    const stranger = new PlainBrowser(portal.url);
    await stranger.post("/sign-up", signUp);
    await portal.settle();
    return stranger;
  }

  /** What the victim reads of all that was sent. */
  async function read(count: number): Promise<string> {
    await portal.settle();
    const mails = await portal.messages(victim);
    expect(mails).toHaveLength(count);
    return mails.map(({ subject, text, html }) => `${subject} ${text} ${html}`).join();
  }

  test("is told of its unfinished account without a word of whoever made it", async () => {
    const stranger = await start();
    await stranger.post("/help/diagnosis/state", { channel: "email", email: victim });
    await stranger.post("/forgot-identifier", { channel: "email", email: victim });
    await stranger.post("/forgot-password", { identifier: victim, channel: "email" });
    expect(await read(4)).not.toContain("evil.example");
  });

  test("nor does what staff do to that account bring any", async () => {
    await start();
    const account = await accountRows.findByIdentifier(portal.portal.store, victim);
    const desk = await atTheDesk(portal, await aStaffMember(portal, "support"));
    const act = (what: string, fields: Record<string, string> = {}) =>
      desk.post(
        `/desk/people/${account?.id}/${what}`,
        { reason: "demande par téléphone", ...fields },
        { follow: false },
      );
    const [point] = await accountRows.contactPointsOf(portal.portal.store, account?.id ?? "");
    for (const [what, fields] of [
      ["contacts/add/email", { contact: "autre@example.fr" }],
      ["recovery", { contact: point?.id ?? "" }],
      ["close", {}],
    ] as const) {
      expect((await act(what, fields)).status, what).toBe(303);
      await portal.settle();
    }
    expect(await read(4)).not.toContain("evil.example");
  });
});
