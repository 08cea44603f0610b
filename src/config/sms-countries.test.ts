import { expect, test } from "vitest";
import { smsCountriesOf } from "./sms-countries.ts";

test("SMS go to the portal's own country and its overseas territories, unless the preset says where", () => {
  expect(smsCountriesOf({ phoneCountry: "FR", smsCountries: null })).toEqual(
    expect.arrayContaining(["FR", "RE", "GP", "NC"]),
  );
  expect(smsCountriesOf({ phoneCountry: "BE", smsCountries: null })).toEqual(["BE"]);
  expect(smsCountriesOf({ phoneCountry: "FR", smsCountries: ["FR", "BE"] })).toEqual(["FR", "BE"]);
});
