// The small programs by which a dump of Internet sockets is narrowed (INET_DIAG_REQ_BYTECODE; linux/inet_diag.h, net/ipv4/inet_diag.c): each step goes on by `yes` or by `no` bytes.
import { families } from "../../abi/constants/sockets.ts";
import type { Bytes } from "../../abi/memory-view.ts";

export interface DiagnosedEnds {
  readonly family: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly source: Bytes;
  readonly destination: Bytes;
  readonly mark: number;
}
const OP = 4;
const HOST_CONDITION = 8;
const CODES = {
  NOP: 0,
  JMP: 1,
  S_GE: 2,
  S_LE: 3,
  D_GE: 4,
  D_LE: 5,
  AUTO: 6,
  S_COND: 7,
  D_COND: 8,
  DEV_COND: 9,
  MARK_COND: 10,
  S_EQ: 11,
  D_EQ: 12,
  CGROUP_COND: 13,
} as const;
const ROOT_CGROUP = 1n;
interface Step {
  readonly code: number;
  readonly yes: number;
  readonly no: number;
  /** What lies behind it. */
  readonly rest: DataView;
}
function stepAt(filter: Bytes, at: number): Step {
  const view = new DataView(filter.buffer, filter.byteOffset + at, filter.length - at);
  return {
    code: view.getUint8(0),
    yes: view.getUint8(1),
    no: view.getUint16(2, true),
    rest: new DataView(view.buffer, view.byteOffset + OP, view.byteLength - OP),
  };
}
/** How many bytes behind a step belong to it; -1 where they make no sense. */
function operandOf({ code, rest }: Step): number {
  if (code === CODES.NOP || code === CODES.JMP || code === CODES.AUTO) return 0;
  if (code === CODES.DEV_COND) return 4;
  if (code === CODES.MARK_COND || code === CODES.CGROUP_COND) return 8;
  if (code !== CODES.S_COND && code !== CODES.D_COND) return code <= CODES.CGROUP_COND ? OP : -1;
  if (rest.byteLength < HOST_CONDITION) return -1;
  const [family, prefix] = [rest.getUint8(0), rest.getUint8(1)];
  const size = { 0: 0, [families.AF_INET]: 4, [families.AF_INET6]: 16 }[family];
  return size === undefined || prefix > 8 * size ? -1 : HOST_CONDITION + size;
}
/** Whether `no` leads to the beginning of a step, or to the end. */
function isStep(filter: Bytes, target: number): boolean {
  let at = 0;
  while (at < filter.length) {
    if (at === target) return true;
    const { yes } = stepAt(filter, at);
    if (yes < OP || yes & 3) return false;
    at += yes;
  }
  return at === target;
}
/** What Linux looks at before it runs one (inet_diag_bc_audit). */
export function isFilterSound(filter: Bytes): boolean {
  if (filter.length < OP) return false;
  for (let at = 0; at < filter.length; ) {
    if (filter.length - at < OP) return false;
    const step = stepAt(filter, at);
    const left = filter.length - at;
    const operand = operandOf(step);
    if (operand < 0 || left < OP + operand) return false;
    if (step.code !== CODES.NOP) {
      const least = step.code === CODES.JMP ? OP : OP + operand;
      if (step.no < least || step.no > left + 4 || (step.no & 3) !== 0) return false;
      if (step.no < left && !isStep(filter, at + step.no)) return false;
    }
    if (step.yes < OP + operand || step.yes > left + 4 || (step.yes & 3) !== 0) return false;
    at += step.yes;
  }
  return true;
}

function hasPrefix(address: Bytes, wanted: DataView, bits: number): boolean {
  for (let i = 0; i < bits; i += 8) {
    const mask = (0xff << Math.max(0, 8 - (bits - i))) & 0xff;
    if ((((address[i >> 3] ?? 0) ^ wanted.getUint8(i >> 3)) & mask) !== 0) return false;
  }
  return true;
}
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
function isHost(rest: DataView, ownFamily: number, address: Bytes, port: number): boolean {
  const [family, prefix, wantedPort] = [rest.getUint8(0), rest.getUint8(1), rest.getInt32(4, true)];
  if (wantedPort !== -1 && wantedPort !== port) return false;
  const wanted = new DataView(rest.buffer, rest.byteOffset + HOST_CONDITION);
  if (family === families.AF_UNSPEC || family === ownFamily) return hasPrefix(address, wanted, prefix);
  const isMapped = ownFamily === families.AF_INET6 && family === families.AF_INET && MAPPED.every((byte, i) => address[i] === byte);
  return isMapped && hasPrefix(address.subarray(12), wanted, prefix);
}
function holds({ code, rest }: Step, ends: DiagnosedEnds): boolean {
  const port = (): number => rest.getUint16(2, true);
  switch (code) {
    case CODES.JMP:
      return false;
    case CODES.S_EQ:
      return ends.sourcePort === port();
    case CODES.S_GE:
      return ends.sourcePort >= port();
    case CODES.S_LE:
      return ends.sourcePort <= port();
    case CODES.D_EQ:
      return ends.destinationPort === port();
    case CODES.D_GE:
      return ends.destinationPort >= port();
    case CODES.D_LE:
      return ends.destinationPort <= port();
    case CODES.S_COND:
      return isHost(rest, ends.family, ends.source, ends.sourcePort);
    case CODES.D_COND:
      return isHost(rest, ends.family, ends.destination, ends.destinationPort);
    case CODES.DEV_COND:
      return rest.getUint32(0, true) === 0;
    case CODES.MARK_COND:
      return (ends.mark & rest.getUint32(4, true)) >>> 0 === rest.getUint32(0, true);
    case CODES.CGROUP_COND:
      return rest.getBigUint64(0, true) === ROOT_CGROUP;
    default:
      return true;
  }
}
export function passes(filter: Bytes, ends: DiagnosedEnds): boolean {
  let at = 0;
  while (at < filter.length) {
    const step = stepAt(filter, at);
    at += holds(step, ends) ? step.yes : step.no;
  }
  return at === filter.length;
}
