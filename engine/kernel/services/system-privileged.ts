// acct(2), iopl(2) and ioperm(2). Ports are for nobody: as where the kernel is locked down, which keeps even the superuser from them (kernel_lockdown(7)).
import { O_APPEND, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { binary } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { addReference, discardOpenFile, discardReference, hasRoomForOpenFile } from "../objects/open-files.ts";
import { openPath } from "../objects/opening.ts";
import { AT_FDCWD } from "../objects/paths.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Calls, fail, OK } from "../service.ts";

const MOST_PORTS = 65_536;
const MOST_LEVEL = 3;
export const privilegedCalls: Pick<Calls<"system">, "acct" | "iopl" | "ioperm"> = {
  acct(kernel, { tid, pid, args: { filename } }) {
    if (!can(processOf(kernel, pid).credentials, "CAP_SYS_PACCT")) return fail("EPERM");
    const before = kernel.system.accounting;
    if (filename !== undefined) {
      if (!hasRoomForOpenFile(kernel)) return fail("ENFILE");
      const path = filename && binary(filename);
      const opened = openPath(kernel, taskOf(kernel, tid), { dirfd: AT_FDCWD, path, flags: O_WRONLY | O_APPEND, mode: 0 });
      if (opened.kind === "fail") return opened;
      if (kernel.vfs.openFiles[opened.openFile]!.kind !== "regular") {
        discardOpenFile(kernel, opened.openFile);
        return fail("EACCES");
      }
      addReference(kernel, opened.openFile);
      kernel.system.accounting = opened.openFile;
    } else delete kernel.system.accounting;
    if (before !== undefined) discardReference(kernel, before);
    return OK;
  },
  iopl: (_, { args: { level } }) => (level > MOST_LEVEL ? fail("EINVAL") : level === 0 ? OK : fail("EPERM")),
  ioperm: (_, { args: { from, num, turn_on: turnOn } }) => (num <= 0 || from + num > MOST_PORTS ? fail("EINVAL") : turnOn === 0 ? OK : fail("EPERM")),
};
