// The programs of programs/ as static executables in the cache, from the host's compiler.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";

const SOURCES = join(import.meta.dirname, "programs");

/** Builds what is missing or older than its source; answers the program's path. */
export function builtProgram({ name }: { readonly name: string }): string {
  const folder = join(cacheFolder(), "bench");
  const [source, path] = [join(SOURCES, `${name}.c`), join(folder, name)];
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(source).mtimeMs)
    execFileSync("gcc", ["-O2", "-static", "-o", path, source, "-lm", "-lpthread"], { stdio: "inherit" });
  return path;
}
