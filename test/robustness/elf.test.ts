// A thousand broken ELF files: each is refused with an errno or becomes a guest that the kernel can end; the engine itself never fails, and no file keeps it busy.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { BootFailure, boot } from "../../engine/machine-boot.ts";
import { silentWorld } from "../../engine/world.ts";
import { DEMO_PROGRAMS, demoImage } from "../../guest-images/demo.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { randomOf } from "../events/sample-events.ts";
import { busyboxOrNothing } from "../laws/guests.ts";

const SEED = Number(process.env.SEED ?? 1);
const ONLY = process.env.MUTANT === undefined ? undefined : Number(process.env.MUTANT);
const MUTANTS = 1000;
/** More than any of them needs for its own work. */
const MOST_TICKS = 1_000_000;
const MOST_EVENTS = 3000;
const MOST_CPU_MILLIS = 5000;

type Random = (below: number) => number;
const demo = demoImage();
const busybox = await busyboxOrNothing("Only demo programs are broken");
const contentOf = (image: Image, path: string): Uint8Array => new Uint8Array(image.entries.find(entry => entry.path === path)!.content!);
const originals: readonly Uint8Array[] = [
  ...DEMO_PROGRAMS.map(name => contentOf(demo, `/bin/${name}`)),
  ...(busybox ? Array.from({ length: 3 }, () => contentOf(busybox, "/bin/busybox")) : []),
];

const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 7n, 0xfffn, 0x1000n, 0x1001n, 0x3f_ffffn, 0x40_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n],
  ...[0x7fff_ffff_efffn, 0x7fff_ffff_f000n, 0x7fff_ffff_ffffn, 0x8000_0000_0000n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 4096n, 2n ** 64n - 1n],
];
const HEADER = { e_type: [16, 2], e_machine: [18, 2], e_entry: [24, 8], e_phoff: [32, 8], e_phentsize: [54, 2], e_phnum: [56, 2] } as const;
const PROGRAM_HEADER = { p_type: [0, 4], p_flags: [4, 4], p_offset: [8, 8], p_vaddr: [16, 8], p_filesz: [32, 8], p_memsz: [40, 8], p_align: [48, 8] } as const;

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)]!;
function put(elf: Uint8Array, at: number, size: number, value: bigint): void {
  for (let i = 0; i < size && at + i < elf.length; i++) elf[at + i] = Number((value >> BigInt(8 * i)) & 255n);
}
function get(elf: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(elf[at + i] ?? 0);
  return value;
}
/** An edge, or near what is there: one off, a page off, a bit flipped. */
function otherValue(value: bigint, random: Random): bigint {
  const near = [value + 1n, value - 1n, value + 4096n, value - 4096n, value ^ (1n << BigInt(random(48))), value * 2n];
  return BigInt.asUintN(64, random(2) ? pick(EDGES, random) : pick(near, random));
}
const mutations: readonly ((elf: Uint8Array, random: Random) => Uint8Array)[] = [
  function headerField(elf, random) {
    const [at, size] = pick(Object.values(HEADER), random);
    put(elf, at, size, otherValue(get(elf, at), random));
    return elf;
  },
  function programHeaderField(elf, random) {
    const count = (elf[56] ?? 1) || 1;
    for (let left = 1 + random(2); left > 0; left--) {
      const [offset, size] = pick(Object.values(PROGRAM_HEADER), random);
      const at = 64 + 56 * random(count) + offset;
      put(elf, at, size, size === 4 && random(2) ? BigInt(random(8)) : otherValue(get(elf, at), random));
    }
    return elf;
  },
  function randomBytes(elf, random) {
    for (let left = 1 + random(64); left > 0; left--) elf[random(elf.length)] = random(256);
    return elf;
  },
  function randomHeaderBytes(elf, random) {
    for (let left = 1 + random(8); left > 0; left--) elf[random(64 + 56 * 4)] = random(256);
    return elf;
  },
  function spoiltCode(elf, random) {
    const entry = Number(get(elf, 24) & 0xfffffn);
    for (let left = 1 + random(200); left > 0; left--) elf[(entry + random(4096)) % elf.length] = random(256);
    return elf;
  },
  (elf, random) => elf.subarray(0, random(2) ? random(elf.length) : random(400)),
];

function mutant(index: number): { readonly elf: Uint8Array; readonly random: Random } {
  const random = randomOf(SEED * 100_000 + index);
  let elf: Uint8Array = pick(originals, random).slice();
  for (let left = 1 + random(2); left > 0; left--) elf = pick(mutations, random)(elf, random);
  return { elf, random };
}
/** How it went, in a word. */
function outcomeOf(index: number): string {
  const { elf, random } = mutant(index);
  const guest: ImageEntry = { path: "/bin/guest", kind: "file", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0, content: elf };
  const image: Image = {
    ...demo,
    entries: [...demo.entries.filter(({ path }) => path < guest.path), guest, ...demo.entries.filter(({ path }) => path > guest.path)],
  };
  // Some are what boots, some what another program executes.
  const argv = random(3) ? ["/bin/guest", "sh", "-c", "echo hello | cat"] : ["/bin/menu", "/bin/guest"];
  const source = bootSource({ image, argv, memoryBytes: 2 ** 26 });
  let events = 0;
  try {
    const machine = boot(source, {
      world: silentWorld,
      onEvent: () => {
        if (++events === MOST_EVENTS) machine.pause();
      },
    });
    let stop = machine.run({ seq: 0, tick: MOST_TICKS });
    if (stop.kind === "asleep") {
      machine.input({ source: "stdin", bytes: null });
      stop = machine.run({ seq: 0, tick: MOST_TICKS });
    }
    if (stop.kind !== "halted") return stop.kind;
    return (stop.status & 127) === 0 ? "exited" : "ended by a signal";
  } catch (error) {
    if (error instanceof BootFailure) return "refused";
    throw error;
  }
}

test("a thousand mutants", () => {
  const outcomes = new Map<string, number>();
  for (let index = 0; index < MUTANTS; index++) {
    if (ONLY !== undefined && index !== ONLY) continue;
    const before = process.cpuUsage().user;
    try {
      const outcome = outcomeOf(index);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      assert.ok((process.cpuUsage().user - before) / 1000 < MOST_CPU_MILLIS, `mutant ${index} took ${(process.cpuUsage().user - before) / 1000} ms`);
    } catch (error) {
      if (error instanceof Error) error.message += `\n(repeat it with SEED=${SEED} MUTANT=${index})`;
      throw error;
    }
  }
  if (ONLY === undefined)
    for (const outcome of ["refused", "exited", "ended by a signal"]) assert.ok((outcomes.get(outcome) ?? 0) > 50, JSON.stringify([...outcomes]));
});
test.run();
