// Why the interpreter left. The first three: after an instruction, RIP is the next one's. The others: the instruction at RIP has not happened.
// `region`: compiled code lies here, and its pages are to be looked at first.

export const reasons = [
  "block",
  "syscall",
  "breakpoint",
  "budget",
  "miss",
  "missing",
  "straddle",
  "assist",
  "divide",
  "illegal",
  "general",
  "floating",
  "simd",
  "region",
] as const;
export type Reason = (typeof reasons)[number];
export const AFTER = 3;
export const numberOf = (reason: Reason): number => reasons.indexOf(reason);
/** A cold instruction answers a record or a reason: records lie above this. */
export const LEAST_RECORD = 64;
