// Events for tests: every kind and every odd field, in an order that a seed decides.
import type { KernelEvent, Store } from "../../events/kernel-event.ts";

/** mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
export const parameters = {
  imageName: "test",
  imageDigest: "sha256:00",
  mounts: [{ path: "/data", digest: "sha256:01", isReadOnly: true }],
  program: "/bin/sh",
  argv: ["sh", "-c", "echo é"],
  environment: ["PATH=/bin"],
  workingDirectory: "/",
  user: { uid: 0, gid: 0 },
  standard: ["pipe", "pipe", "pipe"],
  terminal: { columns: 80, rows: 24 },
  hostname: "chronix",
  epochSeconds: 1_704_067_200,
  seed: 1,
  memoryBytes: 2 ** 31,
  quantumTicks: 1_000_000,
} as const;

export function sampleEvents(count: number, seed = 1): KernelEvent[] {
  const random = randomOf(seed);
  const bytes = (most: number) => Uint8Array.from({ length: random(most) }, () => random(256));
  const address = () => 0x7fff_0000_0000 + random(2 ** 20);
  const events: KernelEvent[] = [{ kind: "boot", tick: 0, parameters }];
  let tick = 0;
  const task = () => 1 + random(3);
  const call = () => {
    const raws = [random(8), address(), random(4096), -100, 2n ** 62n + 1n, -(2n ** 60n)].slice(0, random(7));
    const stores: Store[] =
      random(3) === 0 && raws.length > 1
        ? [
            { address: Number(raws[1]), bytes: bytes(64) },
            { address: Number(raws[1]) + 24, bytes: bytes(9) },
            { address: 4096 + random(9999), bytes: bytes(9) },
          ]
        : [];
    const results = [
      { kind: "done", value: random(3) === 0 ? address() : random(300) },
      { kind: "fail", errno: "ENOENT" },
      { kind: "block" },
      { kind: "gone" },
    ] as const;
    return { raws, stores, result: results[Math.max(0, random(7) - 3)]! };
  };
  const makers: readonly (() => KernelEvent)[] = [
    () => ({
      kind: "syscall",
      tick,
      task: task(),
      number: random(20) === 0 ? -1 : random(360),
      reads: [bytes(20), null, bytes(3)].slice(random(4)),
      ...call(),
    }),
    () => ({ kind: "syscall", tick, task: task(), number: 39, raws: [], reads: [], stores: [], result: { kind: "done", value: 1 } }),
    () => ({
      kind: "syscall",
      tick,
      task: task(),
      number: 0,
      reads: [],
      ...call(),
      unwritable: [1, 2].slice(random(3)),
      ...(random(2) ? { injected: "EIO" } : {}),
      ...(random(2) ? { holes: [address(), address()] } : {}),
    }),
    () => ({ kind: "syscall", tick, task: task(), number: 1, reads: [], ...call(), injected: "EINTR" }),
    () => ({
      kind: "resume",
      tick,
      task: task(),
      number: 0,
      isInterrupted: random(2) === 0,
      result: call().result,
      stores: [{ address: address(), bytes: bytes(9) }].slice(random(2)),
    }),
    () => ({
      kind: "signal",
      tick,
      task: task(),
      signal: random(65),
      code: -6,
      action: (["handle", "ignore", "terminate", "core", "stop", "continue"] as const)[random(6)]!,
    }),
    () => ({ kind: "fault", tick, task: task(), signal: 11, code: 1, address: address(), ...(random(2) ? { isFinal: true } : {}) }),
    () => ({ kind: "switch", tick, task: task() }),
    () => ({ kind: "timer", tick }),
    () => ({ kind: "idle", tick, nanos: 5_000_000_000 }),
    () => ({ kind: "input", tick, input: { source: "terminal", bytes: bytes(9) } }),
    () => ({ kind: "input", tick, input: { source: "stdin", bytes: random(2) ? bytes(9) : null } }),
    () => ({ kind: "input", tick, input: { source: "hangup" } }),
    () => ({ kind: "input", tick, input: { source: "size", columns: 200, rows: 60 } }),
    () => ({ kind: "input", tick, input: { source: "signal", signal: 2 } }),
    () => ({ kind: "input", tick, input: { source: "closed", to: random(2) ? "stdout" : "stderr" } }),
    () => ({ kind: "input", tick, input: { source: "incoming", link: 1 + random(99), port: random(65_536) } }),
    () => ({ kind: "input", tick, input: { source: "dialled", link: -1 - random(99) } }),
    () => ({ kind: "input", tick, input: { source: "refused", link: -1, errno: "ETIMEDOUT" } }),
    () => ({ kind: "input", tick, input: { source: "link", link: 300, bytes: random(2) ? bytes(9) : null } }),
    () => ({ kind: "input", tick, input: { source: "reset", link: 2 } }),
    () => ({ kind: "input", tick, input: { source: "taken", link: 2, count: 65_536 } }),
    () => ({ kind: "writeback", tick, inode: random(99), index: random(9), bytes: bytes(4097) }),
    () => ({
      kind: "abandon",
      tick,
      task: task(),
      words: Array.from({ length: random(3) }, () => ({
        address: address(),
        value: random(2 ** 31),
        isInheriting: random(2) === 0,
        isPending: random(2) === 0,
      })),
    }),
    () => ({
      kind: "dump",
      tick,
      task: task(),
      threads: Array.from({ length: random(3) }, () => ({ tid: task(), general: bytes(217), vectors: bytes(833) })),
      pages: Array.from({ length: random(3) }, () => ({ address: address(), bytes: new Uint8Array(4096).fill(random(256)) })),
    }),
    () => ({ kind: "trap", tick, task: task(), at: random(2) ? "signal" : "rest" }),
    () => ({ kind: "trap", tick, task: task(), at: "call", number: -1 + random(400) }),
    () => ({ kind: "trap", tick, task: task(), at: "filter", number: random(400), message: random(65_536) }),
    () => ({ kind: "exit", tick, task: task(), status: 256 }),
  ];
  while (events.length < count) {
    tick += random(5) === 0 ? random(2 ** 20) : random(100);
    events.push(makers[random(3) ? random(2) : random(makers.length)]!());
  }
  return events;
}
