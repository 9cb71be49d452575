// A system call of the log as strace's text: its arguments decoded again from what the event keeps.
import type { CallView } from "../../engine/abi/argument.ts";
import { errnoText, isRestart } from "../../engine/abi/errno.ts";
import type { Bytes } from "../../engine/abi/memory-view.ts";
import { syscallByNumber } from "../../engine/abi/syscalls.ts";
import { parametersOf, RecordedReader, rawsOf } from "../../engine/kernel/call-decoding.ts";
import type { CallResult, ResumeEvent, Store, SyscallEvent } from "../../events/kernel-event.ts";

function storedAt(stores: readonly Store[], address: number, length: number): Bytes | undefined {
  const found = stores.find(store => store.address <= address && address < store.address + store.bytes.length);
  return found?.bytes.subarray(address - found.address, address - found.address + length);
}
const resultTexts: { readonly [K in CallResult["kind"]]: (result: Extract<CallResult, { kind: K }>, returns: string) => string } = {
  done: ({ value }, returns) => (returns === "address" ? `= 0x${value.toString(16)}` : `= ${value}`),
  fail: ({ errno }) => (isRestart(errno) ? `= ? ${errno} (${errnoText(errno)})` : `= -1 ${errno} (${errnoText(errno)})`),
  block: () => "",
  gone: () => "= ?",
};
const resultText = (result: CallResult, returns: string): string => (resultTexts[result.kind] as (result: CallResult, returns: string) => string)(result, returns);

export function callText(event: SyscallEvent | ResumeEvent): string {
  const [name, row] = syscallByNumber(event.number) ?? [`syscall_${event.number}`, undefined];
  const result = resultText(event.result, row?.returns ?? "int");
  if (event.kind === "resume") return event.result.kind === "block" ? `<... ${name} unfinished ...>` : `<... ${name} resumed>) ${result}`;
  const { result: ended } = event;
  const view: CallView = {
    raws: row ? rawsOf(row, event.raws) : {},
    before: new RecordedReader(event.reads),
    after: (address, length) => storedAt(event.stores, address, length),
    value: ended.kind === "done" ? ended.value : ended.kind === "fail" ? -1 : undefined,
    errno: ended.kind === "fail" ? ended.errno : undefined,
  };
  const shown = row ? parametersOf(row).map(({ name: parameter, arg }) => formatted(() => arg.format(view.raws[parameter]!, view))) : event.raws.map(String);
  const list = shown.filter(text => text !== "").join(", ");
  return ended.kind === "block" ? `${name}(${list} <unfinished ...>` : `${name}(${list}) ${result}${event.injected === undefined ? "" : " (INJECTED)"}`;
}
/** A recorded call can always be shown, whatever its arguments were. */
function formatted(format: () => string): string {
  try {
    return format();
  } catch {
    return "?";
  }
}
