// A part of the opcode map's keys.

/** Mandatory prefixes as a part of the key, above the map and the byte. */
export const PREFIX = { 102: 0x1_0000_00, 243: 0x2_0000_00, 242: 0x3_0000_00 } as const;
