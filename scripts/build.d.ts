/** Bundles the program into `dist/main.js` and everything public into `dist/public`. */
export function build(): Promise<void>;
/** Only what browsers fetch: style sheet, script, font and mark, with their list `assets.json`. */
export function buildPublic(target?: string): Promise<void>;
/** Whether a source file is newer than the last build, or nothing was built yet. */
export function isStale(): boolean;
