// Guest programs compiled by gcc when a test asks, and what the real processor makes of them.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "chronix-cpu-"));

export interface Guest {
  readonly path: string;
  readonly elf: Uint8Array;
  readonly native: { readonly output: string; readonly status: number | null; readonly nanos: number };
}
export const compile = (source: string, ...options: string[]): Guest => compileWith("gcc", source, ...options);
let builds = 0;
export function compileWith(compiler: string, source: string, ...options: string[]): Guest {
  const path = join(folder, `${source.replaceAll("/", "-").replace(/\.c$/, "")}-${builds++}`);
  const libraries = options.filter(option => option.startsWith("-l"));
  const flags = options.filter(option => !option.startsWith("-l"));
  execFileSync(compiler, ["-O2", "-static", "-w", ...flags, join(import.meta.dirname, "guests", source), "-o", path, ...libraries], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const from = process.hrtime.bigint();
  const { stdout, status } = spawnSync(path, { encoding: "latin1" });
  return { path, elf: readFileSync(path), native: { output: stdout, status, nanos: Number(process.hrtime.bigint() - from) } };
}
export const BARE = ["-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-tree-vectorize", "-fno-asynchronous-unwind-tables"] as const;
