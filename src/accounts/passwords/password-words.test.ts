import { expect, test } from "vitest";
import { createPasswordRules } from "./password-rules.ts";

const rules = createPasswordRules({ minLength: 10 });
const isAccepted = async (plain: string) => (await rules.check(plain, { unlike: [] })).ok;

test.each([
  "motdepasse123",
  "M0td3p4ss312",
  "lemotdepasse",
  "azertyuiop12",
  "Azertyuiop1!",
  "azertyuiopqsdfghjklm",
  "123456789012",
  "abcdefghijkl",
  "aaaaaaaaaaaa",
  "soleil123456",
  "Bonjour12345",
  "doudou123456",
  "jetaimejetaime",
  "iloveyou1234",
  "password1234",
  "P@ssw0rd1234",
  "drowssap1234",
])("%s is known to everybody and refused", async (plain) => {
  expect(await isAccepted(plain)).toBe(false);
});

test.each([
  "cheval batterie agrafe",
  "le vélo rouge de mamie",
  "huit-pommes-vertes",
  "j'aime les frites à midi",
  "trois lapins sautent haut",
  "correct horse battery staple",
  "Tournesol-42-vélo",
  "Xk29-vbT7-qq",
  "kR7$mQ2x!pLw",
])("%s is good and accepted", async (plain) => {
  expect(await isAccepted(plain)).toBe(true);
});
