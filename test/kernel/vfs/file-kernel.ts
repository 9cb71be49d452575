// A booted kernel with a small image and one process that makes calls on files, as a test writes them: by name, with decoded arguments.

import { type SyscallName, syscalls } from "../../../engine/abi/syscalls.ts";
import { initialState } from "../../../engine/kernel/initial-state.ts";
import type { Kernel } from "../../../engine/kernel/kernel.ts";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { bear } from "../../../engine/kernel/objects/births.ts";
import { bootProcess } from "../../../engine/kernel/objects/first-process.ts";
import { bootFiles, type HostFolder } from "../../../engine/kernel/objects/root-files.ts";
import { createSpace, type NewSpace } from "../../../engine/kernel/objects/spaces.ts";
import { createFirstContext, openStandardFiles } from "../../../engine/kernel/objects/standard-files.ts";
import { FIRST_PROCESS, taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { createTerminal } from "../../../engine/kernel/objects/terminals.ts";
import { sleep } from "../../../engine/kernel/objects/waiting.ts";
import type { Outcome } from "../../../engine/kernel/service.ts";
import { reducerOf } from "../../../engine/kernel/services.ts";
import { KernelStore } from "../../../engine/kernel/store.ts";
import { type Image, type ImageEntry, storedContents } from "../../../engine/loader/image.ts";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { BOOT_PARAMETERS } from "../boot-parameters.ts";

const PARAMETERS: BootParameters = { ...BOOT_PARAMETERS, program: "/bin/true", argv: ["true"], hostname: "test" };
const directory = (path: string, mode = 0o755): ImageEntry => ({ path, kind: "directory", mode, uid: 0, gid: 0, mtimeSeconds: 1000 });
export const file = (path: string, text: string, mode = 0o644): ImageEntry => ({
  path,
  kind: "file",
  mode,
  uid: 0,
  gid: 0,
  mtimeSeconds: 1000,
  content: bytesOf(text),
});
export const IMAGE: Image = {
  name: "test",
  digest: "sha256:0",
  entries: [directory("/"), directory("/etc"), file("/etc/motd", "hello\n"), directory("/tmp", 0o1777)],
  config: { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } },
};

const NOTHING = new Uint8Array(0);
const BARE_SPACE: NewSpace = {
  brkStart: 0,
  brk: 0,
  mmapTop: 0,
  stackLimit: 0,
  argumentRange: [0, 0],
  environmentRange: [0, 0],
  arguments: NOTHING,
  environment: NOTHING,
  auxiliaryVector: NOTHING,
};

export interface Answered {
  /** The return value, or the errno's name, or "waits". */
  readonly value: number | string;
  readonly outs: any;
}
export class FileKernel {
  readonly store: KernelStore;
  tid = FIRST_PROCESS;

  constructor(folders: readonly HostFolder[] = [], parameters: Partial<BootParameters> = {}, image = IMAGE) {
    const all = { ...PARAMETERS, ...parameters };
    this.store = new KernelStore(initialState(all), storedContents(image, ...folders));
    const { kernel } = this;
    bootFiles(kernel, image, folders);
    createTerminal(kernel, 0, all.terminal);
    bootProcess(kernel, all, { files: openStandardFiles(kernel, all), fsContext: createFirstContext(kernel, "/") });
    taskOf(kernel, this.tid).space = createSpace(kernel, [], BARE_SPACE);
    this.store.takeEffects();
  }
  get kernel(): Kernel {
    return this.store.at(0);
  }
  /** Paths and buffers may be given as text. A call that waits sleeps, and is presented again by `again`. */
  call(name: SyscallName, ...values: readonly unknown[]): Answered {
    const names = Object.keys(syscalls[name].args);
    const args = Object.fromEntries(
      names.map((argument, i) => [argument, typeof values[i] === "string" ? bytesOf(values[i]) : values[i] === undefined ? 0 : values[i]]),
    );
    return this.present(name, args, "run", null);
  }
  /** The sleeping call once more, if it was woken. */
  again(): Answered {
    const task = taskOf(this.kernel, this.tid);
    const { waiting, due } = task;
    if (!waiting || due === "run") return { value: "waits", outs: {} };
    const { name, args, memo } = this.#sleeping.get(this.tid)!;
    task.waiting = null;
    task.due = "run";
    return this.present(name, args, due, memo);
  }
  readonly #sleeping = new Map<number, { name: SyscallName; args: Record<string, unknown>; memo: unknown }>();
  present(name: SyscallName, args: Record<string, unknown>, due: "run" | "resume" | "interrupt" | "timeout", memo: unknown): Answered {
    const { kernel, tid } = this;
    const outcome: Outcome<any> = reducerOf(name)!(kernel, { tid, pid: taskOf(kernel, tid).pid, args, raws: [], due, memo });
    if (outcome.kind === "done") return { value: outcome.value, outs: outcome.outs };
    if (outcome.kind === "fail") return { value: outcome.errno, outs: {} };
    if (outcome.kind === "gone") return { value: "gone", outs: {} };
    const { channels, deadlineNanos = null, memo: kept = null } = outcome.until;
    sleep(kernel, tid, { number: syscalls[name].number, raws: [], reads: [], unwritable: [], channels, deadlineNanos, memo: kept });
    this.#sleeping.set(tid, { name, args, memo: kept });
    return { value: "waits", outs: {} };
  }
  /** Another process, a child of the present one, with the same open files. */
  fork(): number {
    return bear(this.kernel, this.tid, { flags: 0, exitSignal: 17 } as Parameters<typeof bear>[2]);
  }
  /** Opens, reads all, closes. */
  textOf(path: string): string {
    const { value: fd } = this.call("open", path, 0, 0);
    if (typeof fd !== "number") return fd;
    const { outs } = this.call("read", fd, 0, 1 << 20);
    this.call("close", fd);
    return String.fromCharCode(...outs.buf);
  }
}
