// Processes: creation, execution, waiting, identity, groups and sessions, limits, scheduling, futexes. Handled by engine/kernel/services/proc-table.ts.
import {
  Address,
  type Arg,
  DirFd,
  Environment,
  Fd,
  flags,
  Id,
  Int,
  inArray,
  inOutStruct,
  inSegments,
  inStruct,
  oneOf,
  outArray,
  outSegments,
  outStruct,
  outValue,
  Path,
  Pid,
  quoted,
  Size,
  Strings,
  text,
  Uint,
  variant,
} from "../argument.ts";
import { affinityMask, outAffinityMask } from "../arguments/affinity.ts";
import { bpfProgram } from "../arguments/bpf-program.ts";
import { ChildStack, ChildTid, CloneArguments, CloneFlags, ParentTid, ThreadPointer } from "../arguments/clone.ts";
import { FutexOperation, futexSecond, futexTarget, futexTimeout, futexWaiters } from "../arguments/futex.ts";
import { foreignSegments } from "../arguments/other-memory.ts";
import { TracedData, TracedPlaceArgument } from "../arguments/ptrace.ts";
import { RseqArea } from "../arguments/rseq.ts";
import { WideAddress } from "../arguments/wide-address.ts";
import { cloneFlags } from "../constants/clone-flags.ts";
import { comparisons } from "../constants/comparisons.ts";
import { formatIoPriority, ioTargets } from "../constants/io-priorities.ts";
import { archOptions, prctlOptions } from "../constants/prctl-options.ts";
import { ptraceRequests } from "../constants/ptrace.ts";
import { resources, usageOf } from "../constants/resource-limits.ts";
import { policies, priorityOf } from "../constants/scheduling-policies.ts";
import { seccompFlags, seccompModes, seccompOperations } from "../constants/seccomp.ts";
import { idKinds, waitOptions } from "../constants/wait-options.ts";
import { bits64, bytes, i32, pointer, u32 } from "../field.ts";
import { row } from "../row.ts";
import { capabilityData, capabilityHeader } from "../structs/capability-sets.ts";
import { rlimit, rusage } from "../structs/resource-usage.ts";
import { rseqFlags } from "../structs/rseq.ts";
import { schedAttr, schedAttrIn, schedParam } from "../structs/scheduling.ts";
import { siginfo } from "../structs/siginfo.ts";
import { timespec } from "../structs/timespec.ts";
import { epollSlot } from "../structs/ustat.ts";
import { waitStatus } from "../structs/wait-status.ts";

const process = { classes: ["process"] };
const creds = { classes: ["creds"] };
const pure = { classes: ["pure"] };
const Options = flags(waitOptions);
const Resource = oneOf(resources, "RLIMIT_???");
const Policy = oneOf(policies, "SCHED_???");
const Whose = oneOf(priorityOf, "PRIO_???");

const IoPriority: Arg<number> = { ...Int, format: raw => formatIoPriority(Number(raw)) };
const HexUint: Arg<number> = { ...Uint, format: Address.format };
const taskName = bytes(16, value => quoted(value.subarray(0, value.indexOf(0))));
const singular: readonly number[] = [prctlOptions.PR_SET_NAME, prctlOptions.PR_GET_NAME, prctlOptions.PR_SET_PDEATHSIG, prctlOptions.PR_GET_PDEATHSIG];
/** prctl's arguments that most options do not have. */
const FurtherArgument: Arg<number> = { ...Address, format: (raw, view) => (singular.includes(Number(view.raws.option)) ? "" : Address.format(raw, view)) };

/** prctl's third argument where the second asks for a filter. */
const SeccompFilter: Arg<unknown> = {
  ...(bpfProgram as Arg<unknown>),
  decode: (raw, memory, raws) => (Number(raws.arg2) === seccompModes.FILTER ? bpfProgram.decode(raw, memory, raws) : null),
};

export const processRows = {
  clone: row(
    56,
    "procTable",
    { flags: CloneFlags, stack: ChildStack, parent_tid: ParentTid, child_tid: ChildTid, tls: ThreadPointer },
    { ...process, missing: "namespaces" },
  ),
  fork: row(57, "procTable", {}, process),
  vfork: row(58, "procTable", {}, process),
  clone3: row(435, "procTable", { cl_args: CloneArguments, size: Size }, { ...process, missing: "namespaces and cgroups" }),
  execve: row(59, "procTable", { pathname: Path, argv: Strings, envp: Environment }, { classes: ["file", "process"] }),
  execveat: row(322, "procTable", { dirfd: DirFd, pathname: Path, argv: Strings, envp: Environment, flags: Int }, { classes: ["desc", "file", "process"] }),
  exit: row(60, "procTable", { status: Int }, { ...process, returns: "none" }),
  exit_group: row(231, "procTable", { status: Int }, { ...process, returns: "none" }),
  wait4: row(61, "procTable", { pid: Pid, wstatus: outStruct(waitStatus), options: Options, rusage: outStruct(rusage) }, process),
  waitid: row(247, "procTable", { idtype: oneOf(idKinds, "P_???"), id: Pid, infop: outStruct(siginfo), options: Options, rusage: outStruct(rusage) }, process),

  ptrace: row(
    101,
    "procTable",
    { request: oneOf(ptraceRequests, "PTRACE_???"), pid: Pid, addr: TracedPlaceArgument, data: TracedData },
    {
      missing:
        "debug registers (they are 0, and stay so: no hardware breakpoints or watchpoints), stepping by branches, segment selectors, PTRACE_ARCH_PRCTL, thread areas, reading seccomp filters and suspending them; whose parent is init is not traced by it, though told so",
    },
  ),
  pidfd_open: row(434, "procTable", { pid: Pid, flags: Uint }, { classes: ["desc"], returns: "fd", missing: "threads (PIDFD_THREAD)" }),
  pidfd_send_signal: row(424, "procTable", { pidfd: Fd, sig: Int, info: inStruct(siginfo), flags: Uint }, { classes: ["desc", "process", "signal"] }),
  pidfd_getfd: row(438, "procTable", { pidfd: Fd, targetfd: Fd, flags: Uint }, { classes: ["desc"], returns: "fd" }),
  getpid: row(39, "procTable", {}, pure),
  gettid: row(186, "procTable", {}, pure),
  getppid: row(110, "procTable", {}, pure),
  getuid: row(102, "procTable", {}, { classes: ["creds", "pure"] }),
  geteuid: row(107, "procTable", {}, { classes: ["creds", "pure"] }),
  getgid: row(104, "procTable", {}, { classes: ["creds", "pure"] }),
  getegid: row(108, "procTable", {}, { classes: ["creds", "pure"] }),
  setuid: row(105, "procTable", { uid: Id }, creds),
  setgid: row(106, "procTable", { gid: Id }, creds),
  setreuid: row(113, "procTable", { ruid: Id, euid: Id }, creds),
  setregid: row(114, "procTable", { rgid: Id, egid: Id }, creds),
  setresuid: row(117, "procTable", { ruid: Id, euid: Id, suid: Id }, creds),
  getresuid: row(118, "procTable", { ruid: outStruct(u32), euid: outStruct(u32), suid: outStruct(u32) }, creds),
  setresgid: row(119, "procTable", { rgid: Id, egid: Id, sgid: Id }, creds),
  getresgid: row(120, "procTable", { rgid: outStruct(u32), egid: outStruct(u32), sgid: outStruct(u32) }, creds),
  setfsuid: row(122, "procTable", { fsuid: Id }, creds),
  setfsgid: row(123, "procTable", { fsgid: Id }, creds),
  getgroups: row(115, "procTable", { size: Int, list: outArray(u32, "size") }, creds),
  setgroups: row(116, "procTable", { size: Int, list: inArray(u32, "size", 65_536) }, creds),
  capget: row(125, "procTable", { hdrp: inOutStruct(capabilityHeader), datap: outStruct(capabilityData) }, creds),
  capset: row(126, "procTable", { hdrp: inOutStruct(capabilityHeader), datap: inStruct(capabilityData) }, creds),

  setpgid: row(109, "procTable", { pid: Pid, pgid: Pid }),
  getpgid: row(121, "procTable", { pid: Pid }),
  getpgrp: row(111, "procTable", {}, pure),
  setsid: row(112, "procTable", {}),
  getsid: row(124, "procTable", { pid: Pid }),

  getrlimit: row(97, "procTable", { resource: Resource, rlim: outStruct(rlimit) }),
  setrlimit: row(160, "procTable", { resource: Resource, rlim: inStruct(rlimit) }),
  prlimit64: row(302, "procTable", { pid: Pid, resource: Resource, new_limit: inStruct(rlimit), old_limit: outStruct(rlimit) }),
  getrusage: row(98, "procTable", { who: oneOf(usageOf, "RUSAGE_???"), usage: outStruct(rusage) }, { missing: "page faults and memory are 0" }),

  getpriority: row(140, "procTable", { which: Whose, who: Pid }),
  setpriority: row(141, "procTable", { which: Whose, who: Pid, prio: Int }, { missing: "niceness is kept, and changes nothing" }),
  sched_yield: row(24, "procTable", {}),
  sched_getparam: row(143, "procTable", { pid: Pid, param: outStruct(schedParam) }),
  sched_setparam: row(142, "procTable", { pid: Pid, param: inStruct(schedParam) }),
  sched_getscheduler: row(145, "procTable", { pid: Pid }),
  sched_setscheduler: row(144, "procTable", { pid: Pid, policy: Policy, param: inStruct(schedParam) }, { missing: "policies are kept, and change nothing" }),
  sched_get_priority_max: row(146, "procTable", { policy: Policy }),
  sched_get_priority_min: row(147, "procTable", { policy: Policy }),
  sched_rr_get_interval: row(148, "procTable", { pid: Pid, interval: outStruct(timespec) }),
  sched_setaffinity: row(203, "procTable", { pid: Pid, cpusetsize: Uint, mask: affinityMask }),
  sched_getaffinity: row(204, "procTable", { pid: Pid, cpusetsize: Uint, mask: outAffinityMask }),
  sched_getattr: row(315, "procTable", { pid: Pid, attr: outStruct(schedAttr), size: Uint, flags: Uint }),
  sched_setattr: row(314, "procTable", { pid: Pid, attr: schedAttrIn, flags: Uint }, { missing: "deadlines and clamps of utilisation are refused" }),
  getcpu: row(309, "procTable", { cpu: outStruct(u32), node: outStruct(u32), tcache: Address }),

  kcmp: row(312, "procTable", {
    pid1: Pid,
    pid2: Pid,
    type: oneOf(comparisons, "KCMP_???"),
    idx1: Fd,
    idx2: variant("type", { KCMP_EPOLL_TFD: { code: comparisons.KCMP_EPOLL_TFD, arg: inStruct(epollSlot) } }, Fd) as Arg<unknown>,
  }),
  ioprio_set: row(251, "procTable", { which: oneOf(ioTargets, "IOPRIO_WHO_???"), who: Pid, ioprio: IoPriority }),
  ioprio_get: row(252, "procTable", { which: oneOf(ioTargets, "IOPRIO_WHO_???"), who: Pid }),
  process_vm_readv: row(310, "procTable", {
    pid: Pid,
    local_iov: outSegments("liovcnt"),
    liovcnt: Size,
    remote_iov: foreignSegments("read", "pid", "local_iov", "liovcnt", "riovcnt"),
    riovcnt: Size,
    flags: Size,
  }),
  process_vm_writev: row(311, "procTable", {
    pid: Pid,
    local_iov: inSegments("liovcnt"),
    liovcnt: Size,
    remote_iov: foreignSegments("write", "pid", "local_iov", "liovcnt", "riovcnt"),
    riovcnt: Size,
    flags: Size,
  }),
  process_mrelease: row(448, "procTable", { pidfd: Fd, flags: Uint }, { classes: ["desc"] }),
  seccomp: row(
    317,
    "procTable",
    {
      operation: oneOf(seccompOperations, "SECCOMP_SET_MODE_???"),
      flags: flags(seccompFlags),
      args: variant("operation", {
        SECCOMP_SET_MODE_FILTER: { code: seccompOperations.SECCOMP_SET_MODE_FILTER, arg: bpfProgram },
        SECCOMP_GET_ACTION_AVAIL: { code: seccompOperations.SECCOMP_GET_ACTION_AVAIL, arg: inStruct(u32) },
        SECCOMP_GET_NOTIF_SIZES: { code: seccompOperations.SECCOMP_GET_NOTIF_SIZES, arg: outValue(bytes(6)) },
      }),
    },
    { missing: "supervisors (SECCOMP_FILTER_FLAG_NEW_LISTENER)" },
  ),
  unshare: row(272, "procTable", { flags: flags(cloneFlags) }, { missing: "namespaces: EINVAL, as in a kernel without them" }),
  setns: row(308, "procTable", { fd: Fd, nstype: flags(cloneFlags) }, { classes: ["desc"], missing: "namespaces: there are none to enter" }),

  prctl: row(
    157,
    "procTable",
    {
      option: oneOf(prctlOptions, "PR_???"),
      arg2: variant("option", {
        PR_GET_PDEATHSIG: { code: prctlOptions.PR_GET_PDEATHSIG, arg: outStruct(i32) },
        PR_SET_NAME: { code: prctlOptions.PR_SET_NAME, arg: text(15) },
        PR_GET_NAME: { code: prctlOptions.PR_GET_NAME, arg: outStruct(taskName) },
        PR_GET_CHILD_SUBREAPER: { code: prctlOptions.PR_GET_CHILD_SUBREAPER, arg: outStruct(i32) },
        PR_GET_TID_ADDRESS: { code: prctlOptions.PR_GET_TID_ADDRESS, arg: outStruct(bits64) },
      }),
      arg3: variant("option", { PR_SET_SECCOMP: { code: prctlOptions.PR_SET_SECCOMP, arg: SeccompFilter } }, FurtherArgument) as Arg<unknown>,
      arg4: FurtherArgument,
      arg5: FurtherArgument,
    },
    { classes: ["creds"], missing: "all but the options about names, parents, privileges, dumps, and where arguments and environment lie" },
  ),
  arch_prctl: row(158, "procTable", {
    code: oneOf(archOptions, "ARCH_???"),
    addr: variant(
      "code",
      { ARCH_GET_FS: { code: archOptions.ARCH_GET_FS, arg: outStruct(bits64) }, ARCH_GET_GS: { code: archOptions.ARCH_GET_GS, arg: outStruct(bits64) } },
      // Exact where the two calls set: a base may be any canonical address.
      WideAddress as Arg<any>,
    ),
  }),
  personality: row(135, "procTable", { persona: Uint }),
  set_tid_address: row(218, "procTable", { tidptr: Address }),
  set_robust_list: row(273, "procTable", { head: Address, len: Size }, { missing: "the lists of threads that execve ends are not walked" }),
  get_robust_list: row(274, "procTable", { pid: Pid, head_ptr: outStruct(pointer), len_ptr: outStruct(pointer) }),
  futex: row(
    202,
    "procTable",
    { uaddr: futexTarget, futex_op: FutexOperation, val: Uint, timeout: futexTimeout, uaddr2: futexSecond, val3: Uint },
    { missing: "a lock that inherits priorities is not handed on where its owner dies without a robust list" },
  ),
  futex_waitv: row(449, "procTable", { waiters: futexWaiters, nr_futexes: Uint, flags: Uint, timeout: inStruct(timespec), clockid: Int }),
  rseq: row(334, "procTable", { rseq: RseqArea, rseq_len: HexUint, flags: flags(rseqFlags), sig: HexUint }),
  membarrier: row(324, "procTable", { cmd: Int, flags: Uint, cpu_id: Int }),
};
