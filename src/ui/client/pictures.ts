/** The longest side that is kept anyway: larger ones need not travel. */
const longestSide = 2000;
/** Below this, sending costs less than drawing. */
const worthDrawing = 1_500_000;

/**
 * Pictures of a form: one can be pasted instead of chosen, several times over, and those of a telephone are made
 * smaller before they travel over a weak line. Without script they are chosen, and sent as they are.
 */
export function takePictures(input: HTMLInputElement): void {
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  note.textContent = input.dataset.pictures ?? "";
  input.before(note);

  const chosen = new DataTransfer();
  async function add(files: Iterable<File>): Promise<void> {
    for (const file of files) chosen.items.add(await shrink(file));
    input.files = chosen.files;
    note.textContent = [...chosen.files].map(({ name }) => name).join(", ");
  }
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // What is chosen anew takes the place of what was chosen before, as everywhere.
    chosen.items.clear();
    void add(files);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    void add(files);
  });
}

/** A smaller copy of a large picture; the picture itself where this browser cannot draw it. */
async function shrink(file: File): Promise<File> {
  if (file.size < worthDrawing || !/^image\/(?:png|jpeg|webp)$/.test(file.type)) return file;
  try {
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, longestSide / Math.max(drawn.width, drawn.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(drawn.width * scale);
    canvas.height = Math.round(drawn.height * scale);
    canvas.getContext("2d")?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    const copy = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.85));
    return copy && copy.size < file.size ? new File([copy], file.name, { type }) : file;
  } catch {
    return file;
  }
}
