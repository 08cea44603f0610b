import { describe, expect, test } from "vitest";
import type { SmppPdu } from "./smpp-package.ts";
import { idOfAnswer, type ReceiptIds, readReceipt } from "./smpp-receipt.ts";

const read = (fields: Partial<SmppPdu>, ids: ReceiptIds = "same") =>
  readReceipt({ command: "deliver_sm", ...fields } as SmppPdu, ids);
const text = (message: string, more: Partial<SmppPdu> = {}) =>
  read({ esm_class: 4, short_message: { message }, ...more });

describe("a delivery receipt", () => {
  test("in text is read whatever the case, the order and what else it says", () => {
    expect(text("ID:4a-9 sub:001 dlvrd:000 Stat:UNDELIV err:0a1 text:Votre code : 1234")).toEqual({
      providerId: "4a-9",
      outcome: "not-delivered",
      reason: "undeliverable",
      code: "0a1",
    });
    expect(text("stat:DELIVRD id:7")).toMatchObject({ providerId: "7", outcome: "delivered", code: null });
    expect(read({ esm_class: 4, message_payload: { message: "id:8 stat:DELETED err:000" } })).toMatchObject({
      providerId: "8",
      reason: "deleted",
      code: null,
    });
  });

  test("by its fields goes before what its text says", () => {
    expect(text("id:999 stat:EXPIRED", { receipted_message_id: "a-1", message_state: 2 })).toMatchObject({
      providerId: "a-1",
      outcome: "delivered",
    });
  });

  test("by its fields alone needs no mark in esm_class: no telephone can set them", () => {
    const network_error_code = Buffer.from([3, 0, 69]);
    expect(read({ esm_class: 0, receipted_message_id: "a-1", message_state: 3, network_error_code })).toEqual(
      {
        providerId: "a-1",
        outcome: "not-delivered",
        reason: "expired",
        code: "69",
      },
    );
  });

  test("can name in decimal what the answer named in hexadecimal", () => {
    const fields = { esm_class: 4, short_message: { message: "id:0000043981 stat:DELIVRD" } };
    const named = idOfAnswer("0ABCD", "hex");
    expect(named).toBe("43981");
    expect(read(fields, "hex")).toMatchObject({ providerId: named });
    // The field repeats the answer.
    expect(read({ receipted_message_id: "0ABCD", message_state: 2 }, "hex")).toMatchObject({
      providerId: named,
    });
    expect(read({ ...fields, receipted_message_id: "0ABCD", message_state: 2 }, "hex")).toMatchObject({
      providerId: named,
    });
    expect(idOfAnswer("m-1", "hex")).toBe("m-1");
    expect(idOfAnswer("0ABCD", "same")).toBe("0ABCD");
    expect(idOfAnswer(" ", "hex")).toBeNull();
  });

  test("before the end is on its way", () => {
    expect(text("id:1 stat:ACCEPTD", { esm_class: 0x20 })).toMatchObject({ outcome: "on-its-way" });
    expect(text("id:1 stat:ENROUTE")).toMatchObject({ outcome: "on-its-way", reason: null });
  });
});

describe("no delivery receipt", () => {
  test.each([
    ["what a telephone wrote", { esm_class: 0, short_message: { message: "id:1 stat:DELIVRD" } }],
    ["a person's own acknowledgement", { esm_class: 0x08, short_message: { message: "id:1 stat:DELIVRD" } }],
    ["a text without id", { esm_class: 4, short_message: { message: "stat:DELIVRD" } }],
    ["a state that nobody knows", { esm_class: 4, short_message: { message: "id:1 stat:LOST" } }],
    ["a name that every object has", { esm_class: 4, short_message: { message: "id:1 stat:CONSTRUCTOR" } }],
    ["nothing", {}],
    ["one whose id would have to be cut", { receipted_message_id: "a-1\u0004'", message_state: 2 }],
    ["one whose id never ends", { esm_class: 4, short_message: { message: `id:${"7".repeat(600)}` } }],
    ["bytes", { esm_class: 4, short_message: { message: Buffer.from("id:1") } }],
  ] as [string, Partial<SmppPdu>][])("is %s", (_, fields) => {
    expect(read(fields)).toBeNull();
  });
});
