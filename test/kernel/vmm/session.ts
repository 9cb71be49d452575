// A machine's kernel without a processor: files of the test's own, the first program loaded, calls made by hand.
import { protections } from "../../../engine/abi/constants/mmap.ts";
import type { InsOf, OutsOf, SyscallName } from "../../../engine/abi/syscalls.ts";
import { type Booted, bootState } from "../../../engine/boot.ts";
import type { Effect, Kernel } from "../../../engine/kernel/kernel.ts";
import { areasOf, spaceOf } from "../../../engine/kernel/objects/spaces.ts";
import { FIRST_PROCESS, processOf, taskOf } from "../../../engine/kernel/objects/tasks.ts";
import type { Outcome } from "../../../engine/kernel/service.ts";
import { reducerOf } from "../../../engine/kernel/services.ts";
import type { KernelStore } from "../../../engine/kernel/store.ts";
import type { ImageEntry } from "../../../engine/loader/image.ts";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { elfImage } from "../../loader/elf-image.ts";
import { BOOT_PARAMETERS } from "../boot-parameters.ts";

export const MEMORY_BYTES = 1 << 28;
const PARAMETERS: BootParameters = {
  ...BOOT_PARAMETERS,
  program: "/bin/program",
  argv: ["program", "one"],
  environment: ["A=1"],
  standard: ["terminal", "terminal", "terminal"],
  memoryBytes: MEMORY_BYTES,
};
/** A program with code at 0x400000 and, from 0x401000 on, 16 bytes of data and 0x3000 of zeros. */
export const PROGRAM = elfImage({
  entry: 0x40_0100,
  segments: [
    { flags: 5, fileBytes: 0x1000 },
    { flags: 6, offset: 0x1000, address: 0x40_1000, fileBytes: 0x10, memoryBytes: 0x3010 },
    { type: 0x6474_e551, flags: 6 },
  ],
});
export interface TestFile {
  readonly content?: Uint8Array | string;
  readonly mode?: number;
  readonly target?: string;
}
const common = { uid: 0, gid: 0, mtimeSeconds: 0 };
function entriesOf(files: Readonly<Record<string, TestFile>>): readonly ImageEntry[] {
  const folders = new Set(["/", "/tmp"]);
  for (const path of Object.keys(files)) for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) folders.add(path.slice(0, at));
  const directories = [...folders].map((path): ImageEntry => ({ path, kind: "directory", mode: 0o755, ...common }));
  const others = Object.entries(files).map(([path, { content = "", mode = 0o755, target }]): ImageEntry => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return target === undefined ? { path, kind: "file", mode, content: bytes, ...common } : { path, kind: "symlink", mode: 0o777, target, ...common };
  });
  return [...directories, ...others].sort((a, b) => (a.path < b.path ? -1 : 1));
}
export const bootWith = (files: Readonly<Record<string, TestFile>>, parameters: Partial<BootParameters> = {}): Booted =>
  bootState(
    { name: "test", digest: "0", entries: entriesOf(files), config: { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } } },
    [],
    { ...PARAMETERS, ...parameters },
  );

export class Session {
  readonly store: KernelStore;
  readonly bootEffects: readonly Effect[];

  constructor(files: Readonly<Record<string, TestFile>> = {}, parameters: Partial<BootParameters> = {}) {
    const booted = bootWith({ "/bin/program": { content: PROGRAM }, ...files }, parameters);
    if (booted.kind === "fail") throw new Error(`The test's program is refused: ${booted.errno}.`);
    this.store = booted.store;
    this.bootEffects = booted.effects;
  }
  get kernel(): Kernel {
    return this.store.at(0);
  }
  outcome<N extends SyscallName>(name: N, args: InsOf<N>): Outcome<OutsOf<N>> {
    const call = { tid: FIRST_PROCESS, pid: FIRST_PROCESS, args, raws: [], due: "run", memo: null } as const;
    return reducerOf(name)!(this.kernel, call);
  }
  /** The value, or the errno's name. */
  call<N extends SyscallName>(name: N, args: InsOf<N>): number | string {
    const outcome = this.outcome(name, args);
    return outcome.kind === "done" ? outcome.value : outcome.kind === "fail" ? outcome.errno : outcome.kind;
  }
  takeEffects(): readonly Effect[] {
    return this.store.takeEffects();
  }
  get space(): number {
    return taskOf(this.kernel, FIRST_PROCESS).space;
  }
  /** As in /proc/PID/maps, without paths: `400000-401000 r-xp`. */
  maps(space = this.space): readonly string[] {
    return areasOf(spaceOf(this.kernel, space)).map(area => {
      const letters = [
        [protections.PROT_READ, "r"],
        [protections.PROT_WRITE, "w"],
        [protections.PROT_EXEC, "x"],
      ] as const;
      const rights = letters.map(([bit, letter]) => (area.protection & bit ? letter : "-")).join("");
      return `${area.start.toString(16)}-${area.end.toString(16)} ${rights}${area.isShared ? "s" : "p"}${area.name ? ` ${area.name}` : ""}`;
    });
  }
  setLimit(resource: number, bytes: number): void {
    processOf(this.kernel, FIRST_PROCESS).limits[resource] = [bytes, bytes];
  }
  becomeUser(): void {
    const { credentials } = processOf(this.kernel, FIRST_PROCESS);
    Object.assign(credentials, { ruid: 1000, euid: 1000, suid: 1000, fsuid: 1000 });
    credentials.capabilities.effective = 0n;
    credentials.capabilities.permitted = 0n;
  }
}
