// recvmmsg(2): many messages by one call. It waits until it has all of them; what it has lies in its memo meanwhile. Its time limit is looked at after each message only, as on Linux
// (recvmmsg(2), "BUGS").
import type { Draft } from "immer";
import type { MessageRoom, ReceivedMessage } from "../../abi/arguments/sockets.ts";
import { messageFlags } from "../../abi/constants/sockets.ts";
import { isValid, nanosOf, timespecOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { type Call, done, fail, type Outcome } from "../service.ts";
import type { OpenFile } from "../state/vfs.ts";
import { countOf, deliver, isReceived, receiveNext } from "./net-messages.ts";

const { MSG_DONTWAIT, MSG_WAITFORONE } = messageFlags;
type Timeout = { readonly tv_sec: number; readonly tv_nsec: number };
type Arguments = { readonly msgvec: readonly (MessageRoom | null)[]; readonly flags: number; readonly timeout: Timeout | null };
interface ManyMemo {
  readonly messages: readonly ReceivedMessage[];
  readonly lengths: readonly number[];
  readonly untilNanos: number | null;
  /** Of the message that is waited for. */
  readonly next: unknown;
}
type Many = Outcome<{ msgvec: { messages: readonly ReceivedMessage[]; lengths: readonly number[] } | undefined; timeout: Timeout | undefined }>;

export function receiveMany(kernel: Kernel, call: Call<Arguments>, open: Draft<OpenFile>): Many {
  const { msgvec, flags, timeout } = call.args;
  if (timeout && (!isValid(timeout) || nanosOf(timeout) < 0)) return fail("EINVAL");
  const kept = call.memo as ManyMemo | null;
  const untilNanos = kept ? kept.untilNanos : timeout && kernel.nowNanos + nanosOf(timeout);
  const messages = [...(kept?.messages ?? [])];
  const lengths = [...(kept?.lengths ?? [])];
  let turn: Call<unknown> = { ...call, memo: kept?.next ?? null };
  for (const room of msgvec.slice(messages.length)) {
    if (!room) {
      if (messages.length === 0) return fail("EMSGSIZE");
      break;
    }
    const isPatient = messages.length === 0 || (flags & MSG_WAITFORONE) === 0;
    const received = receiveNext(kernel, turn, open, room.length, isPatient ? flags & ~MSG_WAITFORONE : flags | MSG_DONTWAIT);
    if (!isReceived(received)) {
      if (received.kind === "block")
        return { kind: "block", until: { ...received.until, memo: { messages, lengths, untilNanos, next: received.until.memo ?? null } } };
      if (messages.length === 0) return received;
      break;
    }
    messages.push(deliver(kernel, call, open, received, room, flags));
    lengths.push(countOf(received, flags));
    turn = { ...turn, due: "run", memo: null };
    if (untilNanos !== null && kernel.nowNanos >= untilNanos) break;
  }
  const leftNanos = untilNanos === null ? null : Math.max(0, untilNanos - kernel.nowNanos);
  return done(messages.length, { msgvec: { messages, lengths }, timeout: leftNanos === null ? undefined : timespecOf(leftNanos) });
}
