// Mandatory prefixes: as a part of the opcode map's keys, and as VEX has them.

/** Mandatory prefixes as a part of the key, above the map and the byte. */
export const PREFIX = { 102: 0x1_0000_00, 243: 0x2_0000_00, 242: 0x3_0000_00 } as const;
/** As VEX numbers them. */
export const VEX_PREFIXES = [0, 0x66, 0xf3, 0xf2] as const;
