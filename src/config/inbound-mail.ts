import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { Given } from "./environment.ts";

/** Where mail arrives. */
export interface InboundMailSettings {
  host: string;
  /** 0 is never set by an operator: tests take a free one by it. */
  port: number;
  /** PEM files, absolute; null: STARTTLS is not offered. */
  tls: { certFile: string; keyFile: string } | null;
}

const certName = "LOQUET_INBOUND_TLS_CERT";
const keyName = "LOQUET_INBOUND_TLS_KEY";

/** What the three settings say together; null where no mail is received. Faults name their setting, never the key. */
export function readInboundMail(
  at: { host: string; port: number } | undefined,
  given: Given,
  root: string,
  faults: string[],
): InboundMailSettings | null {
  const names = [certName, keyName].filter((name) => given.isSet(name));
  if (names.length > 0 && !given.isSet("LOQUET_INBOUND_MAIL")) {
    faults.push(`${names[0]}: has no use without LOQUET_INBOUND_MAIL, such as 127.0.0.1:2525.`);
    return null;
  }
  if (names.length === 1) {
    const missing = names[0] === certName ? keyName : certName;
    faults.push(`${missing}: is mandatory with ${names[0]}; set both or none.`);
  }
  if (at === undefined) return null;
  const [certFile, keyFile] = [certName, keyName].map((name) => given.values.get(name));
  if (!certFile || !keyFile) return { ...at, tls: null };
  const tls = { certFile: resolve(root, certFile), keyFile: resolve(root, keyFile) };
  const read = readCertificate(tls);
  if ("fault" in read) faults.push(read.fault);
  return { ...at, tls };
}

/** The certificate and its key as they are now, or one sentence that says what is wrong with them. */
export function readCertificate(
  files: NonNullable<InboundMailSettings["tls"]>,
): { cert: string; key: string } | { fault: string } {
  const texts: string[] = [];
  for (const [name, file] of [
    [certName, files.certFile],
    [keyName, files.keyFile],
  ] as const) {
    try {
      texts.push(readFileSync(file, "utf8"));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
      return { fault: `${name}: the file it names cannot be read (${code}).` };
    }
  }
  const [cert, key] = texts as [string, string];
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch {
    return {
      fault: `${certName}: must name a certificate in PEM, and ${keyName} its key without passphrase.`,
    };
  }
}
