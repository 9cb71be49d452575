// What a system call's registers hold (syscall(2)): its arguments, and what seccomp's filters are shown of it.
import { AUDIT_ARCH_X86_64 } from "./abi/constants/seccomp.ts";
import type { Raw } from "./abi/memory-view.ts";
import type { Row } from "./abi/row.ts";
import { get, getNumber, type RegisterFile } from "./cpu/register-file.ts";
import { parametersOf } from "./kernel/call-decoding.ts";
import { DATA_BYTES } from "./kernel/objects/seccomp.ts";

/** System V ABI, A.2.1. */
const ARGUMENT_REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;

export function rawArguments(row: Row, file: RegisterFile): readonly Raw[] {
  const count = parametersOf(row).length;
  const raws: Raw[] = [];
  for (let i = 0; i < count; i++) raws.push(getNumber(file, row.from && i === count - 1 ? row.from : ARGUMENT_REGISTERS[i]!));
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
