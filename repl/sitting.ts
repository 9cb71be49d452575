// One sitting at the REPL on a host terminal: joins workbench, keyboard, views and the borrowed terminal, and takes them apart again.
import type { ReadStream, WriteStream } from "node:tty";
import { Failure } from "./failure.ts";
import { Keyboard } from "./keyboard.ts";
import type { Guest } from "./model/guest.ts";
import { History, historyFile } from "./model/history.ts";
import { Prompt } from "./model/prompt.ts";
import type { Arrivals } from "./model/runner.ts";
import type { Keeping } from "./model/timelines.ts";
import { Workbench } from "./model/workbench.ts";
import { commands } from "./repl-commands/table.ts";
import { TerminalLease } from "./terminal-lease.ts";
import { mount } from "./views/mount.tsx";

export interface SittingOptions {
  /** The guest was just booted: it runs at once, and has the keys. */
  readonly isNew: boolean;
  /** The last thing said once the terminal is given back. */
  readonly farewell?: () => string;
  readonly keeping?: Keeping;
  /** Of the guest that is opened. */
  readonly network?: Arrivals;
}
export function mustHaveTerminal(): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new Failure("The REPL needs a terminal; without one, use chronix record, replay and trace.", 2);
}

export async function sit(open: (note: (text: string) => void) => Guest, { isNew, farewell, keeping, network }: SittingOptions): Promise<void> {
  mustHaveTerminal();
  const [stdin, stdout] = [process.stdin as ReadStream, process.stdout as WriteStream];
  const told: string[] = [];
  let bench: Workbench | undefined;
  const guest = open(text => (bench ? bench.complain(text) : told.push(text)));
  bench = new Workbench(guest, {
    columns: stdout.columns,
    rows: stdout.rows,
    resizesGuest: isNew,
    ...(keeping ? { keeping } : {}),
    ...(network ? { network } : {}),
  });
  for (const text of told) bench.complain(text);
  const prompt = new Prompt(bench, commands, new History(historyFile()));
  const keyboard = new Keyboard(prompt);
  const lease = new TerminalLease(stdin);
  const ended = new Promise<void>(resolve => {
    bench.onQuit = resolve;
  });
  const take = (bytes: Buffer): void => keyboard.take(bytes);
  const resize = (): void => bench.resize(stdout.columns, stdout.rows);
  lease.take();
  const mounted = mount(prompt, stdout);
  lease.onEnd = () => {
    mounted.unmount();
    for (const one of bench.timelines.all) one.close?.();
  };
  stdin.on("data", take);
  stdout.on("resize", resize);
  if (isNew) {
    bench.focusOn("terminal");
    void bench.continue().catch(error => prompt.tell(error));
  }
  await ended;
  stdin.off("data", take);
  stdout.off("resize", resize);
  lease.end();
  bench.screen.dispose();
  if (farewell) process.stdout.write(`${farewell()}\n`);
}
