/** Improves the pages of the help centre, which already work without it. */
import { carryChecks, checkBrowser } from "./diagnosis.ts";
import { printWhole } from "./help-print.ts";
import { searchWhileTyping } from "./help-search.ts";
import { takePictures } from "./pictures.ts";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-help-search]"))
  searchWhileTyping(form);
for (const section of document.querySelectorAll<HTMLElement>("[data-browser-checks]")) checkBrowser(section);
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-carries-checks]")) carryChecks(link);
printWhole();

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-pictures]")) takePictures(input);
