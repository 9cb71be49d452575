// The bytes at the start of a core file: ELF header, program headers, and the notes that tell a debugger of the process, its threads and its mappings (fs/binfmt_elf.c).
import type { Draft } from "immer";
import type { DumpEvent } from "../../../events/kernel-event.ts";
import { PAGE_BYTES } from "../../abi/constants/address-space.ts";
import { encodeField } from "../../abi/field.ts";
import { type Bytes, joined } from "../../abi/memory-view.ts";
import { elfHeader, noteHeader, noteTypes, processInformation, processStatus, programHeader } from "../../abi/structs/core-notes.ts";
import { siginfo } from "../../abi/structs/siginfo.ts";
import { timevalOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import type { SignalInfo, Task } from "../state/proc-table.ts";
import type { Area } from "../state/vmm.ts";
import { bytesOf } from "./binary-string.ts";
import { maskOfPending } from "./pending.ts";
import { childrenCpuTime, cpuTime } from "./scheduling.ts";
import { nextAction } from "./signal-choice.ts";
import { spaceOf } from "./spaces.ts";
import { processOf, taskOf } from "./tasks.ts";

/** An area as the core has it: where it begins, and how many bytes of it are in the file. */
export interface Segment {
  readonly area: Area;
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

const [ET_CORE, EM_X86_64] = [4, 62];
const [PT_LOAD, PT_NOTE] = [1, 4];
/** PF_X, PF_W and PF_R are PROT_EXEC, PROT_WRITE and PROT_READ the other way round. */
const flagsOf = (protection: number): number => ((protection & 1) << 2) | (protection & 2) | ((protection & 4) >> 2);
const EI = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0];

export function coreHeaders(segments: readonly Segment[], notesLength: number): { readonly headers: Uint8Array; readonly dataAt: number } {
  const count = segments.length + 1;
  const headers = new Uint8Array(elfHeader.size + count * programHeader.size);
  const ident = new Uint8Array(16);
  ident.set(EI);
  headers.set(
    encodeField(elfHeader, {
      ...{ e_ident: ident, e_type: ET_CORE, e_machine: EM_X86_64, e_version: 1, e_entry: 0, e_phoff: elfHeader.size, e_shoff: 0, e_flags: 0 },
      ...{ e_ehsize: elfHeader.size, e_phentsize: programHeader.size, e_phnum: count, e_shentsize: 0, e_shnum: 0, e_shstrndx: 0 },
    }),
  );
  const put = (index: number, header: ReturnType<(typeof programHeader)["get"]>): void =>
    headers.set(encodeField(programHeader, header), elfHeader.size + index * programHeader.size);
  put(0, { p_type: PT_NOTE, p_flags: 0, p_offset: headers.length, p_vaddr: 0, p_paddr: 0, p_filesz: notesLength, p_memsz: 0, p_align: 4 });
  const dataAt = Math.ceil((headers.length + notesLength) / PAGE_BYTES) * PAGE_BYTES;
  let at = dataAt;
  segments.forEach(({ area, start, end, size }, i) => {
    const place = { p_offset: at, p_vaddr: start, p_paddr: 0, p_filesz: size, p_memsz: end - start };
    put(i + 1, { p_type: PT_LOAD, p_flags: flagsOf(area.protection), ...place, p_align: PAGE_BYTES });
    at += size;
  });
  return { headers, dataAt };
}

const ALIGNMENT = 4;
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
function note(type: keyof typeof noteTypes, content: Bytes): Uint8Array {
  const name = bytesOf(type === "NT_X86_XSTATE" ? "LINUX\0" : "CORE\0");
  const nameEnd = noteHeader.size + aligned(name.length);
  const all = new Uint8Array(nameEnd + aligned(content.length));
  all.set(encodeField(noteHeader, { n_namesz: name.length, n_descsz: content.length, n_type: noteTypes[type] }));
  all.set(name, noteHeader.size);
  all.set(content as Uint8Array, nameEnd);
  return all;
}

function statusNote(kernel: Kernel, tid: number, info: SignalInfo, registers: Bytes): Uint8Array {
  const task = taskOf(kernel, tid);
  const process = processOf(kernel, task.pid);
  const own = cpuTime(kernel, tid === process.pid ? process : task);
  const children = childrenCpuTime(process);
  return encodeField(processStatus, {
    ...{ si_signo: info.signal, si_code: info.code, si_errno: info.errno, pr_cursig: info.signal },
    ...{ pr_sigpend: maskOfPending(task), pr_sighold: task.blocked },
    ...{ pr_pid: tid, pr_ppid: process.parent, pr_pgrp: process.group, pr_sid: process.session },
    ...{ pr_utime: timevalOf(own.userNanos), pr_stime: timevalOf(own.systemNanos) },
    ...{ pr_cutime: timevalOf(children.userNanos), pr_cstime: timevalOf(children.systemNanos) },
    ...{ pr_reg: registers, pr_fpvalid: 1 },
  });
}
const RUNNING = "R".charCodeAt(0);
const RANDOMIZED = 0x40_0000;
const [SPACE, NAME_BYTES, ARGUMENT_BYTES] = [32, 16, 80];
const padded = (bytes: Bytes, length: number): Uint8Array => {
  const all = new Uint8Array(length);
  all.set(bytes.subarray(0, length - 1) as Uint8Array);
  return all;
};
function informationNote(kernel: Kernel, task: Draft<Task>): Uint8Array {
  const process = processOf(kernel, task.pid);
  const { ruid, rgid } = process.credentials;
  const words = (spaceOf(kernel, task.space).arguments as Uint8Array).slice(0, ARGUMENT_BYTES - 1).map(byte => (byte === 0 ? SPACE : byte));
  return encodeField(processInformation, {
    ...{ pr_state: 0, pr_sname: RUNNING, pr_zomb: 0, pr_nice: task.niceness & 0xff, pr_flag: RANDOMIZED, pr_uid: ruid, pr_gid: rgid },
    ...{ pr_pid: process.pid, pr_ppid: process.parent, pr_pgrp: process.group, pr_sid: process.session },
    ...{ pr_fname: padded(bytesOf(task.name), NAME_BYTES), pr_psargs: padded(words, ARGUMENT_BYTES) },
  });
}
const WORD = 8;
/** Which files lie where, in pages; then their names. */
function filesNote(segments: readonly Segment[]): Uint8Array {
  const mapped = segments.flatMap(({ area }) => (area.backing.kind === "file" && area.name === undefined ? [{ ...area, backing: area.backing }] : []));
  const words = [mapped.length, PAGE_BYTES, ...mapped.flatMap(({ start, end, backing }) => [start, end, backing.offset / PAGE_BYTES])];
  const table = new Uint8Array(words.length * WORD);
  const view = new DataView(table.buffer);
  words.forEach((word, i) => {
    view.setBigUint64(i * WORD, BigInt(word), true);
  });
  return joined([table, ...mapped.map(({ backing }) => bytesOf(`${backing.path}\0`))]);
}
const FXSAVE_BYTES = 512;

/** All notes: the thread that took the signal first, then the others. */
export function coreNotes(kernel: Kernel, task: Draft<Task>, { threads }: DumpEvent, segments: readonly Segment[]): readonly Uint8Array[] {
  const info = nextAction(kernel, task.tid)!.info;
  const space = spaceOf(kernel, task.space);
  return threads.flatMap(({ tid, general, vectors }, i) => [
    note("NT_PRSTATUS", statusNote(kernel, tid, info, general)),
    ...(i > 0
      ? []
      : [
          note("NT_PRPSINFO", informationNote(kernel, task)),
          note("NT_SIGINFO", encodeField(siginfo, info)),
          note("NT_AUXV", space.auxiliaryVector),
          note("NT_FILE", filesNote(segments)),
        ]),
    note("NT_FPREGSET", vectors.subarray(0, FXSAVE_BYTES)),
    ...(vectors.length > FXSAVE_BYTES ? [note("NT_X86_XSTATE", vectors)] : []),
  ]);
}
