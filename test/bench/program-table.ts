// What is measured: each program of programs/, its work, and what of the machine it loads.
export interface Program {
  readonly name: string;
  readonly what: string;
  /** Its argument: 0.1 to 2 s natively. */
  readonly work: number;
  readonly quickWork: number;
  /** Also run under strace, which is what people use today to see these calls. */
  readonly isCallHeavy: boolean;
  /** Mostly integer instructions: the interpreter's speed is told by these. */
  readonly isInteger: boolean;
}
const integer = { isCallHeavy: false, isInteger: true };
const floating = { isCallHeavy: false, isInteger: false };
const calls = { isCallHeavy: true, isInteger: false };

export const programs: readonly Program[] = [
  { name: "sieve", what: "integer, branches", work: 100, quickWork: 5, ...integer },
  { name: "collatz", what: "integer", work: 1_800_000, quickWork: 100_000, ...integer },
  { name: "sha256", what: "integer", work: 64, quickWork: 4, ...integer },
  { name: "fib", what: "calls and returns", work: 39, quickWork: 32, ...integer },
  { name: "vm", what: "jump table, virtual calls", work: 15_000_000, quickWork: 700_000, ...integer },
  { name: "qsortb", what: "sort, callbacks", work: 2_000_000, quickWork: 100_000, ...integer },
  { name: "memcpyb", what: "block copies", work: 4000, quickWork: 100, ...floating },
  { name: "chase", what: "cache misses", work: 10_000_000, quickWork: 1_000_000, ...floating },
  { name: "nbody", what: "double", work: 1_500_000, quickWork: 40_000, ...floating },
  { name: "mandel", what: "double", work: 700, quickWork: 150, ...floating },
  { name: "matmul", what: "double, memory", work: 420, quickWork: 120, ...floating },
  { name: "libm", what: "sin, exp, log, pow", work: 4_000_000, quickWork: 100_000, ...floating },
  { name: "x87", what: "80-bit", work: 15_000_000, quickWork: 300_000, ...floating },
  { name: "getppid", what: "bare call", work: 1_000_000, quickWork: 100_000, ...calls },
  { name: "orc", what: "open, read, close", work: 100_000, quickWork: 10_000, ...calls },
  { name: "pipe", what: "ping-pong of two processes", work: 50_000, quickWork: 5000, ...calls },
  { name: "fork", what: "fork, exit, wait", work: 1000, quickWork: 200, ...calls },
  { name: "forkexec", what: "fork, exec, wait", work: 300, quickWork: 60, ...calls },
  { name: "mutex", what: "futex ping-pong of two threads", work: 40_000, quickWork: 4000, ...calls },
  { name: "mmapb", what: "mmap, touch, munmap", work: 50_000, quickWork: 5000, ...calls },
  { name: "sigb", what: "raise and handle", work: 100_000, quickWork: 10_000, ...calls },
];
