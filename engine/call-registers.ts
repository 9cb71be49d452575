// What a system call's registers hold (syscall(2)): its arguments, and what seccomp's filters are shown of it.
import { AUDIT_ARCH_X86_64 } from "./abi/constants/seccomp.ts";
import type { Raw } from "./abi/memory-view.ts";
import { get, getNumber, getNumberAt, offsetOf, type RegisterFile } from "./cpu/register-file.ts";
import type { CallPlan } from "./kernel/call-plan.ts";
import { DATA_BYTES } from "./kernel/objects/seccomp.ts";

/** System V ABI, A.2.1. */
const ARGUMENT_REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;

const [RDI, RSI, RDX, R10, R8, R9] = ARGUMENT_REGISTERS.map(offsetOf) as [number, number, number, number, number, number];
/** By how many there are: a list made in one piece is as large as it must be. */
const lists: readonly ((file: RegisterFile) => Raw[])[] = [
  () => [],
  file => [getNumberAt(file, RDI)],
  file => [getNumberAt(file, RDI), getNumberAt(file, RSI)],
  file => [getNumberAt(file, RDI), getNumberAt(file, RSI), getNumberAt(file, RDX)],
  file => [getNumberAt(file, RDI), getNumberAt(file, RSI), getNumberAt(file, RDX), getNumberAt(file, R10)],
  file => [getNumberAt(file, RDI), getNumberAt(file, RSI), getNumberAt(file, RDX), getNumberAt(file, R10), getNumberAt(file, R8)],
  file => [getNumberAt(file, RDI), getNumberAt(file, RSI), getNumberAt(file, RDX), getNumberAt(file, R10), getNumberAt(file, R8), getNumberAt(file, R9)],
];

export function rawArguments({ parameters, from }: CallPlan, file: RegisterFile): readonly Raw[] {
  const raws = lists[parameters.length]!(file);
  if (from) raws[parameters.length - 1] = getNumber(file, from);
  return raws;
}
/** struct seccomp_data (seccomp(2)). */
export function dataForFilters(file: RegisterFile, number: number): Uint8Array {
  const data = new Uint8Array(DATA_BYTES);
  const view = new DataView(data.buffer);
  view.setInt32(0, number, true);
  view.setUint32(4, AUDIT_ARCH_X86_64, true);
  view.setBigUint64(8, get(file, "rip"), true);
  ARGUMENT_REGISTERS.forEach((name, i) => {
    view.setBigUint64(16 + 8 * i, get(file, name), true);
  });
  return data;
}
