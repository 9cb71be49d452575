// The small programs by which a dump of Internet sockets is narrowed (INET_DIAG_REQ_BYTECODE; linux/inet_diag.h, net/ipv4/inet_diag.c): each step goes on by `yes` or by `no` bytes.
import { families } from "../../abi/constants/sockets.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { ROOT_CGROUP } from "./diagnosed-sockets.ts";

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
    if (step.code !== NOP) {
      const least = step.code === JMP ? OP : OP + operand;
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
interface Condition {
  /** How many bytes behind the step belong to it; -1 where they make no sense. */
  readonly operand: number | ((rest: DataView) => number);
  holds(rest: DataView, ends: DiagnosedEnds): boolean;
}
const onPort = (compare: (ends: DiagnosedEnds, port: number) => boolean): Condition => ({
  operand: OP,
  holds: (rest, ends) => compare(ends, rest.getUint16(2, true)),
});
function hostOperand(rest: DataView): number {
  if (rest.byteLength < HOST_CONDITION) return -1;
  const [family, prefix] = [rest.getUint8(0), rest.getUint8(1)];
  const size = { [families.AF_UNSPEC]: 0, [families.AF_INET]: 4, [families.AF_INET6]: 16 }[family];
  return size === undefined || prefix > 8 * size ? -1 : HOST_CONDITION + size;
}
const always: Condition = { operand: 0, holds: () => true };
const [NOP, JMP] = [0, 1];
/** By INET_DIAG_BC_ code. */
const conditions: readonly Condition[] = [
  /* NOP */ always,
  /* JMP */ { operand: 0, holds: () => false },
  /* S_GE */ onPort(({ sourcePort }, port) => sourcePort >= port),
  /* S_LE */ onPort(({ sourcePort }, port) => sourcePort <= port),
  /* D_GE */ onPort(({ destinationPort }, port) => destinationPort >= port),
  /* D_LE */ onPort(({ destinationPort }, port) => destinationPort <= port),
  /* AUTO */ always,
  /* S_COND */ { operand: hostOperand, holds: (rest, { family, source, sourcePort }) => isHost(rest, family, source, sourcePort) },
  /* D_COND */ { operand: hostOperand, holds: (rest, { family, destination, destinationPort }) => isHost(rest, family, destination, destinationPort) },
  /* DEV_COND */ { operand: 4, holds: rest => rest.getUint32(0, true) === 0 },
  /* MARK_COND */ { operand: 8, holds: (rest, { mark }) => (mark & rest.getUint32(4, true)) >>> 0 === rest.getUint32(0, true) },
  /* S_EQ */ onPort(({ sourcePort }, port) => sourcePort === port),
  /* D_EQ */ onPort(({ destinationPort }, port) => destinationPort === port),
  /* CGROUP_COND */ { operand: 8, holds: rest => rest.getBigUint64(0, true) === BigInt(ROOT_CGROUP) },
];
function operandOf({ code, rest }: Step): number {
  const { operand } = conditions[code] ?? { operand: -1 };
  return typeof operand === "number" ? operand : operand(rest);
}
export function passes(filter: Bytes, ends: DiagnosedEnds): boolean {
  let at = 0;
  while (at < filter.length) {
    const step = stepAt(filter, at);
    at += conditions[step.code]!.holds(step.rest, ends) ? step.yes : step.no;
  }
  return at === filter.length;
}
