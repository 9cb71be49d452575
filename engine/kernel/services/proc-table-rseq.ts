// rseq(2): a thread says where its restartable sequences are told of. What preemption and signals do to a sequence is the machine's: engine/restartable-sequence.ts.
import { AREA_BYTES, NO_CPU, rseqFlags } from "../../abi/structs/rseq.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail } from "../service.ts";

export const rseqCalls: Pick<Calls<"procTable">, "rseq"> = {
  // The order of errors is kernel/rseq.c's.
  rseq(kernel, call) {
    const { rseq: address, rseq_len: length, flags, sig: signature } = call.args;
    const task = taskOf(kernel, call.tid);
    const { rseq: before } = task;
    const isUnregistering = flags === rseqFlags.RSEQ_FLAG_UNREGISTER;
    if (flags !== 0 && !isUnregistering) return fail("EINVAL");
    if (before) {
      if (before.address !== address || before.length !== length) return fail("EINVAL");
      if (before.signature !== signature) return fail("EPERM");
      if (!isUnregistering) return fail("EBUSY");
      task.rseq = null;
      return done(0, { rseq: { cpu: NO_CPU, isFresh: false } });
    }
    if (isUnregistering || length < AREA_BYTES || address % AREA_BYTES !== 0) return fail("EINVAL");
    task.rseq = { address, length, signature };
    return done(0, { rseq: { cpu: 0, isFresh: true } });
  },
};
