// The kernel's whole state: one immutable value, a slice for each service. Plain data, normalised by id: no object is reachable by two paths.
import type { IpcState } from "./ipc.ts";
import type { NetState } from "./net.ts";
import type { PollState } from "./poll.ts";
import type { ProcTableState } from "./proc-table.ts";
import type { SignalState } from "./signal.ts";
import type { SystemState } from "./system.ts";
import type { TimeState } from "./time.ts";
import type { TtyState } from "./tty.ts";
import type { VfsState } from "./vfs.ts";
import type { VmmState } from "./vmm.ts";

export interface KernelState {
  readonly vfs: VfsState;
  readonly vmm: VmmState;
  readonly procTable: ProcTableState;
  readonly signal: SignalState;
  readonly time: TimeState;
  readonly tty: TtyState;
  readonly poll: PollState;
  readonly net: NetState;
  readonly ipc: IpcState;
  readonly system: SystemState;
}
