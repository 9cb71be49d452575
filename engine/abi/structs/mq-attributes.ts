// struct mq_attr (mq_getattr(3)), 64 bytes.
import { array, i64, struct } from "../field.ts";

export const mqAttributes = struct({ mq_flags: i64, mq_maxmsg: i64, mq_msgsize: i64, mq_curmsgs: i64, _reserved: array(i64, 4) });
export type MqAttributes = ReturnType<(typeof mqAttributes)["get"]>;
