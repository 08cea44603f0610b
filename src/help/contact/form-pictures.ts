import type { Visit } from "../../http/visit.ts";
import type { Attachments, KeptPicture } from "./attachments.ts";
import { pictureBytesAtMost, picturesAtMost } from "./pictures.ts";

export interface PicturesRead {
  kept: KeptPicture[];
  mistakes: { field: "pictures"; refusal: string; values?: Record<string, string | number> }[];
}

/**
 * The pictures of a form: those that came before and were not taken out, and those that come now. One that is refused
 * says so by its name; the others, and all that was typed, stay.
 */
export async function picturesOfForm(
  visit: Visit,
  deps: {
    attachments: Pick<Attachments, "receive" | "readCarried">;
    contact: {
      maySendPictures(
        caller: Visit["caller"],
        count: number,
      ): Promise<{ ok: true } | { ok: false; until: number }>;
    };
  },
): Promise<PicturesRead> {
  const kept = deps.attachments
    .readCarried(visit.field("kept"), visit.caller.browserId)
    .filter((_, index) => visit.field(`drop-${index}`) === "");
  const files = visit.files("pictures");
  const mistakes: PicturesRead["mistakes"] = [];
  const refuse = (refusal: string, values?: Record<string, string | number>) =>
    mistakes.push({ field: "pictures", refusal, values });
  const limits = { most: picturesAtMost, megabytes: pictureBytesAtMost / (1024 * 1024) };

  const welcome = files.slice(0, Math.max(0, picturesAtMost - kept.length));
  if (files.length > welcome.length) refuse("contact.picture.too-many", limits);
  if (welcome.length === 0) return { kept, mistakes };
  const budget = await deps.contact.maySendPictures(visit.caller, welcome.length);
  if (!budget.ok) {
    refuse("contact.picture.later", { moment: visit.view().moment(budget.until) });
    return { kept, mistakes };
  }
  for (const file of welcome) {
    const name = file.filename.slice(0, 60);
    if (file.isTooLarge) {
      refuse("contact.picture.too-large", { ...limits, name });
      continue;
    }
    const received = await deps.attachments.receive(file.bytes, file.filename);
    if (received.ok) kept.push(received.kept);
    else refuse(received.refusal, { ...limits, name });
  }
  return { kept, mistakes };
}
