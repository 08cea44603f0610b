import { PlainBrowser } from "./browser.ts";
import type { TestPortal } from "./portal.ts";

export const memberPassword = "huit-ponts-verts-27";

/** The secret part of the newest link of a message, such as the one to `/account/not-me`. */
export function tokenOf(message: { links: string[] }, path?: string): string {
  const link = message.links.find(
    (found) => found.includes("token=") && (path === undefined || new URL(found).pathname === path),
  );
  return new URL(link ?? "").searchParams.get("token") ?? "";
}

/** A person who has just signed up and confirmed, signed in in this browser. */
export async function aMember(portal: TestPortal, email: string, nickname: string): Promise<PlainBrowser> {
  const browser = new PlainBrowser(portal.url);
  await browser.post("/sign-up", { email, name: "Léa Martin", nickname, password: memberPassword });
  const mail = await portal.messageTo(email);
  await browser.post("/confirm/code", { code: mail.code ?? "" });
  await portal.settle();
  return browser;
}
