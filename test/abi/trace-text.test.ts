// Traces, line by line as strace 6.1 printed them for the same calls; and that no event, however odd, stops a trace.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Row } from "../../engine/abi/row.ts";
import { syscalls } from "../../engine/abi/syscalls.ts";
import { callText, exitText, signalText, Tracer } from "../../engine/abi/trace-text.ts";
import type { CallResult, KernelEvent, ResumeEvent, SyscallEvent } from "../../events/kernel-event.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, one => one.charCodeAt(0));
const words = (...values: readonly number[]): Uint8Array => new Uint8Array(new BigUint64Array(values.map(one => BigInt.asUintN(64, BigInt(one)))).buffer);
const ints = (...values: readonly number[]): Uint8Array => new Uint8Array(new Int32Array(values).buffer);
const done = (value: number): CallResult => ({ kind: "done", value });
const fail = (errno: string): CallResult => ({ kind: "fail", errno });
const BLOCK: CallResult = { kind: "block" };

interface Details {
  readonly reads?: readonly (Uint8Array | null)[];
  readonly stores?: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly task?: number;
}
const call = (name: keyof typeof syscalls, raws: readonly number[], result: CallResult, { reads = [], stores = [], task = 2 }: Details = {}): SyscallEvent => ({
  kind: "syscall",
  tick: 0,
  task,
  number: syscalls[name].number,
  raws,
  result,
  reads,
  stores,
});
const resume = (name: keyof typeof syscalls, result: CallResult, { stores = [], task = 2 }: Details = {}): ResumeEvent => ({
  kind: "resume",
  tick: 0,
  task,
  number: syscalls[name].number,
  isInterrupted: false,
  result,
  stores,
});
const stat = (mode: number, size: number, device = 0): Uint8Array => {
  const view = new DataView(new ArrayBuffer(144));
  view.setUint32(24, mode, true);
  view.setBigUint64(40, BigInt(device), true);
  view.setBigInt64(48, BigInt(size), true);
  return new Uint8Array(view.buffer);
};

const AT = 0x7ffc_0000;
const lines: readonly (readonly [string, SyscallEvent])[] = [
  ["brk(NULL)                               = 0x2abca000", call("brk", [0], done(0x2abc_a000))],
  ['openat(AT_FDCWD, "/x", O_RDONLY)        = 3', call("openat", [-100, AT, 0, 0], done(3), { reads: [bytes("/x")] })],
  [
    'openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT|O_TRUNC, 0666) = -1 ENOENT (No such file or directory)',
    call("openat", [-100, AT, 0o1101, 0o666], fail("ENOENT"), { reads: [bytes("/tmp/x")] }),
  ],
  ['openat(AT_FDCWD, "/", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 3', call("openat", [-100, AT, 0o2204000, 0], done(3), { reads: [bytes("/")] })],
  ["openat(AT_FDCWD, 0x7ffc0000, O_RDONLY)  = -1 EFAULT (Bad address)", call("openat", [-100, AT, 0, 0], fail("EFAULT"), { reads: [null] })],
  ['read(0, "h\\t\\303\\0", 10)                = 4', call("read", [0, AT, 10], done(4), { stores: [{ address: AT, bytes: bytes("h\t\xc3\0") }] })],
  ["ptrace(PTRACE_SYSCALL, 30453, NULL, 0)  = 0", call("ptrace", [24, 30453, 0, 0], done(0), { reads: [] })],
  ["ptrace(PTRACE_INTERRUPT, 30454)         = 0", call("ptrace", [0x4207, 30454, 0, 0], done(0))],
  ["ptrace(PTRACE_SETOPTIONS, 30453, NULL, PTRACE_O_TRACESYSGOOD) = 0", call("ptrace", [0x4200, 30453, 0, 1], done(0))],
  [
    "ptrace(PTRACE_GETSIGINFO, 30454, NULL, {si_signo=SIGCONT, si_code=SI_USER, si_pid=30451, si_uid=0}) = 0",
    call("ptrace", [0x4202, 30454, 0, AT], done(0), {
      stores: [{ address: AT, bytes: new Uint8Array(ints(18, 0, 0, 0, 30451, 0, ...new Array(26).fill(0))) }],
    }),
  ],
  [
    "wait4(-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}|PTRACE_EVENT_STOP<<16], __WALL, NULL) = 30454",
    call("wait4", [-1, AT, 0x4000_0000, 0], done(30454), { stores: [{ address: AT, bytes: ints((0x80 << 16) | 0x137f) }] }),
  ],
  [
    "wait4(30453, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}], 0, NULL) = 30453",
    call("wait4", [30453, AT, 0, 0], done(30453), { stores: [{ address: AT, bytes: ints(0x857f) }] }),
  ],
  ['read(0, "", 10)                         = 0', call("read", [0, AT, 10], done(0))],
  ["read(9, 0x7ffc0000, 10)                 = -1 EBADF (Bad file descriptor)", call("read", [9, AT, 10], fail("EBADF"))],
  [
    'write(1, "bin\\nboot\\ncontainer_info.json\\ndev"..., 151) = 151',
    call("write", [1, AT, 151], done(151), { reads: [bytes("bin\nboot\ncontainer_info.json\ndev".padEnd(151, "x"))] }),
  ],
  [
    "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ffd000",
    call("mmap", [0, 8192, 3, 0x22, -1, 0], done(0x7fff_f7ff_d000)),
  ],
  ["mmap(NULL, 12, PROT_NONE, MAP_SHARED, 3, 0x1000) = -1 ENODEV (No such device)", call("mmap", [0, 12, 0, 1, 3, 4096], fail("ENODEV"))],
  ["mremap(0x10000, 4096, 8192, MREMAP_MAYMOVE) = 0x20000", call("mremap", [0x1_0000, 4096, 8192, 1, 0], done(0x2_0000))],
  ["mprotect(0x5db000, 28672, PROT_READ)    = 0", call("mprotect", [0x5d_b000, 28672, 1], done(0))],
  [
    'newfstatat(AT_FDCWD, "/tmp", {st_mode=S_IFDIR|S_ISVTX|0777, st_size=4096, ...}, AT_SYMLINK_NOFOLLOW) = 0',
    call("newfstatat", [-100, AT, AT + 64, 0x100], done(0), { reads: [bytes("/tmp")], stores: [{ address: AT + 64, bytes: stat(0o041777, 4096) }] }),
  ],
  [
    'newfstatat(1, "", {st_mode=S_IFCHR|0620, st_rdev=makedev(0x88, 0), ...}, AT_EMPTY_PATH) = 0',
    call("newfstatat", [1, AT, AT + 64, 0x1000], done(0), { reads: [bytes("")], stores: [{ address: AT + 64, bytes: stat(0o020620, 0, 0x8800) }] }),
  ],
  [
    "rt_sigaction(SIGINT, {sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x416390}, NULL, 8) = 0",
    call("rt_sigaction", [2, AT, 0, 8], done(0), { reads: [words(1, 0x1400_0000, 0x41_6390, 2)] }),
  ],
  [
    "rt_sigprocmask(SIG_SETMASK, ~[RTMIN RT_1], [], 8) = 0",
    call("rt_sigprocmask", [2, AT, AT + 8, 8], done(0), {
      reads: [new Uint8Array(new BigUint64Array([~(3n << 31n) & (2n ** 64n - 1n)]).buffer)],
      stores: [{ address: AT + 8, bytes: words(0) }],
    }),
  ],
  [
    "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 9204",
    call("wait4", [-1, AT, 0, 0], done(9204), { stores: [{ address: AT, bytes: ints(0) }] }),
  ],
  [
    "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], WNOHANG, NULL) = 7",
    call("wait4", [-1, AT, 1, 0], done(7), { stores: [{ address: AT, bytes: ints(0x8b) }] }),
  ],
  ["wait4(-1, 0x7ffc0000, WNOHANG, NULL)    = -1 ECHILD (No child processes)", call("wait4", [-1, AT, 1, 0], fail("ECHILD"))],
  [
    "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x19992690) = 26564",
    call("clone", [0x120_0011, 0, 0, 0x1999_2690, 0], done(26564)),
  ],
  [
    "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND, exit_signal=SIGCHLD, stack=0x7f0000001000, stack_size=0x9000}, 88) = 7",
    call("clone3", [AT, 88], done(7), {
      reads: [new Uint8Array(new BigUint64Array([0x1_0000_4100n, 0n, 0n, 0n, 17n, 0x7f00_0000_1000n, 0x9000n, 0n, 0n, 0n, 0n]).buffer)],
    }),
  ],
  [
    "clone3({flags=CLONE_THREAD|CLONE_SETTLS|CLONE_CHILD_CLEARTID, child_tid=0x10, exit_signal=0, stack=NULL, stack_size=0, tls=0x20}, 64) = 8",
    call("clone3", [AT, 64], done(8), { reads: [new Uint8Array(new BigUint64Array([0x29_0000n, 0n, 0x10n, 0n, 0n, 0n, 0n, 0x20n]).buffer)] }),
  ],
  ["umask(077)                              = 022", call("umask", [0o77], done(0o22))],
  ["umask(022)                              = 000", call("umask", [0o22], done(0))],
  ["fcntl(1, F_DUPFD_CLOEXEC, 10)           = 10", call("fcntl", [1, 1030, 10], done(10))],
  ["fcntl(0, F_GETFL)                       = 0x8002 (flags O_RDWR|O_LARGEFILE)", call("fcntl", [0, 3, 0], done(0x8002))],
  [
    "fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
    call("fcntl", [3, 6, AT], done(0), { reads: [new Uint8Array(32).fill(1, 0, 1).fill(77, 24, 25)] }),
  ],
  ["fcntl(0, F_GETFD)                       = 0x1 (flags FD_CLOEXEC)", call("fcntl", [0, 1, 0], done(1))],
  [
    "poll([{fd=0, events=POLLIN}], 1, -1)    = 1 ([{fd=0, revents=POLLIN|POLLHUP}])",
    call("poll", [AT, 1, -1], done(1), {
      reads: [Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)],
      stores: [{ address: AT + 6, bytes: Uint8Array.of(0x11, 0) }],
    }),
  ],
  ["poll([{fd=0, events=POLLIN}], 1, 100)   = 0 (Timeout)", call("poll", [AT, 1, 100], done(0), { reads: [Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)] })],
  [
    "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
    call("prlimit64", [0, 3, 0, AT], done(0), { stores: [{ address: AT, bytes: words(8 << 20, -1) }] }),
  ],
  ['getrandom("\\x9c\\x16", 2, GRND_NONBLOCK) = 2', call("getrandom", [AT, 2, 1], done(2), { stores: [{ address: AT, bytes: bytes("\x9c\x16") }] })],
  ["pipe2([3, 4], 0)                        = 0", call("pipe2", [AT, 0], done(0), { stores: [{ address: AT, bytes: ints(3, 4) }] })],
  [
    'execve("/bin/ls", ["ls", "-l"], 0x7ffc0040 /* 1 var */) = 0',
    call(
      "execve",
      [AT, AT + 8, AT + 64],
      { kind: "gone" },
      {
        reads: [bytes("/bin/ls"), words(1), bytes("ls"), words(2), bytes("-l"), words(0), words(3), bytes("A=1"), words(0)],
      },
    ),
  ],
  ["exit_group(0)                           = ?", call("exit_group", [0], { kind: "gone" })],
  [
    "rt_sigsuspend([], 8)                    = ? ERESTARTNOHAND (To be restarted if no handler)",
    call("rt_sigsuspend", [AT, 8], fail("ERESTARTNOHAND"), { reads: [words(0)] }),
  ],
  [
    'prctl(PR_GET_NAME, "busybox")           = 0',
    call("prctl", [16, AT, 0, 0, 0], done(0), { stores: [{ address: AT, bytes: bytes("busybox".padEnd(16, "\0")) }] }),
  ],
  [
    "getresuid([0], [1], [2])                = 0",
    call("getresuid", [AT, AT + 4, AT + 8], done(0), {
      stores: [0, 1, 2].map(value => ({ address: AT + 4 * value, bytes: ints(value) })),
    }),
  ],
  ["lseek(3, -1, SEEK_END)                  = 9", call("lseek", [3, -1, 2], done(9))],
  ["kill(26554, SIGSTOP)                    = -1 ESRCH (No such process)", call("kill", [26554, 19], fail("ESRCH"))],
  [
    'readv(3, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=5}], 2) = 3',
    call("readv", [3, AT, 2], done(3), {
      reads: [words(AT + 64, 2, AT + 128, 5)],
      stores: [
        { address: AT + 64, bytes: bytes("ab") },
        { address: AT + 128, bytes: bytes("c") },
      ],
    }),
  ],
];
for (const [expected, event] of lines) test(expected.slice(0, 60), () => assert.is(callText(event), expected));

test("signals and ends", () => {
  const at = { kind: "signal", tick: 0, task: 2 } as const;
  assert.is(
    signalText({ ...at, signal: 17, code: 1, action: "handle", origin: { pid: 9, uid: 0, status: 3, value: 0 } }),
    "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=9, si_uid=0, si_status=3, si_utime=0, si_stime=0} ---",
  );
  assert.is(signalText({ ...at, signal: 2, code: 0x80, action: "handle" }), "--- SIGINT {si_signo=SIGINT, si_code=SI_KERNEL} ---");
  assert.is(
    signalText({ ...at, signal: 11, code: 1, action: "core", origin: { pid: 0, uid: 0, status: 0, value: 0x10 } }),
    "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---",
  );
  assert.is(exitText({ status: 0x300 }), "+++ exited with 3 +++");
  assert.is(exitText({ status: 9 }), "+++ killed by SIGKILL +++");
  assert.is(exitText({ status: 0x8b }), "+++ killed by SIGSEGV (core dumped) +++");
});

const trace = (...events: readonly KernelEvent[]): string => {
  const tracer = new Tracer();
  return events.map(event => tracer.next(event)).join("") + tracer.end();
};
test("a call that waits stays one line where nobody else does anything", () => {
  const stores = [{ address: AT, bytes: bytes("hi") }];
  assert.is(
    trace(call("read", [0, AT, 9], BLOCK), resume("read", BLOCK), resume("read", done(2), { stores })),
    'read(0, "hi", 9)                        = 2\n',
  );
});
test("others cut it in two, and every line says whose it is", () => {
  const text = trace(
    call("clone", [17, 0, 0, 0, 0], done(3)),
    call("wait4", [-1, AT, 0, 0], BLOCK),
    call("poll", [AT, 1, -1], BLOCK, { task: 3, reads: [Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)] }),
    { kind: "input", tick: 0, input: { source: "stdin", bytes: null } },
    resume("poll", done(0), { task: 3 }),
    call("exit_group", [0], { kind: "gone" }, { task: 3 }),
    { kind: "exit", tick: 0, task: 3, status: 0 },
    resume("wait4", done(3), { stores: [{ address: AT, bytes: ints(0) }] }),
  );
  assert.is(
    text,
    [
      "clone(child_stack=NULL, flags=SIGCHLD)  = 3",
      "[pid     2] wait4(-1, <unfinished ...>",
      "[pid     3] poll([{fd=0, events=POLLIN}], 1, -1) = 0 (Timeout)",
      "[pid     3] exit_group(0)               = ?",
      "[pid     3] +++ exited with 0 +++",
      "<... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3",
      "",
    ].join("\n"),
  );
});
test("a trace that begins while a call waits shows its end", () => {
  assert.is(trace(resume("read", done(2))), "<... read resumed>)                     = 2\n");
});
test("no call stops a trace, whatever its registers and memory are", () => {
  const odd = [0, -1, 1, 0x7ffc_0000, 2 ** 53, -(2 ** 40), 0xffff_ffff];
  const results: readonly CallResult[] = [done(0), done(1), done(-1), done(4096), fail("EFAULT"), BLOCK, { kind: "gone" }];
  for (const [name, row] of Object.entries<Row>(syscalls)) {
    odd.forEach((value, i) => {
      const raws = Object.keys(row.args).map((_, k) => odd[(i * (k + 1)) % odd.length]!);
      const event = { ...call("read", raws, results[i % results.length]!, { reads: [null, new Uint8Array(8), null] }), number: row.number };
      const text = callText(event);
      assert.ok(text.startsWith(`${name}(`), name);
      assert.type(value, "number");
    });
  }
  assert.ok(callText({ ...call("read", [], fail("ENOSYS")), number: 9999 }).startsWith("syscall_0x270f("));
});

test.run();
