// needs: gcc
// Instructions that are rare, forbidden, or none at all: what becomes of each in a whole guest, and on the real processor under Linux.
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { demoImage } from "../../guest-images/demo.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { runGuest } from "../headless.ts";
import { compile } from "./guests.ts";

/** Hexadecimal bytes. What the levels of --cpu do not have, and the real processor may, is not among them. */
const cases: Readonly<Record<string, readonly string[]>> = {
  segments: [
    "8cc8 8cd0 8cd8 8cc0 8ce0 8ce8 8cf0 488cd0 668cd0 8c17 31c08ed8 31c08ed0 b82b0000008ed0 b8280000008ed0 b82b0000008ed88cd8",
    "b8330000008ed88cd8 b8230000008ed88cd8 b80100000031c98ed88cd8 b87b0000008ed88cd8 b8080000008ed8 b8630000008ed8 8ec8 0f00c0 0f00c8",
    "0f0007 0f00d0 0f00f8 b82b0000000f02c8 b8330000000f02c8 b8230000000f02c8 31c00f02c8 b8080000000f02c8 b8400000000f02c8",
    "b82b0000000f03c8 b8330000000f03c8 b8230000000f03c8 b82b0000000f00e0 b82b0000000f00e8 b8330000000f00e8 b8330000000f00e0",
    "b87b0000000f00e8 b87b0000000f02c8 b8430000000f02c8",
  ],
  LOCK: ["f00f58c0 f0c3 f089c0 f08907 f03907 f0ff07 f08707 f087c0 f00fa307 f00fab07 f00fb107 f0f707 f0f717"],
  strings: [
    "67a4 b90500000067f3a4 b90500000067f348ab b90500000067f3ae b90500000067f2ae b90500000067f3a6 67ac 67aa 67af",
    "48b9000000000100000067f3a4 d7 67d7 31c967e3029090 b90300000067e2fe f3480faedf31f665ac f3480faedf31db65d7 f3480faedf31f665a4",
    "f3480faedfb90300000031f665f3a4 f3480faedf31f66567a4 f3480faedf660fefc0660f76c931ff65660ff7c1 660fefc0660f76c967660ff7c1",
  ],
  "stack and far transfers": [
    "c8100000c9 c8100003c9 c810001fc9 66c810000266c9 666a106658 666834126658 669c669d 9c58 68d70a00009d 689d0600009d 0fa058 660fa06658",
    "0fa858 6a2b0fa98ce8 6a000fa98ce8 6a080fa9 0fb52f 6a33680900001048cb 4889e06a2b509c6a33681000001048cf31c0",
    "c7071000001066c747043300ff1f9090488d642408 9c810c24000100009d90 9c810c24000100009df390 f9660f38f6c8",
    "f9f30f38f6c8 f9f3480f38f6c1",
  ],
  "forbidden and invalid": [
    "0f0107 0f010f 0f01e0 480f01e0 0f0127 0f01f0 0f0117 0f013f 0f06 0f07 0f08 0f09 0f0ec0 0f0fc0b4 0f20c0 0f24c0 0f30 0f32 0f33",
    "0f37 0faa 0f0a 0f0c 0f01c8 0f01c9 0f01ca 0f01d0 0f01d1 0f01d4 0f01d5 0f01d6 0f01e8 0f01ea 0f01f8 0f01fd cd03 cd04 cd05 ce f1 d6 06 27",
    "9a ea cb ca0000 cf 48cb 48cf 0faef0 660faef8 f30faee8 f30f1ec8 f20faef0 660faef0 660fae37 660fae3f 0fae3f 0fae3c2500000000 0f0d0f",
    "0f18c0 0f19c0 0f1ac0 0f1bc0 0f1cc0 0f1dc0 0f1fc0 0fc71f 0fc72f 0fc737 0f38f6c0 660f38f6c8 f30f38f6c8 660f38f5c0 660f38f807",
    "0f38f907 ff3f fff8 fe17 c6f800 c7f800000000 0fb9c0 0fffc0 0fb8c0 f20f60c1 f30f60c1 660f12c1 660f2bc1 660f7fc1 0fe7c1 f20f10c1 0f0b",
    "dbe0 dbe1 dbe4 dbe5 d9d1 d9e2 d9e6 dde0 dfe1 dbe8 6690 f390 669c6658 8f08",
  ],
};
/** What some processors and hypervisors do differently: a line that tells, asked of the real one, and the lines that are compared only where its RCX then says so (NaN: it faults), or all that it answers. */
const dependent: readonly {
  readonly why: string;
  readonly ask: string;
  readonly isAsOurs: (rcx: number, answer: string) => boolean;
  readonly lines: string;
}[] = [
  {
    why: "UMIP: Linux answers for the processor",
    ask: "b80700000031c90fa2",
    isAsOurs: rcx => (rcx & 4) !== 0,
    lines: "0f0107 0f010f 0f01e0 480f01e0 0f0127 0f0007 0f00c0 0f00c8",
  },
  {
    why: "a hypervisor that has no segment for 32-bit code",
    ask: "b8230000000f02c8",
    isAsOurs: rcx => rcx === 0xcffb00,
    lines: "b8230000008ed88cd8 b8230000000f02c8 b8230000000f03c8",
  },
  { why: "a hypervisor that stops at INT1 instead of behind it", ask: "f1", isAsOurs: (_, answer) => answer.endsWith(" at 1"), lines: "f1" },
  ...["0f01d5", "0f01d6", "c6f800", "c7f800000000", "0f01e8", "0f38f907", "660f38f807"].map(line => ({
    why: "TSX, SERIALIZE, MOVDIRI and MOVDIR64B, where the processor has them, of which CPUID may say nothing",
    ask: line,
    isAsOurs: (_: number, answer: string) => answer.includes(" signal 4 "),
    lines: line,
  })),
  {
    why: "REP with a count of zero in ECX: some clear the upper half of RCX, as whatever writes 32 bits does",
    ask: "48b9000000000100000067f3a4",
    isAsOurs: rcx => rcx !== 0,
    lines: "48b9000000000100000067f3a4",
  },
  { why: "FEMMS, which processors have no more that have no 3DNow!", ask: "0f0ec0", isAsOurs: (_, answer) => !answer.includes(" signal 4 "), lines: "0f0ec0" },
  { why: "RDPRU, of which a hypervisor's CPUID may say nothing", ask: "0f01fd", isAsOurs: Number.isNaN, lines: "0f01fd" },
];
const { path, elf } = compile("user-mode.c", "-fcf-protection=none");
const onHost = (lines: readonly string[]): readonly string[] =>
  spawnSync(path, { input: `${lines.join("\n")}\n`, encoding: "latin1", timeout: 20_000 }).stdout.split("\n");
const rcxOf = (answer = ""): number => Number.parseInt(/rcx (\w+)/.exec(answer)?.[1] ?? "", 16);
const asked = onHost(dependent.map(({ ask }) => ask));
const notCompared = new Set(dependent.flatMap(({ isAsOurs, lines }, i) => (isAsOurs(rcxOf(asked[i]), asked[i]!) ? [] : lines.split(" "))));
const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };
const entries = [
  { path: "/", kind: "directory", mode: 0o755, ...owned } as const,
  { path: "/user-mode", kind: "file", mode: 0o755, ...owned, content: elf } as const,
];
for (const [name, listed] of Object.entries(cases)) {
  test(name, () => {
    const lines = listed.flatMap(some => some.split(" ")).filter(line => !notCompared.has(line));
    const theirs = onHost(lines);
    const mounts = [{ path: "/guests", digest: entriesDigest(entries), isReadOnly: true, entries }];
    const { stdout } = runGuest({
      image: demoImage(),
      argv: ["/guests/user-mode"],
      mounts,
      stdin: Buffer.from(`${lines.join("\n")}\n`),
      cpu: "x86-64-v2",
      mostTicks: 100_000_000,
    });
    const ours = Buffer.from(stdout).toString("latin1").split("\n");
    assert.is(theirs.length, lines.length + 1);
    for (const [i, line] of theirs.entries()) assert.is(ours[i], line);
  });
}
for (const source of ["signal-vectors.c", "xsave.c"]) {
  test(`${source} prints what it prints natively`, () => {
    const { elf: content, native } = compile(source, "-mavx", "-fcf-protection=none");
    const program = [entries[0]!, { ...entries[1]!, content }];
    const mounts = [{ path: "/guests", digest: entriesDigest(program), isReadOnly: true, entries: program }];
    const { stdout } = runGuest({ image: demoImage(), argv: ["/guests/user-mode"], mounts, cpu: "x86-64-v3", mostTicks: 100_000_000 });
    assert.is(Buffer.from(stdout).toString("latin1"), native.output);
  });
}
test.run();
