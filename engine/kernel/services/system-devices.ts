// Calls about file systems as the kernel knows them, quotas, and the terminal that is hung up: old ones, and few programs make them.

import { fileSystemTypes } from "../../abi/constants/file-systems.ts";
import type { Errno } from "../../abi/errno.ts";
import { unpackDevice } from "../../abi/structs/stat.ts";
import type { Kernel } from "../kernel.ts";
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { deviceOf, fileSystemStatus } from "../objects/file-status.ts";
import { inodeOf } from "../objects/inodes.ts";
import { anyOpenFileOf } from "../objects/open-files.ts";
import { AT_FDCWD, resolve } from "../objects/paths.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { hangUp } from "../objects/terminals.ts";
import { type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";

const NAMELESS = new Uint8Array(6);
const MAXQUOTAS = 3;
/** quotactl(2): the command stands above the kind of quota. */
const Q_SYNC = 0x80_0001;
const quotaKind = (cmd: number): number => cmd & 0xff;
const quotaCommand = (cmd: number): number => cmd >>> 8;
/** There are no block devices with file systems: whatever is named is none (fs/quota/quota.c, quotactl_block). */
function whyNoQuota(kernel: Kernel, tid: number, special: Uint8Array): Errno {
  const found = resolve(kernel, taskOf(kernel, tid), AT_FDCWD, binary(special), { followLast: true });
  if (found.kind === "fail") return found.errno;
  if (found.kind === "missing") return "ENOENT";
  return "inode" in found.location && inodeOf(kernel, found.location.inode).kind === "block" ? "ENODEV" : "ENOTBLK";
}

type Names = "ustat" | "sysfs" | "vhangup" | "quotactl" | "quotactl_fd";
export const deviceCalls: Pick<Calls<"system">, Names> = {
  ustat(kernel, call) {
    const [major, minor] = unpackDevice(call.args.dev);
    const fileSystem = kernel.vfs.mounts.findIndex((mount, i) => mount !== null && deviceOf(i)[0] === major && deviceOf(i)[1] === minor);
    if (fileSystem < 0) return fail("EINVAL");
    const { f_bfree, f_ffree } = fileSystemStatus(kernel, fileSystem);
    return done(0, { ubuf: { f_tfree: f_bfree, f_tinode: f_ffree, f_fname: NAMELESS, f_fpack: NAMELESS } });
  },
  sysfs(_, call) {
    const { option, arg1 } = call.args;
    if (option === 1) {
      const index = fileSystemTypes.indexOf(binary(arg1 as Uint8Array) as (typeof fileSystemTypes)[number]);
      return index < 0 ? fail("EINVAL") : done(index, { arg2: undefined });
    }
    if (option === 2) {
      const name = fileSystemTypes[arg1 as number];
      if (name === undefined) return fail("EINVAL");
      return done(0, { arg2: bytesOf(`${name}\0`) });
    }
    return option === 3 ? done(fileSystemTypes.length, { arg2: undefined }) : fail("EINVAL");
  },
  vhangup(kernel, call) {
    const { credentials, terminal } = processOf(kernel, call.pid);
    if (!can(credentials, "CAP_SYS_TTY_CONFIG")) return fail("EPERM");
    if (terminal !== null) hangUp(kernel, terminal);
    return OK;
  },
  quotactl(kernel, call): PlainOutcome {
    const { cmd, special } = call.args;
    if (quotaKind(cmd) >= MAXQUOTAS) return fail("EINVAL");
    if (special === null) return quotaCommand(cmd) === Q_SYNC ? OK : fail("ENODEV");
    return fail(special.length === 0 ? "ENOENT" : whyNoQuota(kernel, call.tid, special as Uint8Array));
  },
  // Mounted file systems without quotas (fs/quota/quota.c, do_quotactl).
  quotactl_fd(kernel, call) {
    if (!anyOpenFileOf(kernel, taskOf(kernel, call.tid), call.args.fd)) return fail("EBADF");
    return fail(quotaKind(call.args.cmd) >= MAXQUOTAS ? "EINVAL" : "ENOSYS");
  },
};
