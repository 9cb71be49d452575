// Instructions that TypeScript performs, since they are rare and awkward in wasm.
import type { Assist, AssistContext } from "./assist.ts";
import { cpuid } from "./cpuid.ts";
import { fusedAssists } from "./fused-assists.ts";
import { halfAssists } from "./half-assists.ts";
import { get, set } from "./register-file.ts";
import { vectorAssists } from "./vector-assists.ts";
import { x87Assists } from "./x87-assists.ts";

const low32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const writeTicks = ({ file, ticks }: AssistContext): undefined => {
  set(file, "rax", low32(BigInt(ticks)));
  set(file, "rdx", BigInt(ticks) >> 32n);
  return undefined;
};
const isSigned64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

export const assists: Readonly<Record<string, Assist>> = {
  cpuid({ file }) {
    const answer = cpuid(Number(low32(get(file, "rax"))));
    set(file, "rax", low32(BigInt(answer.eax)));
    set(file, "rbx", low32(BigInt(answer.ebx)));
    set(file, "rcx", low32(BigInt(answer.ecx)));
    set(file, "rdx", low32(BigInt(answer.edx)));
    return undefined;
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
  ...x87Assists,
  ...vectorAssists,
  ...fusedAssists,
  ...halfAssists,
};
