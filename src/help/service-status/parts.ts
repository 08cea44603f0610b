/** The parts of the service that are measured, in the order in which people are told of them. */
export const partNames = ["sign-in", "email", "sms", "mail-in", "database", "worker"] as const;
export type PartName = (typeof partNames)[number];
export const isPart = (text: string): text is PartName => (partNames as readonly string[]).includes(text);
