// Which keys the guest is given, and which are the prompt's.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Keyboard } from "../../repl/keyboard.ts";
import { History } from "../../repl/model/history.ts";
import { Prompt } from "../../repl/model/prompt.ts";
import { Workbench } from "../../repl/model/workbench.ts";
import { commands } from "../../repl/repl-commands/table.ts";
import { FakeGuest, scriptedEvents } from "./fake-guest.ts";

function open(): { keyboard: Keyboard; prompt: Prompt; typed: () => string; bench: Workbench } {
  const guest = new FakeGuest(scriptedEvents(100), 60);
  const bench = new Workbench(guest);
  const prompt = new Prompt(bench, commands, new History());
  const typed = () => guest.inputs.map(input => ("bytes" in input && input.bytes ? Buffer.from(input.bytes).toString("latin1") : "")).join("");
  return { keyboard: new Keyboard(prompt), prompt, typed, bench };
}
const keys = suite("keys");
keys("the guest has all bytes while its terminal has the focus, Ctrl-C and F-keys too", () => {
  const { keyboard, bench, typed } = open();
  bench.focusOn("terminal");
  keyboard.take(Buffer.from("ls\r\x03\x1bOQ"));
  assert.is(typed(), "ls\r\x03\x1bOQ");
});
keys("Ctrl-] leaves, what follows is the prompt's; twice it is typed", async () => {
  const { keyboard, bench, typed, prompt } = open();
  bench.focusOn("terminal");
  keyboard.take(Buffer.from("a\x1dwhen"));
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.is(typed(), "a");
  assert.is(prompt.line.text, "when");
  assert.is(bench.focus, "prompt");
  const other = open();
  other.bench.focusOn("terminal");
  other.keyboard.take(Buffer.from("\x1d\x1db"));
  assert.is(other.typed(), "\x1db");
  assert.is(other.bench.focus, "terminal");
});
keys("F-keys choose panes at the prompt", async () => {
  const { keyboard, bench } = open();
  keyboard.take(Buffer.from("\x1bOS"));
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.is(bench.focus, "processes");
});
keys("nothing is typed into the past", () => {
  const { keyboard, bench, typed } = open();
  bench.guest.goto({ seq: 5, plus: 0 });
  bench.focusOn("terminal");
  keyboard.take(Buffer.from("x"));
  assert.is(typed(), "");
  assert.match(bench.console.last!.text, /This is the past/);
});
keys.run();
