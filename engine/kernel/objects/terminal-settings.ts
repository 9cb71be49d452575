// A terminal's settings: those of a fresh pseudo-terminal, and their two other forms (with speeds, and System V's).
import {
  BOTHER,
  CBAUD,
  CHARACTER_COUNT,
  CONTROL_FLAGS,
  INPUT_BAUD_SHIFT,
  INPUT_FLAGS,
  LOCAL_FLAGS,
  OUTPUT_FLAGS,
  SPEEDS,
} from "../../abi/constants/termios-flags.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Termios } from "../state/tty.ts";

const B38400 = 0o17;
const FRESH_CHARACTERS = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0] as const;

/** As Linux opens a pseudo-terminal (drivers/tty/pty.c; read back from a fresh one). */
export const FRESH_TERMIOS: Termios = {
  input: INPUT_FLAGS.ICRNL | INPUT_FLAGS.IXON,
  output: OUTPUT_FLAGS.OPOST | OUTPUT_FLAGS.ONLCR,
  control: B38400 | CONTROL_FLAGS.CS8 | CONTROL_FLAGS.CREAD,
  local:
    LOCAL_FLAGS.ISIG |
    LOCAL_FLAGS.ICANON |
    LOCAL_FLAGS.ECHO |
    LOCAL_FLAGS.ECHOE |
    LOCAL_FLAGS.ECHOK |
    LOCAL_FLAGS.ECHOCTL |
    LOCAL_FLAGS.ECHOKE |
    LOCAL_FLAGS.IEXTEN,
  line: 0,
  characters: FRESH_CHARACTERS,
  inputSpeed: 38400,
  outputSpeed: 38400,
};

interface Modern {
  readonly c_iflag: number;
  readonly c_oflag: number;
  readonly c_cflag: number;
  readonly c_lflag: number;
  readonly c_line: number;
  readonly c_cc: Bytes;
}
interface WithSpeeds extends Modern {
  readonly c_ispeed: number;
  readonly c_ospeed: number;
}

export const modernOf = (termios: Termios): Modern => ({
  c_iflag: termios.input,
  c_oflag: termios.output,
  c_cflag: termios.control,
  c_lflag: termios.local,
  c_line: termios.line,
  c_cc: Uint8Array.from(termios.characters),
});
export const withSpeedsOf = (termios: Termios): WithSpeeds => ({ ...modernOf(termios), c_ispeed: termios.inputSpeed, c_ospeed: termios.outputSpeed });
export const oldOf = (termios: Termios): Modern => ({
  c_iflag: termios.input & 0xffff,
  c_oflag: termios.output & 0xffff,
  c_cflag: termios.control & 0xffff,
  c_lflag: termios.local & 0xffff,
  c_line: termios.line,
  c_cc: Uint8Array.from(termios.characters.slice(0, 8)),
});

const speedOf = (code: number, custom: number): number => (code === BOTHER ? custom : (SPEEDS.get(code) ?? 0));
/** A pseudo-terminal always has 8 bits, no parity, and a receiver (pty_set_termios). */
function settled(value: Modern, characters: readonly number[], speeds: readonly [input: number, output: number]): Termios {
  const output = speedOf(value.c_cflag & CBAUD, speeds[1]);
  const inputCode = (value.c_cflag >>> INPUT_BAUD_SHIFT) & CBAUD;
  return {
    input: value.c_iflag,
    output: value.c_oflag,
    control: ((value.c_cflag & ~CONTROL_FLAGS.PARENB) | CONTROL_FLAGS.CS8 | CONTROL_FLAGS.CREAD) >>> 0,
    local: value.c_lflag,
    line: value.c_line,
    characters,
    inputSpeed: inputCode === 0 ? output : speedOf(inputCode, speeds[0]),
    outputSpeed: output,
  };
}
export const fromModern = (value: Modern, old: Termios): Termios =>
  settled(value, [...value.c_cc].slice(0, CHARACTER_COUNT), [old.inputSpeed, old.outputSpeed]);
export const fromSpeeds = (value: WithSpeeds, _old: Termios): Termios =>
  settled(value, [...value.c_cc].slice(0, CHARACTER_COUNT), [value.c_ispeed, value.c_ospeed]);
/** As TIOCGLCKTRMIOS tells of settings that all can be changed. */
export const NOTHING_LOCKED: Termios = { ...FRESH_TERMIOS, input: 0, output: 0, control: 0, local: 0, characters: FRESH_CHARACTERS.map(() => 0) };
export const lockedOf = ({ c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc }: Modern): Termios => ({
  ...NOTHING_LOCKED,
  input: c_iflag,
  output: c_oflag,
  control: c_cflag,
  local: c_lflag,
  line: c_line,
  characters: [...c_cc].slice(0, CHARACTER_COUNT),
});
/** What of `wanted` comes to be (drivers/tty/tty_ioctl.c, unset_locked_termios). */
export function keepingLocked(old: Termios, wanted: Termios, locked: Termios): Termios {
  const mixed = (before: number, now: number, mask: number): number => ((now & ~mask) | (before & mask)) >>> 0;
  return {
    ...wanted,
    input: mixed(old.input, wanted.input, locked.input),
    output: mixed(old.output, wanted.output, locked.output),
    control: mixed(old.control, wanted.control, locked.control),
    local: mixed(old.local, wanted.local, locked.local),
    line: locked.line !== 0 ? old.line : wanted.line,
    characters: wanted.characters.map((character, at) => (locked.characters[at] ? old.characters[at]! : character)),
  };
}
/** The upper halves and the later characters stay as they were. */
export function fromOld(value: Modern, old: Termios): Termios {
  const joined = (before: number, now: number): number => ((before & 0xffff_0000) | now) >>> 0;
  const flags = {
    c_iflag: joined(old.input, value.c_iflag),
    c_oflag: joined(old.output, value.c_oflag),
    c_cflag: joined(old.control, value.c_cflag),
    c_lflag: joined(old.local, value.c_lflag),
    c_line: value.c_line,
    c_cc: value.c_cc,
  };
  return settled(flags, [...value.c_cc.subarray(0, 8), ...old.characters.slice(8)], [old.inputSpeed, old.outputSpeed]);
}
