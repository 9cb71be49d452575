// Waiting until whoever watches a file has said whether it may be used (fanotify(7), permission events), or has given back a lease on it (fcntl(2), F_SETLEASE).
import type { Kernel } from "./kernel.ts";
import { cancelQuestion, type Pending } from "./objects/permission-events.ts";
import { taskOf } from "./objects/tasks.ts";
import { type Call, type Outcome, wait } from "./service.ts";

/** Linux waits through all signals that do not end the process; here the question is withdrawn, and asked again when the call is made again after the handler. */
export function awaitAnswer(kernel: Kernel, call: Call<unknown>, { channel, deadlineNanos }: Pending): Outcome<never> {
  if (call.due === "interrupt") cancelQuestion(kernel, taskOf(kernel, call.tid));
  return wait(call, { channels: [channel], memo: call.memo, ...(deadlineNanos !== undefined && { deadlineNanos }) });
}
