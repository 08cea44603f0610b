/**
 * Everything that staff can do on the desk, in one closed list. Which role may do what is preset data
 * (`roles[].may`); every route of the desk names the act that it needs.
 */
export const actMeanings = {
  "people.search": "search people",
  "people.see": "open a person's page: state, contact points, messages",
  "people.journal": "read private reasons and who did what in a person's journal",
  "contact.correct": "correct a contact point of a person",
  "contact.approve": "approve a contact point that another member of staff corrected",
  "recovery.send": "send a person a recovery by a chosen channel",
  "browser.approve": "approve the browser of a caller by its pairing number",
  "account.unlock": "end a lock",
  "account.delete-mistyped": "delete an account made on a mistyped address",
  "account.close": "close an account",
  "person.invite": "invite a person to an account",
  "letters.print": "print letters with which people activate their account",
  "cases.see": "see the cases of one's own relays",
  "cases.see-all": "see the cases of every relay",
  "cases.answer": "answer, assign, hand over, merge and close cases",
  "cases.reports": "see the reports on cases",
  "canned.edit": "edit canned answers",
  "chat.answer": "answer chats",
  "articles.edit": "edit and publish help articles",
  "articles.feedback": "see what readers say of articles, and what they searched for",
  "status.edit": "write incidents on the service status page",
  "sms.see": "see how many SMS go to which country, and how far their ceilings are used",
  "establishments.see": "see establishments: their details, their relays and who works there",
  "establishments.edit": "add, change and close establishments, and load files of them",
  "registry.import": "load the registry of one's own schools",
  "statistics.see": "see the figures of one's own establishments: who got in, who cannot be reached",
  "families.see": "see which accounts were joined, and end the link between a guardian and a pupil",
  "staff.lend": "give somebody of one's own establishment a role there, for a time",
  "staff.acts": "see what staff did for the people of one's own establishments",
  "staff.see": "see who is staff",
  "staff.manage": "invite staff and change roles of a lower level than one's own",
  "second-factor.reset": "reset the second factor of staff of a lower level than one's own",
} as const;
export type StaffAct = keyof typeof actMeanings;
export const staffActs = Object.keys(actMeanings) as StaffAct[];

/**
 * What a role may hold that ends at the walls of an establishment: each of these is judged by where the person, the
 * case or the place stands. Every other act is about everybody, and a role with walls that had it would climb them.
 */
export const actsWithinWalls: ReadonlySet<StaffAct> = new Set<StaffAct>([
  "people.search",
  "people.see",
  "people.journal",
  "contact.correct",
  "contact.approve",
  "recovery.send",
  "browser.approve",
  "account.unlock",
  "account.delete-mistyped",
  "account.close",
  "letters.print",
  "cases.see",
  "cases.answer",
  "cases.reports",
  "establishments.see",
  "establishments.edit",
  "registry.import",
  "statistics.see",
  "families.see",
  "staff.lend",
  "staff.acts",
]);
