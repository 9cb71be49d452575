// What a tracer reads and changes of its tracee's registers (ptrace(2); arch/x86/kernel/ptrace.c), and what it is told of the call that it has stopped at.
import type { Draft } from "immer";
import type { RegisterSetOut, RegisterSpace } from "../../abi/arguments/ptrace.ts";
import { ptraceEvents, ptraceRequests, SYSGOOD_BIT } from "../../abi/constants/ptrace.ts";
import { AUDIT_ARCH_X86_64 } from "../../abi/constants/seccomp.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import { encodeField } from "../../abi/field.ts";
import { type Bytes, bigOf, type Raw } from "../../abi/memory-view.ts";
import { noteTypes } from "../../abi/structs/core-notes.ts";
import {
  bytesOfWords,
  callInfo,
  callInfoKinds,
  callInfoSizes,
  entryInfo,
  exitInfo,
  FLOAT_REGISTERS_BYTES,
  filterInfo,
  indexOfRegister,
  isExtendedState,
  isFloatState,
  SOFTWARE_AT,
  type USER_REGISTERS,
  USER_REGISTERS_BYTES,
  userArea,
  WORD_BYTES,
  wordsOf,
} from "../../abi/structs/ptrace.ts";
import type { Kernel, RegisterName } from "../kernel.ts";
import { reconsiderRestart } from "../objects/trace-stops.ts";
import { originalRax } from "../objects/traces.ts";
import type { Task } from "../state/proc-table.ts";
import type { Reply, Request, Requests } from "./proc-table-ptrace.ts";

const P = ptraceRequests;
const ORIG_RAX = indexOfRegister("orig_rax");
const at = (words: readonly bigint[], name: (typeof USER_REGISTERS)[number]): bigint => words[indexOfRegister(name)]!;
/** The tracee's registers: what the machine has, with orig_rax, which only the kernel knows. */
const generalOf = (kernel: Kernel, task: Draft<Task>, general: Bytes): bigint[] => wordsOf(general).with(ORIG_RAX, bigOf(originalRax(kernel, task)));

const CODE_SELECTOR = 0x33n;
const STACK_SELECTOR = 0x2bn;
const TASK_SIZE = 0x7fff_ffff_f000n;
/** CF PF AF ZF SF TF DF OF NT AC: what a tracer may change (FLAG_MASK, without RF, which is never seen here). */
const CHANGEABLE_FLAGS = 0x4_4dd5n;
const FIXED_FLAGS = 0x202n;
const NO_SELECTORS = ["ds", "es", "fs", "gs"] as const;
/** Selectors have 16 bits. Other segments than those of 64-bit programs are not served. */
function refusalOf(words: readonly bigint[]): Errno | null {
  const selector = (name: (typeof USER_REGISTERS)[number]): bigint => at(words, name) & 0xffffn;
  if (selector("cs") !== CODE_SELECTOR || selector("ss") !== STACK_SELECTOR || NO_SELECTORS.some(name => selector(name) !== 0n)) return "EIO";
  return at(words, "fs_base") >= TASK_SIZE || at(words, "gs_base") >= TASK_SIZE ? "EIO" : null;
}
const named: readonly (readonly [word: (typeof USER_REGISTERS)[number], register: RegisterName])[] = [
  ...(["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip"] as const).map(
    name => [name, name] as const,
  ),
  ["fs_base", "fsBase"],
  ["gs_base", "gsBase"],
];
function setGeneral(kernel: Kernel, task: Draft<Task>, words: readonly bigint[]): Reply {
  const refused = refusalOf(words);
  if (refused) return refused;
  const rflags = (at(words, "eflags") & CHANGEABLE_FLAGS) | FIXED_FLAGS;
  const set = Object.fromEntries(named.map(([word, register]) => [register, at(words, word)]));
  kernel.effect({ kind: "setRegisters", task: task.tid, set: { ...set, rflags } });
  setCall(kernel, task, at(words, "orig_rax"), at(words, "rax"));
  task.threadPointers = { fs: at(words, "fs_base"), gs: at(words, "gs_base") };
  return {};
}
function setCall(kernel: Kernel, task: Draft<Task>, number: bigint, result: bigint): void {
  const signed = BigInt.asIntN(64, number);
  const before = bigOf(originalRax(kernel, task));
  reconsiderRestart(task, number, result);
  if (before === number) return;
  const kept: Raw = signed >= -(2n ** 31n) && signed < 2n ** 31n ? Number(signed) : signed;
  if (task.tracedCall) Object.assign(task.tracedCall, { number: kept, ...(task.tracedCall.stage === "made" ? { ticks: task.ticks } : {}) });
  else task.tracedCall = { number: kept, stage: "made", ticks: task.ticks };
}

function peekUser({ kernel, task, place }: Request): Reply {
  const { address } = place;
  if (address % WORD_BYTES !== 0 || address >= userArea.size) return "EIO";
  return { data: address < USER_REGISTERS_BYTES ? generalOf(kernel, task, place.general)[address / WORD_BYTES] : 0n };
}
/** Debug registers hold 0, which may be stored to them again: what debuggers do at their start. */
function pokeUser({ kernel, task, place, data }: Request): Reply {
  const { address, general } = place;
  if (address % WORD_BYTES !== 0 || address >= userArea.size) return "EIO";
  const word = data() as bigint;
  if (address >= USER_REGISTERS_BYTES) return userArea.debugRegisters.includes(address) && word === 0n ? {} : "EIO";
  return setGeneral(kernel, task, generalOf(kernel, task, general).with(address / WORD_BYTES, word));
}

interface RegisterSet {
  readonly size: number;
  get(request: Request): Bytes;
  set(request: Request, bytes: Bytes): Reply;
}
const setVectors = ({ kernel, task }: Request, vectors: Bytes): Reply => {
  kernel.effect({ kind: "setVectors", task: task.tid, vectors });
  return {};
};
const floats: RegisterSet = {
  size: FLOAT_REGISTERS_BYTES,
  get: ({ place }) => {
    const area = place.vectors.slice(0, FLOAT_REGISTERS_BYTES);
    return area.fill(0, SOFTWARE_AT) && area;
  },
  set: (request, bytes) => (bytes.length < FLOAT_REGISTERS_BYTES || !isFloatState(bytes) ? "EINVAL" : setVectors(request, bytes)),
};
const general: RegisterSet = {
  size: USER_REGISTERS_BYTES,
  get: ({ kernel, task, place }) => bytesOfWords(generalOf(kernel, task, place.general)),
  set: ({ kernel, task, place }, bytes) =>
    setGeneral(kernel, task, [...wordsOf(bytes), ...generalOf(kernel, task, place.general).slice(bytes.length / WORD_BYTES)]),
};
/** Only where the processor has XSAVE: the machine then gives its area. */
const extended = (size: number): RegisterSet => ({
  size,
  get: ({ place }) => place.vectors.slice(),
  set: (request, bytes) => (bytes.length < size ? "EFAULT" : isExtendedState(bytes) ? setVectors(request, bytes) : "EINVAL"),
});
function setOf({ place }: Request): RegisterSet | Errno {
  if (place.address === noteTypes.NT_PRSTATUS) return general;
  if (place.address === noteTypes.NT_FPREGSET) return floats;
  if (place.address !== noteTypes.NT_X86_XSTATE) return "EINVAL";
  return place.vectors.length > FLOAT_REGISTERS_BYTES ? extended(place.vectors.length) : "ENODEV";
}
function getRegisterSet(request: Request): Reply {
  const space = request.data() as RegisterSpace;
  const set = setOf(request);
  if (typeof set === "string") return set;
  if (space.length % WORD_BYTES !== 0) return "EINVAL";
  const data: RegisterSetOut = { space, bytes: set.get(request).subarray(0, Math.min(space.length, set.size)) };
  return { data };
}
function putRegisterSet(request: Request): Reply {
  const { length, bytes } = request.data() as { readonly length: number; readonly bytes: Bytes };
  const set = setOf(request);
  if (typeof set === "string") return set;
  if (length % WORD_BYTES !== 0) return "EINVAL";
  const taken = bytes.subarray(0, set.size);
  const reply = set.set(request, taken.slice());
  return typeof reply === "string" ? reply : { data: taken.length };
}

export const registerRequests: Requests = {
  [P.PTRACE_PEEKUSER]: peekUser,
  [P.PTRACE_POKEUSER]: pokeUser,
  [P.PTRACE_GETREGS]: request => ({ data: general.get(request) }),
  [P.PTRACE_SETREGS]: request => general.set(request, request.data() as Bytes),
  [P.PTRACE_GETFPREGS]: request => ({ data: floats.get(request) }),
  [P.PTRACE_SETFPREGS]: request => floats.set(request, request.data() as Bytes),
  [P.PTRACE_GETREGSET]: getRegisterSet,
  [P.PTRACE_SETREGSET]: putRegisterSet,
};

const ARGUMENTS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;
const MOST_ERRNO = 4095n;
/** PTRACE_GET_SYSCALL_INFO: what kind of stop it is follows from its siginfo, as in kernel/ptrace.c. */
export function callInformation({ kernel, task, place }: Request): Reply {
  const words = generalOf(kernel, task, place.general);
  const { stop, message } = task.trace!;
  const head = { _padding: [], arch: AUDIT_ARCH_X86_64, instruction_pointer: at(words, "rip"), stack_pointer: at(words, "rsp") };
  const code = stop!.info?.code;
  const called = { nr: at(words, "orig_rax"), args: ARGUMENTS.map(name => at(words, name)) };
  const told = (bytes: Bytes, size: number): Reply => ({ value: size, data: bytes.slice(0, size) });
  if (code === (signals.SIGTRAP | SYSGOOD_BIT) && stop!.kind === "call")
    return told(encodeField(entryInfo, { ...head, op: callInfoKinds.ENTRY, ...called }), callInfoSizes.entry);
  if (code === (signals.SIGTRAP | SYSGOOD_BIT) && stop!.kind === "left") {
    const rval = at(words, "rax");
    const isError = BigInt.asUintN(64, -rval) <= MOST_ERRNO && rval !== 0n;
    return told(encodeField(exitInfo, { ...head, op: callInfoKinds.EXIT, rval, is_error: isError ? 1 : 0 }), callInfoSizes.exit);
  }
  if (code === (signals.SIGTRAP | (ptraceEvents.PTRACE_EVENT_SECCOMP << 8)))
    return told(encodeField(filterInfo, { ...head, op: callInfoKinds.SECCOMP, ...called, ret_data: message, _reserved: 0 }), callInfoSizes.filter);
  return told(encodeField(callInfo, { ...head, op: callInfoKinds.NONE }), callInfoSizes.none);
}
