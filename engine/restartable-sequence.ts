// What becomes of a restartable sequence (rseq(2)) when its thread loses the processor or enters a signal handler inside of it: the thread goes on at the abort handler.
// As kernel/rseq.c, rseq_ip_fixup; registers and guest memory only, so that record and replay do the same.
import { bits64, decodeField, type Field } from "./abi/field.ts";
import { rseqArea, rseqSection } from "./abi/structs/rseq.ts";
import * as registerFile from "./cpu/register-file.ts";
import type { Task } from "./kernel/state/proc-table.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";

/** Addresses from here on are not the program's. */
const TASK_SIZE = 0x7fff_ffff_f000n;
const SIGNATURE_BYTES = 4;
const CLEARED = new Uint8Array(8);

/** False where the area or what it points to makes no sense: the thread gets SIGSEGV. */
export function leaveSequence(memory: GuestMemory, { space, rseq }: Pick<Task, "space" | "rseq">, file: Uint8Array): boolean {
  if (!rseq) return true;
  const read = <T>(field: Field<T>, address: number): T | undefined => {
    const bytes = memory.read(space, address, field.size);
    return bytes && decodeField(field, bytes);
  };
  const bytes = memory.read(space, rseq.address, rseqArea.size);
  if (!bytes) return false;
  // Seldom is it inside of one.
  if (decodeField(bits64, bytes, rseqArea.offsets.rseq_cs) === 0n) return true;
  const area = decodeField(rseqArea, bytes);
  const section = area.rseq_cs < TASK_SIZE ? read(rseqSection, Number(area.rseq_cs)) : undefined;
  if (!section || !isSound(section)) return false;
  const signature = memory.read(space, Number(section.abort_ip) - SIGNATURE_BYTES, SIGNATURE_BYTES);
  if (!signature || new DataView(signature.buffer).getUint32(0, true) !== rseq.signature) return false;

  const into = BigInt.asUintN(64, registerFile.get(file, "rip") - section.start_ip);
  const isInside = into < section.post_commit_offset;
  // No flag is supported any more.
  if (isInside && (section.flags !== 0 || area.flags !== 0)) return false;
  if (!memory.write(space, rseq.address + rseqArea.offsets.rseq_cs, CLEARED)) return false;
  if (isInside) registerFile.set(file, "rip", section.abort_ip);
  return true;
}
function isSound({ version, start_ip: start, post_commit_offset: length, abort_ip: abort }: ReturnType<(typeof rseqSection)["get"]>): boolean {
  const isUser = (address: bigint) => address < TASK_SIZE;
  const isAbortOutside = BigInt.asUintN(64, abort - start) >= length;
  return version === 0 && isUser(start) && isUser(start + length) && isUser(abort) && isAbortOutside;
}
