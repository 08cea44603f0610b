/**
 * A backup is gzip'd lines of JSON: the header, then for each table its name and columns and then its rows, then
 * the files, then the end with what was counted. The same file restores on either engine. A file without its last
 * line is not whole.
 */
export interface BackupHeader {
  format: "loquet-backup";
  version: 1;
  /** The schema of the rows: names of the migrations that had been applied. */
  migrations: string[];
  /** Milliseconds. */
  madeAt: number;
}

export type BackupLine =
  | BackupHeader
  | { table: string; columns: string[] }
  /** A row: its values in the order of the columns. */
  | (string | number | null)[]
  /** Path below the folder for uploads, with `/`. Its content follows in chunks. */
  | { file: string }
  /** base64 */
  | { chunk: string }
  | { end: true; rows: number; files: number };
