// What a system call's registers hold (syscall(2)): its arguments, and what seccomp's filters are shown of it.
import { AUDIT_ARCH_X86_64 } from "./abi/constants/seccomp.ts";
import type { Raw } from "./abi/memory-view.ts";
import { get, getNumber, numberIn, offsetOf, type RegisterFile, view } from "./cpu/register-file.ts";
import type { CallPlan } from "./kernel/call-plan.ts";
import { DATA_BYTES } from "./kernel/objects/seccomp.ts";

/** System V ABI, A.2.1. */
const ARGUMENT_REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;

const OFFSETS = ARGUMENT_REGISTERS.map(offsetOf);
/**
 * By how many there are, as long as what is made of them. Of no numbers: a list that V8 has begun as one of small integers is made over for the first address in it, and again where who reads it has seen
 * one with a bigint, which takes longer than all else of decoding a call.
 */
const empty: readonly Raw[][] = Array.from({ length: OFFSETS.length + 1 }, (_, length) => Array.from({ length }, () => undefined as unknown as Raw));

export function rawArguments({ parameters, from }: CallPlan, file: RegisterFile): readonly Raw[] {
  const raws = empty[parameters.length]!.slice();
  const registers = view(file);
  for (let i = 0; i < raws.length; i++) raws[i] = numberIn(registers, OFFSETS[i]!);
  if (from) raws[parameters.length - 1] = getNumber(file, from);
  return raws;
}
/** struct seccomp_data (seccomp(2)). */
export function dataForFilters(file: RegisterFile, number: number): Uint8Array {
  const data = new Uint8Array(DATA_BYTES);
  const fields = new DataView(data.buffer);
  fields.setInt32(0, number, true);
  fields.setUint32(4, AUDIT_ARCH_X86_64, true);
  fields.setBigUint64(8, get(file, "rip"), true);
  ARGUMENT_REGISTERS.forEach((name, i) => {
    fields.setBigUint64(16 + 8 * i, get(file, name), true);
  });
  return data;
}
