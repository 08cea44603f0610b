import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import type { RelayDetails } from "./establishment-details.ts";
import { establishmentFileRoutes } from "./establishment-file.routes.tsx";
import { EstablishmentFormPage, type RelayForm, RelayFormPage } from "./establishment-forms.pages.tsx";
import { parseDays, refusalWords } from "./establishment-words.ts";
import { EstablishmentPage, EstablishmentsPage } from "./establishments.pages.tsx";
import {
  type Establishment,
  type EstablishmentForm,
  type Establishments,
  type FieldRefusal,
  type RelayHere,
  type Saved,
  typeBelow,
  type Walls,
} from "./establishments.ts";
import type { LoadEstablishments } from "./load-establishments.ts";
import { dayHoursAsTyped, daysOfWeek, parseDayHours } from "./opening-hours.ts";

export interface EstablishmentRoutesDeps {
  establishments: Establishments;
  files: LoadEstablishments;
  preset: Pick<Preset, "relays" | "languages" | "roles">;
  /** Inside which establishments this member of staff may do something; null: everywhere. */
  wallsOf: (staff: Staff, act: StaffAct) => Walls;
  /** What a zone is called now: « heure d’Europe centrale ». */
  zoneIn: (locale: string, timezone: string) => string;
  /** The portal's own (IANA). */
  timezone: string;
}

const path = "/desk/establishments";
const longestSearch = 100;
const longestLine = 200;
const mostLines = 8;

/** `/desk/establishments`: the tree, one establishment, its relays, and files of them. */
export function establishmentRoutes(desk: Desk, deps: EstablishmentRoutesDeps): void {
  const { establishments, preset, wallsOf } = deps;
  const { relays, languages, roles } = preset;
  const editable = (staff: Staff) => wallsOf(staff, "establishments.edit");
  const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

  const inLanguage = (words: Record<string, string>, locale: string) =>
    words[locale] ?? words[languages.default] ?? "";
  const zoneShown = (locale: string, timezone: string) => `${deps.zoneIn(locale, timezone)} (${timezone})`;
  const pageOf = (visit: Visit) => {
    const asked = Number(visit.query("page"));
    return Number.isInteger(asked) && asked > 0 && asked < 10_000 ? asked : 0;
  };

  // ── Seeing ─────────────────────────────────────────────────────────────────────────────────────────────────

  desk.get(path, "establishments.see", async (visit, staff) => {
    const walls = wallsOf(staff, "establishments.see");
    const typed = [...visit.query("q").trim()].slice(0, longestSearch).join("");
    const asked = pageOf(visit);
    const listed =
      typed === "" ? await establishments.tops(walls, asked) : await establishments.search(typed, walls);
    return page(
      <EstablishmentsPage
        view={visit.view({ person: await visit.person() })}
        staff={staff}
        typed={typed}
        found={listed.found}
        hasMore={listed.hasMore}
        page={asked}
        mayAddAtTop={walls === null}
      />,
    );
  });

  /** What else of the desk is about this establishment, for whoever may do it here. */
  async function waysFrom(staff: Staff, { id, type, parentId, closedAt }: Establishment) {
    const letters =
      type === "class" ? `/desk/letters/schools/${parentId}?class=${id}` : `/desk/letters/schools/${id}`;
    const ways = [
      { act: "letters.print", href: letters, label: "letters.title", for: ["school", "class"] },
      {
        act: "statistics.see",
        href: `/desk/statistics/${id}`,
        label: "desk.nav.statistics",
        for: ["school", "academy"],
      },
      { act: "staff.lend", href: `/desk/staff/lent/${id}`, label: "staff.lent.title", for: ["school"] },
    ] as const;
    if (closedAt !== null) return [];
    const open = await Promise.all(
      ways.map(
        async (way) =>
          (way.for as readonly string[]).includes(type) &&
          staff.may.has(way.act) &&
          (await establishments.find(id, wallsOf(staff, way.act))) !== null,
      ),
    );
    return ways.filter((_, index) => open[index]);
  }

  desk.get(`${path}/:id`, "establishments.see", async (visit, staff) => {
    const asked = pageOf(visit);
    const seen = await establishments.see(idOf(visit), wallsOf(staff, "establishments.see"), asked);
    if (!seen) return missing(visit, staff);
    const isWithin = await establishments.find(idOf(visit), editable(staff));
    const { locale } = visit;
    const roleName = (id: string) => {
      const role = roles.find((one) => one.id === id);
      return role ? inLanguage(role.name, locale) : id;
    };
    return page(
      <EstablishmentPage
        view={visit.view({ person: await visit.person() })}
        staff={staff}
        seen={{
          ...seen,
          workers: seen.workers.map((worker) => ({ ...worker, roles: worker.roles.map(roleName) })),
        }}
        page={asked}
        mayEdit={staff.may.has("establishments.edit") && isWithin !== null}
        ways={await waysFrom(staff, seen.establishment)}
        relays={seen.relays.map((relay) => ({
          ...relay,
          name: inLanguage(relays.find(({ id }) => id === relay.id)?.name ?? {}, locale),
        }))}
        zone={zoneShown(locale, seen.timezone)}
      />,
    );
  });

  // ── Adding and changing ────────────────────────────────────────────────────────────────────────────────────

  const readForm = (visit: Visit): EstablishmentForm => {
    const field = (name: string) => visit.field(name).slice(0, 5000);
    return {
      code: field("code"),
      name: field("name"),
      parent: field("parent"),
      timezone: field("timezone"),
      postal: field("postal"),
      phone: field("phone"),
      email: field("email"),
      addresses: field("addresses"),
    };
  };

  const formOf = (establishment: Establishment, parentCode: string): EstablishmentForm => ({
    code: establishment.code,
    name: establishment.name,
    parent: parentCode,
    timezone: establishment.timezone ?? "",
    postal: establishment.details.postal.join("\n"),
    phone: establishment.details.phone ?? "",
    email: establishment.details.email ?? "",
    addresses: establishment.details.addresses.join("\n"),
  });

  const emptyForm: EstablishmentForm = {
    code: "",
    name: "",
    parent: "",
    timezone: "",
    postal: "",
    phone: "",
    email: "",
    addresses: "",
  };

  async function showForm(
    visit: Visit,
    staff: Staff,
    shown: {
      type: Establishment["type"];
      id: string | null;
      parent: Establishment | null;
      form: EstablishmentForm;
      faults?: FieldRefusal[];
    },
  ): Promise<Answer> {
    const { faults = [], ...rest } = shown;
    const errors = faults.map(({ field, refusal }) => ({ field, message: refusalWords(visit.t, refusal) }));
    const view = visit.view({
      isRefusal: errors.length > 0,
      person: await visit.person(),
      path: shown.id === null ? newPath(shown.parent?.id ?? null) : `${path}/${shown.id}/edit`,
    });
    return page(
      <EstablishmentFormPage
        view={view}
        staff={staff}
        {...rest}
        timezones={Intl.supportedValuesOf("timeZone")}
        usualZone={shown.parent?.timezone ?? deps.timezone}
        errors={errors}
      />,
      errors.length === 0
        ? {}
        : {
            status: 422,
            data: { refusal: "establishments.invalid", errors, incident: visit.caller.incident },
          },
    );
  }

  const newPath = (parentId: string | null) =>
    parentId === null ? `${path}/new` : `${path}/new?in=${parentId}`;

  /** What it is added to, with the type that it will have; null where the visitor may not add there. */
  async function placeFor(
    staff: Staff,
    parentId: string,
  ): Promise<{ parent: Establishment | null; type: Establishment["type"] } | null> {
    const walls = editable(staff);
    if (parentId === "") return walls === null ? { parent: null, type: "academy" } : null;
    const parent = await establishments.find(parentId, walls);
    const type = parent && typeBelow(parent.type);
    return parent && type ? { parent, type } : null;
  }

  function answerSaved(visit: Visit, saved: Saved & { ok: true }, said: MessageKey): Answer {
    visit.leaveNotice({ tone: "good", key: said });
    return redirect(`${path}/${saved.id}`);
  }

  desk.get(`${path}/new`, "establishments.edit", async (visit, staff) => {
    const place = await placeFor(staff, visit.query("in"));
    return place ? showForm(visit, staff, { ...place, id: null, form: emptyForm }) : missing(visit, staff);
  });

  desk.post(`${path}/new`, "establishments.edit", async (visit, staff) => {
    const place = await placeFor(staff, visit.field("in"));
    if (!place) return missing(visit, staff);
    const form = readForm(visit);
    const by = { staff, caller: visit.caller };
    const saved = await establishments.add(by, editable(staff), place.parent?.id ?? null, form);
    if (saved.ok) return answerSaved(visit, saved, "establishments.added");
    if (saved.faults === null) return missing(visit, staff);
    // There is no field for what it is added to: the code stands for the whole.
    const faults = saved.faults.map((one) => (one.field === "parent" ? { ...one, field: "code" } : one));
    return showForm(visit, staff, { ...place, id: null, form, faults });
  });

  desk.get(`${path}/:id/edit`, "establishments.edit", async (visit, staff) => {
    const found = await findWithParent(visit, staff);
    if (!found) return missing(visit, staff);
    const { establishment, parent } = found;
    const { id, type } = establishment;
    return showForm(visit, staff, { type, id, parent, form: formOf(establishment, found.parentCode) });
  });

  desk.post(`${path}/:id/edit`, "establishments.edit", async (visit, staff) => {
    const found = await findWithParent(visit, staff);
    if (!found) return missing(visit, staff);
    const { id, type } = found.establishment;
    const form = readForm(visit);
    const by = { staff, caller: visit.caller };
    const saved = await establishments.change(by, editable(staff), id, form);
    if (saved.ok) return answerSaved(visit, saved, "establishments.changed");
    if (saved.faults === null) return missing(visit, staff);
    return showForm(visit, staff, { type, id, parent: found.parent, form, faults: saved.faults });
  });

  /** The parent is read whatever the walls: its code stands in the form of what lies below it. */
  async function findWithParent(visit: Visit, staff: Staff) {
    const establishment = await establishments.find(idOf(visit), editable(staff));
    if (!establishment) return null;
    const parent =
      establishment.parentId === null ? null : await establishments.find(establishment.parentId, null);
    return { establishment, parent, parentCode: parent?.code ?? "" };
  }

  desk.post(`${path}/:id/close`, "establishments.edit", async (visit, staff) => {
    const id = idOf(visit);
    const closed = await establishments.close({ staff, caller: visit.caller }, editable(staff), id);
    if (!closed) return missing(visit, staff);
    visit.leaveNotice(
      closed.ok
        ? { tone: "good", key: "establishments.closed.done" }
        : { tone: "wrong", key: closed.refusal },
    );
    return redirect(`${path}/${id}`);
  });

  desk.post(`${path}/:id/reopen`, "establishments.edit", async (visit, staff) => {
    const id = idOf(visit);
    const opened = await establishments.reopen({ staff, caller: visit.caller }, editable(staff), id);
    if (!opened) return missing(visit, staff);
    visit.leaveNotice(
      opened.ok ? { tone: "good", key: "establishments.reopened" } : { tone: "wrong", key: opened.refusal },
    );
    return redirect(`${path}/${id}`);
  });

  // ── Relays ─────────────────────────────────────────────────────────────────────────────────────────────────

  async function showRelay(
    visit: Visit,
    staff: Staff,
    establishment: Establishment,
    relay: Preset["relays"][number],
    form: RelayForm,
    timezone: string,
    faults: FieldRefusal[] = [],
  ): Promise<Answer> {
    const errors = faults.map(({ field, refusal }) => ({ field, message: refusalWords(visit.t, refusal) }));
    const view = visit.view({
      isRefusal: errors.length > 0,
      person: await visit.person(),
      path: `${path}/${establishment.id}/relays/${relay.id}`,
    });
    return page(
      <RelayFormPage
        view={view}
        staff={staff}
        establishment={establishment}
        relay={{ id: relay.id, name: inLanguage(relay.name, visit.locale) }}
        form={form}
        zone={zoneShown(visit.locale, timezone)}
        errors={errors}
      />,
      errors.length === 0
        ? {}
        : {
            status: 422,
            data: { refusal: "establishments.invalid", errors, incident: visit.caller.incident },
          },
    );
  }

  /** The hours that count now stand in the fields, so that only what differs need be typed. */
  function relayFormOf({ own: said, hours: present }: RelayHere): RelayForm {
    const { hours } = said;
    return {
      choice: hours === undefined ? "usual" : hours === null ? "always" : "own",
      days: byDay((day) => (present ? dayHoursAsTyped(present[day]) : "")),
      hasOwnClosings: said.closedOn !== undefined,
      closedOn: (said.closedOn ?? []).join("\n"),
      lines: Object.fromEntries(
        Object.entries(said.lines ?? {}).map(([code, lines]) => [code, lines.join("\n")]),
      ),
    };
  }

  const readRelayForm = (visit: Visit): RelayForm => {
    const choice = visit.field("hours");
    return {
      choice: choice === "own" || choice === "always" ? choice : "usual",
      days: byDay((day) => visit.field(`hours-${day}`).slice(0, longestLine)),
      hasOwnClosings: visit.field("own-closings") !== "",
      closedOn: visit.field("closed-on").slice(0, 10_000),
      lines: Object.fromEntries(
        languages.offered.map((code) => [code, visit.field(`lines-${code}`).slice(0, 5000)]),
      ),
    };
  };

  function judgeRelayForm(form: RelayForm): { said: RelayDetails; faults: FieldRefusal[] } {
    const faults: FieldRefusal[] = [];
    const said: RelayDetails = {};
    if (form.choice === "always") said.hours = null;
    if (form.choice === "own") {
      said.hours = byDay((day) => {
        const read = parseDayHours(form.days[day]);
        if (!read) faults.push({ field: `hours-${day}`, refusal: "establishments.relay.hours.malformed" });
        return read ?? [];
      });
    }
    if (form.hasOwnClosings) {
      const days = parseDays(form.closedOn);
      if (!days) faults.push({ field: "closed-on", refusal: "establishments.relay.closed-on.malformed" });
      said.closedOn = days ?? [];
    }
    const lines: Record<string, string[]> = {};
    for (const [code, text] of Object.entries(form.lines)) {
      const written = text
        .split(/\r?\n/)
        .map((one) => one.trim())
        .filter((one) => one !== "");
      if (written.length > mostLines || written.some((one) => one.length > longestLine))
        faults.push({ field: `lines-${code}`, refusal: "establishments.relay.lines.too-long" });
      if (written.length > 0) lines[code] = written;
    }
    if (Object.keys(lines).length > 0) said.lines = lines;
    return { said, faults };
  }

  async function findRelay(visit: Visit, staff: Staff) {
    const relay = relays.find(({ id }) => id === visit.path.split("/")[5]);
    const establishment = await establishments.find(idOf(visit), editable(staff));
    if (!relay || !establishment || establishment.type === "class") return null;
    const here = await establishments.relayAt(establishment.id, relay.id);
    return here && { establishment, relay, here: here.relay, timezone: here.timezone };
  }

  desk.get(`${path}/:id/relays/:relay`, "establishments.edit", async (visit, staff) => {
    const found = await findRelay(visit, staff);
    if (!found) return missing(visit, staff);
    return showRelay(visit, staff, found.establishment, found.relay, relayFormOf(found.here), found.timezone);
  });

  desk.post(`${path}/:id/relays/:relay`, "establishments.edit", async (visit, staff) => {
    const found = await findRelay(visit, staff);
    if (!found) return missing(visit, staff);
    const { establishment, relay, timezone } = found;
    const form = readRelayForm(visit);
    const { said, faults } = judgeRelayForm(form);
    if (faults.length > 0) return showRelay(visit, staff, establishment, relay, form, timezone, faults);
    const by = { staff, caller: visit.caller };
    if (!(await establishments.changeRelay(by, editable(staff), establishment.id, relay.id, said)))
      return missing(visit, staff);
    visit.leaveNotice({ tone: "good", key: "establishments.changed" });
    return redirect(`${path}/${establishment.id}`);
  });

  async function missing(visit: Visit, staff: Staff): Promise<Answer> {
    const { t } = visit;
    const view = visit.view({ isRefusal: true, person: await visit.person(), path });
    const title = t("establishments.not-found");
    return page(
      <DeskPage view={view} staff={staff} title={title} current="establishments" tone="wrong">
        <p>{t("establishments.not-found.next")}</p>
        <LinkList links={[{ href: path, label: t("establishments.back") }]} />
        <WhomToAsk view={view} />
      </DeskPage>,
      {
        status: 404,
        data: { refusal: "establishments.not-found", message: title, incident: visit.caller.incident },
      },
    );
  }

  establishmentFileRoutes(desk, {
    files: deps.files,
    wallsOf: editable,
    missing,
  });
}

const byDay = <Value,>(say: (day: (typeof daysOfWeek)[number]) => Value) =>
  Object.fromEntries(daysOfWeek.map((day) => [day, say(day)])) as Record<(typeof daysOfWeek)[number], Value>;
