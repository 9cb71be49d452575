// Calls that are not served: each has a name and its arguments' names, and the errno of a kernel built without it, or for a caller without the privilege.
// perf_event_open is refused as by kernel.perf_event_paranoid=3, bpf as by kernel.unprivileged_bpf_disabled, userfaultfd as by vm.unprivileged_userfaultfd=0, io_uring as by
// kernel.io_uring_disabled=2.
// Whoever serves one moves its row to the group of its service.
import { unserved } from "../row.ts";

export const unservedRows = {
  init_module: unserved(175, "module_image len param_values", "EPERM"),
  delete_module: unserved(176, "name flags", "EPERM"),
  kexec_load: unserved(246, "entry nr_segments segments flags", "EPERM"),
  perf_event_open: unserved(298, "attr pid cpu group_fd flags", "EACCES", ["desc"]),
  finit_module: unserved(313, "fd param_values flags", "EPERM", ["desc"]),
  kexec_file_load: unserved(320, "kernel_fd initrd_fd cmdline_len cmdline flags", "EPERM", ["desc"]),
  bpf: unserved(321, "cmd attr size", "EPERM", ["desc"]),
  userfaultfd: unserved(323, "flags", "EPERM", ["desc"]),
  io_uring_setup: unserved(425, "entries params", "EPERM", ["desc"]),
  io_uring_enter: unserved(426, "fd to_submit min_complete flags sig sigsz", "EPERM", ["desc", "signal"]),
  io_uring_register: unserved(427, "fd opcode arg nr_args", "EPERM", ["desc", "memory"]),
};
