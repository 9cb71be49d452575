// Bits of the x87 status and control words (SDM vol. 1, 8.1.3 and 8.1.5).
export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
/** Of the stack, where IE is set too. */
export const SF = 0x40;
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;

/** Where the control word keeps RC, as a shift; values in `roundings`. */
export const ROUNDING_SHIFT = 10;
export const PRECISION_SHIFT = 8;
/** RC and PC together, and their value after FNINIT: to nearest, 64 bits. */
export const MODE_MASK = 0xf00;
export const DEFAULT_MODE = 0x300;
export const NEAREST = 0;
export const DOWN = 1;
export const UP = 2;
export const CHOP = 3;

/** By PC, how many of the 64 bits of a significand are rounded away. The processor takes the reserved value 1 for full precision. */
export const DROPPED_BITS: readonly number[] = [40, 0, 11, 0];

/** What an unmasked overflow takes from an exponent, and an unmasked underflow gives (SDM vol. 1, 8.5.4 and 8.5.5). */
export const EXPONENT_WRAP = 0x6000;
