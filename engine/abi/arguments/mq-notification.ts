// mq_notify's second argument: a sigevent, and the 32 bytes behind its pointer where a thread is to be started (mq_notify(2), "C library/kernel differences").
import type { Arg } from "../argument.ts";
import { decodeField } from "../field.ts";
import { type Bytes, bigOf, orNull, uint64 } from "../memory-view.ts";
import { notifications, sigevent } from "../structs/sigevent.ts";

export const COOKIE_BYTES = 32;
export interface MqNotification {
  readonly event: ReturnType<(typeof sigevent)["get"]>;
  /** What the C library's thread is told by; `null` where there is none, or it cannot be read (`isCookieLost`). */
  readonly cookie: Bytes | null;
  readonly isCookieLost: boolean;
}
export const mqNotification: Arg<MqNotification | null> = {
  label: "in sigevent",
  decode(raw, memory) {
    if (uint64(raw) === 0) return null;
    const event = decodeField(sigevent, memory.read(uint64(raw), sigevent.size));
    if (event.sigev_notify !== notifications.SIGEV_THREAD) return { event, cookie: null, isCookieLost: false };
    const cookie = orNull(() => memory.read(Number(event.sigev_value), COOKIE_BYTES));
    return { event, cookie, isCookieLost: !cookie };
  },
  format(raw, view) {
    if (uint64(raw) === 0) return "NULL";
    return orNull(() => sigevent.format(decodeField(sigevent, view.before.read(uint64(raw), sigevent.size)))) ?? `0x${bigOf(raw).toString(16)}`;
  },
};
