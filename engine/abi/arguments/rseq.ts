// rseq(2)'s area: the kernel fills in where the thread runs, and leaves `flags` alone.
import { Address, type Arg } from "../argument.ts";
import { encodeField } from "../field.ts";
import { type Bytes, uint64 } from "../memory-view.ts";
import { KNOWN_BYTES, rseqArea } from "../structs/rseq.ts";

const { flags, node_id: nodeId, rseq_cs: section } = rseqArea.offsets;
export interface Place {
  readonly cpu: number;
  /** rseq_cs is cleared too. */
  readonly isFresh: boolean;
}
export const RseqArea: Arg<number, Place> = {
  ...Address,
  label: "rseq area",
  encode(place, raw) {
    if (!place) return [];
    const address = uint64(raw);
    const bytes: Bytes = encodeField(rseqArea, { cpu_id_start: 0, cpu_id: place.cpu, rseq_cs: 0n, flags: 0, node_id: 0, mm_cid: 0 });
    return [
      { address, bytes: bytes.slice(0, place.isFresh ? flags : section) },
      { address: address + nodeId, bytes: bytes.slice(nodeId, KNOWN_BYTES) },
    ];
  },
  extent: () => KNOWN_BYTES,
};
