// The `#!` line, as Linux 6 reads it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseScript } from "../../engine/loader/script.ts";

const cases: readonly (readonly [head: string, expected: readonly [string, string | null] | null])[] = [
  ["#!/bin/sh\n", ["/bin/sh", null]],
  ["#! \t /bin/sh\necho", ["/bin/sh", null]],
  ["#!/bin/sh -e  \t\n", ["/bin/sh", "-e"]],
  ["#!/usr/bin/env  awk -f  x\n", ["/usr/bin/env", "awk -f  x"]],
  ["#!/bin/sh", ["/bin/sh", null]],
  ["#!/bin/sh\0rest\n", ["/bin/sh", null]],
  ["#!\n/bin/sh", null],
  ["#!   \n", null],
  ["echo hi\n", null],
  ["# !/bin/sh\n", null],
  ["", null],
  [`#!/${"x".repeat(300)}\n`, null],
  [`#!/bin/sh ${"y".repeat(300)}\n`, ["/bin/sh", "y".repeat(246)]],
];
for (const [head, expected] of cases) {
  test(JSON.stringify(head.slice(0, 30)), () => {
    const found = parseScript(head);
    assert.equal(found && [found.path, found.argument], expected);
  });
}

test.run();
