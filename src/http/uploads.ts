import multipart, { type MultipartFile } from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { BadForm, refuseControls } from "./form-body.ts";

/** A file of a posted form. Its name and type are the sender's word: what it is shows only in its bytes. */
export interface Upload {
  /** As the browser named it, without folders; at most 200 characters. */
  filename: string;
  bytes: Buffer;
  /** Longer than the form takes, alone or with those before it: `bytes` holds its beginning, or nothing. */
  isTooLarge: boolean;
}

export interface UploadLimits {
  /** Of one file. */
  maxBytes: number;
  maxFiles: number;
  /** Of all files together; as many as they may have one by one, unless said. */
  maxTotalBytes?: number;
}

/** What a form with files was read into. */
export interface FilledForm {
  fields: Record<string, string>;
  files: Map<string, Upload[]>;
}

const fieldsAtMost = 100;
const fieldBytesAtMost = 64 * 1024;

/** Lets the routes of `scope`, and no others, be sent `multipart/form-data` (RFC 7578). */
export async function acceptUploads(scope: FastifyInstance): Promise<void> {
  await scope.register(multipart, { throwFileSizeLimit: false });
}

/**
 * Reads a form with files as strictly as one without: each field once, no control characters. Files beyond
 * `limits` are cut, and said to be, so that what was typed beside them is not lost.
 */
export async function readUploads(request: FastifyRequest, limits: UploadLimits): Promise<FilledForm> {
  const form: FilledForm = { fields: Object.create(null), files: new Map() };
  if (!request.isMultipart()) {
    form.fields = (request.body ?? {}) as Record<string, string>;
    return form;
  }
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limits.maxBytes * (limits.maxFiles + 3) + 1024 * 1024) {
    throw tooLarge();
  }
  try {
    await readParts(request, limits, form);
  } catch (cause) {
    // What is no form at all, or was broken off: the sender's mistake, never ours.
    const isJudged = cause instanceof Error && "statusCode" in cause;
    throw isJudged ? cause : new BadForm("not a form");
  }
  return form;
}

const tooLarge = () => Object.assign(new Error("The form is too large."), { statusCode: 413 });

async function readParts(request: FastifyRequest, limits: UploadLimits, form: FilledForm): Promise<void> {
  const parts = request.parts({
    limits: {
      fieldNameSize: 100,
      fieldSize: fieldBytesAtMost,
      fields: fieldsAtMost,
      fileSize: limits.maxBytes,
      // A browser sends an empty part for each file field that was left alone.
      files: limits.maxFiles + 3,
      headerPairs: 50,
    },
  });
  let left = limits.maxTotalBytes ?? limits.maxBytes * limits.maxFiles;
  for await (const part of parts) {
    if (part.type === "field") {
      if (part.fieldname in form.fields) throw new BadForm("a field is repeated");
      // The rest of it is gone: saved so, a long text would lose its end.
      if (part.valueTruncated) throw tooLarge();
      form.fields[part.fieldname] = refuseControls(String(part.value ?? ""));
    } else {
      const upload = await readUpload(part);
      // What is beyond the whole is not kept in memory beside what came before it.
      if (upload.bytes.length > left) Object.assign(upload, { bytes: Buffer.alloc(0), isTooLarge: true });
      left -= upload.bytes.length;
      const isEmpty = upload.bytes.length === 0 && upload.filename === "";
      if (!isEmpty) form.files.set(part.fieldname, [...(form.files.get(part.fieldname) ?? []), upload]);
    }
  }
}

async function readUpload(part: MultipartFile): Promise<Upload> {
  const bytes = await part.toBuffer();
  const filename = (part.filename ?? "").split(/[/\\]/).at(-1) ?? "";
  return {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    filename: filename.replaceAll(/[\u0000-\u001f\u007f]/g, "").slice(0, 200),
    bytes,
    isTooLarge: part.file.truncated,
  };
}
