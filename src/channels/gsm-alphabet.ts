/** The GSM 7-bit default alphabet in its order (3GPP TS 23.038 §6.2.1); the place of the escape is kept free. */
const basicOrder =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const escapeCode = 0x1b;
const basic = new Map<string, number>(
  [...basicOrder]
    .map((character, code): [string, number] => [character, code])
    .filter(([, code]) => code !== escapeCode),
);
/** What follows an escape, and so costs two places (§6.2.1.1). */
const extended = new Map([
  ["\f", 0x0a],
  ["^", 0x14],
  ["{", 0x28],
  ["}", 0x29],
  ["\\", 0x2f],
  ["[", 0x3c],
  ["~", 0x3d],
  ["]", 0x3e],
  ["|", 0x40],
  ["€", 0x65],
]);

/** The codes of one character, one a place: one, or two with the escape. Null where the alphabet has none for it. */
export function gsmCodes(character: string): number[] | null {
  const code = basic.get(character);
  if (code !== undefined) return [code];
  const second = extended.get(character);
  return second === undefined ? null : [escapeCode, second];
}
