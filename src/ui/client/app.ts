/** Improves pages that already work without it. Nothing here decides anything: every act is a button's POST. */
import { countDown } from "./countdown.ts";
import { followWaiting } from "./follow.ts";
import { checkPasswordRules } from "./password-rules.ts";
import { offerToShow } from "./show-password.ts";

// Where `autofocus` did not reach the summary of mistakes: with a fragment in the address, or in an older browser.
addEventListener("load", () => setTimeout(focusErrors, 100));
for (const button of document.querySelectorAll<HTMLButtonElement>("button.show")) offerToShow(button);
for (const rules of document.querySelectorAll<HTMLElement>("[data-password-rules]"))
  checkPasswordRules(rules);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-countdown]")) countDown(form);
for (const waiting of document.querySelectorAll<HTMLElement>("[data-follow]")) followWaiting(waiting);

function focusErrors(): void {
  if (document.activeElement === document.body) document.getElementById("errors")?.focus();
}
