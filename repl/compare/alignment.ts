// Lays two traces side by side, task by task, and finds the first step that differs in what a program could notice and would not expect to.
import type { Step, TaskSteps } from "./steps.ts";

export interface Difference {
  /** `first`, `first.2` for its second child. */
  readonly task: string;
  readonly index: number;
  readonly native: Step | undefined;
  readonly here: Step | undefined;
  /** The steps that both took before, the last ones. */
  readonly before: readonly Step[];
}
export interface Comparison {
  readonly differences: readonly Difference[];
  readonly tasks: number;
  readonly steps: number;
}

/** Each task's first difference, the earliest in the native trace first. */
export function compareTasks(native: TaskSteps, here: TaskSteps): Comparison {
  const names = { native: taskNames(native), here: taskNames(here) };
  const differences: Difference[] = [];
  let [tasks, steps] = [0, 0];
  const visit = (left: TaskSteps, right: TaskSteps, name: string): void => {
    tasks++;
    const { difference, count } = compareSteps(left, right, name, names);
    steps += count;
    if (difference) differences.push(difference);
    left.children.forEach((child, i) => {
      const other = right.children[i];
      if (other) visit(child, other, `${name}.${i + 1}`);
    });
  };
  visit(native, here, "first");
  const lineOf = ({ native: step }: Difference): number => step?.line ?? Number.POSITIVE_INFINITY;
  return { differences: differences.toSorted((a, b) => lineOf(a) - lineOf(b)), tasks, steps };
}

/** Process numbers are told by whose they are. */
type TaskNames = ReadonlyMap<string, string>;
function taskNames(root: TaskSteps): TaskNames {
  const names = new Map<string, string>();
  const visit = (task: TaskSteps, name: string): void => {
    names.set(String(task.pid), `<${name}>`);
    task.children.forEach((child, i) => void visit(child, `${name}.${i + 1}`));
  };
  visit(root, "first");
  return names;
}

/**
 * Calls whose number and sizes follow from where memory lies, how large a processor's state is, and how threads meet; and the clock, which is read without a call
 * where there is a vdso. Where only one side makes one, the traces still go together.
 */
const LOOSE: ReadonlySet<string> = new Set("brk munmap mprotect madvise mremap sched_yield futex clock_gettime gettimeofday time".split(" "));
/** Where the loader looks for libraries made for a processor that has more than the guest's. */
const PROCESSORS_PLACES = /\/(?:glibc-hwcaps|tls|x86_64|haswell|avx512_1)\//;
const isLoose = ({ name, args, result }: Step): boolean =>
  LOOSE.has(name) || (name === "mmap" && args.includes("MAP_ANONYMOUS")) || (PROCESSORS_PLACES.test(args) && result.startsWith("-1 ENOENT"));
/** A call that a signal interrupted and that is made again; a child's end, which may come at any time, and the return from its handler. */
const isUnsteady = ({ kind, name, result }: Step): boolean =>
  (kind === "signal" && name === "SIGCHLD") || name === "rt_sigreturn" || result.startsWith("? ERESTART");

function compareSteps(
  native: TaskSteps,
  here: TaskSteps,
  task: string,
  names: { readonly native: TaskNames; readonly here: TaskNames },
): { readonly difference?: Difference; readonly count: number } {
  const left = native.steps.filter(step => !isUnsteady(step));
  const right = here.steps.filter(step => !isUnsteady(step));
  const files = new Files();
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (a && b && isSame(a, b, names)) {
      files.follow(a);
      [i, j] = [i + 1, j + 1];
    } else if (a && (isLoose(a) || files.isKernelsOwn(a))) i++;
    else if (b && (isLoose(b) || files.isKernelsOwn(b))) j++;
    else return { difference: { task, index: i, native: a, here: b, before: left.slice(Math.max(0, i - 3), i) }, count: i };
  }
  return { count: left.length };
}

function isSame(a: Step, b: Step, names: { readonly native: TaskNames; readonly here: TaskNames }): boolean {
  if (a.name === b.name && LOOSE.has(a.name)) return true;
  return normal(a, names.native) === normal(b, names.here);
}

/** What is read from /proc, /sys and the sources of random bytes is each kernel's own. */
class Files {
  readonly #paths = new Map<string, string>();
  follow({ name, args, result }: Step): void {
    if (name === "open" || name === "openat") this.#paths.set(result, /"([^"]*)"/.exec(args)?.[1] ?? "");
    else if (name === "close") this.#paths.delete(args);
  }
  /** As long as both sides did the same, a number means the same file on both. */
  isKernelsOwn({ name, args }: Step): boolean {
    const fd = /^\d+/.exec(args)?.[0];
    return fd !== undefined && READS.has(name) && /^\/(?:proc\/|sys\/|dev\/u?random$)/.test(this.#paths.get(fd) ?? "");
  }
}
const READS: ReadonlySet<string> = new Set(["read", "pread64", "readv", "getdents64", "lseek"]);

/** What differs from run to run and from kernel to kernel, whatever the program: results that are numbers of such a thing, and parts of arguments. */
const ANY_RESULT: ReadonlySet<string> = new Set(["brk", "mmap", "mremap", "times", "time", "getpgrp", "getppid", "getpid", "gettid", "set_tid_address"]);
const ANY_ARGS: ReadonlySet<string> = new Set([
  "prctl",
  "getrandom",
  "sysinfo",
  "uname",
  "getrusage",
  "times",
  "clock_gettime",
  "gettimeofday",
  "sched_getaffinity",
]);
/** Besides, how large a space is asked for may follow from the addresses. */
const ONLY_NAME: ReadonlySet<string> = new Set(["brk", "futex", "rseq", "set_robust_list", "prlimit64", "getrlimit"]);

const RULES: readonly (readonly [RegExp, string])[] = [
  [/(?:0x[0-9a-f]+ )?\[?\/\* \d+ vars? \*\/\]?/g, "ENVIRONMENT"],
  [/\b0x[0-9a-f]{4,}\b/g, "ADDRESS"],
  // How large a directory is follows from the file system; statx's masks have names only in strace.
  [/(stx?_mode=S_IFDIR[|\w]*), stx?_size=\d+/g, "$1"],
  [/\b(?:AT_STATX_SYNC_AS_STAT|O_RDONLY)\|/g, ""],
  [/, (?:0x[0-9a-f]+|STATX_\w+(?:\|STATX_\w+)*), \{stx_mask=[^,]*/g, ", {"],
  [/\b(st_ino|st_dev|st_rdev|st_blksize|st_blocks|stx_ino|stx_dev_major|stx_dev_minor|d_ino|d_off|f_\w+|si_utime|si_stime)=[^,}\]]+/g, "$1=…"],
  [/\b(tv_sec|tv_nsec|tv_usec|st_[amc]time|st_[amc]time_nsec)=-?[^,}]+/g, "$1=…"],
  [/\/\* [^*]* \*\//g, ""],
  // mkstemp(3).
  [/(\/tmp\/[^/"]*?)[A-Za-z0-9]{6}(?=\.\w+"|"|\/)/g, "$1XXXXXX"],
  [/\[\d+\]/g, "[…]"],
];

const MOST_WORDS = 8;
const FLAGS = /\b[A-Z][A-Z0-9_]*(?:\|[A-Z][A-Z0-9_]*)+/g;

export function normal({ kind, name, args, result }: Step, names: TaskNames): string {
  if (ONLY_NAME.has(name)) return name;
  // strace cuts long lists of arguments.
  if (name === "execve") return `${name}(${args.split('", "').slice(0, MOST_WORDS).join('", "').replace(RULES[0]![0], "")}) = ${result}`;
  const isFailure = result.startsWith("-1");
  const plainArgs = ANY_ARGS.has(name)
    ? ""
    : withTaskNames(
        RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), args),
        name,
        names,
      );
  const plainText = ANY_RESULT.has(name) && !isFailure ? "…" : withTaskNames(result, name, names).replace(/^0x[0-9a-f]{4,}$/, "ADDRESS");
  return `${kind} ${name}(${plainArgs.replace(FLAGS, flags => flags.split("|").toSorted().join("|"))}) = ${plainText}`;
}
/** Numbers that stand where a task's do: at the start of such a call's arguments or as its result, and in what a signal tells. */
function withTaskNames(text: string, name: string, names: TaskNames): string {
  const told = text.replace(/\b(si_pid=)(\d+)/g, (_, field, pid) => field + (names.get(pid) ?? pid));
  if (!TASK_CALLS.has(name)) return told;
  return told.replace(/^(?:P_\w+, )?\d+(?:, \d+)?(?=,|$)/, start => start.replaceAll(/\d+/g, pid => names.get(pid) ?? pid));
}
const TASK_CALLS: ReadonlySet<string> = new Set(
  "clone clone3 fork vfork wait4 waitid kill tkill tgkill getpgid setpgid getsid setsid sched_setaffinity sched_getaffinity pidfd_open".split(" "),
);
