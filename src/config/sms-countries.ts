import type { Preset } from "./preset.ts";

/** Where a country's own numbering plan reaches beyond it: its overseas territories (ISO 3166-1 alpha-2). */
const overseas: Record<string, readonly string[]> = {
  FR: ["GP", "GF", "MQ", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"],
  GB: ["GG", "IM", "JE"],
  NL: ["AW", "BQ", "CW", "SX"],
  DK: ["FO", "GL"],
  NO: ["SJ"],
  FI: ["AX"],
  US: ["AS", "GU", "MP", "PR", "VI"],
  AU: ["CC", "CX", "NF"],
  NZ: ["CK", "NU", "TK"],
};

/** The countries that SMS go to: those of the preset, else its own with the overseas territories of that. */
export function smsCountriesOf(preset: Pick<Preset, "smsCountries" | "phoneCountry">): readonly string[] {
  return preset.smsCountries ?? [preset.phoneCountry, ...(overseas[preset.phoneCountry] ?? [])];
}
