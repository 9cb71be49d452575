// struct sock_fprog: a classic BPF program behind a pointer (seccomp(2), SO_ATTACH_FILTER of socket(7)).
import { Address, type Arg } from "../argument.ts";
import { type Bytes, uint64 } from "../memory-view.ts";

export const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS. */
export const MOST_INSTRUCTIONS = 4096;
/** `null`: a length that no program has. */
export const bpfProgram: Arg<Bytes | null> = {
  label: "in bpf program",
  decode(raw, memory) {
    const head = memory.read(uint64(raw), 16);
    const view = new DataView(head.buffer, head.byteOffset, 16);
    const length = view.getUint16(0, true);
    if (length === 0 || length > MOST_INSTRUCTIONS) return null;
    return memory.read(Number(view.getBigUint64(8, true)), length * INSTRUCTION_BYTES);
  },
  format: (raw, view) => Address.format(raw, view),
};
