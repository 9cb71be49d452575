// What /sys holds of a machine with one processor, one node of memory, the loopback device and no disk (sysfs(5)). Nothing of it changes and nothing can be written,
// as in a container, so it is a file system of plain files that is mounted read-only.
import type { ImageEntry } from "../../loader/image.ts";

const ONE_CPU = "1";
const FIRST = "0";
/** Masks and lists of the processors that belong together: all are the only one. */
const topology = Object.fromEntries([
  ...["core", "die", "package"].flatMap(name => [
    [`${name}_cpus`, ONE_CPU],
    [`${name}_cpus_list`, FIRST],
  ]),
  ...["core_siblings", "thread_siblings"].flatMap(name => [
    [name, ONE_CPU],
    [`${name}_list`, FIRST],
  ]),
  ...["core_id", "die_id", "physical_package_id"].map(name => [name, FIRST]),
]);
const counters = ["rx_bytes", "rx_dropped", "rx_errors", "rx_packets", "tx_bytes", "tx_dropped", "tx_errors", "tx_packets"];
/** IFF_UP | IFF_LOOPBACK; ARPHRD_LOOPBACK. */
const loopback = {
  ...{ address: "00:00:00:00:00:00", broadcast: "00:00:00:00:00:00", addr_len: 6, carrier: 1, flags: "0x9", ifindex: 1, iflink: 1 },
  ...{ link_mode: 0, mtu: 65_536, operstate: "unknown", tx_queue_len: 1000, type: 772 },
  ...Object.fromEntries(counters.map(name => [`statistics/${name}`, 0])),
};
const below = (folder: string, files: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
/** Contents without their line's end. Memory comes in pages of 4 KiB alone. */
const files: Readonly<Record<string, string | number>> = {
  ...below("/devices/system/cpu", { isolated: "", kernel_max: 0, offline: "", online: 0, possible: 0, present: 0 }),
  ...below("/devices/system/cpu/cpu0/topology", topology),
  ...below("/devices/system/node", { has_cpu: 0, has_memory: 0, has_normal_memory: 0, online: 0, possible: 0 }),
  ...below("/devices/system/node/node0", { cpulist: 0, cpumap: 1, distance: 10 }),
  ...below("/devices/virtual/net/lo", loopback),
  ...below("/kernel/mm/transparent_hugepage", {
    enabled: "always madvise [never]",
    defrag: "always defer defer+madvise madvise [never]",
    hpage_pmd_size: 2_097_152,
  }),
};
const links: Readonly<Record<string, string>> = { "/class/net/lo": "../../devices/virtual/net/lo", "/devices/system/node/node0/cpu0": "../../cpu/cpu0" };
const folders = ["/block", "/bus", "/class/block", "/dev/block", "/dev/char", "/firmware", "/fs/cgroup", "/kernel/mm/hugepages", "/module", "/power"];

const above = (path: string): readonly string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index) || "/");
/** The epoch of the machine's clock is when they came to be. */
export function systemFiles(epochSeconds: number): readonly ImageEntry[] {
  const owned = { uid: 0, gid: 0, mtimeSeconds: epochSeconds };
  const encoder = new TextEncoder();
  const leaves: readonly ImageEntry[] = [
    ...Object.entries(files).map(([path, content]): ImageEntry => ({ ...owned, path, kind: "file", mode: 0o444, content: encoder.encode(`${content}\n`) })),
    ...Object.entries(links).map(([path, target]): ImageEntry => ({ ...owned, path, kind: "symlink", mode: 0o777, target })),
  ];
  const directories = new Set([...folders, ...leaves.map(({ path }) => path)].flatMap(above).concat(folders));
  const all = [...[...directories].map((path): ImageEntry => ({ ...owned, path, kind: "directory", mode: path === "/" ? 0o555 : 0o755 })), ...leaves];
  return all.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
