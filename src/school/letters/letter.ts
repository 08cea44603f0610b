/** One letter: to whom, from whom, and the code that stands nowhere else. */
export interface Letter {
  locale: string;
  /** IANA name: dates are those of the school. */
  timezone: string;
  sender: LetterSender;
  name: string;
  /** Lines of the address below the name; none: the letter is handed over. */
  postal: string[];
  /** Of a pupil. */
  className: string | null;
  isForGuardian: boolean;
  /** Of a guardian, for whoever hands the letter over: `Hugo P.`. */
  pupils: { name: string; className: string | null }[];
  identifier: string;
  /** A secret. */
  codePlain: string;
  printedAt: number;
  /** A moment of the last day on which the code serves. */
  lastDay: number;
  /** Of the page on which the account is activated. */
  url: string;
}

/** The school that a letter comes from. */
export interface LetterSender {
  name: string;
  /** Of its address. */
  lines: string[];
  /** Telephone or e-mail, in one line; null where none is known. */
  contact: string | null;
}
