import type PDFDocument from "pdfkit";

type Doc = InstanceType<typeof PDFDocument>;

/** An object of the file. Once it is written, others name it by its number alone. */
interface Written {
  data: unknown;
  end(): void;
}

/** What pdfkit has beyond its types. */
interface Kept {
  page: { dictionary: Written; structParentTreeKey: number };
  structChildren: unknown[];
  ref(data: unknown): Written;
  getStructParentTree(): { get(key: number): unknown; add(key: number, value: unknown): void };
}

/**
 * pdfkit keeps of each page what stands on it, part by part, until the whole file is closed: of two thousand letters
 * seventeen megabytes. All of it is written long before. After each letter this writes the list of its parts (PDF 1.7
 * §14.7.4.4: a page's parents may be an indirect array) and keeps only the numbers of what was written.
 */
export function createLetGo(doc: Doc) {
  const kept = doc as unknown as Kept;
  let before: Written | null = null;

  /** `part`: the letter on the page that is open now, and complete. */
  return (part: ReturnType<Doc["struct"]>): void => {
    const { page } = kept;
    const tree = kept.getStructParentTree();
    const parents = kept.ref(tree.get(page.structParentTreeKey));
    parents.end();
    parents.data = null;
    tree.add(page.structParentTreeKey, parents);
    (part as unknown as { dictionary: Written }).dictionary.data = null;
    kept.structChildren.length = 0;
    // A page is written when the next one begins.
    if (before) before.data = null;
    before = page.dictionary;
  };
}
