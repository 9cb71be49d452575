// needs: gcc objdump
// Every instruction of whole programs as objdump shows it: its length, its name, and nearly always its text.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { disassemble, mnemonicOf } from "../../engine/cpu/disassembly.ts";
import { compileWith } from "./guests.ts";

/** Prefixes that objdump names and we do not, and shadow stack instructions, which are no-operations where there is none. */
const otherwiseNamed = new Set(["addr32", "incsspq", "rdsspq", "incsspd", "rdsspd", "data16", "rex.W", "repz", "bnd"]);
const FWAIT = 0x9b;
const LINE = /^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(.*)$/;
const spaced = (text: string): string => text.replace(/\s+/g, " ").trim();
const nameOf = (text: string): string => text.split(" ")[0]!;
/** Without symbols and comments; jump targets have no 0x where there are symbols. */
const plain = (text: string): string =>
  spaced(text.replace(/\s+<.*$/, "").replace(/\s+#.*$/, "")).replace(/^((?:notrack )?(?:j\w+|call|loop\w*)) ([0-9a-f]+)$/, "$1 0x$2");

interface Least {
  readonly instructions: number;
  readonly served: number;
  readonly same: number;
}
const WHOLE_PROGRAM: Least = { instructions: 50_000, served: 0.9, same: 0.999 };

function compareWithObjdump(path: string, least = WHOLE_PROGRAM): void {
  const listing = execFileSync("objdump", ["-d", "-w", "-M", "intel", path], { encoding: "latin1", maxBuffer: 2 ** 30 });
  let [count, served, same] = [0, 0, 0];
  for (const line of listing.split("\n")) {
    const match = LINE.exec(line);
    const shown = match && plain(match[3]!);
    if (!match || !shown || shown.includes("(bad)")) continue;
    const whole = Uint8Array.from(match[2]!.trim().split(" "), byte => Number.parseInt(byte, 16));
    // objdump takes FWAIT and what follows for one instruction.
    const isWaiting = whole[0] === FWAIT && whole.length > 1;
    const [code, expected] = isWaiting ? [whole.subarray(1), shown.replace(/^f/, "fn")] : [whole, shown];
    const bytes = new Uint8Array(code.length + 15);
    bytes.set(code);
    const { length, text } = disassemble(bytes, Number.parseInt(match[1]!, 16));
    count++;
    assert.is(length, code.length, line);
    if (text.startsWith("(") && least.served < 1) continue;
    served++;
    if (!otherwiseNamed.has(nameOf(expected))) assert.is(nameOf(spaced(text)), nameOf(expected), `${line} | ${text}`);
    if (spaced(text) === expected) same++;
    else if (least.same === 1) assert.is(spaced(text), expected, line);
  }
  assert.ok(count >= least.instructions, `only ${count} instructions were read`);
  assert.ok(served / count >= least.served, `${served} of ${count} are served`);
  assert.ok(same / served >= least.same, `${same} of ${served} have the same text`);
}
test("a static program with the GNU C library", () => compareWithObjdump(compileWith("gcc", "long-double.c", "-lm").path));
test("every form of the extensions", () => {
  const source = join(import.meta.dirname, "guests", "extensions.s");
  const object = join(mkdtempSync(join(tmpdir(), "chronix-forms-")), "extensions.o");
  execFileSync("gcc", ["-c", source, "-o", object]);
  const count = readFileSync(source, "utf8")
    .split("\n")
    .filter(line => /^[a-z]/.test(line)).length;
  compareWithObjdump(object, { instructions: count, served: 1, same: 1 });
});
test("busybox", () => {
  if (existsSync("/bin/busybox")) compareWithObjdump("/bin/busybox");
});
test("forms that programs seldom have", () => {
  const text = (...bytes: number[]): string => spaced(disassemble(Uint8Array.from([...bytes, ...new Array(15).fill(0)]), 0x1000).text);
  assert.is(text(0xf0, 0x48, 0x0f, 0xb1, 0x0b), "lock cmpxchg QWORD PTR [rbx],rcx");
  assert.is(text(0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0), "mov rax,QWORD PTR fs:0x28");
  assert.is(text(0xdb, 0x2f), "fld TBYTE PTR [rdi]");
  assert.is(text(0xdc, 0xe9), "fsub st(1),st");
  assert.is(text(0xcd, 0x80), "int 0x80");
  assert.is(text(0xf3, 0xa4), "rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]");
  assert.is(text(0xc5, 0xf8, 0x77), "vzeroupper");
  assert.is(text(0xc4, 0xe1, 0xf4, 0x4b, 0xc0), "(vex 0f 4b)");
  // A near branch has 64 bits whatever the prefix; a REX that is not the last of the prefixes says nothing.
  assert.is(text(0x66, 0xff, 0xd0), "call rax");
  assert.is(text(0x66, 0xff, 0x23), "jmp QWORD PTR [rbx]");
  assert.is(text(0x48, 0x66, 0x89, 0xc8), "mov ax,cx");
  assert.is(text(0x4f, 0x41, 0x89, 0xc8), "mov r8d,ecx");
  assert.is(text(0xc1, 0xe0, 0), "shl eax,0x0");
  assert.is(text(0x0f, 0xac, 0xc8, 0), "shrd eax,ecx,0x0");
  assert.is(mnemonicOf(Uint8Array.of(0xf0, 0xff, 0x00)), "inc");
  assert.is(mnemonicOf(Uint8Array.of(0xf3, 0xa4)), "movs");
  assert.equal(disassemble(Uint8Array.of(0x48), 0), { length: 1, text: "(bad)" });
});
test.run();
