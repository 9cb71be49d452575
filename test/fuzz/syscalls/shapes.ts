// What is behind the pointers of calls: fields in order, each drawn from a pool. Sizes and offsets as on x86-64; padding is a field too.
import type { Pool } from "./pools.ts";

export interface Field {
  /** Bytes: 1, 2, 4 or 8. */
  readonly width: number;
  readonly pool: Pool;
  readonly values?: readonly number[];
  /** Another one's name; table.ts refuses one that there is not. */
  readonly shape?: string;
}
export interface Shape {
  readonly fields: readonly Field[];
  /** So many of them in a row at most. */
  readonly most?: number;
}
const w = (width: number, pool: Pool, values?: readonly number[]): Field => ({ width, pool, ...(values && { values }) });
const [number32, number64, size64, pid32, fd32, signal32] = [w(4, "NUMBER"), w(8, "NUMBER"), w(8, "SIZE"), w(4, "PID"), w(4, "FD"), w(4, "SIGNAL")];
const zero = (width: number): Field => w(width, "CHOICE", [0]);
const to = (shape: string): Field => ({ width: 8, pool: "STRUCTURE", shape });
const repeat = (field: Field, times: number): readonly Field[] => Array.from({ length: times }, () => field);
const set64 = w(8, "FLAGS", [1, 2, 0x200, 0x800, 0x1000, 0x2000, 0x4000, 0x1_0000, 0x1_0000_0000]);
const seconds = w(8, "CHOICE", [0, 0, 0, 0, 1, 2, 60, 1_704_067_200, 1_704_067_201, -1]);
const nanos = w(8, "CHOICE", [0, 0, 1, 1000, 50_000, 1_000_000, 999_999_999, 1_000_000_000, -1]);
const micros = w(8, "CHOICE", [0, 0, 1, 50, 1000, 999_999, 1_000_000, -1]);
const family = w(2, "CHOICE", [1, 2, 10, 16, 0]);
const port = w(2, "CHOICE", [0, 0x901f, 0x5000, 0x3500, 0xffff]);
const ipv4 = w(4, "CHOICE", [0, 0x0100_007f, 0x0200_007f, 0xffff_ffff, 0x0101_0101]);

export const shapes = {
  bytes: { fields: [w(8, "RANDOM")], most: 64 },
  room: { fields: [zero(8)], most: 64 },
  text: { fields: [w(8, "PATH")], most: 1 },
  number32: { fields: [number32], most: 4 },
  number64: { fields: [number64], most: 4 },
  fds: { fields: [fd32], most: 4 },
  offset: { fields: [w(8, "OFFSET")] },
  length32: { fields: [w(4, "CHOICE", [0, 2, 4, 8, 16, 28, 110, 128, 4096, -1])] },
  set: { fields: [set64] },
  setWithSize: { fields: [to("set"), w(8, "CHOICE", [8, 8, 8, 0, 16])] },
  descriptorSet: { fields: [w(8, "RANDOM")], most: 16 },
  timespec: { fields: [seconds, nanos] },
  timespecs: { fields: [seconds, w(8, "CHOICE", [0, 1, 999_999_999, 0x3fff_ffff, 0x3fff_fffe, 1_000_000_000])], most: 2 },
  timeval: { fields: [seconds, micros], most: 2 },
  itimerspec: { fields: [seconds, nanos, seconds, nanos] },
  itimerval: { fields: [seconds, micros, seconds, micros] },
  iovec: { fields: [to("bytes"), size64], most: 4 },
  pollfd: { fields: [fd32, w(2, "FLAGS", [1, 2, 4, 8, 16, 32, 0x40, 0x2000]), zero(2)], most: 6 },
  epollEvent: { fields: [w(4, "FLAGS", [1, 4, 8, 16, 0x2000, 0x1000_0000, 0x4000_0000, -0x8000_0000]), number64] },
  sockaddr: { fields: [family, port, ipv4, ...repeat(number64, 3)] },
  unixSockaddr: { fields: [w(2, "CHOICE", [1]), w(1, "CHOICE", [0, 47, 97]), w(1, "CHOICE", [0, 115, 116]), w(4, "CHOICE", [0, 0x73, 0x706d_742f]), zero(8)] },
  control: {
    fields: [w(8, "CHOICE", [20, 24, 16, 28, 0, -1]), w(4, "CHOICE", [1, 0, 41]), w(4, "CHOICE", [1, 2, 3]), fd32, number32, number32, number32],
    most: 2,
  },
  msghdr: {
    fields: [
      to("unixSockaddr"),
      w(8, "CHOICE", [0, 2, 16, 28, 110]),
      to("iovec"),
      w(8, "COUNT"),
      to("control"),
      w(8, "CHOICE", [0, 20, 24, 48]),
      zero(8),
      zero(8),
    ],
    most: 3,
  },
  sigaction: { fields: [w(8, "HANDLER"), w(8, "FLAGS", [0x400_0000, 0x400_0004, 0x1400_0000, 0x4800_0000, 0x400_0001, 0x8400_0000]), w(8, "RESTORER"), set64] },
  stack: { fields: [w(8, "ADDRESS"), w(4, "CHOICE", [0, 0, 1, 2, -0x8000_0000]), zero(4), size64] },
  siginfo: { fields: [signal32, zero(4), w(4, "CHOICE", [-1, -2, -6, 0, 1, 128]), zero(4), pid32, zero(4), number64, ...repeat(zero(8), 12)] },
  sigevent: { fields: [number64, signal32, w(4, "CHOICE", [0, 1, 2, 4, 7]), pid32, ...repeat(zero(4), 11)] },
  rlimit: { fields: [w(8, "CHOICE", [64, 128, 1024, 1 << 20, 1 << 26, -1]), w(8, "CHOICE", [1024, 4096, 1 << 26, -1, -1])] },
  scheduling: { fields: [w(4, "CHOICE", [0, 1, 50, 99, 100])] },
  schedulingAttributes: { fields: [w(4, "CHOICE", [48, 56, 0]), w(4, "CHOICE", [0, 1, 2, 3, 5, 6]), zero(8), number32, number32, ...repeat(zero(8), 4)] },
  capabilityHeader: { fields: [w(4, "CHOICE", [0x2008_0522, 0x1998_0330, 0x2007_1026, 0]), pid32] },
  capabilityData: { fields: repeat(number32, 6) },
  cloneArguments: {
    fields: [
      w(8, "FLAGS", [0x100, 0x200, 0x400, 0x1000, 0x4000, 0x3d_0f00, 0x4100, 0x1_0b00]),
      to("number32"),
      to("number32"),
      to("number32"),
      w(8, "CHOICE", [17, 17, 0, 10, 65]),
      w(8, "ADDRESS"),
      w(8, "CHOICE", [0, 4096, 16_384]),
      w(8, "ADDRESS"),
      zero(8),
      zero(8),
      zero(8),
    ],
  },
  openHow: {
    fields: [w(8, "FLAGS", [0, 1, 2, 0o100, 0o2000, 0o4000, 0o200000, 0o10000000]), w(8, "CHOICE", [0, 0o644, 0o7777]), w(8, "FLAGS", [1, 2, 4, 8, 16, 32])],
  },
  arguments: { fields: [to("word"), to("word"), zero(8)] },
  word: { fields: [w(4, "CHOICE", [0x7a7a_7566, 0x31, 0x3d41, 0x2f])] },
  wordAtOnce: { fields: [w(4, "CHOICE", [0, 1, 2, 3])] },
  semaphoreOperation: { fields: [w(2, "CHOICE", [0, 1, 2, 5]), w(2, "CHOICE", [0, 1, -1, 2, -2]), w(2, "FLAGS", [0o4000, 0o10000])], most: 3 },
  semaphoreValues: { fields: [w(2, "COUNT")], most: 8 },
  message: { fields: [w(8, "CHOICE", [1, 2, 3, 0, -1]), number64, number64], most: 1 },
  queueAttributes: { fields: [w(8, "CHOICE", [0, 0o4000]), w(8, "CHOICE", [1, 4, 10, 0, -1]), w(8, "CHOICE", [16, 64, 8192, 0]), zero(8)] },
  ipcData: { fields: [number32, w(4, "ID"), w(4, "ID"), w(4, "ID"), w(4, "ID"), w(4, "CHOICE", [0o666, 0o600, 0]), ...repeat(number64, 12)] },
  timex: { fields: [w(4, "FLAGS", [1, 2, 4, 8, 0x2000]), zero(4), ...repeat(number64, 25)] },
  futexWaiter: { fields: [w(8, "CHOICE", [0, 1]), w(8, "ADDRESS"), w(4, "CHOICE", [2, 130, 0]), zero(4)], most: 4 },
  robustList: { fields: [w(8, "ADDRESS"), number64, w(8, "ADDRESS")] },
  fileLock: { fields: [w(2, "CHOICE", [0, 1, 2]), w(2, "CHOICE", [0, 1, 2]), zero(4), w(8, "OFFSET"), w(8, "OFFSET"), pid32, zero(4)] },
  groups: { fields: [w(4, "ID")], most: 8 },
  terminal: { fields: repeat(number32, 12) },
  windowSize: { fields: [w(2, "COUNT"), w(2, "COUNT"), zero(4)] },
  mask: { fields: [w(8, "CHOICE", [1, 3, 0, -1])], most: 4 },
} satisfies Readonly<Record<string, Shape>>;
export type ShapeName = keyof typeof shapes;
