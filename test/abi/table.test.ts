// The table as a whole: every call of our list exactly once, with strace's classes, and arguments that fit together.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Arg } from "../../engine/abi/argument.ts";
import { isErrno } from "../../engine/abi/errno.ts";
import type { Row } from "../../engine/abi/row.ts";
import { absentRows } from "../../engine/abi/rows/absent.ts";
import { aioRows } from "../../engine/abi/rows/aio.ts";
import { fileRows } from "../../engine/abi/rows/file.ts";
import { ipcRows } from "../../engine/abi/rows/ipc.ts";
import { memoryRows } from "../../engine/abi/rows/memory.ts";
import { networkRows } from "../../engine/abi/rows/network.ts";
import { pathRows } from "../../engine/abi/rows/path.ts";
import { pollRows } from "../../engine/abi/rows/poll.ts";
import { processRows } from "../../engine/abi/rows/process.ts";
import { signalRows } from "../../engine/abi/rows/signal.ts";
import { systemRows } from "../../engine/abi/rows/system.ts";
import { timeRows } from "../../engine/abi/rows/time.ts";
import { unservedRows } from "../../engine/abi/rows/unserved.ts";
import { syscallByNumber, syscalls } from "../../engine/abi/syscalls.ts";
import { straceClasses } from "./strace-classes.ts";

const groups: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  absentRows,
  aioRows,
  fileRows,
  ipcRows,
  memoryRows,
  networkRows,
  pathRows,
  pollRows,
  processRows,
  signalRows,
  systemRows,
  timeRows,
  unservedRows,
};
const rows: readonly (readonly [string, Row])[] = Object.entries(syscalls);
const known = straceClasses.split("\n").map(line => {
  const [number, name, ...classes] = line.split(" ");
  return { number: Number(number), name: name!, classes };
});

test("no call stands in two groups", () => {
  const seen = new Map<string, string>();
  const twice: string[] = [];
  for (const [group, calls] of Object.entries(groups)) {
    for (const [name, { number }] of Object.entries(calls)) {
      for (const key of [name, `number ${number}`]) {
        if (seen.has(key)) twice.push(`${key}: ${seen.get(key)} and ${group}`);
        seen.set(key, group);
      }
    }
  }
  assert.equal(twice, []);
});

test("all 362 calls are there under their numbers, and no others", () => {
  assert.is(known.length, 362);
  const numbered = (list: readonly { readonly number: number; readonly name: string }[]): readonly string[] =>
    list.toSorted((a, b) => a.number - b.number).map(({ number, name }) => `${number} ${name}`);
  assert.equal(numbered(rows.map(([name, { number }]) => ({ number, name }))), numbered(known));
  for (const { number, name } of known) assert.is(syscallByNumber(number)?.[0], name);
});

test("classes are strace's", () => {
  const wrong = known.flatMap(({ name, classes }) => {
    const ours = rows.find(([other]) => other === name)?.[1].classes ?? [];
    const same = ours.length === classes.length && classes.every(one => ours.includes(one));
    return same ? [] : [`${name}: [${ours.join(" ")}] should be [${classes.join(" ")}]`];
  });
  assert.equal(wrong, []);
});

test("a call has at most six arguments, and a length or selector names one of them", () => {
  for (const [name, row] of rows) {
    assert.ok(Object.keys(row.args).length <= 6, name);
    for (const arg of Object.values(row.args) as readonly Arg<unknown>[]) {
      const sibling = /\[(\w+)\]|^by (\w+)/.exec(arg.label);
      const named = sibling?.[1] ?? sibling?.[2];
      if (named) assert.ok(named in row.args, `${name}: ${arg.label} names no argument`);
    }
  }
});

test("a call that is not served names an errno that a program may see", () => {
  for (const [name, row] of rows) {
    if (row.service !== "none") assert.is(row.errno, undefined, name);
    else assert.ok(row.errno && isErrno(row.errno) && !row.errno.startsWith("ERESTART"), name);
  }
});

test.run();
