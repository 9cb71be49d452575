// Calls that no Linux serves on x86-64: their numbers are reserved, or what was behind them is gone (syscalls(2)). Every kernel answers ENOSYS, so this one is served in full by saying so.
import { unserved } from "../row.ts";

const absent = (number: number, argumentNames: string, classes: readonly string[] = []) =>
  Object.defineProperty(unserved(number, argumentNames, "ENOSYS", classes), "isNowhere", { value: true, enumerable: true });

export const absentRows = {
  uselib: absent(134, "library", ["file"]),
  _sysctl: absent(156, "args"),
  create_module: absent(174, "name size"),
  get_kernel_syms: absent(177, "table"),
  query_module: absent(178, "name which buf bufsize ret"),
  nfsservctl: absent(180, "cmd argp resp"),
  getpmsg: absent(181, "fd ctlptr dataptr bandp flagsp", ["network"]),
  putpmsg: absent(182, "fd ctlptr dataptr band flags", ["network"]),
  afs_syscall: absent(183, ""),
  tuxcall: absent(184, ""),
  security: absent(185, ""),
  set_thread_area: absent(205, "u_info"),
  get_thread_area: absent(211, "u_info"),
  lookup_dcookie: absent(212, "cookie buffer len"),
  epoll_ctl_old: absent(214, ""),
  epoll_wait_old: absent(215, ""),
  vserver: absent(236, ""),
};
