import type { MailColours } from "./mail-content.ts";

/** The light theme of `styles/tokens.css`, which a test holds equal. */
export const defaultMailColours: MailColours = {
  paper: "#f4eee2",
  sheet: "#fffcf6",
  ink: "#1c2036",
  inkSoft: "#57546a",
  line: "#dcd2c0",
  accent: "#2a43c0",
  onAccent: "#ffffff",
};
