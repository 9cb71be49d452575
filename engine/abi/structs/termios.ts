// struct termios as the kernel knows it (termbits.h, not glibc's larger one), with its older and newer forms.
import { formatFlags } from "../argument.ts";
import { CHARACTER_COUNT, CONTROL_FLAGS, INPUT_FLAGS, LOCAL_FLAGS, OUTPUT_FLAGS } from "../constants/termios-flags.ts";
import { bytes, shown, struct, u8, u16, u32 } from "../field.ts";

const flagsField = (names: Readonly<Record<string, number>>) => shown(u32, value => formatFlags(names, value));
const shortFlagsField = (names: Readonly<Record<string, number>>) => shown(u16, value => formatFlags(names, value));
const octets = (count: number) => bytes(count, value => `"${[...value].map(byte => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`);

const modern = {
  c_iflag: flagsField(INPUT_FLAGS),
  c_oflag: flagsField(OUTPUT_FLAGS),
  c_cflag: flagsField(CONTROL_FLAGS),
  c_lflag: flagsField(LOCAL_FLAGS),
  c_line: u8,
  c_cc: octets(CHARACTER_COUNT),
};
export const termiosStruct = struct(modern);
/** For TCGETS2 and its kin: with the speeds as numbers. */
export const termios2Struct = struct({ ...modern, c_ispeed: u32, c_ospeed: u32 });
/** For TCGETA and its kin: System V's, 16 bits and 8 characters. */
export const termioStruct = struct({
  c_iflag: shortFlagsField(INPUT_FLAGS),
  c_oflag: shortFlagsField(OUTPUT_FLAGS),
  c_cflag: shortFlagsField(CONTROL_FLAGS),
  c_lflag: shortFlagsField(LOCAL_FLAGS),
  c_line: u8,
  c_cc: octets(8),
});
