// Builds the guest: guest.c becomes guest.elf beside it, with the compiler that toolchain.json names. `node test/fuzz/syscalls/build.ts [FOLDER]`
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLAGS, toolchain } from "../../../guest-images/demo/build.ts";
import { KINDS, POOLS } from "./pools.ts";

const SOURCES = import.meta.dirname;
const HEADERS = join(SOURCES, "../../../guest-images/demo");

export function buildGuest(folder: string): void {
  const pools = [...POOLS.map((name, code) => `-DPOOL_${name}=${code}`), ...KINDS.map((name, code) => `-DKIND_${name}=${code}`), `-DKINDS=${KINDS.length}`];
  execFileSync("gcc", [...FLAGS, "-I", HEADERS, `-ffile-prefix-map=${SOURCES}=.`, ...pools, "-o", join(folder, "guest.elf"), "guest.c"], {
    cwd: SOURCES,
    stdio: "inherit",
  });
}

if (import.meta.main) {
  const folder = process.argv[2] ?? SOURCES;
  buildGuest(folder);
  writeFileSync(join(folder, "toolchain.json"), `${JSON.stringify(toolchain(), null, 2)}\n`);
}
