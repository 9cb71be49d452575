// The shell at a terminal: line editing, history, completion, jobs, keys that send signals.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { control, keys, Sitting } from "./sitting.ts";

const last = async (sitting: Sitting, count: number): Promise<readonly string[]> => (await sitting.lines()).slice(-count);

test("a line is edited, comes again from the history, and is completed", async () => {
  const shell = new Sitting();
  shell.type("echo one tree", keys.left, keys.left, keys.left, keys.left, keys.backspace, "-", keys.enter);
  assert.equal(await last(shell, 3), ["~ # echo one-tree", "one-tree", "~ #"]);
  shell.type(keys.up, control("A"), control("K"), "cat /etc/pass", keys.tab, " | head -n 1", keys.enter);
  assert.equal(await last(shell, 3), ["~ # cat /etc/passwd  | head -n 1", "root:x:0:0:root:/root:/bin/sh", "~ #"]);
});
test("Ctrl-C ends a loop that computes, and the shell goes on", async () => {
  const shell = new Sitting();
  shell.session.input({ source: "terminal", bytes: Buffer.from("while :; do :; done\r") });
  shell.compute(30_000_000);
  shell.type(control("C"));
  shell.enter("echo status $?");
  assert.equal(await last(shell, 3), ["~ # echo status $?", "status 130", "~ #"]);
});
test("jobs: stopped by Ctrl-Z, in the background, in the foreground, told of when done", async () => {
  const shell = new Sitting();
  shell.enter("sleep 100").type(control("Z")).enter("bg").enter("jobs").enter("fg").type(control("C"));
  shell.enter("sleep 1 &").pass(2000).enter("");
  assert.equal((await shell.lines()).slice(5), [
    "~ # sleep 100",
    "^Z[1]+  Stopped                    sleep 100",
    "~ # bg",
    "[1] sleep 100",
    "~ # jobs",
    "[1]+  Running                    sleep 100",
    "~ # fg",
    "sleep 100",
    "^C",
    "~ # sleep 1 &",
    "~ #",
    "[1]+  Done                       sleep 1",
    "~ #",
  ]);
});
test("a here-document and a pipe are typed", async () => {
  const shell = new Sitting();
  for (const line of ["cat <<END | sort -r", "a $((6 * 7))", "b", "END"]) shell.enter(line);
  assert.equal(await last(shell, 4), ["> END", "b", "a 42", "~ #"]);
});
test("Ctrl-D ends cat, then the shell, whose status is its last command's", async () => {
  const shell = new Sitting();
  shell.enter("cat").enter("line").type(control("D")).enter("(exit 3)").type(control("D"));
  assert.is(shell.status, 3 << 8);
});
test("what is typed while a command runs is read after it", async () => {
  const shell = new Sitting();
  shell.enter("sleep 1").enter("echo later");
  assert.equal(await last(shell, 2), ["~ # sleep 1", "echo later"]);
  shell.pass(1200);
  assert.equal(await last(shell, 3), ["~ # echo later", "later", "~ #"]);
});
test("read -t gives up in time, and takes what comes before", async () => {
  const shell = new Sitting();
  shell.enter("read -t 1 x; echo $?").pass(1200);
  assert.equal(await last(shell, 2), ["1", "~ #"]);
  shell.enter("read -t 5 x; echo $? $x").enter("word");
  assert.equal(await last(shell, 3), ["word", "0 word", "~ #"]);
});
test("a password is not echoed", async () => {
  const shell = new Sitting();
  shell.enter("stty -echo; read p; stty echo; echo got $p").enter("secret");
  assert.equal(await last(shell, 2), ["got secret", "~ #"]);
});
test("the window's size is known, and follows its changes", async () => {
  const shell = new Sitting();
  shell.enter("stty size").resize(100, 30).enter("stty size");
  assert.equal(await last(shell, 5), ["~ # stty size", "24 80", "~ # stty size", "30 100", "~ #"]);
});
test("a change of the window's size is told to the foreground: the shell's trap runs, and its read is over", async () => {
  const shell = new Sitting();
  shell.enter("trap 'stty size' WINCH; read x; echo got $x").resize(90, 20);
  assert.equal(await last(shell, 3), ["20 90", "got", "~ #"]);
});
test("stty tells the settings of a fresh terminal", async () => {
  const shell = new Sitting();
  shell.enter("clear; stty -a");
  const text = await shell.text();
  assert.match(text, /^speed 38400 baud; rows 24; columns 80; line = 0;\nintr = \^C; quit = \^\\; erase = \^\?; kill = \^U; eof = \^D;/);
  assert.match(text, /\nisig icanon iexten echo echoe echok -echonl -noflsh/);
});
test("a hang-up ends the shell and what it runs", () => {
  const shell = new Sitting();
  shell.enter("sleep 1000").give({ source: "hangup" });
  assert.is(shell.status! & 0x7f, 1);
});
test("no call was missing", () => {
  assert.equal(new Sitting().enter("ls -l / | more").enter("ps").notes, []);
});
test.run();
