import * as accountRows from "../../src/accounts/accounts.store.ts";
import { PlainBrowser } from "./browser.ts";
import type { TestPortal } from "./portal.ts";

/** Somebody of the `community` preset. */
export const lea = {
  email: "lea@example.fr",
  name: "Léa Martin",
  nickname: "lea_m",
  password: "huit-ponts-verts-27",
};
export const noe = {
  email: "noe@example.fr",
  name: "Noé Petit",
  nickname: "noe_p",
  password: "neuf-lacs-bleus-31",
};

/** Signs up and confirms through the pages; answers the browser, which is signed in and known. */
export async function signUp(portal: TestPortal, person: typeof lea = lea): Promise<PlainBrowser> {
  const browser = new PlainBrowser(portal.url);
  await browser.post("/sign-up", person);
  const mail = await portal.messageTo(person.email);
  await browser.post("/confirm/code", { code: mail.code ?? "" }, { follow: false });
  await portal.settle();
  return browser;
}

/** As staff or the person would: the account is in another state from now on. */
export async function setStatus(
  portal: TestPortal,
  email: string,
  status: accountRows.AccountStatus,
): Promise<void> {
  const { store } = portal.portal;
  const account = await accountRows.findByIdentifier(store, email);
  await store.transact((tx) => accountRows.updateAccount(tx, account?.id ?? "", { status }));
}
