/** Improves the pages of the chat. Without it, what is asked becomes a written request. */
import { followTalk } from "./talk.ts";

// Says that this page can be talked with.
for (const field of document.querySelectorAll<HTMLInputElement>("main input[name=live]")) field.value = "1";
for (const talk of document.querySelectorAll<HTMLElement>("[data-chat]")) followTalk(talk);
