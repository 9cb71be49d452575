// Terminals do what Linux's do: sessions with random settings and keys, with the answers that a real pseudo-terminal gave (oracle.c, Linux 6.18).
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runSession } from "./session.ts";

const recorded = readFileSync(new URL("./native-sessions.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const sessions: { script: string[]; answers: string[] }[] = [];
for (const line of recorded) {
  const [command = "", answer = ""] = line.split(" => ");
  if (command === "N") sessions.push({ script: [], answers: [] });
  sessions.at(-1)!.script.push(command);
  sessions.at(-1)!.answers.push(answer);
}

for (const [i, { script, answers }] of sessions.entries()) test(`session ${i} answers as on Linux`, () => assert.equal(runSession(script), answers));
test.run();
