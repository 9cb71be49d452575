// All services together: the first state of each slice, and the reducers, one for each call that is served.
import type { BootParameters } from "../../events/kernel-event.ts";
import type { HandledBy, SyscallName } from "../abi/syscalls.ts";
import type { Kernel } from "./kernel.ts";
import type { Call, Outcome } from "./service.ts";
import { ipcCalls } from "./services/ipc.ts";
import { netCalls } from "./services/net.ts";
import { pollCalls } from "./services/poll.ts";
import { procTableCalls } from "./services/proc-table.ts";
import { signalCalls } from "./services/signal.ts";
import { systemCalls } from "./services/system.ts";
import { timeCalls } from "./services/time.ts";
import { vfsCalls } from "./services/vfs.ts";
import { vmmCalls } from "./services/vmm.ts";
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

type AnyReducer = (kernel: Kernel, call: Call<any>) => Outcome<any>;
const reducers: Readonly<Record<Exclude<SyscallName, HandledBy<"none">>, AnyReducer>> = {
  ...vfsCalls,
  ...pollCalls,
  ...netCalls,
  ...ipcCalls,
  ...vmmCalls,
  ...procTableCalls,
  ...signalCalls,
  ...timeCalls,
  ...systemCalls,
};
export const reducerOf = (name: SyscallName): AnyReducer | undefined => (reducers as Readonly<Record<string, AnyReducer>>)[name];
