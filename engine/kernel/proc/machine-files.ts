// The machine as a whole: memory, processor, time, load, and what the kernel was built with (proc_meminfo(5), proc_stat(5), proc_uptime(5)…).

import type { CpuLevel } from "../../../events/kernel-event.ts";
import { fileSystemTypes } from "../../abi/constants/file-systems.ts";
import { featureNames, highestLeaf, OLDEST_LEVEL } from "../../abi/constants/processor-features.ts";
import type { Kernel } from "../kernel.ts";
import { CALL_NANOS } from "../objects/clock.ts";
import { RELEASE, VERSION } from "../objects/release.ts";
import type { Question } from "./entry.ts";
import { clockTicks } from "./entry.ts";
import { kibibytes, memoryInUse } from "./memory-summary.ts";

const seconds = (nanos: number): string => (Math.floor(nanos / 10_000_000) / 100).toFixed(2);

interface Memory {
  readonly total: number;
  readonly free: number;
  readonly files: number;
  readonly programs: number;
}
function memoryOf(kernel: Kernel): Memory {
  const total = kernel.system.parameters.memoryBytes;
  const files = kernel.system.fileBytesInUse;
  const programs = Math.min(total, memoryInUse(kernel));
  return { total, files, programs, free: Math.max(0, total - programs - files) };
}
export function meminfo({ kernel }: Question): string {
  const { total, free, files, programs } = memoryOf(kernel);
  const rows: readonly (readonly [name: string, bytes: number])[] = [
    ["MemTotal", total],
    ["MemFree", free],
    ["MemAvailable", free],
    ["Buffers", 0],
    ["Cached", files],
    ["SwapCached", 0],
    ["Active", programs],
    ["Inactive", files],
    ["Active(anon)", programs],
    ["Inactive(anon)", 0],
    ["Active(file)", 0],
    ["Inactive(file)", files],
    ["Unevictable", 0],
    ["Mlocked", 0],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", 0],
    ["Writeback", 0],
    ["AnonPages", programs],
    ["Mapped", 0],
    ["Shmem", files],
    ["KReclaimable", 0],
    ["Slab", 0],
    ["SReclaimable", 0],
    ["SUnreclaim", 0],
    ["KernelStack", 0],
    ["PageTables", 0],
    ["CommitLimit", total / 2],
    ["Committed_AS", programs],
    ["VmallocTotal", 34_359_738_367 * 1024],
    ["VmallocUsed", 0],
    ["VmallocChunk", 0],
  ];
  return rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(kibibytes(bytes)).padStart(8)} kB\n`).join("");
}

const runnable = (kernel: Kernel): number => kernel.procTable.runQueue.length;
const lastPid = (kernel: Kernel): number => Math.max(0, kernel.procTable.nextPid - 1);
/** How long the machine has run programs, and how long it has had nothing to do. */
export const uptime = ({ kernel }: Question): string => `${seconds(kernel.nowNanos)} ${seconds(kernel.time.skippedNanos)}\n`;
/** Averages over minutes would need a history; one task at most runs at a time. */
export const loadavg = ({ kernel }: Question): string => `0.00 0.00 0.00 ${Math.max(1, runnable(kernel))}/${kernel.procTable.tasks.size} ${lastPid(kernel)}\n`;

export function stat({ kernel }: Question): string {
  const times = [clockTicks(kernel.tick), 0, clockTicks(kernel.calls * CALL_NANOS), clockTicks(kernel.time.skippedNanos), 0, 0, 0, 0, 0, 0].join(" ");
  return [
    `cpu  ${times}`,
    `cpu0 ${times}`,
    "intr 0",
    "ctxt 0",
    `btime ${kernel.time.epochSeconds}`,
    `processes ${lastPid(kernel)}`,
    `procs_running ${Math.max(1, runnable(kernel))}`,
    "procs_blocked 0",
    "softirq 0 0 0 0 0 0 0 0 0 0 0",
    "",
  ].join("\n");
}
export const version = (): string => `Linux version ${RELEASE} (chronix@chronix) ${VERSION}\n`;

/** Two of Linux's own stand among those of CPUID. */
const flagsOf = (level: CpuLevel): string =>
  featureNames(level)
    .flatMap(name => (name === "lm" ? ["lm", "constant_tsc", "cpuid"] : [name]))
    .join(" ");
/** As CPUID describes the processor: engine/cpu/cpuid.ts. An instruction takes a nanosecond. */
const processor = (level: CpuLevel): readonly (readonly [name: string, value: string | number])[] => [
  ["processor", 0],
  ["vendor_id", "AuthenticAMD"],
  ["cpu family", 15],
  ["model", 0],
  ["model name", "Chronix virtual x86-64 processor"],
  ["stepping", 0],
  ["cpu MHz", "1000.000"],
  ["physical id", 0],
  ["siblings", 1],
  ["core id", 0],
  ["cpu cores", 1],
  ["apicid", 0],
  ["initial apicid", 0],
  ["fpu", "yes"],
  ["fpu_exception", "yes"],
  ["cpuid level", highestLeaf(level)],
  ["wp", "yes"],
  ["flags", flagsOf(level)],
  ["bugs", ""],
  ["bogomips", "2000.00"],
  ["clflush size", 64],
  ["cache_alignment", 64],
  ["address sizes", "48 bits physical, 48 bits virtual"],
  ["power management", ""],
];
const heading = (name: string): string => (name === "power management" ? name : name + (name.length >= 8 ? "\t" : "\t\t"));
export const cpuinfo = ({ kernel }: Question): string =>
  `${processor(kernel.system.parameters.cpu ?? OLDEST_LEVEL)
    .map(([name, value]) => `${heading(name)}:${value === "" ? "" : ` ${value}`}\n`)
    .join("")}\n`;

export const filesystems = fileSystemTypes.map(name => `nodev\t${name}\n`).join("");
export const devices = "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n128 ptm\n136 pts\n\nBlock devices:\n";
export const partitions = "major minor  #blocks  name\n\n";
/** One processor, which nothing interrupts but the clock: that is not counted. */
export const interrupts = "           CPU0       \nERR:          0\nMIS:          0\n";
export const swaps = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
/** What boot loaders pass on; the first program is told apart. */
export const kernelCommandLine = "console=tty0\n";
export function vmstat({ kernel }: Question): string {
  const { free, files, programs } = memoryOf(kernel);
  const pages = (bytes: number): number => Math.floor(bytes / 4096);
  const rows: readonly (readonly [string, number])[] = [
    ["nr_free_pages", pages(free)],
    ["nr_anon_pages", pages(programs)],
    ["nr_file_pages", pages(files)],
    ["nr_shmem", pages(files)],
    ["nr_dirty", 0],
    ["nr_writeback", 0],
    ["pgpgin", 0],
    ["pgpgout", 0],
    ["pswpin", 0],
    ["pswpout", 0],
    ["pgfault", 0],
    ["pgmajfault", 0],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join("");
}
export const terminalDrivers = [
  "/dev/tty             /dev/tty        5       0 system:/dev/tty",
  "/dev/console         /dev/console    5       1 system:console",
  "/dev/ptmx            /dev/ptmx       5       2 system",
  "pty_slave            /dev/pts      136 0-1048575 pty:slave",
  "pty_master           /dev/ptm      128 0-1048575 pty:master",
  "",
].join("\n");
