// All services together: their initial state and their reducers, one for each call that is served.
import type { SyscallName } from "../abi/syscalls.ts";
import type { Kernel } from "./kernel.ts";
import type { Call, Outcome } from "./service.ts";

type AnyReducer = (kernel: Kernel, call: Call<any>) => Outcome<any>;
const reducers: Readonly<Record<string, AnyReducer>> = {};
export const reducerOf = (name: SyscallName): AnyReducer | undefined => reducers[name];
