// What the screen shows, drawn by Ink into a text.
import { renderToString } from "ink";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { History } from "../../repl/model/history.ts";
import { Prompt } from "../../repl/model/prompt.ts";
import { viewOf } from "../../repl/model/view.ts";
import { Workbench } from "../../repl/model/workbench.ts";
import { commands } from "../../repl/repl-commands/table.ts";
import { ScreenView } from "../../repl/views/screen-view.tsx";
import { FakeGuest, scriptedEvents } from "./fake-guest.ts";

function drawn(columns: number, rows: number, prepare: (prompt: Prompt) => void = () => {}): readonly string[] {
  const bench = new Workbench(new FakeGuest(scriptedEvents(100), 60), { columns, rows });
  const prompt = new Prompt(bench, commands, new History());
  prepare(prompt);
  return renderToString(<ScreenView view={viewOf(bench, prompt.line)} />, { columns })
    .replaceAll(/\x1b\[[\d;?]*[a-zA-Z]/g, "")
    .split("\n");
}

const views = suite("views");
views("on 80 columns there is one pane, the bar, the status and the prompt", () => {
  const lines = drawn(80, 24);
  assert.is(lines.length, 24);
  assert.match(lines[0]!, /F3 events/);
  assert.ok(
    lines.some(line => /openat\(AT_FDCWD, "\/etc\/x", O_RDONLY.*\) = -1 ENOENT/.test(line)),
    lines.join("\n"),
  );
  assert.ok(lines.some(line => line.includes("now: 60")));
  assert.match(lines.at(-1)!, /^\(main 60\)/);
  assert.ok(lines.every(line => line.length <= 80));
});
views("on 200 columns all panes are there", () => {
  const lines = drawn(200, 60);
  assert.is(lines.length, 60);
  const text = lines.join("\n");
  for (const title of ["F2 terminal", "F3 events", "F4 processes", "F5 registers", "F7 console"]) assert.ok(text.includes(title), title);
  assert.match(text, /rip +0{16}/);
  assert.match(text, /2 R .*hello/);
});
views("each pane can be the one", () => {
  for (const [key, title] of [
    ["f2", "terminal"],
    ["f4", "processes"],
    ["f5", "registers"],
    ["f6", "timelines"],
    ["f7", "console"],
  ] as const)
    assert.match(drawn(80, 24, prompt => prompt.press(undefined, { name: key }))[0]!, new RegExp(title));
});
views("the prompt shows what is typed", () => {
  assert.match(drawn(80, 24, prompt => prompt.press("goto 5", {})).at(-1)!, /^\(main 60\) goto 5/);
});
views.run();
