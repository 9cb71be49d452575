// struct open_how (openat2(2)): says its own size, as later versions may be longer.
import { Address, type Arg } from "../argument.ts";
import { decodeField, struct, u64 } from "../field.ts";
import { uint64 } from "../memory-view.ts";

const how = struct({ flags: u64, mode: u64, resolve: u64 });
export interface OpenHow {
  readonly fields: ReturnType<(typeof how)["get"]>;
  readonly hasUnknown: boolean;
}
const PAGE = 4096;
/** `null` where its size makes no sense, so that it is not read. */
export const openHow: Arg<OpenHow | null> = {
  label: "open_how[size]",
  decode(raw, memory, raws) {
    const size = uint64(raws.size!);
    if (size < how.size || size > PAGE) return null;
    const bytes = memory.read(uint64(raw), size);
    return { fields: decodeField(how, bytes), hasUnknown: bytes.subarray(how.size).some(byte => byte !== 0) };
  },
  format: Address.format,
};
