// A case as one line of text: what is not named is zero, or as a program starts. `code 4801d8 at 60000800, rax=1 ymm0=7f800000, 40001000:ff00`
import { createRegisterFile, fileOffset } from "../../../engine/cpu/register-file.ts";
import { fields, numberText } from "./comparison.ts";
import { ARENA_BYTES, arenaPages, type Batch, FILE, PAGE } from "./exchange.ts";

const RUN = 8;
const addressOf = (offset: number): number => arenaPages[Math.floor(offset / PAGE)]! + (offset % PAGE);
export const defaultFile = (codeAt: number): Uint8Array => {
  const file = createRegisterFile();
  new DataView(file.buffer).setBigUint64(fileOffset.rip, BigInt(codeAt), true);
  return file;
};
/** Of a batch of one. */
export function caseText({ code, codeAt, files, arena }: Batch): string {
  const start = defaultFile(codeAt);
  const registers = fields.flatMap(({ name, at, bytes }) => {
    const value = files.subarray(at, at + bytes);
    return Buffer.compare(value, start.subarray(at, at + bytes)) === 0 ? [] : [`${name}=${numberText(value)}`];
  });
  const memory: string[] = [];
  for (let at = 0; at < ARENA_BYTES; ) {
    if (isZero(arena, at)) {
      at += RUN;
      continue;
    }
    const from = at;
    while (at < ARENA_BYTES && (at === from || at % PAGE !== 0) && !isZero(arena, at)) at += RUN;
    memory.push(`${addressOf(from).toString(16)}:${Buffer.from(arena.subarray(from, at)).toString("hex")}`);
  }
  return [`code ${Buffer.from(code).toString("hex")} at ${codeAt.toString(16)}`, registers.join(" "), memory.join(" ")].join(", ");
}
const isZero = (arena: Uint8Array, at: number): boolean => arena.subarray(at, at + RUN).every(byte => byte === 0);

export function parseCase(text: string): Batch {
  const [head = "", registers = "", memory = ""] = text.split(", ");
  const [, code = "", , at = ""] = head.split(" ");
  const codeAt = Number.parseInt(at, 16);
  const files = new Uint8Array(defaultFile(codeAt));
  for (const part of registers.split(" ").filter(Boolean)) {
    const [name = "", value = ""] = part.split("=");
    const field = fields.find(one => one.name === name);
    if (!field) throw new Error(`No register is called "${name}": ${text}`);
    files.fill(0, field.at, field.at + field.bytes);
    files.set(Buffer.from(value.padStart(value.length + (value.length % 2), "0"), "hex").reverse(), field.at);
  }
  const arena = new Uint8Array(ARENA_BYTES);
  for (const part of memory.split(" ").filter(Boolean)) {
    const [address = "", content = ""] = part.split(":");
    const number = Number.parseInt(address, 16);
    const page = arenaPages.indexOf((number - (number % PAGE)) as (typeof arenaPages)[number]);
    if (page < 0) throw new Error(`No memory of the cases is at ${address}: ${text}`);
    arena.set(Buffer.from(content, "hex"), page * PAGE + (number % PAGE));
  }
  return { code: Uint8Array.from(Buffer.from(code, "hex")), codeAt, count: 1, arena, files: files.subarray(0, FILE) };
}
