// Loading a program into a task (execve(2)): finds the file, follows `#!` lines, maps its segments into a new space, builds the first stack. What else exec does to a process is services/proc-table.ts.
import type { Draft } from "immer";
import { MMAP_MIN_ADDRESS, mmapTopFor, PAGE_BYTES, PIE_BASE, pageCeil, pageFloor, STACK_TOP, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { fanotifyEvents } from "../../abi/constants/fanotify.ts";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { protections } from "../../abi/constants/mmap.ts";
import { O_RDONLY } from "../../abi/constants/open-flags.ts";
import { hardwareCapabilities, moreCapabilities, OLDEST_LEVEL } from "../../abi/constants/processor-features.ts";
import { resources } from "../../abi/constants/resource-limits.ts";
import type { Errno } from "../../abi/errno.ts";
import { isElf, type Parsed, type Program, parseElf } from "../../loader/elf.ts";
import { parseScript, SCRIPT_LINE_BYTES } from "../../loader/script.ts";
import { buildStack } from "../../loader/stack.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials, Process, Task } from "../state/proc-table.ts";
import type { BinaryString, Inode } from "../state/vfs.ts";
import type { Area } from "../state/vmm.ts";
import { type Areas, highestGap, isFree, place } from "./areas.ts";
import { binary, bytesOf } from "./binary-string.ts";
import { can, credentialsAfterExecution, isElevated, mayAccess } from "./credentials.ts";
import { isAnythingWatched, notifyByPath } from "./file-events.ts";
import { inodeOf, readContent } from "./inodes.ts";
import { refusalToExecute } from "./landlock.ts";
import { breakLeases } from "./leases.ts";
import { AT_FDCWD, pathOfFound, plainCredentials, resolve } from "./paths.ts";
import { type Pending, Questions } from "./permission-events.ts";
import { randomBytes } from "./random.ts";
import { createSpace, releaseSpace } from "./spaces.ts";
import { processOf, taskOf } from "./tasks.ts";
import { withVdso } from "./vdso.ts";

export interface LoadRequest {
  readonly tid: number;
  /** execveat's; without it the working directory. */
  readonly dirfd?: number;
  readonly allowEmpty?: boolean;
  readonly followLast?: boolean;
  readonly path: BinaryString | null;
  readonly argv: readonly BinaryString[];
  readonly environment: readonly BinaryString[];
}
export type Loaded = { readonly kind: "loaded" } | Pending | { readonly kind: "fail"; readonly errno: Errno };
interface Executable {
  readonly kind: "executable";
  readonly inode: number;
  readonly path: BinaryString;
}
const failed = (errno: Errno): { readonly kind: "fail"; readonly errno: Errno } => ({ kind: "fail", errno });
const { PROT_READ, PROT_WRITE, PROT_EXEC } = protections;

/** The task executes another program from now on; where that fails nothing has changed. */
export function loadProgram(kernel: Kernel, request: LoadRequest): Loaded {
  const task = taskOf(kernel, request.tid);
  const questions = new Questions(kernel, task);
  const loaded = loadOrAsk(kernel, request, task, questions);
  if (loaded.kind !== "wait") questions.end();
  return loaded;
}
function loadOrAsk(kernel: Kernel, request: LoadRequest, task: Draft<Task>, questions: Questions): Loaded {
  const process = processOf(kernel, task.pid);
  const stackLimit = process.limits[resources.RLIMIT_STACK]![0];
  const found = findProgram(kernel, task, request, argumentRoom(stackLimit), questions);
  if (found.kind !== "found") return found;
  const { executable, argv, fileName } = found;
  const image = layOut(kernel, task, executable, stackLimit, questions);
  if (image.kind !== "image") return image;

  const gainsNone = task.hasNoNewPrivileges || isTracedByLesser(kernel, task);
  const credentials = credentialsAfterExecution(plainCredentials(kernel, task), inodeOf(kernel, executable.inode), gainsNone);
  const { program, bias } = image;
  const level = kernel.system.parameters.cpu ?? OLDEST_LEVEL;
  const vdso = withVdso(kernel, image.areas, mmapTopFor(stackLimit));
  const stack = buildStack({
    fileName: bytesOf(fileName),
    argv: argv.map(bytesOf),
    environment: request.environment.map(bytesOf),
    random: randomBytes(kernel, 16),
    facts: {
      headersAddress: program.headersAddress === 0 ? 0 : program.headersAddress + bias,
      headersCount: program.headersCount,
      base: image.base,
      entry: program.entry + bias,
      ruid: credentials.ruid,
      euid: credentials.euid,
      rgid: credentials.rgid,
      egid: credentials.egid,
      isSecure: isElevated(credentials),
      hardwareCapabilities: hardwareCapabilities(level),
      moreCapabilities: moreCapabilities(level),
      vdso: vdso?.address ?? 0,
    },
  });
  const { argumentRange, environmentRange, arguments: argumentBytes, environment, auxiliaryVector } = stack;
  const brkStart = pageCeil(program.end + bias);
  const space = createSpace(kernel, place(vdso?.areas ?? image.areas, stackArea(stack.pointer, stackLimit, program.isStackExecutable)), {
    ...{ brkStart, brk: brkStart, mmapTop: mmapTopFor(stackLimit), stackLimit },
    ...{ argumentRange, environmentRange, arguments: argumentBytes, environment, auxiliaryVector },
  });
  for (const address of image.zeroTails) kernel.effect({ kind: "write", space, store: { address, bytes: new Uint8Array(pageCeil(address) - address) } });
  kernel.effect({ kind: "write", space, store: { address: stack.pointer, bytes: stack.bytes } });
  kernel.effect({ kind: "resetRegisters", task: task.tid, set: { rip: image.start, rsp: stack.pointer } });
  replaceProgram(kernel, task, process, { space, executable, credentials, name: baseName(request.path ?? "") });
  return { kind: "loaded" };
}

/** A tracer without the privilege to trace anybody would get what its tracee gets (ptrace(2), execve(2)). */
const isTracedByLesser = (kernel: Kernel, { trace }: Pick<Draft<Task>, "trace">): boolean =>
  trace !== undefined && !can(processOf(kernel, taskOf(kernel, trace.tracer).pid).credentials, "CAP_SYS_PTRACE");

interface Replacement {
  readonly space: number;
  readonly executable: Executable;
  readonly credentials: Credentials;
  readonly name: BinaryString;
}
const NAME_BYTES = 15;
const baseName = (path: BinaryString): BinaryString => path.slice(path.lastIndexOf("/") + 1);
function replaceProgram(kernel: Kernel, task: Draft<Task>, process: Draft<Process>, { space, executable, credentials, name }: Replacement): void {
  const before = task.space;
  task.space = space;
  task.name = name.slice(0, NAME_BYTES);
  process.executable = { path: executable.path, inode: executable.inode };
  process.credentials = credentials as Draft<Credentials>;
  if (kernel.vmm.spaces.has(before)) releaseSpace(kernel, before);
}

/** Linux follows so many interpreters that are scripts themselves (exec_binprm in fs/exec.c). */
const MAX_SCRIPTS = 5;
type FoundProgram =
  | { readonly kind: "found"; readonly executable: Executable; readonly argv: readonly BinaryString[]; readonly fileName: BinaryString }
  | Pending
  | { readonly kind: "fail"; readonly errno: Errno };
/** The binary that will run, and its arguments: those of the call, or what `#!` lines make of them. */
function findProgram(kernel: Kernel, task: Draft<Task>, request: LoadRequest, room: number, questions: Questions): FoundProgram {
  const { dirfd = AT_FDCWD, environment } = request;
  const fileName = nameOf(dirfd, request.path ?? "");
  let argv = request.argv.length === 0 ? [""] : request.argv;
  let name = fileName;
  let executable = openExecutable(kernel, task, dirfd, request.path, request, questions);
  for (let scripts = 0; ; scripts++) {
    if (executable.kind !== "executable") return executable;
    if (isTooLong(argv, environment, fileName, room)) return failed("E2BIG");
    if (scripts > MAX_SCRIPTS) return failed("ELOOP");
    const head = readContent(kernel, inodeOf(kernel, executable.inode), 0, SCRIPT_LINE_BYTES);
    const script = isElf(head) ? null : parseScript(binary(head));
    if (!script) return { kind: "found", executable, argv, fileName };
    argv = [script.path, ...(script.argument === null ? [] : [script.argument]), name, ...argv.slice(1)];
    name = script.path;
    executable = openExecutable(kernel, task, AT_FDCWD, script.path, {}, questions);
  }
}
/** execveat(2): how a file reached by a descriptor is named. */
const nameOf = (dirfd: number, path: BinaryString): BinaryString =>
  dirfd === AT_FDCWD || path.startsWith("/") ? path : `/dev/fd/${dirfd}${path === "" ? "" : `/${path}`}`;

const { FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM, FAN_ACCESS_PERM } = fanotifyEvents;
const EXECUTE = 1;
const MS_NOEXEC = 8;
function openExecutable(
  kernel: Kernel,
  task: Draft<Task>,
  dirfd: number,
  path: BinaryString | null,
  { followLast = true, allowEmpty = false }: Pick<LoadRequest, "followLast" | "allowEmpty">,
  questions: Questions,
): Executable | Pending | { readonly kind: "fail"; readonly errno: Errno } {
  const found = resolve(kernel, task, dirfd, path, { followLast, allowEmpty });
  if (found.kind === "fail") return found;
  if (found.kind === "missing") return failed("ENOENT");
  if (!("inode" in found.location)) return failed("EACCES");
  const inode = inodeOf(kernel, found.location.inode);
  if (inode.kind === "symlink") return failed("ELOOP");
  const isNoexec = ((kernel.vfs.mounts[inode.fileSystem]?.flags ?? 0) & MS_NOEXEC) !== 0;
  if (inode.kind !== "file" || isNoexec || !mayAccess(plainCredentials(kernel, task), inode, EXECUTE)) return failed("EACCES");
  const forbidden = refusalToExecute(kernel, task, found);
  if (forbidden) return failed(forbidden);
  const reached = pathOfFound(kernel, found) || pathInUse(kernel, task, inode.id);
  // To execute, to open, and to read what it is.
  for (const mask of [FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM, FAN_ACCESS_PERM]) {
    const refused = questions.ask(inode, reached, mask);
    if (refused !== null) return typeof refused === "string" ? failed(refused) : refused;
  }
  const broken = breakLeases(kernel, inode, O_RDONLY);
  if (broken) return typeof broken === "string" ? failed(broken) : broken;
  questions.once(() => {
    if (!isAnythingWatched(kernel)) return;
    notifyByPath(kernel, inode, inotifyEvents.IN_OPEN | fanotifyEvents.FAN_OPEN_EXEC, reached);
    notifyByPath(kernel, inode, inotifyEvents.IN_ACCESS, reached);
  });
  return { kind: "executable", inode: inode.id, path: reached };
}
/** Links of /proc lead to files without a path: it is known from where the file is in use. */
function pathInUse(kernel: Kernel, task: Draft<Task>, inode: number): BinaryString {
  const { executable } = processOf(kernel, task.pid);
  if (executable.inode === inode) return executable.path;
  const open = kernel.vfs.openFiles.find(one => one?.inode === inode);
  return open?.path ?? "";
}

/** MAX_ARG_STRLEN: no string may be longer, its NUL counted. */
const MAX_STRING_BYTES = 32 * PAGE_BYTES;
const ARG_MAX = 0x2_0000;
const LARGEST_ROOM = 0x60_0000;
const POINTER_BYTES = 8;
/** A quarter of the stack for arguments and environment, and never less than POSIX asks (execve(2), "Limits on size of arguments and environment"). */
const argumentRoom = (stackLimit: number): number => Math.max(Math.min(Math.floor(stackLimit / 4), LARGEST_ROOM), ARG_MAX);
function isTooLong(argv: readonly BinaryString[], environment: readonly BinaryString[], fileName: BinaryString, room: number): boolean {
  let left = room - (argv.length + environment.length) * POINTER_BYTES - fileName.length - 1;
  for (const list of [argv, environment]) {
    for (const one of list) {
      if (one.length >= MAX_STRING_BYTES) return true;
      left -= one.length + 1;
    }
  }
  return left < 0;
}

type LaidOut =
  | {
      readonly kind: "image";
      readonly areas: Areas;
      readonly program: Program;
      readonly bias: number;
      /** The interpreter's bias, 0 without one. */
      readonly base: number;
      readonly start: number;
      readonly zeroTails: readonly number[];
    }
  | Pending
  | { readonly kind: "fail"; readonly errno: Errno };
/** Where the program and its interpreter go. */
function layOut(kernel: Kernel, task: Draft<Task>, executable: Executable, stackLimit: number, questions: Questions): LaidOut {
  const parsed = parse(kernel, executable);
  if (parsed.kind === "fail") return parsed;
  const { program } = parsed;
  const bias = program.isPositionIndependent ? PIE_BASE - (PIE_BASE % program.alignment) - pageFloor(program.start) : 0;
  const plan = new Layout(kernel.system.parameters.memoryBytes);
  const errno = plan.add(program, bias, executable);
  if (errno) return failed(errno);
  const { areas, zeroTails } = plan;
  if (!program.interpreter) return { kind: "image", areas, program, bias, base: 0, start: program.entry + bias, zeroTails };

  const loader = openExecutable(kernel, task, AT_FDCWD, binary(program.interpreter), {}, questions);
  if (loader.kind !== "executable") return loader;
  const parsedLoader = parse(kernel, loader);
  if (parsedLoader.kind === "fail") return failed(parsedLoader.errno === "ENOEXEC" ? "ELIBBAD" : parsedLoader.errno);
  const interpreter = parsedLoader.program;
  const room = interpreter.end - interpreter.start + (interpreter.alignment - PAGE_BYTES);
  const gap = interpreter.isPositionIndependent ? highestGap(areas, room, mmapTopFor(stackLimit)) : interpreter.start;
  if (gap === undefined) return failed("ENOMEM");
  const base = Math.ceil(gap / interpreter.alignment) * interpreter.alignment - interpreter.start;
  const refused = plan.add(interpreter, interpreter.isPositionIndependent ? base : 0, loader);
  if (refused) return failed(refused);
  return { kind: "image", areas: plan.areas, program, bias, base, start: interpreter.entry + base, zeroTails: plan.zeroTails };
}
function parse(kernel: Kernel, executable: Executable): Parsed {
  const inode: Draft<Inode> = inodeOf(kernel, executable.inode);
  return parseElf((offset, length) => readContent(kernel, inode, offset, length));
}

const imageArea = { maxProtection: 7, isShared: false, growsDown: false, isLocked: false } as const;
/** The areas of a program's segments; a later segment covers what it overlaps of an earlier one, as with MAP_FIXED. */
class Layout {
  areas: Areas = [];
  /** Where zeros must follow the file's bytes within a page. */
  readonly zeroTails: number[] = [];
  #zeroBytesLeft: number;
  constructor(memoryBytes: number) {
    this.#zeroBytesLeft = memoryBytes;
  }
  add(program: Program, bias: number, { inode, path }: Executable): Errno | null {
    const [start, end] = [program.start + bias, program.end + bias];
    if (start < MMAP_MIN_ADDRESS) return "EPERM";
    if (end > STACK_TOP - LARGEST_ROOM || !isFree(this.areas, start, end)) return "ENOMEM";
    for (const segment of program.segments) {
      const { protection } = segment;
      const at = segment.start + bias;
      const zerosAt = at + segment.mappedBytes;
      const zerosEnd = pageCeil(segment.zeroEnd + bias);
      if (segment.mappedBytes > 0)
        this.#place({ ...imageArea, start: at, end: zerosAt, protection, backing: { kind: "file", inode, offset: segment.offset, path } });
      if (zerosEnd > zerosAt) this.#place({ ...imageArea, start: zerosAt, end: zerosEnd, protection, backing: { kind: "anonymous" } });
      this.#zeroBytesLeft -= zerosEnd - zerosAt;
      const tail = segment.zeroStart + bias;
      if (segment.zeroEnd > segment.zeroStart && tail % PAGE_BYTES !== 0 && protection & PROT_WRITE) this.zeroTails.push(tail);
    }
    return this.#zeroBytesLeft < 0 ? "ENOMEM" : null;
  }
  #place(area: Area): void {
    this.areas = place(this.areas, area);
  }
}

/** Room below the first contents of the stack that belongs to its area from the start (setup_arg_pages in fs/exec.c). */
const STACK_EXPANSION = 0x2_0000;
function stackArea(pointer: number, stackLimit: number, isExecutable: boolean): Area {
  const bottom = pageFloor(pointer);
  return {
    start: Math.min(bottom, Math.max(bottom - STACK_EXPANSION, STACK_TOP - pageFloor(Math.min(stackLimit, TASK_SIZE)))),
    end: STACK_TOP,
    protection: PROT_READ | PROT_WRITE | (isExecutable ? PROT_EXEC : 0),
    maxProtection: 7,
    isShared: false,
    growsDown: true,
    isLocked: false,
    backing: { kind: "anonymous" },
    name: "[stack]",
  };
}
