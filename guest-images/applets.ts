// Which commands a BusyBox binary has, read from its own table of names, so that a version nobody has seen yet needs no list of ours.
// Where each belongs is not legible in the binary: that comes from the manifest, and a new command goes to /usr/bin.

/** `[` and `[[` sort first among all applets of a build that has `test`, and the table is a run of names that end in NUL, in ASCII order. */
const TABLE_START = Buffer.from("[\0[[\0");
const NAME = /^[a-z0-9[_.-]+$/;

export function appletNames(binary: Uint8Array): readonly string[] {
  const bytes = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  for (let at = bytes.indexOf(TABLE_START); at >= 0; at = bytes.indexOf(TABLE_START, at + 1)) {
    const names = sortedNamesAt(bytes, at);
    if (names.length > 20) return names;
  }
  return [];
}

function sortedNamesAt(bytes: Buffer, start: number): readonly string[] {
  const names: string[] = [];
  for (let at = start; ; ) {
    const end = bytes.indexOf(0, at);
    const name = end < 0 ? "" : bytes.toString("latin1", at, end);
    if (!NAME.test(name) || name <= (names.at(-1) ?? "")) return names;
    names.push(name);
    at = end + 1;
  }
}

/** Absolute paths of the links to /bin/busybox. `placed` maps a folder to the names in it, separated by spaces. */
export function appletPaths(names: readonly string[], placed: Readonly<Record<string, string>>): readonly string[] {
  const folderOf = new Map(Object.entries(placed).flatMap(([folder, list]) => list.split(" ").map(name => [name, folder] as const)));
  return names.filter(name => name !== "busybox" && name !== "linuxrc").map(name => `${folderOf.get(name) ?? "/usr/bin"}/${name}`);
}
