// Programs that draw the whole screen: vi, less, more, top, watch.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { control, keys, Sitting } from "./sitting.ts";

test("vi edits, saves and quits", async () => {
  const shell = new Sitting();
  shell.enter("seq 1 500 > list; vi list");
  const opened = await shell.lines();
  assert.is(opened[0], "1");
  assert.is(opened[22], "23");
  assert.is(opened[23], "- list 1/500 0%");
  shell.type("d", "d", "i", "X", "Y", "Z ", keys.escape, "G", "o", "the end", keys.escape, ":wq", keys.enter);
  shell.enter("clear; head -n 2 list; tail -n 1 list; wc -l < list");
  assert.equal(await shell.lines(), ["XYZ 2", "3", "the end", "500", "~ #"]);
});
test("vi is stopped, its window changes, and it comes back with the new one", async () => {
  const shell = new Sitting();
  shell.enter("seq 50 > list; vi list").type(control("Z"));
  shell.resize(60, 12).enter("fg").type(control("L"));
  const lines = await shell.lines();
  assert.is(lines.length, 12);
  assert.match(lines[11]!, /list 1\/50/);
  shell.type(":q!", keys.enter);
});
test("less pages, searches and quits", async () => {
  const shell = new Sitting();
  shell.enter("seq 1 500 | less").type(" ");
  assert.is((await shell.lines())[0], "24");
  shell.type("/333", keys.enter);
  assert.is((await shell.lines())[0], "333");
  shell.type("g", "q");
  assert.is((await shell.lines()).at(-1), "~ #");
});
test("more waits for a key at the end of each page", async () => {
  const shell = new Sitting();
  shell.enter("seq 60 | more");
  assert.match((await shell.lines()).at(-1)!, /^--More--/);
  shell.type(" ");
  assert.is((await shell.lines())[22], "46");
  shell.type(" ");
  assert.equal((await shell.lines()).slice(-2), ["60", "~ #"]);
});
test("top shows the processes, again every five seconds, until q", async () => {
  const shell = new Sitting();
  shell.enter("sleep 1000 &").enter("top").pass(1000);
  const first = await shell.lines();
  assert.match(first[0]!, /^Mem: \d+K used, \d+K free/);
  assert.ok(first.some(line => /sleep 1000$/.test(line)));
  const before = shell.session.length;
  shell.pass(4000);
  assert.is(shell.session.state.procTable.runQueue.length, 0);
  const quiet = shell.session.length - before;
  shell.pass(2000);
  assert.ok(shell.session.length - before > quiet + 20, "it has looked again");
  shell.type("q");
  assert.is((await shell.lines()).at(-1), "~ #");
});
test("watch shows a command's output anew each time, until Ctrl-C", async () => {
  const shell = new Sitting();
  shell.enter("watch -n 1 'cat /proc/uptime'");
  const first = (await shell.text()).split("\n").slice(-1);
  shell.pass(3000);
  assert.is.not((await shell.text()).split("\n").slice(-1).join(), first.join());
  shell.type(control("C"));
  assert.is((await shell.lines()).at(-1), "~ #");
});
test.run();
