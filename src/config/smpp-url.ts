import { credentialsOf, parseUrl } from "./addresses.ts";

/** What `smpp://system:password@host:port` says, with what may follow it after a `?`. */
export interface SmppAddress {
  host: string;
  port: number;
  isTls: boolean;
  systemId: string;
  password: string;
  systemType: string;
  /** The sender that telephones show: a number, or up to 11 letters and digits; empty: the provider's own. */
  sender: string;
  /** How many messages may be without an answer at once. */
  window: number;
  /** How a text of several parts travels: as parts with a header each, or whole in `message_payload`. */
  longTexts: "parts" | "payload";
  /** Whether the provider is told until when a message is of use. */
  hasValidity: boolean;
  /** How the text of a receipt names a message: as the answer to it did, or in decimal what that said in hexadecimal. */
  receiptIds: "same" | "hex";
}

const options = ["from", "type", "window", "long", "validity", "ids"];
const printable = /^[\x20-\x7e]*$/;

/**
 * Reads the address of an SMPP provider, `smpp://` or `smpps://` (TLS). Refused: everything that could not be sent as
 * the protocol writes it (SMPP 3.4 §5.2), and options that are not known. No sentence repeats the text, which holds a
 * password.
 */
export function readSmppUrl(text: string): { ok: true; address: SmppAddress } | { ok: false; fault: string } {
  const refuse = (fault: string) => ({ ok: false, fault }) as const;
  const url = /^smpps?:\/\//.test(text) ? parseUrl(text) : null;
  if (!url?.hostname || url.hash || !/^\/?$/.test(url.pathname)) {
    return refuse("must be smpp://system:password@host:port, or smpps:// for TLS");
  }
  const credentials = credentialsOf(url);
  if (!credentials) {
    return refuse("holds a % that is not followed by two hexadecimal digits; write % itself as %25");
  }
  const { user: systemId, password } = credentials;
  if (!systemId || !password)
    return refuse("must hold a system id and a password: smpp://system:password@host");
  if (!printable.test(systemId + password)) return refuse("must hold a system id and a password in ASCII");
  const unknown = [...url.searchParams.keys()].some((name) => !options.includes(name));
  if (unknown) return refuse(`knows only ${options.join(", ")} after the ?`);
  const given = (name: string) => url.searchParams.get(name) ?? "";
  const sender = given("from");
  if (!/^(\+?\d{3,15}|[A-Za-z0-9 ._-]{1,11})?$/.test(sender)) {
    return refuse("must have a number, or up to 11 letters and digits, after from=");
  }
  const systemType = given("type");
  if (!printable.test(systemType) || systemType.length > 12) {
    return refuse("must have at most 12 characters after type=");
  }
  const window = /^\d{1,4}$/.test(given("window")) ? Number(given("window")) : 0;
  if (url.searchParams.has("window") && (window < 1 || window > 1000)) {
    return refuse("must have a number from 1 to 1000 after window=");
  }
  const long = given("long") || "parts";
  if (long !== "parts" && long !== "payload") return refuse("must have parts or payload after long=");
  if (!["", "off"].includes(given("validity"))) return refuse("must have off after validity=");
  const receiptIds = given("ids") || "same";
  if (receiptIds !== "same" && receiptIds !== "hex") return refuse("must have same or hex after ids=");
  const isTls = url.protocol === "smpps:";
  return {
    ok: true,
    address: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? (isTls ? 3550 : 2775) : Number(url.port),
      isTls,
      systemId,
      password,
      systemType,
      sender,
      window: window || 10,
      longTexts: long,
      hasValidity: given("validity") !== "off",
      receiptIds,
    },
  };
}
