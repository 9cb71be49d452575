// Who is told by a signal that a file can be read: F_SETOWN, F_SETSIG and what asks for them (fcntl(2)).
import type { Draft } from "immer";
import { LAST_SIGNAL } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import { groupMembers, processOf } from "../objects/tasks.ts";
import { done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile, SignalOwner } from "../state/vfs.ts";

interface Subject {
  readonly task: Draft<Task>;
  readonly open: Draft<OpenFile>;
  readonly argument: unknown;
}
type Owned = Pick<SignalOwner, "kind" | "id">;
type OwnerValue = { readonly type: number; readonly pid: number };
/** F_OWNER_TID, F_OWNER_PID and F_OWNER_PGRP. */
const KINDS = ["thread", "process", "group"] as const;
const LEAST_INT = -(2 ** 31);

const signalOf = ({ owner }: Draft<OpenFile>): number => owner?.signal ?? 0;
function setOwner(kernel: Kernel, { task, open }: Subject, { kind, id }: Owned): PlainOutcome {
  const isThere =
    kind === "thread" ? kernel.procTable.tasks.has(id) : kind === "group" ? groupMembers(kernel, id).length > 0 : kernel.procTable.processes.has(id);
  if (kind !== "none" && !isThere) return fail("ESRCH");
  const { ruid, euid } = processOf(kernel, task.pid).credentials;
  open.owner = { kind, id, signal: signalOf(open), uid: ruid, euid };
  return OK;
}
const owned = (kind: SignalOwner["kind"], id: number): Owned => (id === 0 ? { kind: "none", id: 0 } : { kind, id });

export const signalCommands = {
  F_SETOWN(kernel: Kernel, subject: Subject): PlainOutcome {
    const id = Number(subject.argument) | 0;
    if (id === LEAST_INT) return fail("EINVAL");
    return setOwner(kernel, subject, owned(id < 0 ? "group" : "process", Math.abs(id)));
  },
  F_GETOWN(_: Kernel, { open: { owner } }: Subject): PlainOutcome {
    return done(owner?.kind === "group" ? -owner.id : (owner?.id ?? 0), {});
  },
  F_SETOWN_EX(kernel: Kernel, subject: Subject): PlainOutcome {
    const wanted = subject.argument as OwnerValue | null;
    if (wanted === null) return fail("EFAULT");
    const kind = KINDS[wanted.type];
    return kind ? setOwner(kernel, subject, owned(kind, wanted.pid)) : fail("EINVAL");
  },
  F_GETOWN_EX(_: Kernel, { open: { owner } }: Subject): Outcome<{ arg: OwnerValue }> {
    const kind = owner && owner.kind !== "none" ? owner.kind : "thread";
    return done(0, { arg: { type: KINDS.indexOf(kind), pid: owner?.id ?? 0 } });
  },
  F_SETSIG(_: Kernel, { open, argument }: Subject): PlainOutcome {
    const signal = Number(argument);
    if (signal < 0 || signal > LAST_SIGNAL) return fail("EINVAL");
    open.owner = { ...(open.owner ?? { kind: "none", id: 0, uid: 0, euid: 0 }), signal };
    return OK;
  },
  F_GETSIG: (_: Kernel, { open }: Subject): PlainOutcome => done(signalOf(open), {}),
};
