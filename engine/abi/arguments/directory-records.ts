// getdents' buffer: in a trace only how many entries it got.
import { Address, type Arg, outBytes } from "../argument.ts";
import { type Bytes, uint64 } from "../memory-view.ts";

const LENGTH_AT = 16;
function countIn(records: Bytes): number {
  let count = 0;
  for (let at = 0; at + LENGTH_AT + 1 < records.length; count++) at += Math.max(1, records[at + LENGTH_AT]! + records[at + LENGTH_AT + 1]! * 256);
  return count;
}
export const directoryRecords = (length: string): Arg<number, Bytes> => ({
  ...outBytes(length),
  format(raw, view) {
    const stored = view.value ? view.after(uint64(raw), view.value) : undefined;
    if (view.value === undefined) return Address.format(raw, view);
    const count = stored ? countIn(stored) : 0;
    return `${Address.format(raw, view)} /* ${count} entr${count === 1 ? "y" : "ies"} */`;
  },
});
