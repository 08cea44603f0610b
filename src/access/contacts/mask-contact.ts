import type { ContactChannel } from "../../accounts/accounts.ts";
import { maskEmail } from "../../accounts/addresses/email-address.ts";
import { maskPhoneNumber } from "../../accounts/addresses/phone-number.ts";

/** An address or number that its owner recognises and nobody else can use: for the journal and for warnings. */
export function maskContact(contact: { channel: ContactChannel; address: string }): string {
  return contact.channel === "email" ? maskEmail(contact.address) : maskPhoneNumber(contact.address);
}
