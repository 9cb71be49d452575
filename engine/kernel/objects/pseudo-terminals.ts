// Pseudo-terminals: a terminal whose other side, the master, is an open file of /dev/ptmx; the node /dev/pts/N comes and goes with it (pty(7)).
import type { Draft } from "immer";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials } from "../state/proc-table.ts";
import type { Master, Terminal } from "../state/tty.ts";
import { addEntry, createInode, hasRoomForInode, inodeOf, removeEntry } from "./inodes.ts";
import { ARRIVING_LIMIT, createTerminal, feedTerminal, hangUp, masterChannel, QUEUE_REACHED, terminalChannel } from "./terminals.ts";
import { wake } from "./waiting.ts";

/** Major number of /dev/pts/N (devices.txt). */
export const PTS_MAJOR = 136;
/** dev_t as the kernel shows it to programs: of the controlling terminal, 0 where there is none. */
export const terminalNumber = (terminal: number | null): number => (terminal === null ? 0 : (PTS_MAJOR << 8) | terminal);
const TTY_GROUP = 5;
const NODE_MODE = 0o620;
const FRESH_MASTER: Master = { output: new Uint8Array(0), isOpen: true, isLocked: true, isPacket: false, packetStatus: 0 };

/** The root of the file system behind /dev/pts. */
function nodesDirectory(kernel: Kernel): number | undefined {
  const mount = kernel.vfs.mounts.find(one => one?.type === "devpts");
  return mount && "inode" in mount.root ? mount.root.inode : undefined;
}
export function addTerminalNode(kernel: Kernel, id: number, owner: { readonly uid: number; readonly gid: number }): void {
  const directory = nodesDirectory(kernel);
  if (directory === undefined || !hasRoomForInode(kernel)) return;
  const { fileSystem } = inodeOf(kernel, directory);
  const node = createInode(kernel, { fileSystem, kind: "character", mode: NODE_MODE, ...owner, device: [PTS_MAJOR, id] });
  addEntry(kernel, directory, String(id), node);
}
function removeTerminalNode(kernel: Kernel, id: number): void {
  const directory = nodesDirectory(kernel);
  if (directory !== undefined && inodeOf(kernel, directory).entries!.has(String(id))) removeEntry(kernel, directory, String(id));
}

/** Opening /dev/ptmx: a new terminal with the lowest free number, locked. */
export function createPseudoTerminal(kernel: Kernel, credentials: Draft<Credentials>): number {
  let id = 0;
  while (kernel.tty.terminals.has(id)) id++;
  createTerminal(kernel, id, { columns: 0, rows: 0 }, { ...FRESH_MASTER });
  addTerminalNode(kernel, id, { uid: credentials.fsuid, gid: TTY_GROUP });
  return id;
}
/** One more open file of the slave. */
export function countOpen(kernel: Kernel, terminal: Draft<Terminal>): void {
  terminal.opens++;
  terminal.wasOpen = true;
  if (terminal.master) wake(kernel, masterChannel(terminal.id));
}
export function countClose(kernel: Kernel, terminal: Draft<Terminal>): void {
  if (--terminal.opens > 0 || !terminal.master) return;
  terminal.isExclusive = false;
  if (terminal.master.isOpen) wake(kernel, masterChannel(terminal.id));
  else kernel.tty.terminals.delete(terminal.id);
}
/** The master is closed: the slave is hung up, its node is gone. */
export function closeMaster(kernel: Kernel, terminal: Draft<Terminal>): void {
  terminal.master!.isOpen = false;
  hangUp(kernel, terminal.id);
  removeTerminalNode(kernel, terminal.id);
  if (terminal.opens <= 0) kernel.tty.terminals.delete(terminal.id);
}
/** Every slave has been closed: the master reads EIO, until one is opened again. */
export const isForsaken = (terminal: Draft<Terminal>): boolean => terminal.wasOpen && terminal.opens <= 0;

const NO_NEWS = 0;
/** What the slave has shown, up to what one read gives; in packet mode behind a byte that says what follows. */
export function masterRead(kernel: Kernel, terminal: Draft<Terminal>, count: number): Bytes | undefined {
  const master = terminal.master!;
  if (master.isPacket && master.packetStatus !== NO_NEWS) {
    const status = Uint8Array.of(master.packetStatus);
    master.packetStatus = NO_NEWS;
    return status;
  }
  if (master.output.length === 0) return undefined;
  const head = master.isPacket ? 1 : 0;
  const part = master.output.slice(0, Math.max(0, Math.min(count - head, QUEUE_REACHED)));
  master.output = master.output.slice(part.length);
  wake(kernel, terminalChannel(terminal.id));
  return head === 0 ? part : Uint8Array.of(NO_NEWS, ...part);
}
export const masterRoom = (terminal: Draft<Terminal>): number => Math.max(0, ARRIVING_LIMIT - terminal.discipline.arriving.length);
/** The master types; answers how many bytes were taken. */
export function masterWrite(kernel: Kernel, terminal: Draft<Terminal>, bytes: Bytes): number {
  const part = bytes.subarray(0, masterRoom(terminal));
  if (part.length > 0) feedTerminal(kernel, terminal.id, part);
  return part.length;
}
