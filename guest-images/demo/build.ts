// Builds the demo programs: NAME.c becomes NAME.elf beside it. The same compiler gives the same bytes anywhere; which compiler that is stands in toolchain.json.
// node guest-images/demo/build.ts [FOLDER]
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_PROGRAMS } from "../demo.ts";

const SOURCES = import.meta.dirname;
/** Static, without a library, and the same bytes each time. */
export const FLAGS: readonly string[] = [
  ..."-O2 -std=gnu17 -Wall -Wextra -Werror -march=x86-64 -mtune=generic".split(" "),
  ..."-static -nostdlib -nostartfiles -ffreestanding -fno-pie -no-pie".split(" "),
  ..."-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -fno-ident".split(" "),
  ..."-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro -Wl,-z,noseparate-code -Wl,--no-warn-rwx-segments".split(" "),
];

/** `null` where there is no compiler. */
export function toolchain(): { readonly compiler: string; readonly linker: string } | null {
  try {
    const firstLine = (program: string, option: string) => execFileSync(program, [option], { encoding: "utf8" }).split("\n")[0] ?? "";
    return { compiler: firstLine("gcc", "--version"), linker: firstLine("ld", "--version") };
  } catch {
    return null;
  }
}

export function buildDemoPrograms(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of DEMO_PROGRAMS)
    execFileSync("gcc", [...FLAGS, `-ffile-prefix-map=${SOURCES}=.`, "-o", join(folder, `${name}.elf`), `${name}.c`], { cwd: SOURCES, stdio: "inherit" });
}

if (import.meta.main) {
  const folder = process.argv[2] ?? SOURCES;
  buildDemoPrograms(folder);
  writeFileSync(join(folder, "toolchain.json"), `${JSON.stringify(toolchain(), null, 2)}\n`);
}
