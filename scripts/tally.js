import { relative } from "node:path";

/** Counts tests and checks, and says at the end what became of them, in one last line. */
export function createTally() {
  let passed = 0;
  const failures = [];
  const skips = [];

  return {
    get failed() {
      return failures.length;
    },
    pass() {
      passed++;
    },
    fail(name, cause) {
      failures.push(name);
      console.error(`${name}: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`);
    },
    skip(name) {
      skips.push(name);
    },
    /** Adds what Vitest's json reporter wrote. A file that cannot even be read counts as one failure. */
    add(report, root) {
      for (const file of report.testResults) {
        const path = relative(root, file.name);
        const failedBefore = failures.length;
        for (const test of file.assertionResults) {
          if (test.status === "passed") passed++;
          else if (test.status === "failed") failures.push(`${path}: ${test.fullName}`);
          else skips.push(`${path}: ${test.fullName}`);
        }
        if (file.status === "failed" && failures.length === failedBefore) {
          failures.push(`${path}: the file as a whole`);
        }
      }
    },
    /** Prints the names that matter and the last line. Returns the exit code: 0 only if something passed and nothing failed. */
    conclude() {
      for (const name of skips) console.log(`skipped: ${name}`);
      for (const name of failures) console.log(`failed: ${name}`);
      const skipped = skips.length > 0 ? `, ${skips.length} skipped` : "";
      console.log(`${passed} passed, ${failures.length} failed${skipped}`);
      return failures.length > 0 || passed === 0 ? 1 : 0;
    },
  };
}
