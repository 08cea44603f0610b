/**
 * No-break spaces where French wants them, and the typographic apostrophe: those who edit a text type what their
 * keyboard has. A colon inside an address or a time is followed by no space and is left alone.
 */
export function setFrenchSpaces(text: string): string {
  return text
    .replaceAll("'", "’")
    .replaceAll(/\s+([;!?])(?=$|[\s»)])/g, "\u202f$1")
    .replaceAll(/\s+:(?=$|[\s»)])/g, "\u00a0:")
    .replaceAll(/«\s+/g, "«\u00a0")
    .replaceAll(/\s+»/g, "\u00a0»");
}
