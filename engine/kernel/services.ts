// All services together: the reducers, one for each call that is served. The build keeps their names, and loads most services when a call of theirs is first met.
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
