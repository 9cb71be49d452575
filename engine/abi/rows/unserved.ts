// Calls that are not served: each has a name and its arguments' names, and the errno of a kernel built without it, or for a caller without the privilege.
// perf_event_open is refused as by kernel.perf_event_paranoid=3, bpf as by kernel.unprivileged_bpf_disabled, userfaultfd as by vm.unprivileged_userfaultfd=0, io_uring as by
// kernel.io_uring_disabled=2, landlock as where it is not among the security modules that were asked for at boot.
// Whoever serves one moves its row to the group of its service.
import { unserved } from "../row.ts";

export const unservedRows = {
  modify_ldt: unserved(154, "func ptr bytecount"),
  pivot_root: unserved(155, "new_root put_old", "EPERM", ["file"]),
  acct: unserved(163, "filename", "EPERM", ["file"]),
  swapon: unserved(167, "path swapflags", "EPERM", ["file"]),
  swapoff: unserved(168, "path", "EPERM", ["file"]),
  iopl: unserved(172, "level", "EPERM"),
  ioperm: unserved(173, "from num turn_on", "EPERM"),
  init_module: unserved(175, "module_image len param_values", "EPERM"),
  delete_module: unserved(176, "name flags", "EPERM"),
  kexec_load: unserved(246, "entry nr_segments segments flags", "EPERM"),
  perf_event_open: unserved(298, "attr pid cpu group_fd flags", "EACCES", ["desc"]),
  fanotify_init: unserved(300, "flags event_f_flags", "ENOSYS", ["desc"]),
  fanotify_mark: unserved(301, "fanotify_fd flags mask dirfd pathname", "ENOSYS", ["desc", "file"]),
  finit_module: unserved(313, "fd param_values flags", "EPERM", ["desc"]),
  kexec_file_load: unserved(320, "kernel_fd initrd_fd cmdline_len cmdline flags", "EPERM", ["desc"]),
  bpf: unserved(321, "cmd attr size", "EPERM", ["desc"]),
  userfaultfd: unserved(323, "flags", "EPERM", ["desc"]),
  io_uring_setup: unserved(425, "entries params", "EPERM", ["desc"]),
  io_uring_enter: unserved(426, "fd to_submit min_complete flags sig sigsz", "EPERM", ["desc", "signal"]),
  io_uring_register: unserved(427, "fd opcode arg nr_args", "EPERM", ["desc", "memory"]),
  landlock_create_ruleset: unserved(444, "attr size flags", "EOPNOTSUPP", ["desc"]),
  landlock_add_rule: unserved(445, "ruleset_fd rule_type rule_attr flags", "EOPNOTSUPP", ["desc"]),
  landlock_restrict_self: unserved(446, "ruleset_fd flags", "EOPNOTSUPP", ["desc"]),
  memfd_secret: unserved(447, "flags", "ENOSYS", ["desc"]),
};
