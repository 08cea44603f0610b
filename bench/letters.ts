import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTranslations } from "../src/i18n/translations.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { findProjectRoot } from "../src/kernel/root.ts";
import type { Letter } from "../src/school/letters/letter.ts";
import { drawLetterCode } from "../src/school/letters/letter-code.ts";
import { readLetterFonts } from "../src/school/letters/letter-fonts.ts";
import { writeLetters } from "../src/school/letters/letter-pdf.ts";
import type { Bench } from "./bench.ts";
import { nameOf } from "./people-names.ts";

const letterCount = 2000;

// What is kept is only known once what is not has been collected.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Two thousand letters to PDF, every tenth in Arabic: how long, and what each keeps in memory until the end. */
export async function measureLetters(bench: Bench): Promise<void> {
  const root = findProjectRoot();
  const translations = createTranslations(root, "Europe/Paris");
  const fonts = readLetterFonts(root);
  const at = systemClock.now();
  const heap: number[] = [];

  function letter(index: number): Letter {
    return {
      locale: index % 10 === 0 ? "ar" : "fr",
      timezone: "Europe/Paris",
      sender: {
        name: "Collège Jean-Moulin",
        lines: ["12 rue des Écoles", "69003 LYON"],
        contact: "04 72 00 00 00",
      },
      name: nameOf(index),
      postal: [`${index} allée des Marronniers`, "69100 VILLEURBANNE"],
      className: null,
      isForGuardian: true,
      identifier: `p.nom${index}`,
      codePlain: drawLetterCode(systemRandom),
      printedAt: at,
      lastDay: at,
      url: "https://acces.example.org/activate",
    };
  }
  async function* letters() {
    for (let index = 0; index < letterCount; index++) {
      if (index % 250 === 0) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      yield letter(index);
    }
  }

  const started = performance.now();
  let bytes = 0;
  const about = { title: "Lettres", locale: "fr", at };
  for await (const chunk of writeLetters(
    { translations, fonts, brandName: "Portail scolaire" },
    letters(),
    about,
  )) {
    bytes += (chunk as Buffer).length;
  }
  const seconds = (performance.now() - started) / 1000;
  bench.say(
    `${(bytes / 1e6).toFixed(1)} MB; heap every 250 letters, in MB: ${heap.map((used) => (used / 1e6).toFixed(0)).join(" ")}`,
  );
  // The first letters fill what is kept for all: words, fonts, glyphs.
  const perLetter = ((heap.at(-1) ?? 0) - (heap[2] ?? 0)) / (250 * (heap.length - 3));
  bench.result(
    "kept in memory of a letter",
    `${(perLetter / 1000).toFixed(1)} kB`,
    "< 2 kB",
    perLetter < 2000,
  );
  bench.result("2,000 letters to PDF", `${seconds.toFixed(1)} s`, "< 60 s", seconds < 60);
}
