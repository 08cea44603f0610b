import { encode } from "uqr";

/** Four modules of white all round (ISO/IEC 18004 §6.3.8), in dark pages too: a camera needs dark on light. */
const quietZone = 4;

/** A QR code as a picture inside the page: nothing is loaded, and no other server learns of the secret. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, data } = encode(text, { ecc: "M", border: 0 });
  const dark = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + quietZone} ${y + quietZone}h1v1h-1z`] : [])),
  );
  const side = size + 2 * quietZone;
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={side} height={side} fill="#ffffff" />
      <path d={dark.join("")} fill="#000000" />
    </svg>
  );
}
