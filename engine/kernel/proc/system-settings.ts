// /proc/sys: settings of the kernel (proc_sys(5)). Those that may be written here change what the rest of the kernel does; the others only tell.

import { NR_OPEN } from "../../abi/constants/resource-limits.ts";
import type { Errno } from "../../abi/errno.ts";
import { can } from "../objects/credentials.ts";
import { MAX_PIPE_CAPACITY } from "../objects/pipes.ts";
import { randomBytes } from "../objects/random.ts";
import { RELEASE, VERSION } from "../objects/release.ts";
import { processOf } from "../objects/tasks.ts";
import { FIRST_EPHEMERAL_PORT, LAST_EPHEMERAL_PORT, SOCKET_BUFFER } from "../state/net.ts";
import { PID_MAX } from "../state/proc-table.ts";
import { MOST_TERMINALS } from "../state/tty.ts";
import { LEASE_BREAK_SECONDS } from "../state/vfs.ts";
import { hexadecimal, type Question } from "./entry.ts";

const LONGEST_NAME = 64;
/** A name of the machine, which sethostname(2) and the like change too. */
export const systemName = (which: "hostname" | "domainname") => ({
  read: ({ kernel }: Question): string => `${kernel.system[which]}\n`,
  write({ kernel, reader }: Question, text: string): Errno | undefined {
    if (!can(processOf(kernel, reader.pid).credentials, "CAP_SYS_ADMIN")) return "EPERM";
    kernel.system[which] = text.replace(/[\0\n].*$/s, "").slice(0, LONGEST_NAME);
    return undefined;
  },
});

const uuidOf = (bytes: Uint8Array): string => {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = [...bytes].map(byte => hexadecimal(byte, 2)).join("");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}\n`;
};
/** Another one at each reading (random(4)). */
export const uuid = ({ kernel }: Question): string => uuidOf(randomBytes(kernel, 16));
/** The same until the next boot: it follows from the seed alone. */
export function bootId({ kernel }: Question): string {
  let word = kernel.system.parameters.seed | 0;
  const bytes = Uint8Array.from({ length: 16 }, () => {
    word = Math.imul(word ^ (word >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9;
    return word >>> 24;
  });
  return uuidOf(bytes);
}

export const openFileCounts = ({ kernel }: Question): string =>
  `${kernel.vfs.openFiles.length - kernel.vfs.freeOpenFiles.length}\t0\t${kernel.system.limits.openFiles}\n`;
export const inodeCounts = ({ kernel }: Question): string => `${kernel.vfs.inodes.length - 1}\t${kernel.vfs.freeInodes.length}\n`;
export const taskLimit = ({ kernel }: Question): string => `${kernel.system.limits.tasks}\n`;
export const openFileLimit = ({ kernel }: Question): string => `${kernel.system.limits.openFiles}\n`;
export const terminalCount = ({ kernel }: Question): string => `${kernel.tty.terminals.size}\n`;

/** Settings that never change. */
export const constants: Readonly<Record<string, string | number>> = {
  "sys/kernel/cap_last_cap": 40,
  "sys/kernel/core_pattern": "core",
  "sys/kernel/core_uses_pid": 0,
  "sys/kernel/dmesg_restrict": 0,
  "sys/kernel/ngroups_max": 65_536,
  "sys/kernel/osrelease": RELEASE,
  "sys/kernel/ostype": "Linux",
  "sys/kernel/overflowgid": 65_534,
  "sys/kernel/overflowuid": 65_534,
  "sys/kernel/panic": 0,
  "sys/kernel/pid_max": PID_MAX,
  "sys/kernel/printk": "7\t4\t1\t7",
  "sys/kernel/pty/max": MOST_TERMINALS,
  "sys/kernel/random/entropy_avail": 256,
  "sys/kernel/random/poolsize": 256,
  "sys/kernel/randomize_va_space": 0,
  "sys/kernel/tainted": 0,
  "sys/kernel/version": VERSION,
  "sys/fs/dir-notify-enable": 1,
  "sys/fs/fanotify/max_queued_events": 16_384,
  "sys/fs/fanotify/max_user_groups": 128,
  "sys/fs/fanotify/max_user_marks": 8192,
  "sys/fs/inotify/max_queued_events": 16_384,
  "sys/fs/lease-break-time": LEASE_BREAK_SECONDS,
  "sys/fs/leases-enable": 1,
  "sys/fs/nr_open": NR_OPEN,
  "sys/fs/pipe-max-size": MAX_PIPE_CAPACITY,
  "sys/fs/protected_hardlinks": 0,
  "sys/fs/protected_symlinks": 0,
  "sys/fs/suid_dumpable": 0,
  "sys/vm/max_map_count": 65_530,
  "sys/vm/mmap_min_addr": 65_536,
  "sys/vm/overcommit_memory": 0,
  "sys/vm/overcommit_ratio": 50,
  "sys/vm/swappiness": 60,
  "sys/net/core/somaxconn": 4096,
  "sys/net/core/rmem_default": SOCKET_BUFFER,
  "sys/net/core/wmem_default": SOCKET_BUFFER,
  "sys/net/ipv4/ip_forward": 0,
  "sys/net/ipv4/ip_local_port_range": `${FIRST_EPHEMERAL_PORT}\t${LAST_EPHEMERAL_PORT}`,
  "sys/dev/tty/legacy_tiocsti": 0,
};
