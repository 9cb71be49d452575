// The sitting itself: help, panes, leaving.
import { Failure } from "../failure.ts";
import { PANE_NAMES } from "../model/panes/pane.ts";
import type { CommandGroup } from "./repl-command.ts";

export const sitting: CommandGroup = {
  title: "This sitting",
  rows: [
    {
      name: "help",
      aliases: ["?"],
      arguments: "[COMMAND]",
      completes: "command",
      summary: "this list, or more about one command",
      run(bench, argument, table) {
        bench.print(table.help(argument));
        bench.show("console");
      },
    },
    {
      name: "focus",
      arguments: "PANE",
      completes: "pane",
      summary: `show a pane and give it the keys: ${PANE_NAMES.join(", ")}`,
      isOnce: true,
      run(bench, argument) {
        const found = PANE_NAMES.find(name => name.startsWith(argument));
        if (!found || argument === "") throw new Failure(`There is no pane ${argument}; there are ${PANE_NAMES.join(", ")}.`, 2);
        bench.focusOn(found);
      },
    },
    { name: "clear", summary: "empty the console", run: bench => bench.console.clear() },
    { name: "quit", aliases: ["q", "exit"], summary: "leave; what was recorded stays", isOnce: true, run: bench => bench.quit() },
  ],
};
