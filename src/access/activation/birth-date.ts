/** Longer than any date that somebody writes: the rest is not looked at. */
const longestDate = 40;

/**
 * A birth date as people write it: `31/05/2012`, `31.5.2012`, `31 05 2012`, `31052012`, or `2012-05-31`. Answers
 * `2012-05-31`; null for what is no date, or one that does not exist. Digits of every script are read.
 */
export function readBirthDate(typed: string): string | null {
  if (typed.length > longestDate) return null;
  const text = westernDigits(typed.normalize("NFKC")).trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const read =
    iso ??
    /^(\d{1,2})(?:\s*[/.-]\s*|\s+)(\d{1,2})(?:\s*[/.-]\s*|\s+)(\d{4})$/.exec(text) ??
    /^(\d{2})(\d{2})(\d{4})$/.exec(text);
  if (!read) return null;
  const [, first = "", month = "", last = ""] = read;
  const [year, day] = iso ? [first, last] : [last, first];
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return exists(date) ? date : null;
}

/** Whether the calendar has this day. */
function exists(date: string): boolean {
  const read = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date) && date >= "1900-01-01";
}

/** Arabic-Indic digits and their Persian forms as the ones that dates are compared in. */
function westernDigits(text: string): string {
  return text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) =>
    String((digit.codePointAt(0) as number) & 0xf),
  );
}
