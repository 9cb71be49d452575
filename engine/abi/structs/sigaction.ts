// The kernel's struct sigaction, its sigset_t, and stack_t (sigaltstack(2)).

import { formatFlags } from "../argument.ts";
import { actionFlags, formatSet } from "../constants/signals.ts";
import { bits64, i32, shown, struct, u64 } from "../field.ts";

export const sigset = shown(bits64, formatSet);
export const SIGSET_SIZE = 8;

const hex = (address: number): string => `0x${address.toString(16)}`;
const handler = shown(u64, address => ["SIG_DFL", "SIG_IGN"][address] ?? `0x${address.toString(16)}`);
const members = struct({
  sa_handler: handler,
  sa_flags: shown(u64, value => formatFlags(actionFlags, value)),
  sa_restorer: shown(u64, hex),
  sa_mask: sigset,
});
/** In the order that programs know from struct sigaction; the restorer only where the flags say that there is one. */
export const sigaction = {
  ...members,
  format: ({ sa_handler, sa_mask, sa_flags, sa_restorer }: ReturnType<(typeof members)["get"]>): string => {
    const restorer = sa_flags & actionFlags.SA_RESTORER ? `, sa_restorer=${hex(sa_restorer)}` : "";
    return `{sa_handler=${handler.format(sa_handler)}, sa_mask=${formatSet(sa_mask)}, sa_flags=${formatFlags(actionFlags, sa_flags)}${restorer}}`;
  },
};

export const stackFlags = { SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x8000_0000 } as const;
/** The least size of an alternate stack (AT_MINSIGSTKSZ is what a frame takes). */
export const MINSIGSTKSZ = 2048;
export const stack_t = struct({
  ss_sp: shown(u64, address => `0x${address.toString(16)}`),
  ss_flags: shown(i32, value => formatFlags(stackFlags, value >>> 0)),
  ss_size: u64,
});
