// Permission events of fanotify(7): whoever opens, reads or executes a file that a group has marked so waits until the group has answered (fanotify_get_response in
// fs/notify/fanotify/fanotify.c). What a call has been allowed already stands in its task: presented again, it asks what is left.
import type { Draft } from "immer";
import { FAN_ALL_CLASS_BITS, fanotifyEvents } from "../../abi/constants/fanotify.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Fanotify, PermissionQuestion } from "../state/poll.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, Inode, OpenFile } from "../state/vfs.ts";
import { groupOf, groupsWhere, queueQuestion, withdraw } from "./fanotify.ts";
import { inodeOf } from "./inodes.ts";
import { wake } from "./waiting.ts";

const { FAN_ACCESS_PERM } = fanotifyEvents;
const channelOf = (question: number): string => `fanotify-answer:${question}`;
/** The channel that tells of the answer, and until when it is waited for. */
export type Pending = { readonly kind: "wait"; readonly channel: string; readonly deadlineNanos?: number };
type Permission = NonNullable<Draft<Task>["permission"]>;

const classOf = ({ flags }: Draft<Fanotify>): number => flags & FAN_ALL_CLASS_BITS;
/** Who is asked next: the class that comes first, then who came first. */
function nextGroup(kernel: Kernel, inode: Draft<Inode>, mask: number, asked: readonly number[]): number | null {
  const groups = groupsWhere(kernel, inode, mask).filter(id => classOf(groupOf(kernel, id)) !== 0 && !asked.includes(id));
  return groups.toSorted((a, b) => classOf(groupOf(kernel, b)) - classOf(groupOf(kernel, a)) || a - b)[0] ?? null;
}

/** The questions of one call, in the order in which it comes to them. */
export class Questions {
  #index = 0;
  readonly #kernel: Kernel;
  readonly #task: Draft<Task>;
  constructor(kernel: Kernel, task: Draft<Task>) {
    this.#kernel = kernel;
    this.#task = task;
  }
  /** A file that the call has made is no reason for it to fail when it comes again. */
  get hasCreated(): boolean {
    return this.#task.permission?.hasCreated === true;
  }
  noteCreated(): void {
    this.#state().hasCreated = true;
  }
  /** `null`: allowed. */
  ask(inode: Draft<Inode>, path: BinaryString, mask: number): Errno | Pending | null {
    const index = this.#index++;
    const { permission } = this.#task;
    const isWatched = this.#kernel.poll.fanotifies !== undefined && this.#kernel.poll.fanotifies.size > 0;
    if (!permission && !isWatched) return null;
    if (inode.kind !== "file" && inode.kind !== "directory") return null;
    if (permission && index < permission.passed) return null;
    const refused = this.#answerOf(permission);
    if (refused) return refused;
    const group = isWatched ? nextGroup(this.#kernel, inode, mask, permission?.groups ?? []) : null;
    if (group === null) {
      if (permission) Object.assign(permission, { passed: index + 1, groups: [] });
      return null;
    }
    const id = this.#kernel.poll.nextId++;
    this.#kernel.poll.permissions ??= new Map();
    this.#kernel.poll.permissions.set(id, { group, fd: null, answer: null, isCancelled: false });
    Object.assign(this.#state(), { passed: index, pending: id });
    queueQuestion(this.#kernel, group, inode, mask, path, id);
    return { kind: "wait", channel: channelOf(id) };
  }
  /** What a call that is presented again must not do again. */
  once(act: () => void): void {
    const index = this.#index++;
    const { permission } = this.#task;
    if (permission && index < permission.passed) return;
    act();
    if (permission) permission.passed = index + 1;
  }
  /** The call is over. */
  end(): void {
    delete this.#task.permission;
  }
  #state(): Permission {
    this.#task.permission ??= { passed: 0, groups: [], pending: null };
    return this.#task.permission;
  }
  #answerOf(permission: Permission | undefined): Errno | Pending | null {
    if (!permission || permission.pending === null) return null;
    const question = this.#kernel.poll.permissions!.get(permission.pending)!;
    if (question.answer === null) return { kind: "wait", channel: channelOf(permission.pending) };
    this.#kernel.poll.permissions!.delete(permission.pending);
    permission.pending = null;
    permission.groups.push(question.group);
    return question.answer === "allow" ? null : "EPERM";
  }
}
/** Reading, and listing a directory. */
export function askToRead(kernel: Kernel, questions: Questions, open: Draft<OpenFile>): Errno | Pending | null {
  if (open.inode === 0 || open.isQuiet) return null;
  return questions.ask(inodeOf(kernel, open.inode), open.path, FAN_ACCESS_PERM);
}

const isOf = (question: PermissionQuestion, group: number): boolean => question.group === group && question.answer === null;
function settle(kernel: Kernel, id: number, question: Draft<PermissionQuestion>, answer: "allow" | "deny"): void {
  question.answer = answer;
  // Nobody waits for it any more.
  if (question.isCancelled) kernel.poll.permissions!.delete(id);
  else wake(kernel, channelOf(id));
}
/** The group answers for a descriptor that it was given; `false`: it was asked nothing about it (ENOENT). */
export function answer(kernel: Kernel, group: number, fd: number, isAllowed: boolean): boolean {
  const found = [...(kernel.poll.permissions ?? [])].find(([, question]) => isOf(question, group) && question.fd === fd);
  if (!found) return false;
  settle(kernel, found[0], found[1], isAllowed ? "allow" : "deny");
  return true;
}
/** What could not be told to the group is denied. */
export const denyUntold = (kernel: Kernel, id: number): void => settle(kernel, id, kernel.poll.permissions!.get(id)!, "deny");
export function noteTold(kernel: Kernel, id: number, fd: number): void {
  kernel.poll.permissions!.get(id)!.fd = fd;
}
/** The group is closed: all that it was asked is allowed. */
export function allowAll(kernel: Kernel, group: number): void {
  for (const [id, question] of [...(kernel.poll.permissions ?? [])]) if (isOf(question, group)) settle(kernel, id, question, "allow");
}
/** Who has asked ends, or a signal interrupts it: the question is withdrawn, or its answer is for nobody. */
export function cancelQuestion(kernel: Kernel, task: Draft<Task>): void {
  const id = task.permission?.pending ?? null;
  delete task.permission;
  const question = id === null ? undefined : kernel.poll.permissions!.get(id);
  if (id === null || !question) return;
  if (question.fd === null) withdraw(kernel, question.group, id);
  if (question.fd === null || question.answer !== null) kernel.poll.permissions!.delete(id);
  else question.isCancelled = true;
}
