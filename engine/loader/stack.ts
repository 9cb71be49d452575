// The first stack of a program, as one block of bytes: argc, argv, envp, auxiliary vector, and the strings they point to (System V ABI, 3.4.1).
import { STACK_TOP } from "../abi/constants/address-space.ts";
import type { Bytes } from "../abi/memory-view.ts";
import { type AuxiliaryFacts, auxiliaryTypes, auxiliaryVector } from "./auxv.ts";

export interface StackContents {
  readonly fileName: Bytes;
  readonly argv: readonly Bytes[];
  readonly environment: readonly Bytes[];
  /** 16 bytes for AT_RANDOM. */
  readonly random: Bytes;
  readonly facts: AuxiliaryFacts;
}
export interface Stack {
  /** Where the stack pointer starts: the address of `bytes`. */
  readonly pointer: number;
  readonly bytes: Uint8Array;
  readonly argumentRange: readonly [number, number];
  readonly environmentRange: readonly [number, number];
  readonly arguments: Bytes;
  readonly environment: Bytes;
  readonly auxiliaryVector: Bytes;
}
const PLATFORM = Uint8Array.of(0x78, 0x38, 0x36, 0x5f, 0x36, 0x34, 0); // "x86_64"
const WORD = 8;
const HALF = 0x1_0000_0000;
const down = (address: number, alignment: number): number => address - (address % alignment);
const sizeOf = (strings: readonly Bytes[]): number => strings.reduce((sum, one) => sum + one.length + 1, 0);

export function buildStack({ fileName, argv, environment, random, facts }: StackContents): Stack {
  // From the top down: a null word, the file name, the environment, the arguments; aligned below them the platform's name and the random bytes.
  const nameAt = STACK_TOP - WORD - (fileName.length + 1);
  const environmentAt = nameAt - sizeOf(environment);
  const argumentsAt = environmentAt - sizeOf(argv);
  const platformAt = down(argumentsAt, 16) - PLATFORM.length;
  const randomAt = platformAt - random.length;
  const auxiliary = auxiliaryVector(facts, randomAt, nameAt, platformAt);
  const words = 1 + argv.length + 1 + environment.length + 1;
  const pointer = down(down(randomAt, 16) - auxiliary.length * 2 * WORD - words * WORD, 16);

  const bytes = new Uint8Array(STACK_TOP - pointer);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const push = (word: number): void => {
    view.setUint32(at, word % HALF, true);
    view.setUint32(at + 4, Math.floor(word / HALF), true);
    at += WORD;
  };
  const pushStrings = (strings: readonly Bytes[], address: number): void => {
    for (const one of strings) {
      bytes.set(one, address - pointer);
      push(address);
      address += one.length + 1;
    }
    push(0);
  };
  push(argv.length);
  pushStrings(argv, argumentsAt);
  pushStrings(environment, environmentAt);
  const auxiliaryAt = at;
  for (const [type, value] of auxiliary) {
    push(auxiliaryTypes[type]);
    push(value);
  }
  const auxiliaryEnd = at;
  bytes.set(fileName, nameAt - pointer);
  bytes.set(PLATFORM, platformAt - pointer);
  bytes.set(random, randomAt - pointer);
  const range = (start: number, end: number): Bytes => bytes.slice(start - pointer, end - pointer);
  return {
    pointer,
    bytes,
    argumentRange: [argumentsAt, environmentAt],
    environmentRange: [environmentAt, nameAt],
    arguments: range(argumentsAt, environmentAt),
    environment: range(environmentAt, nameAt),
    auxiliaryVector: bytes.slice(auxiliaryAt, auxiliaryEnd),
  };
}
