// An address or any other 64 bits, kept exactly: values that the kernel only hands on (stack pointers, thread pointers).
import type { Arg } from "../argument.ts";
import { bigOf, type Raw } from "../memory-view.ts";

export const WideAddress: Arg<Raw> = {
  label: "address",
  decode: raw => raw,
  format: raw => (bigOf(raw) === 0n ? "NULL" : `0x${bigOf(raw).toString(16)}`),
};
