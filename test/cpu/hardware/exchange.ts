// Where the guest's pages lie in every case, and how a batch of cases and its answers lie in the file that native/machine.c maps too.
import { REGISTER_FILE_BYTES } from "../../../engine/cpu/register-file.ts";

export const PAGE = 4096;
/** Pages from here on: absent, writable, writable, absent, writable, read-only, mapped without rights, absent. */
export const DATA = 0x4000_0000;
export const arenaPages = [DATA + PAGE, DATA + 2 * PAGE, DATA + 4 * PAGE, DATA + 5 * PAGE] as const;
export const ARENA_BYTES = arenaPages.length * PAGE;
export const READ_ONLY_PAGE = DATA + 5 * PAGE;
export const FORBIDDEN_PAGE = DATA + 6 * PAGE;
/** Two pages that may be written and executed, nothing before or after. */
export const CODE = 0x6000_0000;
export const CODE_END = CODE + 2 * PAGE;

/** Where the native side itself lies: an address to which hardly a case comes by chance, within reach of a jump from the cases. */
export const RUNNER = 0x6800_0000;
export const RUNNER_END = 0x6810_0000;
export const MOST_CASES = 1024;
export const MOST_CODE = 32;
export const FILE = REGISTER_FILE_BYTES;
export const exchange = {
  count: 0,
  codeLength: 4,
  codeAt: 8,
  next: 16,
  isTrap: 24,
  code: 32,
  arena: PAGE,
  inputs: 0x8000,
  answers: 0xe_0000,
  changes: 0x1c_0000,
  bytes: 0x9c_0000,
} as const;
export const answer = {
  bytes: 896,
  signal: FILE,
  code: FILE + 4,
  address: FILE + 8,
  changedAt: FILE + 16,
  changedBytes: FILE + 20,
  changes: FILE + 24,
  isOtherCode: FILE + 28,
} as const;

/** The same instruction with one or many register files. */
export interface Batch {
  readonly code: Uint8Array;
  readonly codeAt: number;
  readonly count: number;
  /** Four pages. */
  readonly arena: Uint8Array;
  /** `count` register files in a row. */
  readonly files: Uint8Array;
}
const hasOpcode = (code: Uint8Array, ...opcode: readonly number[]): boolean => opcode.every((byte, i) => code[code.length - opcode.length + i] === byte);
/** INT3, INT 3 or INT1: a trap that is no sign that a jump came to what is not code. */
export const isTrap = (code: Uint8Array): boolean => hasOpcode(code, 0xcc) || hasOpcode(code, 0xcd, 3) || hasOpcode(code, 0xf1);
