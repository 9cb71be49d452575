// Where a sleep that a signal ended tells the rest: stored only then, so that NULL and wrong pointers do no harm otherwise (nanosleep(2)).
import type { Arg } from "../argument.ts";
import { decodeField } from "../field.ts";
import { uint64 } from "../memory-view.ts";
import { timespec } from "../structs/timespec.ts";

export const remainingTime: Arg<number> = {
  label: "remaining time",
  decode: uint64,
  isLate: true,
  format(raw, view) {
    const stored = uint64(raw) === 0 ? undefined : view.after(uint64(raw), timespec.size);
    return stored ? timespec.format(decodeField(timespec, stored)) : uint64(raw) === 0 ? "NULL" : `0x${uint64(raw).toString(16)}`;
  },
};
