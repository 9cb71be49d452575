// needs: gcc
// Every SSE instruction between registers, against the real processor: edge cases and random operands.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PREFIX } from "../../../engine/cpu/decode/prefix.ts";
import { vectorExtensionLines } from "../../../engine/cpu/decode/vector-extension-opcodes.ts";
import { vectorLines } from "../../../engine/cpu/decode/vector-opcodes.ts";
import { Processor } from "../../../engine/cpu/processor.ts";
import { createRegisterFile, fileOffset, get, set, vector } from "../../../engine/cpu/register-file.ts";
import { vectorAssists } from "../../../engine/cpu/vector-assists.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";
import { takeNans } from "./leeways.ts";

const RECORD_BYTES = 72;
const ANSWER_BYTES = 64;
const CASES = 60;
const FLOAT_CASES = 300;
const TEXT_CASES = 1200;
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
const bits = (count: number): bigint => BigInt(random(2 ** Math.min(count, 26))) | (count > 26 ? bits(count - 26) << 26n : 0n);
/** A number of few significant bits, or few zeros, so that results are exact or lie halfway, of any exponent or one near the ends or near 1. */
function number(fractionBits: number, exponentBits: number): bigint {
  const most = 2 ** exponentBits - 1;
  const bias = most >> 1;
  const exponent = [random(4), most - random(3), bias + random(8), bias + fractionBits - random(4), (bias >> 1) + random(8), random(most)][random(6)]!;
  const few = Math.min(fractionBits, [0, 1, 3, 12, fractionBits >> 1, fractionBits][random(6)]!);
  const zeros = bits(few) << BigInt(random(4) === 0 ? 0 : fractionBits - few);
  const fraction = random(4) === 0 ? BigInt.asUintN(fractionBits, ~zeros) : zeros;
  return (BigInt(random(2)) << BigInt(fractionBits + exponentBits)) | (BigInt(exponent) << BigInt(fractionBits)) | fraction;
}
const words: readonly (() => bigint)[] = [
  () => words64[random(words64.length)]!,
  () => bits(64),
  () => number(52, 11),
  () => number(52, 11),
  () => (number(23, 8) << 32n) | number(23, 8),
  () => (number(23, 8) << 32n) | number(23, 8),
  () => BigInt.asUintN(64, bits(1 + random(63)) * (random(2) ? 1n : -1n)),
];
const word = (): bigint => words[random(words.length)]!();
const sixteen = (): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, word()), BigInt.asUintN(64, word())).buffer);

const CODE = 0x40_0000;
const DATA = 0x50_0000;
const POINTED_BY_RSI = 0x06;
const CVTSI2SD = 0x2a;
const memory = new GuestMemory({ maxFrames: 64 });
memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
memory.createSpace(1);
const processor = new Processor(memory);

/** 0F 38 and 0F 3A: the opcode is one further. */
const hasMap = (byte: number): boolean => byte === 0x38 || byte === 0x3a;
/** With XMM1 or RCX as the second operand, or the same bytes in memory, where RSI points. */
function ours(record: Uint8Array, isFromMemory: boolean): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES);
  const code = record.slice(1, 16);
  const opcode = code.indexOf(0x0f) + 1;
  if (isFromMemory) code[opcode + (hasMap(code[opcode]!) ? 2 : 1)] = POINTED_BY_RSI;
  memory.write(1, CODE, code);
  memory.write(1, DATA, code[opcode] === CVTSI2SD ? record.subarray(56, 64) : record.subarray(32, 48));
  const file = createRegisterFile();
  vector(file, 0).set(record.subarray(16, 32));
  vector(file, 1).set(record.subarray(32, 48));
  set(file, "rax", view.getBigUint64(48, true));
  set(file, "rcx", view.getBigUint64(56, true));
  set(file, "rdx", view.getBigUint64(56, true));
  set(file, "rsi", BigInt(DATA));
  set(file, "rip", BigInt(CODE));
  file.set(record.subarray(64, 68), fileOffset.mxcsr);
  const stop = processor.run(1, file, 1);
  const isTrap = stop.kind === "exception" && stop.signal === "SIGFPE";
  if (stop.kind !== "budget" && !isTrap) throw new Error(`stopped by ${stop.kind}`);
  const trap = isTrap ? (1n << 32n) | (BigInt(stop.code) << 33n) : 0n;
  if (isTrap) assert.is(get(file, "rip"), BigInt(CODE));
  const answer = new Uint8Array(ANSWER_BYTES);
  answer.set(vector(file, 0), 0);
  answer.set(vector(file, 1), 16);
  new BigUint64Array(answer.buffer).set([get(file, "rax"), get(file, "rcx"), get(file, "rflags") | trap], 4);
  answer.set(file.subarray(fileOffset.mxcsr, fileOffset.mxcsr + 4), 56);
  return answer;
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const folder = mkdtempSync(join(tmpdir(), "chronix-vectors-"));
const native = join(folder, "native");
execFileSync("gcc", ["-O1", "-fcf-protection=none", "-no-pie", join(import.meta.dirname, "native.c"), "-o", native]);

const PLAIN = 0x1f80;
/** What MXCSR holds beside exceptions and masks: the rounding mode, DAZ and FTZ. Of the exceptions none, PE alone, or any. */
const controls: Readonly<Record<string, () => number>> = {
  "": () => PLAIN | [0, 0x20, random(64)][random(3)]!,
  ", any rounding": () => PLAIN | (random(4) << 13) | (random(2) << 6) | (random(2) << 15) | random(64),
  ", FTZ or DAZ": () => PLAIN | [0x40, 0x8000, 0x8040][random(3)]! | (random(2) ? 0x20 : 0),
  /** One that is set and not masked stays silent until it is raised again. */
  ", not masked": () => {
    const exceptions = random(2) ? 0 : random(64);
    return (random(64) << 7) | exceptions | (random(2) ? 0 : (random(4) << 13) | (random(2) << 6) | (random(2) << 15));
  },
};
const isFloat = (name: string): boolean => name.split(" ")[0]! in vectorAssists;
for (const [label, control] of Object.entries(controls))
  for (const instruction of instructions()) if (label === "" || isFloat(instruction.name)) compare(instruction, label, control);

/** Texts of few letters that end early, and lengths about theirs. */
function shorten(record: Uint8Array): void {
  const letters = 2 + random(4);
  for (let i = 16; i < 48; i++) record[i] = random(12) ? (random(8) ? 0 : 0x80) + 1 + random(letters) : 0;
  const view = new DataView(record.buffer);
  if (random(4)) for (const at of [48, 56]) view.setBigInt64(at, BigInt(random(40) - 20), true);
}
const isText = (name: string): boolean => /^pcmp.str/.test(name);
const casesOf = (name: string): number => (isText(name) ? TEXT_CASES : isFloat(name) ? FLOAT_CASES : CASES);
function compare(instruction: Instruction, label: string, control: () => number): void {
  test(`${instruction.name}${label}`, () => {
    const records = Array.from({ length: casesOf(instruction.name) }, () => {
      const record = new Uint8Array(RECORD_BYTES);
      const code = instruction.code(random(3) === 0 ? random(256) : random(20), random(2) === 0);
      record[0] = code.length;
      record.set(code, 1);
      record.set(sixteen(), 16);
      record.set(sixteen(), 32);
      record.set(sixteen(), 48);
      if (isText(instruction.name)) shorten(record);
      new DataView(record.buffer).setUint32(64, control(), true);
      return record;
    });
    const { stdout } = spawnSync(native, { input: Buffer.concat(records), maxBuffer: 2 ** 26 });
    records.forEach((record, i) => {
      const shown = `${hex(record.subarray(1, 1 + record[0]!))} xmm0=${hex(record.subarray(16, 32))} xmm1=${hex(record.subarray(32, 48))} rcx=${hex(record.subarray(56, 64))} mxcsr=${hex(record.subarray(64, 66))}`;
      const theirs = stdout.subarray(i * ANSWER_BYTES, (i + 1) * ANSWER_BYTES);
      const hexOfOurs = (isFromMemory: boolean) => {
        const mine = ours(record, isFromMemory);
        takeNans(instruction.name.split(" ")[0]!, mine.subarray(0, 16), theirs.subarray(0, 16));
        return hex(mine);
      };
      assert.is(hexOfOurs(false), hex(theirs), shown);
      if (isFloat(instruction.name)) assert.is(hexOfOurs(true), hex(theirs), `from memory: ${shown}`);
    });
  });
}
test.run();
