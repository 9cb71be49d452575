// Builds the vdso and writes its bytes as engine/loader/vdso-image.ts, which must read no file.
// node guest-images/vdso/build.ts
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCES = import.meta.dirname;
const FLAGS = [
  ..."-O2 -std=gnu17 -march=x86-64 -mtune=generic -fPIC -shared -nostdlib -ffreestanding -fno-jump-tables -mno-sse".split(" "),
  ..."-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -fno-ident".split(" "),
  ..."-Wl,-soname=linux-vdso.so.1 -Wl,--hash-style=both -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-T,vdso.lds".split(" "),
];
const LINE = 150;

const file = join(mkdtempSync(join(tmpdir(), "chronix-vdso-")), "vdso.so");
execFileSync("gcc", [...FLAGS, "-o", file, "vdso.c"], { cwd: SOURCES, stdio: "inherit" });
execFileSync("strip", ["--strip-unneeded", file]);
const digits = readFileSync(file).toString("hex");
const lines = Array.from({ length: Math.ceil(digits.length / LINE) }, (_, i) => digits.slice(i * LINE, (i + 1) * LINE));
const text = `// The vdso as ELF, in hexadecimal. Made by guest-images/vdso/build.ts from vdso.c.
const digits = \`
${lines.join("\n")}
\`.replaceAll("\\n", "");

export const vdsoImage: Uint8Array = Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
`;
writeFileSync(join(SOURCES, "../../engine/loader/vdso-image.ts"), text);
