import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as rows from "../../src/desk/cases/cases.store.ts";
import { day } from "../../src/kernel/clock.ts";
import { PlainBrowser } from "../support/browser.ts";
import { aRequest, carriedBy, openForm, withPictures } from "../support/case-form.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { words } from "../support/words.ts";

const megabyte = 1024 * 1024;

function picture(width = 60, height = 40): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#1c6a40" } })
    .withExif({ IFD0: { Artist: "Léa Martin" } })
    .jpeg()
    .toBuffer();
}

onEachEngine("pictures of cases", (engine) => {
  let portal: TestPortal;
  beforeAll(async () => {
    portal = await startPortal({ engine, wideSources: true });
  });
  afterAll(() => portal.close());

  const uploads = () => join(portal.config.dataFolder, "uploads");
  const waiting = () =>
    existsSync(join(uploads(), "waiting")) ? readdirSync(join(uploads(), "waiting")) : [];

  async function send(pictures: { name: string; bytes: Buffer }[], changes: Record<string, string> = {}) {
    const browser = new PlainBrowser(portal.url);
    const { carried } = await openForm(browser);
    const values = aRequest(changes);
    const page = await browser.post("/contact", withPictures({ ...carried, ...values }, pictures));
    return { browser, values, page };
  }
  async function caseOf(email: string) {
    const mail = await portal.messageTo(email);
    const token = tokenOf(mail, "/contact/case");
    const id = portal.portal.cases.readCaseLink(token) ?? "";
    return { id, token, kept: await rows.attachmentsOf(portal.portal.store, [id]) };
  }

  test("are kept with the case, drawn anew, as files that nobody else reads", async () => {
    const { values, page } = await send([{ name: "Écran d’accueil.jpeg", bytes: await picture() }]);
    expect(page.path).toContain("/contact/sent");
    const { id, kept } = await caseOf(values.email as string);
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({ type: "image/jpeg", name: "Écran d accueil.jpg" });
    const path = join(uploads(), kept[0]?.file ?? "");
    expect(kept[0]?.file).toContain(`cases/${id}/`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o077).toBe(0);
    expect(waiting()).toEqual([]);
  });

  test("are served to the holder of the link alone, to be kept and never to be run", async () => {
    const { values } = await send([{ name: "a.png", bytes: await picture() }]);
    const { token, kept } = await caseOf(values.email as string);
    const other = await send([]);
    const foreign = await caseOf(other.values.email as string);
    const stranger = new PlainBrowser(portal.url);
    const path = `/contact/case/picture?id=${kept[0]?.id}`;
    const served = await stranger.get(`${path}&token=${token}`);
    expect(served.status).toBe(200);
    expect(served.headers.get("content-type")).toBe("image/jpeg");
    expect(served.headers.get("content-disposition")).toMatch(/^attachment; filename="a\.jpg"/);
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
    expect(served.headers.get("content-security-policy")).toContain("sandbox");
    for (const refused of [`${path}&token=${foreign.token}`, path, `${path}&token=x`]) {
      expect((await stranger.get(refused)).status).toBe(404);
    }
    for (const id of ["", "../../loquet.sqlite", "x".repeat(36), kept[0]?.file ?? ""]) {
      const asked = await stranger.get(`/contact/case/picture?id=${encodeURIComponent(id)}&token=${token}`);
      expect(asked.status).toBe(404);
    }
  });

  test("that are refused say why by name; what was typed and the other pictures stay", async () => {
    const pictures = [
      { name: "bonne.jpg", bytes: await picture() },
      { name: "page.png", bytes: Buffer.from("<!doctype html><script>alert(1)</script>") },
    ];
    const { browser, values, page } = await send(pictures, { tried: "tout" });
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("contact.picture.not-a-picture", { name: "page.png" }));
    expect(page.html).toContain(values.what);
    expect(page.text).toContain(words("contact.pictures.drop", { name: "bonne.jpg" }));
    expect(waiting()).toHaveLength(1);
    // Sent again without choosing the good one anew.
    const sent = await browser.post("/contact", { ...carriedBy(page), ...values });
    expect(sent.path).toContain("/contact/sent");
    expect((await caseOf(values.email as string)).kept.map(({ name }) => name)).toEqual(["bonne.jpg"]);
    expect(waiting()).toEqual([]);
  });

  test("that came with a mistake elsewhere can be taken out, and wait no longer than a day", async () => {
    const { browser, page, values } = await send([{ name: "a.jpg", bytes: await picture() }], { name: "" });
    expect(page.status).toBe(422);
    const sent = await browser.post("/contact", {
      ...carriedBy(page),
      ...values,
      name: "Léa",
      "drop-0": "1",
    });
    expect(sent.path).toContain("/contact/sent");
    expect((await caseOf(values.email as string)).kept).toEqual([]);
    expect(waiting()).toHaveLength(1);
    portal.clock.advance(day + 3_700_000);
    await portal.settle();
    expect(waiting()).toEqual([]);
  });

  test("that wait in one browser cannot be sent from another", async () => {
    const { page } = await send([{ name: "a.jpg", bytes: await picture() }], { name: "" });
    const stranger = new PlainBrowser(portal.url);
    const { carried } = await openForm(stranger);
    const values = aRequest();
    await stranger.post("/contact", { ...carried, ...values, kept: carriedBy(page).kept ?? "" });
    expect((await caseOf(values.email as string)).kept).toEqual([]);
  });

  test.each([
    ["nothing", Buffer.alloc(0), "contact.picture.empty"],
    ["too much", Buffer.alloc(5 * megabyte + 10, 1), "contact.picture.too-large"],
    [
      "an SVG",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      "contact.picture.not-a-picture",
    ],
    [
      "half a PNG",
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
      "contact.picture.broken",
    ],
  ] as const)("%s is refused, and nothing typed is lost", async (_, bytes, refusal) => {
    const { page, values } = await send([{ name: "x.png", bytes }]);
    expect(page.status).toBe(422);
    expect(page.text).toContain(words(refusal, { name: "x.png", megabytes: 5 }));
    expect(page.html).toContain(values.what);
  });

  test("three at most; the others are said to be left out", async () => {
    const bytes = await picture();
    const { page } = await send(["1", "2", "3", "4", "5"].map((name) => ({ name: `${name}.jpg`, bytes })));
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("contact.picture.too-many", { most: 3 }));
    expect(page.text).toContain(words("contact.pictures.drop", { name: "3.jpg" }));
    expect(page.text).not.toContain("4.jpg");
  });

  test("can be added to a case, with words or without", async () => {
    const { values } = await send([]);
    const { token, id } = await caseOf(values.email as string);
    const browser = new PlainBrowser(portal.url);
    const page = await browser.post(
      "/contact/case/message",
      withPictures({ token, what: "" }, [{ name: "b.jpg", bytes: await picture() }]),
    );
    expect(page.text).toContain(words("contact.case.picture", { name: "b.jpg" }));
    const kept = await rows.attachmentsOf(portal.portal.store, [id]);
    expect(kept[0]?.message_id).not.toBeNull();
  });

  test("go with the case when it is forgotten", async () => {
    const { values } = await send([{ name: "a.jpg", bytes: await picture() }]);
    const { id } = await caseOf(values.email as string);
    const folder = join(uploads(), "cases", id);
    expect(existsSync(folder)).toBe(true);
    await portal.portal.store.transact((tx) => portal.portal.cases.close(tx, { kind: "system" }, id));
    portal.clock.advance((portal.config.preset.retention.casesDays + 2) * day);
    await portal.settle();
    portal.clock.advance(2 * 3_600_000);
    await portal.settle();
    expect(existsSync(folder)).toBe(false);
  });
});

test("a source that sends too many pictures is asked to wait; its words are taken without them", async () => {
  const portal = await startPortal({});
  try {
    const browser = new PlainBrowser(portal.url);
    const bytes = await picture();
    const { max } = portal.config.preset.limits["picture.per-source"];
    const { carried } = await openForm(browser);
    let page = await browser.get("/contact?symptom=other");
    for (let sent = 0; sent < max + 1; sent++) {
      page = await browser.post(
        "/contact",
        withPictures({ ...carried, symptom: "other" }, [{ name: "a.jpg", bytes }]),
      );
    }
    expect(page.status).toBe(422);
    expect(page.text).toContain("Trop d’images à la suite");
    const sent = await browser.post("/contact", { ...carriedBy(page), ...aRequest() });
    expect(sent.path).toContain("/contact/sent");
  } finally {
    await portal.close();
  }
});
