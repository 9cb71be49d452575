// Commands of fcntl(2), and what their argument is.
import { flags, formatFlags, Int, inOutStruct, inStruct, None, outStruct, type Variant } from "../argument.ts";
import { i32, struct } from "../field.ts";
import { flock, flockRequest } from "../structs/flock.ts";
import { openFlags } from "./open-flags.ts";

const command = <A extends Variant["arg"]>(code: number, arg: A) => ({ code, arg });
const owner = struct({ type: i32, pid: i32 });

export const FD_CLOEXEC = 1;
/** No argument, and flags as the value: `0x8002 (flags O_RDWR|O_LARGEFILE)`. */
const shownFlags = (names: Readonly<Record<string, number>>, zero = "0"): typeof None => ({
  ...None,
  returned: (_, { value }) =>
    value === undefined
      ? undefined
      : value === 0 && zero === "0"
        ? "0"
        : `${value === 0 ? "0" : `0x${value.toString(16)}`} (flags ${shownOpen(names, value, zero)})`,
});
const shownOpen = (names: Readonly<Record<string, number>>, value: number, zero: string): string =>
  zero === "0" || value & 3 || value === 0 ? formatFlags(names, value, zero) : `${zero}|${formatFlags(names, value)}`;
export const fcntlCommands = {
  F_DUPFD: command(0, Int),
  F_GETFD: command(1, shownFlags({ FD_CLOEXEC })),
  F_SETFD: command(2, flags({ FD_CLOEXEC })),
  F_GETFL: command(3, shownFlags(openFlags, "O_RDONLY")),
  F_SETFL: command(4, flags(openFlags, "O_RDONLY")),
  F_GETLK: command(5, inOutStruct(flock)),
  F_SETLK: command(6, inStruct(flockRequest)),
  F_SETLKW: command(7, inStruct(flockRequest)),
  F_SETOWN: command(8, Int),
  F_GETOWN: command(9, None),
  F_SETSIG: command(10, Int),
  F_GETSIG: command(11, None),
  F_SETOWN_EX: command(15, inStruct(owner)),
  F_GETOWN_EX: command(16, outStruct(owner)),
  F_OFD_GETLK: command(36, inOutStruct(flock)),
  F_OFD_SETLK: command(37, inStruct(flockRequest)),
  F_OFD_SETLKW: command(38, inStruct(flockRequest)),
  F_SETLEASE: command(1024, Int),
  F_GETLEASE: command(1025, None),
  F_NOTIFY: command(1026, Int),
  F_DUPFD_CLOEXEC: command(1030, Int),
  F_SETPIPE_SZ: command(1031, Int),
  F_GETPIPE_SZ: command(1032, None),
  F_ADD_SEALS: command(1033, Int),
  F_GET_SEALS: command(1034, None),
} as const;
export const fcntlCodes = Object.fromEntries(Object.entries(fcntlCommands).map(([name, { code }]) => [name, code])) as {
  readonly [K in keyof typeof fcntlCommands]: number;
};
