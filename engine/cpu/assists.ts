// Instructions that TypeScript performs, since they are rare and awkward in wasm.
import type { Assist, AssistContext } from "./assist.ts";
import { cpuid } from "./cpuid.ts";
import { floatAssist } from "./float-assists.ts";
import { randomNumber } from "./random-number.ts";
import { get, set, setGeneral } from "./register-file.ts";
import { segmentAssists } from "./segment-assists.ts";
import { areaBytes, inUse, restore, type Saving, save, XCR0 } from "./xsave.ts";

const low32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const writeTicks = ({ file, ticks }: AssistContext): undefined => {
  set(file, "rax", low32(BigInt(ticks)));
  set(file, "rdx", BigInt(ticks) >> 32n);
  return undefined;
};
const STATUS_FLAGS = 0x8d5n;
/** CF says that there was a number; the other flags are clear. */
function writeRandom({ file, ticks, seed, registers, bits, changeFlags }: AssistContext): undefined {
  const old = new DataView(file.buffer, file.byteOffset).getBigUint64(8 * registers[0]!, true);
  const value = BigInt.asUintN(bits, randomNumber(seed, ticks));
  setGeneral(file, registers[0]!, bits === 16 ? (old & ~0xffffn) | value : value);
  changeFlags(flags => (flags & ~STATUS_FLAGS) | 1n);
  return undefined;
}
const bytesOf = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
const saving =
  (how: Saving): Assist =>
  ({ file, memory }) => {
    const requested = Number(low32(get(file, "rax")));
    save(file, bytesOf(memory(areaBytes(requested))), requested, how);
    return undefined;
  };
const isSigned64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

const assists: Readonly<Record<string, Assist>> = {
  cpuid({ file, level }) {
    const answer = cpuid(level, Number(low32(get(file, "rax"))), Number(low32(get(file, "rcx"))));
    set(file, "rax", low32(BigInt(answer.eax)));
    set(file, "rbx", low32(BigInt(answer.ebx)));
    set(file, "rcx", low32(BigInt(answer.ecx)));
    set(file, "rdx", low32(BigInt(answer.edx)));
    return undefined;
  },
  xgetbv({ file }) {
    const index = low32(get(file, "rcx"));
    if (index > 1n) return "general";
    set(file, "rax", BigInt(index === 0n ? XCR0 : inUse(file)));
    set(file, "rdx", 0n);
    return undefined;
  },
  rdrand: writeRandom,
  rdseed: writeRandom,
  xsave: saving({}),
  xsaveopt: saving({ isSparse: true }),
  xsavec: saving({ isSparse: true, isCompact: true }),
  xrstor({ file, memory }) {
    const requested = Number(low32(get(file, "rax")));
    return restore(file, bytesOf(memory(areaBytes(requested))), requested);
  },
  rdtsc: writeTicks,
  rdtscp(context) {
    set(context.file, "rcx", 0n);
    return writeTicks(context);
  },
  /** Of 128 bits by 64; the divisor is not zero. */
  div({ file, argument }) {
    const dividend = (get(file, "rdx") << 64n) | get(file, "rax");
    const divisor = BigInt.asUintN(64, argument);
    const quotient = dividend / divisor;
    if (quotient >> 64n !== 0n) return "divide";
    set(file, "rax", quotient);
    set(file, "rdx", dividend % divisor);
    return undefined;
  },
  idiv({ file, argument }) {
    const dividend = BigInt.asIntN(128, (get(file, "rdx") << 64n) | get(file, "rax"));
    const quotient = dividend / argument;
    if (!isSigned64(quotient)) return "divide";
    set(file, "rax", BigInt.asUintN(64, quotient));
    set(file, "rdx", BigInt.asUintN(64, dividend % argument));
    return undefined;
  },
  /** Linux lets user code have 4, the overflow's, besides 3 (arch/x86/kernel/idt.c). */
  int: ({ immediate }) => (immediate === 4 ? "overflow" : "general"),
  ...segmentAssists,
};
export const assistOf = (name: string): Assist | undefined => assists[name] ?? floatAssist(name);
