// needs: gcc
// Every SSE instruction between registers, against the real processor: edge cases and random operands.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PREFIX } from "../../../engine/cpu/decode/opcodes.ts";
import { vectorExtensionLines } from "../../../engine/cpu/decode/vector-extension-opcodes.ts";
import { vectorLines } from "../../../engine/cpu/decode/vector-opcodes.ts";
import { Processor } from "../../../engine/cpu/processor.ts";
import { createRegisterFile, fileOffset, get, set, vector } from "../../../engine/cpu/register-file.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";

const RECORD_BYTES = 72;
const ANSWER_BYTES = 64;
const CASES = 60;
const prefixBytes = new Map<number, readonly number[]>([
  [0, []],
  [PREFIX[0x66], [0x66]],
  [PREFIX[0xf2], [0xf2]],
  [PREFIX[0xf3], [0xf3]],
]);

interface Instruction {
  readonly name: string;
  /** The immediate, where it has one, comes last. */
  code(immediate: number, isWide: boolean): readonly number[];
}
/** ModRM of XMM0 and XMM1, or EAX or XMM0 and XMM1. */
const encode = (key: number, operands: string, immediate: number, isWide: boolean, reg = 0): readonly number[] => {
  const prefix = [...prefixBytes.keys()].findLast(one => one !== 0 && Math.floor(key / 2 ** 24) * 2 ** 24 === one) ?? 0;
  const opcode = key % 2 ** 24;
  const map = opcode > 0xffff ? [0x0f, (opcode >> 8) & 0xff] : [0x0f];
  const hasWide = /y|Ib X|V W Ib/.test(operands) && isWide;
  return [...prefixBytes.get(prefix)!, ...(hasWide ? [0x48] : []), ...map, key & 0xff, 0xc1 | (reg << 3), ...(operands.includes("Ib") ? [immediate] : [])];
};
function* instructions(): Generator<Instruction> {
  for (const [key, what] of [...vectorLines(PREFIX), ...vectorExtensionLines(PREFIX)]) {
    const group = what.split("|")[0]!.split("/");
    for (const [reg, text] of group.entries()) {
      const [name = "", ...operands] = text.trim().split(" ");
      const list = operands.join(" ");
      // Memory alone, and approximations, which Chronix defines for itself.
      if (name === "-" || /M/.test(list) || /^r(cp|sqrt)/.test(name) || list === "") continue;
      // What writes its second operand leaves it in XMM1 or RCX: compared as well.
      yield { name: `${name} ${key.toString(16)}/${reg}`, code: (immediate, isWide) => encode(key, list, immediate, isWide, group.length > 1 ? reg : 0) };
    }
  }
}

let seed = 7;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 4) % below;
};
const words64 = [
  0n,
  1n,
  0x8000_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x3ff0_0000_0000_0000n,
  0xbff8_0000_0000_0000n,
  0x7ff0_0000_0000_0000n,
  0x7ff8_0000_0000_0001n,
  0xfff0_0000_0000_0123n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0xc3e0_0000_0000_0000n,
  0x7f80_0000_3f80_0000n,
  0xff80_0001_7fc0_0000n,
  0x4f00_0000_cf00_0000n,
  0x3f00_0000_bfc0_0000n,
  0x8080_7f7f_ff00_01ffn,
  0x0010_0000_0000_0000n,
  0x000f_ffff_ffff_ffffn,
];
const word = (): bigint =>
  random(2) === 0 ? words64[random(words64.length)]! : (BigInt(random(2 ** 28)) << 40n) ^ (BigInt(random(2 ** 28)) << 20n) ^ BigInt(random(2 ** 28));
const sixteen = (): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, word()), BigInt.asUintN(64, word())).buffer);

const CODE = 0x40_0000;
const memory = new GuestMemory({ maxFrames: 64 });
memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
memory.createSpace(1);
const processor = new Processor(memory);

function ours(record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES);
  memory.write(1, CODE, record.subarray(1, 16));
  const file = createRegisterFile();
  vector(file, 0).set(record.subarray(16, 32));
  vector(file, 1).set(record.subarray(32, 48));
  set(file, "rax", view.getBigUint64(48, true));
  set(file, "rcx", view.getBigUint64(56, true));
  set(file, "rdx", view.getBigUint64(56, true));
  set(file, "rip", BigInt(CODE));
  file.set(record.subarray(64, 68), fileOffset.mxcsr);
  const stop = processor.run(1, file, 1);
  if (stop.kind !== "budget") throw new Error(`stopped by ${stop.kind}`);
  const answer = new Uint8Array(ANSWER_BYTES);
  answer.set(vector(file, 0), 0);
  answer.set(vector(file, 1), 16);
  new BigUint64Array(answer.buffer).set([get(file, "rax"), get(file, "rcx"), get(file, "rflags")], 4);
  answer.set(file.subarray(fileOffset.mxcsr, fileOffset.mxcsr + 4), 56);
  return answer;
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const folder = mkdtempSync(join(tmpdir(), "chronix-vectors-"));
const native = join(folder, "native");
execFileSync("gcc", ["-O1", "-fcf-protection=none", "-no-pie", join(import.meta.dirname, "native.c"), "-o", native]);

const PLAIN = 0x1f80;
/** Every rounding mode, DAZ and FTZ; the exceptions stay masked, since one that is not would be a signal. */
const anyControl = (): number => PLAIN | (random(4) << 13) | (random(2) << 6) | (random(2) << 15) | random(64);
for (const isPlain of [true, false]) for (const instruction of instructions()) compare(instruction, isPlain);

/** Texts of few letters that end early, and lengths about theirs. */
function shorten(record: Uint8Array): void {
  const letters = 2 + random(4);
  for (let i = 16; i < 48; i++) record[i] = random(12) ? (random(8) ? 0 : 0x80) + 1 + random(letters) : 0;
  const view = new DataView(record.buffer);
  if (random(4)) for (const at of [48, 56]) view.setBigInt64(at, BigInt(random(40) - 20), true);
}
function compare(instruction: Instruction, isPlain: boolean): void {
  test(`${instruction.name}${isPlain ? "" : ", any MXCSR"}`, () => {
    const isText = /^pcmp.str/.test(instruction.name);
    const records = Array.from({ length: isText ? 20 * CASES : CASES }, () => {
      const record = new Uint8Array(RECORD_BYTES);
      const code = instruction.code(random(3) === 0 ? random(256) : random(20), random(2) === 0);
      record[0] = code.length;
      record.set(code, 1);
      record.set(sixteen(), 16);
      record.set(sixteen(), 32);
      record.set(sixteen(), 48);
      if (isText) shorten(record);
      new DataView(record.buffer).setUint32(64, isPlain ? PLAIN : anyControl(), true);
      return record;
    });
    const { stdout } = spawnSync(native, { input: Buffer.concat(records) });
    records.forEach((record, i) => {
      const shown = `${hex(record.subarray(1, 1 + record[0]!))} xmm0=${hex(record.subarray(16, 32))} xmm1=${hex(record.subarray(32, 48))} rcx=${hex(record.subarray(56, 64))} mxcsr=${hex(record.subarray(64, 66))}`;
      const theirs = stdout.subarray(i * ANSWER_BYTES, (i + 1) * ANSWER_BYTES);
      assert.is(hex(ours(record)), hex(theirs), shown);
    });
  });
}
test.run();
