// The calls of System V IPC, gathered from the files that serve them.
import type { Calls } from "../service.ts";
import { mqueueCalls } from "./ipc-mqueue.ts";
import { queueCalls } from "./ipc-queues.ts";
import { segmentCalls } from "./ipc-segments.ts";
import { semaphoreCalls } from "./ipc-semaphores.ts";

export const ipcCalls: Calls<"ipc"> = { ...segmentCalls, ...semaphoreCalls, ...queueCalls, ...mqueueCalls };
