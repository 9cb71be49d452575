// struct sigevent (sigevent(7)), 64 bytes.
import { bits64, bytes, i32, struct } from "../field.ts";

export const notifications = { SIGEV_SIGNAL: 0, SIGEV_NONE: 1, SIGEV_THREAD: 2, SIGEV_THREAD_ID: 4 } as const;
export const sigevent = struct({ sigev_value: bits64, sigev_signo: i32, sigev_notify: i32, sigev_notify_thread_id: i32, _pad: bytes(44) });
