// /proc/PID/loginuid and sessionid: as whom somebody logged in, which login(1), cron(8) and their like write and all that is started from there inherits (pam_loginuid(8); kernel/auditsc.c).
import type { Errno } from "../../abi/errno.ts";
import { can } from "../objects/credentials.ts";
import { processOf } from "../objects/tasks.ts";
import type { ProcessQuestion } from "./entry.ts";

/** AUDIT_UID_UNSET and AUDIT_SID_UNSET. */
const UNSET = 0xffff_ffff;
export const loginUser = ({ task }: ProcessQuestion): string => String(task?.login?.uid ?? UNSET);
export const loginSession = ({ task }: ProcessQuestion): string => String(task?.login?.session ?? UNSET);

/** Only the task itself may, and another time only who may control audits. */
export function setLoginUser({ kernel, reader, task }: ProcessQuestion, text: string): Errno | undefined {
  if (!task || reader.tid !== task.tid) return "EPERM";
  const digits = /^\+?(\d+)\n?$/.exec(text)?.[1];
  if (digits === undefined) return "EINVAL";
  const uid = Number(digits);
  if (uid > UNSET) return "ERANGE";
  if (task.login && !can(processOf(kernel, reader.pid).credentials, "CAP_AUDIT_CONTROL")) return "EPERM";
  if (uid === UNSET) delete task.login;
  else {
    kernel.system.logins = (kernel.system.logins ?? 0) + 1;
    task.login = { uid, session: kernel.system.logins };
  }
  return undefined;
}
