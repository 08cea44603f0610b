import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * A server, a database and perhaps a browser for each worker: more than two of them starve each other, and stories
 * begin to flake.
 */
const maxWorkers = Math.min(2, availableParallelism());

const shared = {
  environment: "node" as const,
  pool: "forks" as const,
  globalSetup: ["test/support/global-setup.ts"],
};

/**
 * `npm test` runs unit, architecture, contracts and journeys; `npm run test:long` runs long.
 * The groups run one after the other, so that a browser never competes with a race test for the processor.
 */
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    // Names are sentences: they are read whole.
    taskTitleValueFormatTruncate: 0,
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "unit",
          include: ["src/**/*.test.{ts,tsx}"],
          globalSetup: [],
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "architecture",
          include: ["test/architecture/**/*.test.ts"],
          globalSetup: [],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "contracts",
          include: ["test/contracts/**/*.test.{ts,tsx}"],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "journeys",
          include: ["test/journeys/**/*.test.{ts,tsx}"],
          maxWorkers,
          // A worker keeps its modules and its browser from file to file: starting both takes longer than a story.
          isolate: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "long",
          include: ["test/long/**/*.test.{ts,tsx}"],
          maxWorkers: 1,
          testTimeout: 900_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
