// needs: gcc objdump
// Every instruction with VEX against the real processor: edge cases and random operands, whole registers, memory and flags. And as objdump shows it.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decode } from "../../../engine/cpu/decode/decode.ts";
import { encodingOf } from "../../../engine/cpu/decode/encoding.ts";
import { disassemble } from "../../../engine/cpu/disassembly.ts";
import { Processor } from "../../../engine/cpu/processor.ts";
import { createRegisterFile, fileOffset, get, set } from "../../../engine/cpu/register-file.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";
import { takeNans } from "./leeways.ts";
import { ciphers, expand, floats, fused, gathers, general, halves, integers, masked, moves, shuffles, texts, wideGathers } from "./vex-lines.ts";

const STATE_BYTES = 664;
const CODE_AT = 648;
const MEMORY_AT = 584;
const FLAGS_AT = 560;
const [AREA, AREA_BYTES] = [0x70_0000, 0x1_0000];
const MEMORY = AREA + AREA_BYTES / 2;
const CASES = 12;
const CODE = 0x40_0000;
const generals = ["rax", "rcx", "rdx", "rbx", "rsi", "rdi"] as const;

const folder = mkdtempSync(join(tmpdir(), "chronix-vex-"));
const native = join(folder, "native");
execFileSync("gcc", ["-O1", "-fcf-protection=none", "-no-pie", join(import.meta.dirname, "native-state.c"), "-o", native]);

interface Line {
  readonly text: string;
  readonly bytes: Uint8Array;
}
/** The lines as objdump shows them, with their bytes. */
function assemble(lines: readonly string[]): readonly Line[] {
  const source = join(folder, "lines.s");
  writeFileSync(source, `.intel_syntax noprefix\n${lines.join("\n")}\n`);
  execFileSync("gcc", ["-c", source, "-o", join(folder, "lines.o")]);
  const listing = execFileSync("objdump", ["-d", "-w", "-M", "intel", join(folder, "lines.o")], { encoding: "latin1", maxBuffer: 2 ** 28 });
  const read = [...listing.matchAll(/^\s*[0-9a-f]+:\t((?:[0-9a-f]{2} )+)\s*\t(.*)$/gm)].map(([, bytes, text]) => ({
    text: text!
      .replace(/\s+#.*$/, "")
      .replace(/\s+/g, " ")
      .trim(),
    bytes: Uint8Array.from(bytes!.trim().split(" "), byte => Number.parseInt(byte, 16)),
  }));
  assert.is(read.length, lines.length);
  return read;
}

let seed = 11;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 4) % below;
};
const words64 = [
  0n,
  1n,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x3ff0_0000_0000_0000n,
  0xbff8_0000_0000_0000n,
  0x7ff0_0000_0000_0000n,
  0x7ff8_0000_0000_0001n,
  0xfff0_0000_0000_0123n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0x7f80_0000_3f80_0000n,
  0xff80_0001_7fc0_0000n,
  0x4f00_0000_cf00_0000n,
  0x3f00_0000_bfc0_0000n,
  0x8080_7f7f_ff00_01ffn,
  0x0010_0000_0000_0000n,
  0x000f_ffff_ffff_ffffn,
  0x0000_0000_0000_0c07n,
  0x3c00_bc00_7c01_fbffn,
];
const anyWord = (): bigint => BigInt.asUintN(64, (BigInt(random(2 ** 28)) << 40n) ^ (BigInt(random(2 ** 28)) << 20n) ^ BigInt(random(2 ** 28)));
/** Near each other, so that sums cancel and products round. */
const float64 = (): bigint => (BigInt(random(2)) << 63n) | (BigInt(1023 - 30 + random(60)) << 52n) | (anyWord() & 0xf_ffff_ffff_ffffn);
const float32 = (): bigint => BigInt(((random(2) << 31) | ((127 - 15 + random(30)) << 23) | random(2 ** 23)) >>> 0);
const kinds: readonly (() => bigint)[] = [() => words64[random(words64.length)]!, anyWord, float64, () => (float32() << 32n) | float32()];
const anyOf = (): bigint => kinds[random(kinds.length)]!();

function fill(bytes: Uint8Array, word: () => bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) view.setBigUint64(at, word(), true);
}
type Choose = (state: Uint8Array) => void;
const anyState: Choose = state => {
  const kind = kinds[random(kinds.length)]!;
  for (let at = 0; at < 512; at += 32) fill(state.subarray(at, at + 32), random(3) ? anyOf : kind);
  fill(state.subarray(512, 544), random(2) ? anyWord : () => (random(2) ? words64[random(words64.length)]! : BigInt(random(80)) | (BigInt(random(80)) << 8n)));
  fill(state.subarray(MEMORY_AT, MEMORY_AT + 64), anyOf);
};
function stateOf(bytes: Uint8Array, choose: Choose): Uint8Array {
  const state = new Uint8Array(STATE_BYTES);
  const view = new DataView(state.buffer);
  view.setUint32(568, 0x1f80, true);
  view.setBigUint64(544, BigInt(MEMORY), true);
  view.setBigUint64(552, BigInt(3 + random(3)), true);
  choose(state);
  view.setBigUint64(FLAGS_AT, 0x202n | (random(2) ? 0x8d5n : 0n), true);
  state[CODE_AT] = bytes.length;
  state.set(bytes, CODE_AT + 1);
  return state;
}

const memory = new GuestMemory({ maxFrames: 64 });
memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
memory.createSpace(1);
memory.write(
  1,
  AREA,
  Uint8Array.from({ length: AREA_BYTES }, (_, i) => i * 37 + (i >> 8)),
);
const processor = new Processor(memory);
const signals: Readonly<Record<string, number>> = { SIGILL: 4, SIGFPE: 8, SIGSEGV: 11 };

function ours(state: Uint8Array): Uint8Array {
  const answer = state.slice();
  const view = new DataView(answer.buffer);
  memory.write(1, CODE, state.subarray(CODE_AT + 1));
  memory.write(1, MEMORY, state.subarray(MEMORY_AT, CODE_AT));
  const file = createRegisterFile();
  file.set(state.subarray(0, 512), fileOffset.vectors);
  generals.forEach((name, i) => void set(file, name, view.getBigUint64(512 + 8 * i, true)));
  set(file, "rflags", view.getBigUint64(FLAGS_AT, true));
  set(file, "rip", BigInt(CODE));
  file.set(state.subarray(568, 570), fileOffset.mxcsr);
  const stop = processor.run(1, file, 1);
  if (stop.kind !== "budget" && stop.kind !== "exception") throw new Error(`stopped by ${stop.kind}`);
  answer.set(file.subarray(fileOffset.vectors, fileOffset.vectors + 512));
  generals.forEach((name, i) => void view.setBigUint64(512 + 8 * i, get(file, name), true));
  view.setBigUint64(FLAGS_AT, get(file, "rflags"), true);
  answer.set(file.subarray(fileOffset.mxcsr, fileOffset.mxcsr + 2), 568);
  answer[576] = stop.kind === "exception" ? signals[stop.signal]! : 0;
  answer.set(memory.read(1, MEMORY, 64)!, MEMORY_AT);
  return answer;
}

/** What the manual leaves undefined. */
const undefinedFlags: Readonly<Record<string, bigint>> = { andn: 0x14n, bextr: 0x94n, blsi: 0x14n, blsmsk: 0x14n, blsr: 0x14n, bzhi: 0x14n };
const words = (bytes: Uint8Array): string => (Buffer.from(bytes).toString("hex").match(/.{16}/g) ?? []).join(" ");
/** Where they differ, and from what. */
function difference(text: string, before: Uint8Array, mine: Uint8Array, theirs: Uint8Array): string {
  const parts: string[] = [];
  const part = (name: string, at: number, end: number) => {
    const isSame = Buffer.compare(mine.subarray(at, end), theirs.subarray(at, end)) === 0;
    if (!isSame || text.includes(name.slice(1)) || name === "memory")
      parts.push(
        `${isSame ? " " : "!"} ${name.padEnd(6)} before ${words(before.subarray(at, end))}${isSame ? "" : `\n         ours   ${words(mine.subarray(at, end))}\n         theirs ${words(theirs.subarray(at, end))}`}`,
      );
  };
  for (let n = 0; n < 16; n++) part(` mm${n}`, 32 * n, 32 * n + 32);
  generals.forEach((name, i) => void part(name, 512 + 8 * i, 520 + 8 * i));
  part("flags", FLAGS_AT, FLAGS_AT + 8);
  part("mxcsr", 568, 576);
  part("signal", 576, 584);
  part("memory", MEMORY_AT, CODE_AT);
  return parts.join("\n");
}
function compareLines(lines: readonly Line[], choose: Choose): void {
  const all = lines.flatMap(({ bytes, text }) => Array.from({ length: CASES }, () => ({ text, state: stateOf(bytes, choose) })));
  const { stdout } = spawnSync(native, { input: Buffer.concat(all.map(({ state }) => state)), maxBuffer: 2 ** 30 });
  all.forEach(({ text, state }, i) => {
    const theirs = new Uint8Array(stdout.subarray(i * STATE_BYTES, (i + 1) * STATE_BYTES));
    const mine = ours(state);
    const mask = undefinedFlags[text.split(" ")[0]!] ?? 0n;
    for (const answer of [mine, theirs]) {
      const view = new DataView(answer.buffer);
      view.setBigUint64(FLAGS_AT, view.getBigUint64(FLAGS_AT, true) & ~mask, true);
    }
    takeNans(text.split(" ")[0]!, mine.subarray(0, 512), theirs.subarray(0, 512));
    // Of what raised a signal only the signal is told.
    const isSame = theirs[576] ? mine[576] === theirs[576] : Buffer.compare(mine, theirs) === 0;
    if (!isSame) assert.unreachable(`${text}\n${difference(text, state, mine, theirs)}`);
  });
  for (const { text, bytes } of lines) {
    const shown = disassemble(Uint8Array.from([...bytes, ...new Array<number>(15).fill(0)]), 0);
    assert.is(shown.text.replace(/\s+/g, " ").trim(), text);
    assert.is(shown.length, bytes.length, text);
  }
}
interface Planned {
  readonly name: string;
  readonly lines: readonly string[];
  readonly choose: Choose;
}
const planned: Planned[] = [];
/** One test for each name of each pattern. */
function suite(patterns: readonly string[], choose: Choose = anyState, note = "", isGather = false): void {
  for (const pattern of patterns) {
    const [names = "", ...operands] = pattern.split(" ");
    for (const one of names.split(","))
      planned.push({ name: `${one} ${operands.join(" ")}${note}`, lines: expand([one, ...operands].join(" "), isGather), choose });
  }
}
/** Numbers near one another, where sums cancel; and, half the time, any. Inexact results are mostly recorded. */
const nearOnes: Choose = state => {
  if (random(3) === 0) anyState(state);
  else {
    const word = random(2) ? float64 : () => (float32() << 32n) | float32();
    fill(state.subarray(0, 512), word);
    fill(state.subarray(MEMORY_AT, MEMORY_AT + 64), word);
  }
  new DataView(state.buffer).setUint16(568, random(4) ? 0x1fa0 : 0x1f80, true);
};
/** Singles that 16 bits hold, nearly. */
const nearHalves: Choose = state => {
  anyState(state);
  const single = () => BigInt(((random(2) << 31) | ((127 - 15 + random(31)) << 23) | (random(2) ? random(1024) << 13 : random(2 ** 23))) >>> 0);
  if (random(2)) for (let at = 0; at < 512; at += 32) fill(state.subarray(at, at + 32), () => (single() << 32n) | single());
  new DataView(state.buffer).setUint16(568, random(4) ? 0x1fa0 : 0x1f80, true);
};
/** Every rounding, flush to zero and denormals as zeros, and exceptions recorded before; all are masked. */
const anyControl: Choose = state => {
  anyState(state);
  new DataView(state.buffer).setUint16(568, 0x1f80 | (random(4) << 13) | (random(2) << 6) | (random(2) << 15) | (random(2) ? random(64) : 0x3f), true);
};
/** Indices within the area, at any scale. */
const nearIndices =
  (isWide: boolean): Choose =>
  state => {
    anyState(state);
    const view = new DataView(state.buffer);
    for (const at of [32 * 1, 32 * 2]) {
      for (let lane = 0; lane < 8; lane++) {
        if (isWide && lane % 2) continue;
        const index = random(2048) - 1024;
        if (isWide) view.setBigInt64(at + 4 * lane, BigInt(index), true);
        else view.setInt32(at + 4 * lane, index, true);
      }
    }
  };
suite(general);
suite(moves);
suite(integers);
suite(shuffles);
suite(ciphers);
suite(texts);
suite(floats);
suite(floats, anyControl, ", any MXCSR");
suite(fused, nearOnes);
suite(fused, anyControl, ", any MXCSR");
suite(["vmaskmovdqu x x"], state => {
  anyState(state);
  new DataView(state.buffer).setBigUint64(552, BigInt(MEMORY + random(48)), true);
});
suite(halves, nearHalves);
suite(halves, anyControl, ", any MXCSR");
suite(masked);
suite(gathers, nearIndices(false), "", true);
suite(wideGathers, nearIndices(true), "", true);
/** What processors have beyond AVX2 with VEX: masks (SDM vol. 2, KADD and those after it), Galois fields, and more than is worth naming. */
const newer: readonly (readonly [feature: string, codes: RegExp])[] = [
  ["avx512f", /^c4e(1..(4[1-7ab]|9[0-389])|3..3[0-3])/],
  ["gfni", /^c4e[23]..c[ef]/],
  ["avx_vnni", /./],
];
/** Every opcode of the three maps with every prefix, W, L, with and without a third operand, from a register and from memory. */
test("what is not an instruction is refused, and what is one is served", () => {
  const codes: Uint8Array[] = [];
  for (let bits = 0; bits < 3 * 256 * 4 * 2 * 2 * 2 * 2; bits++) {
    const take = (count: number, shift: number) => (bits >> shift) % count;
    const [map, opcode] = [1 + Math.floor(bits / 2 ** 14), take(256, 6)];
    const [third, isMemory] = [take(2, 1) ? 0x70 : 0x78, take(2, 0)];
    const bytes = [0xc4, 0xe0 | map, (take(2, 3) << 7) | third | (take(2, 2) << 2) | take(4, 4), opcode, isMemory ? 0x06 : 0xd1, 0, 0, 0, 0, 0, 0];
    const length = encodingOf(Uint8Array.from(bytes))?.length ?? 0;
    codes.push(Uint8Array.from(bytes.slice(0, length)));
  }
  const { stdout } = spawnSync(native, { input: Buffer.concat(codes.map(code => stateOf(code, () => {}))), maxBuffer: 2 ** 30 });
  const missing: string[] = [];
  codes.forEach((code, i) => {
    const isRefused = stdout[i * STATE_BYTES + 576] === signals.SIGILL;
    const decoded = decode(CODE, Uint8Array.from([...code, ...new Array<number>(15).fill(0)]));
    const shown = Buffer.from(code).toString("hex");
    // VPERMQ and VPERMPD without W: the manual has none, and AMD's processors take them.
    if (/^c4e37d0[01]/.test(shown)) return;
    if (typeof decoded !== "string" && decoded.form.name === "bad") {
      if (!isRefused) missing.push(shown);
    } else assert.is(isRefused, false, shown);
  });
  const features = readFileSync("/proc/cpuinfo", "latin1");
  const isNewer = (code: string) => newer.some(([feature, codes]) => features.includes(` ${feature}`) && codes.test(code));
  assert.equal(
    missing.filter(code => !isNewer(code)),
    [],
  );
});
// All are assembled at once.
const assembled = assemble(planned.flatMap(({ lines }) => lines));
let at = 0;
for (const { name, lines, choose } of planned) {
  const own = assembled.slice(at, at + lines.length);
  at += lines.length;
  test(name, () => compareLines(own, choose));
}
test.run();
