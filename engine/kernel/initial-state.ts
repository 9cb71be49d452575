// The first state of each slice.
import type { BootParameters } from "../../events/kernel-event.ts";
import { emptyIpc } from "./state/ipc.ts";
import type { KernelState } from "./state/kernel-state.ts";
import { emptyNet } from "./state/net.ts";
import { emptyPoll } from "./state/poll.ts";
import { initialProcTable } from "./state/proc-table.ts";
import { initialSignal } from "./state/signal.ts";
import { initialSystem } from "./state/system.ts";
import { initialTime } from "./state/time.ts";
import { emptyTty } from "./state/tty.ts";
import { emptyVfs } from "./state/vfs.ts";
import { initialVmm } from "./state/vmm.ts";

export const initialState = (parameters: BootParameters): KernelState => ({
  vfs: emptyVfs,
  vmm: initialVmm,
  procTable: initialProcTable,
  signal: initialSignal,
  time: initialTime(parameters),
  tty: emptyTty,
  poll: emptyPoll,
  net: emptyNet,
  ipc: emptyIpc,
  system: initialSystem(parameters),
});
