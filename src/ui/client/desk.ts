/** Improves the pages of the desk, which already work without it. */
import { improveDeskChat } from "./desk-chat.ts";
import { improveInbox } from "./inbox.ts";
import { searchAsTyped } from "./people-search.ts";

improveInbox();
improveDeskChat();
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-people-search]"))
  searchAsTyped(form);
