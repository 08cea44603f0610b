import { createRequire } from "node:module";
import type { Socket } from "node:net";

/**
 * The little of the package `smpp` that we use, which comes without types. It is loaded by the first channel that is
 * made: whoever sends by other ways never reads it. What to know of it stands in docs/decisions/smpp-package.md.
 */
export interface SmppPdu {
  command: string;
  command_status: number;
  sequence_number: number;
  message_id?: string;
  esm_class?: number;
  data_coding?: number;
  source_addr?: string;
  destination_addr?: string;
  registered_delivery?: number;
  /** A moment, though it was sent as a time from now. */
  validity_period?: Date | string;
  /** Decoded by the package as `data_coding` says; `udh` is a list there. */
  short_message?: { message?: string | Buffer; udh?: Buffer[] };
  message_payload?: { message?: string | Buffer };
  receipted_message_id?: string;
  message_state?: number;
  network_error_code?: Buffer;
  system_id?: string;
  password?: string;
  interface_version?: number;
  system_type?: string;
  response(fields?: Record<string, unknown>): SmppPdu;
}

type Fields = Record<string, unknown>;
type Command = (fields: Fields, answered?: (pdu: SmppPdu) => void) => boolean;

export interface SmppSession {
  on(event: "connect" | "secureConnect" | "close", heard: () => void): this;
  on(event: "error", heard: (cause: Error & { code?: string }) => void): this;
  on(event: string, heard: (pdu: SmppPdu) => void): this;
  /** False where nothing can be written any more: then no answer comes, and nobody is called. */
  send(pdu: SmppPdu): boolean;
  bind_transceiver: Command;
  submit_sm: Command;
  deliver_sm: Command;
  enquire_link: Command;
  unbind: Command;
  destroy(): void;
  socket: Socket;
}

export interface SmppPackage {
  connect(options: {
    host: string;
    port: number;
    tls: boolean;
    ca?: string;
    servername?: string;
  }): SmppSession;
  encodings: { default: string; ASCII: unknown; LATIN1: unknown };
}

export function loadSmpp(): SmppPackage {
  const smpp = createRequire(import.meta.url)("smpp") as SmppPackage;
  // What says nothing of its coding is receipts, which are ASCII. As GSM the package would read `_` and `@` in an id
  // as other letters; Latin-1 keeps every byte. What we send, we encode ourselves.
  smpp.encodings.default = "LATIN1";
  // The same for `data_coding` 1, which is ASCII (SMPP 3.4 §5.2.19).
  smpp.encodings.ASCII = smpp.encodings.LATIN1;
  return smpp;
}
