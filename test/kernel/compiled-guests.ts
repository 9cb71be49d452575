// Guest programs in C for the kernel's calls: each prints what it found, the same natively as here. Built by gcc when a test asks; the laws run them too.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";

export interface CompiledGuest {
  readonly name: string;
  /** The executable on this host. */
  readonly path: string;
  readonly image: Image;
  readonly argv: readonly string[];
}
const SOURCES = join(import.meta.dirname, "guests");
const OPTIONS = ["-O1", "-static", "-w", "-pthread"];
/** Ask for what only root may, or tell who they are: natively they are run as root only. */
export const ASKING_FOR_ROOT: readonly string[] = [
  "core-files",
  "fanotify",
  "fanotify-permissions",
  "foreign-memory",
  "kernel-objects",
  "keys",
  "landlock",
  "leases",
  "logins",
  "mount-objects",
  "privileged",
  "process-memory",
  "process-titles",
  "seccomp",
  "secret-memory",
  "socket-diagnosis",
  "system-v-information",
  "terminal-settings",
  "trace-stops",
];
/** Tell of what processors since 2008 have. */
export const NEEDING_XSAVE: readonly string[] = ["trace-steps"];
/** Has a test of its own. */
const APART = ["rseq"];

const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };
const directory = (path: string, mode = 0o755): ImageEntry => ({ path, kind: "directory", mode, ...owned });
const content = (path: string, text: string): ImageEntry => ({ path, kind: "file", mode: 0o644, ...owned, content: new TextEncoder().encode(text) });

export const guestNames = (): readonly string[] =>
  globSync("*.c", { cwd: SOURCES })
    .map(file => basename(file, ".c"))
    .filter(name => !APART.includes(name))
    .toSorted();

/** Built once for each content: tests run in processes of their own. */
export function compileGuest(name: string): CompiledGuest {
  const source = join(SOURCES, `${name}.c`);
  const hash = createHash("sha256")
    .update(readFileSync(source))
    .update(readFileSync(join(SOURCES, "check.h")))
    .update(readFileSync(join(SOURCES, "trace.h")))
    .digest("hex")
    .slice(0, 16);
  const folder = join(tmpdir(), `chronix-guests-${process.getuid?.() ?? 0}`);
  const path = join(folder, `${name}-${hash}`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    execFileSync("gcc", [...OPTIONS, source, "-o", unfinished, "-lrt"], { stdio: ["ignore", "ignore", "inherit"] });
    renameSync(unfinished, path);
  }
  const program = `/bin/${name}`;
  const entries: readonly ImageEntry[] = [
    directory("/"),
    directory("/bin"),
    directory("/etc"),
    directory("/tmp", 0o1777),
    content("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    { path: program, kind: "file", mode: 0o755, ...owned, content: readFileSync(path) },
  ];
  const image: Image = {
    name,
    digest: `sha256:${hash}`,
    entries,
    config: { entrypoint: [], environment: { PATH: "/bin" }, workingDirectory: "/tmp", user: { uid: 0, gid: 0 } },
  };
  return { name, path, image, argv: [program] };
}
