// Pipes and FIFOs: the buffer between their ends and who has them open (pipe(7), fifo(7)). Reading and writing is kinds/pipe.ts.
import type { Draft } from "immer";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Pipe } from "../state/vfs.ts";
import { keptNames } from "./channel-names.ts";
import { createInode, inodeOf } from "./inodes.ts";
import { wake } from "./waiting.ts";

/** Writes up to this size are not torn apart. */
export const PIPE_BUF = 4096;
const DEFAULT_CAPACITY = 65_536;
/** A process without privilege may ask for this much (F_SETPIPE_SZ). */
export const MAX_PIPE_CAPACITY = 1_048_576;

/** Woken when there is something to read, or no writer any more. */
export const readChannel = keptNames(pipe => `pipe:${pipe}:read`);
/** Woken when there is room, or no reader any more. */
export const writeChannel = keptNames(pipe => `pipe:${pipe}:write`);

export function pipeOf(kernel: Kernel, id: number): Draft<Pipe> {
  const pipe = kernel.vfs.pipes.get(id);
  if (!pipe) throw new Error(`Pipe ${id} is referred to but does not exist.`);
  return pipe;
}
/** An inode for pipe(2), without a name. */
export function createPipeInode(kernel: Kernel, uid: number, gid: number): number {
  const id = createInode(kernel, { fileSystem: pipeFileSystem(kernel), kind: "fifo", mode: 0o600, uid, gid });
  inodeOf(kernel, id).links = 1;
  return id;
}
const pipeFileSystem = (kernel: Kernel): number => kernel.vfs.mounts.findIndex(mount => mount?.type === "pipefs");
/** pipe(2)'s, as it can be opened again through /proc/PID/fd. */
export const isNameless = (kernel: Kernel, inodeId: number): boolean => inodeOf(kernel, inodeId).fileSystem === pipeFileSystem(kernel);

const opensReader = (flags: number): boolean => (flags & O_ACCMODE) !== O_WRONLY;
const opensWriter = (flags: number): boolean => (flags & O_ACCMODE) !== O_RDONLY;
/** One more end of the FIFO is open, as `flags` say; answers the pipe's id. Whoever waits for that end to open wakes. */
export function attachPipe(kernel: Kernel, inodeId: number, flags: number): number {
  const { vfs } = kernel;
  const inode = inodeOf(kernel, inodeId);
  if (inode.pipe === undefined) {
    inode.pipe = vfs.nextId++;
    vfs.pipes.set(inode.pipe, { buffers: [], length: 0, capacity: DEFAULT_CAPACITY, readers: 0, writers: 0, readerOpens: 0, writerOpens: 0 });
  }
  const pipe = pipeOf(kernel, inode.pipe);
  if (opensReader(flags)) {
    pipe.readers++;
    pipe.readerOpens++;
    wake(kernel, writeChannel(inode.pipe));
  }
  if (opensWriter(flags)) {
    pipe.writers++;
    pipe.writerOpens++;
    wake(kernel, readChannel(inode.pipe));
  }
  return inode.pipe;
}
/** An end closes. With the last one the buffer and what is in it are gone. */
export function detachPipe(kernel: Kernel, inodeId: number, flags: number): void {
  const inode = inodeOf(kernel, inodeId);
  const id = inode.pipe!;
  const pipe = pipeOf(kernel, id);
  if (opensReader(flags) && --pipe.readers === 0) wake(kernel, writeChannel(id));
  if (opensWriter(flags) && --pipe.writers === 0) wake(kernel, readChannel(id));
  if (pipe.readers + pipe.writers > 0) return;
  kernel.vfs.pipes.delete(id);
  delete inode.pipe;
  if (inode.fileSystem === pipeFileSystem(kernel)) inode.links = 0;
}
