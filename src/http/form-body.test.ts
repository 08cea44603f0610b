import fc from "fast-check";
import { expect, test } from "vitest";
import { BadForm, parseFormBody } from "./form-body.ts";

test("reads what a browser sends", () => {
  expect({ ...parseFormBody("name=L%C3%A9a+Martin&email=lea%40example.fr&empty=&flag") }).toEqual({
    name: "Léa Martin",
    email: "lea@example.fr",
    empty: "",
    flag: "",
  });
});

test.each([
  ["a repeated field", "a=1&a=2"],
  ["a NUL byte", "a=1%00"],
  ["a control character", "a=%1b"],
  ["broken UTF-8", "a=%c3%28"],
  ["a lone percent", "a=%"],
  ["a replacement character", "a=%EF%BF%BD"],
  ["too many fields", Array.from({ length: 101 }, (_, index) => `f${index}=1`).join("&")],
])("refuses %s", (_, body) => {
  expect(() => parseFormBody(body)).toThrow(BadForm);
});

test("a field cannot reach the prototype", () => {
  const fields = parseFormBody("__proto__=x&constructor=y");
  expect(fields.constructor).toBe("y");
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("whatever is sent is read or refused, never a fault", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (body) => {
      try {
        parseFormBody(body);
      } catch (cause) {
        expect(cause).toBeInstanceOf(BadForm);
      }
    }),
  );
});

test("what a browser encodes comes back as it was", () => {
  const printable = fc
    .string({ unit: "grapheme" })
    .filter((text) => !/[\p{Cc}\ufffd]/u.test(text) && text.isWellFormed());
  fc.assert(
    fc.property(printable, (value) => {
      expect(parseFormBody(new URLSearchParams({ value }).toString()).value).toBe(value);
    }),
  );
});
