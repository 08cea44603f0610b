import { describe, expect, test } from "vitest";
import { formatDay, formatDuration, formatMoment, formatTime } from "./moment.ts";

const evening = Date.parse("2026-11-21T22:05:00Z");
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("moments", () => {
  test.each([
    ["fr", "Europe/Paris", "21 novembre 2026 à 23:05 (heure d’Europe centrale)"],
    ["fr", "Indian/Reunion", "22 novembre 2026 à 02:05 (heure de La Réunion)"],
    ["fr", "UTC", "21 novembre 2026 à 22:05 (temps universel coordonné)"],
    ["en", "Europe/Paris", "21 November 2026 at 23:05 (Central European Time)"],
    ["ar", "Europe/Paris", "21 نوفمبر 2026 في 11:05 م (توقيت وسط أوروبا)"],
  ])("are shown in %s for %s with the zone's name", (locale, timezone, expected) => {
    expect(plain(formatMoment(locale, timezone, evening))).toBe(expected);
  });

  test("are shown as a time alone or a day alone where that is enough", () => {
    expect(formatTime("fr", "Europe/Paris", evening)).toBe("23:05 (heure d’Europe centrale)");
    expect(formatDay("fr", "Europe/Paris", evening)).toBe("21 novembre 2026");
  });
});

describe("lengths of time", () => {
  test.each([
    [0, "0 seconde"],
    [-3, "0 seconde"],
    [Number.NaN, "0 seconde"],
    [59.2, "1 minute"],
    [75, "1 minute et 15 secondes"],
    [900, "15 minutes"],
    [3_600, "1 heure"],
    [3_601, "1 heure et 1 minute"],
    [5_400, "1 heure et 30 minutes"],
    [7 * 86_400 - 1, "7 jours"],
    [90_000, "1 jour et 1 heure"],
  ])("%d seconds read « %s », never shorter than the wait", (seconds, expected) => {
    expect(plain(formatDuration("fr", seconds))).toBe(expected);
  });

  test("follow the language", () => {
    expect(formatDuration("en", 5_400)).toBe("1 hour and 30 minutes");
    expect(formatDuration("ar", 3_600)).toBe("ساعة");
  });
});
