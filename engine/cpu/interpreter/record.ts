// A decoded instruction in linear memory, and what a record can hold besides.

export const record = {
  bytes: 32,
  operation: 0,
  /** The fourth is where the immediate lies: no instruction has both. */
  registers: [2, 3, 7, 8],
  base: 4,
  index: 5,
  scale: 6,
  immediate: 8,
  displacement: 16,
  /** Records: where a jump goes, and what follows where it is not taken. They lie where the displacement is: what leads somewhere has none. */
  taken: 16,
  next: 20,
  /** In 56 bits: the targets of jumps go beyond the canonical addresses. Above them lies the instruction's length. */
  rip: 24,
  length: 31,
} as const;
/** Bits beside RIP. */
export const LENGTH_BITS = 8;

/** Instructions that are decoded at a time. */
export const LONGEST_BLOCK = 64;

/**
 * Operations that are no instructions and take no tick. `stop`: nothing is decoded here yet. `goTo`: another record of this page. `jumpOut`: an address in another page.
 * `prepare`: the address of the next record, where a segment or the address-size prefix has part in it. `straddle`: an instruction that runs into the next page, which must
 * hold what it held when it was decoded. `missing`: not served.
 */
export const extras = ["stop", "goTo", "jumpOut", "prepare", "straddle", "missing"] as const;
export type Extra = (typeof extras)[number];

/** In a straddle's record: the address of the second page, and the directory it must have. */
export const straddle = { page: record.immediate, directory: record.next } as const;
/** In a preparation: the slot of the segment's base, and whether the address has 32 bits. */
export const prepare = { segment: record.registers[0], isAddress32: record.registers[1] } as const;

/**
 * What waits for an instruction to be decoded, a list that begins in its `stop` record: `first` is a field that leads to that record, and so many bytes before each field stands the next one, or 0.
 * A record that leads somewhere has no immediate, where they lie.
 */
export const waiting = { first: record.immediate, before: record.taken - record.immediate } as const;
