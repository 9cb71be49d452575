// The kernel's struct sigaction, its sigset_t, and stack_t (sigaltstack(2)).

import { formatFlags } from "../argument.ts";
import { actionFlags, formatSet } from "../constants/signals.ts";
import { bits64, i32, shown, struct, u64 } from "../field.ts";

export const sigset = shown(bits64, formatSet);
export const SIGSET_SIZE = 8;

const handler = shown(u64, address => ["SIG_DFL", "SIG_IGN"][address] ?? `0x${address.toString(16)}`);
export const sigaction = struct({
  sa_handler: handler,
  sa_flags: shown(u64, value => formatFlags(actionFlags, value)),
  sa_restorer: shown(u64, address => `0x${address.toString(16)}`),
  sa_mask: sigset,
});

export const stackFlags = { SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x8000_0000 } as const;
/** The least size of an alternate stack (AT_MINSIGSTKSZ is what a frame takes). */
export const MINSIGSTKSZ = 2048;
export const stack_t = struct({
  ss_sp: shown(u64, address => `0x${address.toString(16)}`),
  ss_flags: shown(i32, value => formatFlags(stackFlags, value >>> 0)),
  ss_size: u64,
});
