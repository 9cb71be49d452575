// Memory policies on a machine with one node: they are kept and told, and every page lies on node 0 (set_mempolicy(2), mbind(2), move_pages(2); mm/mempolicy.c, mm/migrate.c).
import type { Draft } from "immer";
import { isMaskTooLong } from "../../abi/arguments/node-mask.ts";
import { PAGE_BYTES, pageCeil, TASK_SIZE } from "../../abi/constants/address-space.ts";
import { moveFlags, policyFlags, policyModes, policyQuestions } from "../../abi/constants/memory-policies.ts";
import { type Errno, errnoNumber } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { cut, isCovered } from "../objects/areas.ts";
import { can } from "../objects/credentials.ts";
import { areasOf, changeRange, findArea, spaceOf } from "../objects/spaces.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { maySee } from "../objects/tracing.ts";
import { type Call, type Calls, done, fail, OK, type Reducer } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { MemoryPolicy } from "../state/vmm.ts";

const { MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_LOCAL, MPOL_WEIGHTED_INTERLEAVE } = policyModes;
const { MPOL_F_STATIC_NODES: STATIC, MPOL_F_RELATIVE_NODES: RELATIVE, MPOL_F_NUMA_BALANCING: BALANCING } = policyFlags;
const MODE_FLAGS = STATIC | RELATIVE | BALANCING;
/** The only node, as a set. */
const NODE_0 = 1n;

function isModeSound(word: number): boolean {
  const mode = word & ~MODE_FLAGS;
  if (mode < 0 || mode > MPOL_WEIGHTED_INTERLEAVE || (word & (STATIC | RELATIVE)) === (STATIC | RELATIVE)) return false;
  return (word & BALANCING) === 0 || mode === MPOL_BIND;
}
/** The policy that mode and nodes ask for; `null`: the default. In the order of mpol_new and mpol_set_nodemask. */
function policyOf(word: number, nodes: bigint | null): MemoryPolicy | null | Errno {
  const flags = word & MODE_FLAGS;
  let mode = word & ~MODE_FLAGS;
  const isPlaced = (flags & (STATIC | RELATIVE)) !== 0;
  if (!isModeSound(word) || nodes === null) return "EINVAL";
  if (mode === MPOL_DEFAULT) return nodes === 0n ? null : "EINVAL";
  if (mode === MPOL_PREFERRED && nodes === 0n) {
    if (isPlaced) return "EINVAL";
    mode = MPOL_LOCAL;
  } else if (mode === MPOL_LOCAL) {
    if (nodes !== 0n || isPlaced) return "EINVAL";
  } else if (nodes === 0n) return "EINVAL";
  // Relative nodes are counted around those that are allowed: with one, all of them are it.
  if (mode !== MPOL_LOCAL && (flags & RELATIVE) === 0 && (nodes & NODE_0) === 0n) return "EINVAL";
  return { mode, flags, nodes };
}
const nodesOf = (policy: MemoryPolicy | null): bigint => {
  if (!policy || policy.mode === MPOL_LOCAL) return 0n;
  return (policy.flags & (STATIC | RELATIVE)) === 0 ? NODE_0 : policy.nodes;
};
/** Areas have it as one number: what they are made of is copied by value. */
const packed = ({ mode, flags, nodes }: MemoryPolicy): bigint => (nodes << 32n) | BigInt(flags | mode);
const unpacked = (word: bigint): MemoryPolicy => {
  const low = Number(word & 0xffff_ffffn);
  return { mode: low & ~MODE_FLAGS, flags: low & MODE_FLAGS, nodes: word >> 32n };
};

/** The task whose pages are meant, and whether the caller may; 0 is itself. */
function subject(kernel: Kernel, call: Call<unknown>, pid: number): Draft<Task> | Errno {
  const task = kernel.procTable.tasks.get(pid === 0 ? call.tid : pid);
  if (!task || task.state === "dead") return "ESRCH";
  return maySee(kernel, call.pid, processOf(kernel, task.pid), "real") ? task : "EPERM";
}
const mayMoveAll = (kernel: Kernel, call: Call<unknown>): boolean => can(processOf(kernel, call.pid).credentials, "CAP_SYS_NICE");

/** Where a page lies: on node 0, not there yet, or nowhere. */
function statusOf(kernel: Kernel, task: Draft<Task>, address: number, isTouched: boolean): number {
  const area = findArea(spaceOf(kernel, task.space), address);
  if (!area) return -errnoNumber("EFAULT");
  return isTouched || area.backing.kind === "file" ? 0 : -errnoNumber("ENOENT");
}

const policyAnswer: Reducer<"get_mempolicy"> = (kernel, call) => {
  const { addr, flags } = call.args;
  const { MPOL_F_NODE, MPOL_F_ADDR, MPOL_F_MEMS_ALLOWED } = policyQuestions;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) return fail("EINVAL");
  if (has(MPOL_F_MEMS_ALLOWED)) return has(MPOL_F_NODE | MPOL_F_ADDR) ? fail("EINVAL") : done(0, { mode: 0, nodemask: NODE_0 });
  const task = taskOf(kernel, call.tid);
  const area = has(MPOL_F_ADDR) ? findArea(spaceOf(kernel, task.space), addr) : undefined;
  if (has(MPOL_F_ADDR) && !area) return fail("EFAULT");
  if (!has(MPOL_F_ADDR) && addr !== 0) return fail("EINVAL");
  const own = task.memoryPolicy ?? null;
  const policy = area?.policy === undefined ? own : unpacked(area.policy);
  if (!has(MPOL_F_NODE)) return done(0, { mode: policy ? policy.mode | policy.flags : MPOL_DEFAULT, nodemask: nodesOf(policy) });
  const isInterleaved = policy?.mode === MPOL_INTERLEAVE || policy?.mode === MPOL_WEIGHTED_INTERLEAVE;
  return has(MPOL_F_ADDR) || isInterleaved ? done(0, { mode: 0, nodemask: nodesOf(policy) }) : fail("EINVAL");
};

type Names = "set_mempolicy" | "get_mempolicy" | "mbind" | "migrate_pages" | "move_pages" | "set_mempolicy_home_node";
export const policyCalls: Pick<Calls<"vmm">, Names> = {
  set_mempolicy(kernel, call) {
    const policy = policyOf(call.args.mode, call.args.nodemask);
    if (typeof policy === "string") return fail(policy);
    const task = taskOf(kernel, call.tid);
    if (policy) task.memoryPolicy = policy;
    else delete task.memoryPolicy;
    return OK;
  },
  get_mempolicy(kernel, call) {
    const { nodemask, maxnode } = call.args;
    if (nodemask !== 0 && maxnode < 1) return fail("EINVAL");
    const answer = policyAnswer(kernel, call);
    // Linux has stored the mode by then (mm/mempolicy.c, copy_nodes_to_user); a call that fails stores nothing here.
    return answer.kind === "done" && nodemask !== 0 && isMaskTooLong(maxnode) ? fail("EINVAL") : answer;
  },
  mbind(kernel, call) {
    const { addr, len, mode, nodemask, flags } = call.args;
    const { MPOL_MF_STRICT, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL } = moveFlags;
    if (!isModeSound(mode) || nodemask === null) return fail("EINVAL");
    if ((flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return fail("EINVAL");
    if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !mayMoveAll(kernel, call)) return fail("EPERM");
    if (addr % PAGE_BYTES !== 0) return fail("EINVAL");
    const end = addr + pageCeil(len);
    if (end > 2 ** 64) return fail("EINVAL");
    if (end === addr) return OK;
    const policy = policyOf(mode, nodemask);
    if (typeof policy === "string") return fail(policy);
    const { space } = taskOf(kernel, call.tid);
    const areas = areasOf(spaceOf(kernel, space));
    const { inside } = cut(areas, addr, Math.min(end, TASK_SIZE));
    // Only the default may be set over holes.
    if (inside.length === 0 || (policy && !isCovered(areas, addr, end))) return fail("EFAULT");
    changeRange(kernel, space, addr, Math.min(end, TASK_SIZE), area => {
      const { policy: _, ...rest } = area;
      return policy ? { ...rest, policy: packed(policy) } : rest;
    });
    return OK;
  },
  migrate_pages(kernel, call) {
    const { pid, old_nodes, new_nodes } = call.args;
    if (old_nodes === null || new_nodes === null) return fail("EINVAL");
    const task = subject(kernel, call, pid);
    if (typeof task === "string") return fail(task);
    if ((new_nodes & ~NODE_0) !== 0n && !mayMoveAll(kernel, call)) return fail("EPERM");
    return (new_nodes & NODE_0) === 0n ? fail("EINVAL") : OK;
  },
  move_pages(kernel, call) {
    const { pid, pages, flags } = call.args;
    const { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL } = moveFlags;
    if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return fail("EINVAL");
    if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !mayMoveAll(kernel, call)) return fail("EPERM");
    const task = subject(kernel, call, pid);
    if (typeof task === "string") return fail(task);
    const { nodes } = call.args;
    if (nodes?.some(node => node !== 0)) return fail("ENODEV");
    return done(0, { status: pages.addresses.map((address, i) => statusOf(kernel, task, address, pages.touched[i] === 1)) });
  },
  set_mempolicy_home_node(kernel, call) {
    const { addr, len, home_node, flags } = call.args;
    if (flags !== 0 || home_node !== 0) return fail("EINVAL");
    const end = addr + pageCeil(len);
    if (addr % PAGE_BYTES !== 0 || end > 2 ** 64) return fail("EINVAL");
    if (end === addr) return OK;
    const { space } = taskOf(kernel, call.tid);
    const { inside } = cut(areasOf(spaceOf(kernel, space)), addr, Math.min(end, TASK_SIZE));
    const modes = inside.flatMap(({ policy }) => (policy === undefined ? [] : [unpacked(policy).mode]));
    const isBound = (mode: number): boolean => mode === MPOL_BIND || mode === policyModes.MPOL_PREFERRED_MANY;
    if (!modes.every(isBound)) return fail("EOPNOTSUPP");
    return modes.length > 0 ? OK : fail("ENOENT");
  },
};
