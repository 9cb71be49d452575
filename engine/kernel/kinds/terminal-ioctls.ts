// The commands that ioctl(2) has for terminals (ioctl_tty(2)), one row each. A master's commands act on its slave.
import type { Draft } from "immer";
import { signals } from "../../abi/constants/signals.ts";
import { CHARACTERS, DISABLED } from "../../abi/constants/termios-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import { type TerminalIoctlName, terminalIoctls } from "../../abi/ioctls/terminal.ts";
import type { Kernel } from "../kernel.ts";
import { isPrivileged } from "../objects/credentials.ts";
import type { Ioctl, IoctlAnswer, IoctlRequest, IoResult } from "../objects/file-kinds.ts";
import { PTS_MAJOR } from "../objects/pseudo-terminals.ts";
import { processOf } from "../objects/tasks.ts";
import { checkForeground, leaveTerminal, setForeground, signalForeground, takeTerminal } from "../objects/terminal-jobs.ts";
import { fromModern, fromOld, fromSpeeds, keepingLocked, lockedOf, modernOf, NOTHING_LOCKED, oldOf, withSpeedsOf } from "../objects/terminal-settings.ts";
import {
  changeTermios,
  feedTerminal,
  flushInput,
  flushOutput,
  hangUp,
  holdOutput,
  readable,
  resizeTerminal,
  sendCharacter,
  terminalOf,
} from "../objects/terminals.ts";
import type { Terminal, Termios } from "../state/tty.ts";

type Answer = IoResult<IoctlAnswer>;
export interface Asked {
  readonly terminal: Draft<Terminal>;
  readonly request: IoctlRequest;
  readonly argument: any;
}
export type Command = (kernel: Kernel, asked: Asked) => Answer;

export const DONE: Answer = { kind: "done", value: {} };
export const failed = (errno: Errno): Answer => ({ kind: "fail", errno });
const doneUnless = (errno: Errno | undefined): Answer => (errno ? failed(errno) : DONE);
/** A command that only tells. Its pointer must lead somewhere. */
export const tell =
  (answer: (terminal: Draft<Terminal>) => unknown): Command =>
  (_kernel, { terminal, argument }) =>
    argument === 0 ? failed("EFAULT") : { kind: "done", value: { out: answer(terminal) } };
/** A command that changes the terminal for all: background processes are stopped first. */
const fromForeground =
  (change: Command): Command =>
  (kernel, asked) => {
    const errno = checkForeground(kernel, asked.request.task, asked.terminal, signals.SIGTTOU);
    return errno ? failed(errno) : change(kernel, asked);
  };
export const withArgument =
  (change: Command): Command =>
  (kernel, asked) =>
    asked.argument === null ? failed("EFAULT") : change(kernel, asked);

/** TCSETS, TCSETSW and TCSETSF differ only in what is thrown away: output never waits here. */
const setter = (decode: (value: any, old: Termios) => Termios, isFlushing: boolean): Command =>
  fromForeground(
    withArgument((kernel, { terminal, argument }) => {
      if (isFlushing) flushInput(kernel, terminal, true);
      const old: Termios = { ...terminal.termios };
      const wanted = decode(argument, old);
      changeTermios(kernel, terminal, terminal.locked ? keepingLocked(old, wanted, terminal.locked) : wanted);
      return DONE;
    }),
  );
const flushes: Readonly<Record<number, (kernel: Kernel, terminal: Draft<Terminal>) => void>> = {
  0: (kernel, terminal) => flushInput(kernel, terminal, false),
  1: flushOutput,
  2(kernel, terminal) {
    flushInput(kernel, terminal, false);
    flushOutput(kernel, terminal);
  },
};
const flows: Readonly<Record<number, (kernel: Kernel, terminal: Draft<Terminal>) => void>> = {
  0: (kernel, terminal) => holdOutput(kernel, terminal, true),
  1: (kernel, terminal) => holdOutput(kernel, terminal, false),
  2: (kernel, terminal) => sendCharacter(kernel, terminal, terminal.termios.characters[CHARACTERS.VSTOP] ?? DISABLED),
  3: (kernel, terminal) => sendCharacter(kernel, terminal, terminal.termios.characters[CHARACTERS.VSTART] ?? DISABLED),
};
const chosen = (table: typeof flushes): Command =>
  fromForeground((kernel, { terminal, argument }) => {
    const act = table[argument];
    if (!act) return failed("EINVAL");
    act(kernel, terminal);
    return DONE;
  });
const isMaster = ({ request }: Asked): boolean => request.open.kind === "ptmx";
const controls = (kernel: Kernel, { request, terminal }: Asked): boolean => processOf(kernel, request.task.pid).terminal === terminal.id;
const isPrivilegedCaller = (kernel: Kernel, { request }: Asked): boolean => isPrivileged(processOf(kernel, request.task.pid).credentials);
/** Only to those it controls, or to its master. */
const tellOwner =
  (answer: (terminal: Draft<Terminal>) => number | undefined): Command =>
  (kernel, asked) => {
    if (!isMaster(asked) && !controls(kernel, asked)) return failed("ENOTTY");
    if (asked.argument === 0) return failed("EFAULT");
    const out = answer(asked.terminal);
    return out === undefined ? failed("ENOTTY") : { kind: "done", value: { out } };
  };
const N_TTY = 0;

const commands: { readonly [N in TerminalIoctlName]?: Command } = {
  TCGETS: tell(terminal => modernOf(terminal.termios)),
  TCGETS2: tell(terminal => withSpeedsOf(terminal.termios)),
  TCGETA: tell(terminal => oldOf(terminal.termios)),
  TCSETS: setter(fromModern, false),
  TCSETSW: setter(fromModern, false),
  TCSETSF: setter(fromModern, true),
  TCSETS2: setter(fromSpeeds, false),
  TCSETSW2: setter(fromSpeeds, false),
  TCSETSF2: setter(fromSpeeds, true),
  TCSETA: setter(fromOld, false),
  TCSETAW: setter(fromOld, false),
  TCSETAF: setter(fromOld, true),
  TIOCGLCKTRMIOS: tell(terminal => modernOf(terminal.locked ?? NOTHING_LOCKED)),
  TIOCSLCKTRMIOS(kernel, asked) {
    if (!isPrivilegedCaller(kernel, asked)) return failed("EPERM");
    if (asked.argument === null) return failed("EFAULT");
    asked.terminal.locked = lockedOf(asked.argument) as Draft<Termios>;
    return DONE;
  },
  // A pseudo-terminal has no line to break.
  TCSBRK: fromForeground(() => DONE),
  TCSBRKP: fromForeground(() => DONE),
  TIOCSBRK: fromForeground(() => DONE),
  TIOCCBRK: fromForeground(() => DONE),
  TCXONC: chosen(flows),
  TCFLSH: chosen(flushes),
  FIONREAD: tell(readable),
  TIOCOUTQ: tell(() => 0),
  TIOCGWINSZ: tell(({ rows, columns, pixels }) => ({ ws_row: rows, ws_col: columns, ws_xpixel: pixels[0], ws_ypixel: pixels[1] })),
  TIOCSWINSZ: withArgument((kernel, { terminal, argument }) => {
    resizeTerminal(kernel, terminal.id, argument.ws_col, argument.ws_row, [argument.ws_xpixel, argument.ws_ypixel]);
    return DONE;
  }),
  TIOCEXCL(_kernel, { terminal }) {
    terminal.isExclusive = true;
    return DONE;
  },
  TIOCNXCL(_kernel, { terminal }) {
    terminal.isExclusive = false;
    return DONE;
  },
  TIOCGEXCL: tell(terminal => (terminal.isExclusive ? 1 : 0)),
  TIOCGDEV: tell(terminal => (PTS_MAJOR << 8) | terminal.id),
  TIOCGETD: tell(() => N_TTY),
  TIOCSETD: withArgument((_kernel, { argument }) => (argument === N_TTY ? DONE : failed("EINVAL"))),
  TIOCSCTTY(kernel, asked) {
    const { request, terminal, argument } = asked;
    const isReadable = (request.open.flags & 3) !== 1;
    return doneUnless(takeTerminal(kernel, request.task.pid, terminal, { argument, isReadable, isPrivileged: isPrivilegedCaller(kernel, asked) }));
  },
  TIOCNOTTY(kernel, asked) {
    if (!controls(kernel, asked)) return failed("ENOTTY");
    leaveTerminal(kernel, asked.request.task.pid);
    return DONE;
  },
  TIOCGPGRP: tellOwner(terminal => terminal.foreground),
  TIOCGSID: tellOwner(terminal => terminal.session || undefined),
  TIOCSPGRP(kernel, { request, terminal, argument }) {
    const errno = checkForeground(kernel, request.task, terminal, signals.SIGTTOU);
    if (errno) return failed(errno === "EIO" ? "ENOTTY" : errno);
    return argument === null ? failed("EFAULT") : doneUnless(setForeground(kernel, request.task.pid, terminal, argument));
  },
  // Since Linux 6.2 only the superuser may type for others (dev.tty.legacy_tiocsti is 0).
  TIOCSTI(kernel, asked) {
    if (!isPrivilegedCaller(kernel, asked)) return failed("EIO");
    if (asked.argument === null) return failed("EFAULT");
    feedTerminal(kernel, asked.terminal.id, Uint8Array.of(asked.argument));
    return DONE;
  },
  TIOCVHANGUP(kernel, asked) {
    if (!isPrivilegedCaller(kernel, asked)) return failed("EPERM");
    hangUp(kernel, asked.terminal.id);
    return DONE;
  },
};
const masterCommands: { readonly [N in TerminalIoctlName]?: Command } = {
  TIOCGPTN: tell(terminal => terminal.id),
  TIOCGPTLCK: tell(({ master }) => (master!.isLocked ? 1 : 0)),
  TIOCSPTLCK: withArgument((_kernel, { terminal, argument }) => {
    terminal.master!.isLocked = argument !== 0;
    return DONE;
  }),
  TIOCGPKT: tell(({ master }) => (master!.isPacket ? 1 : 0)),
  TIOCPKT: withArgument((_kernel, { terminal, argument }) => {
    const master = terminal.master!;
    if (argument !== 0 && !master.isPacket) master.packetStatus = 0;
    master.isPacket = argument !== 0;
    return DONE;
  }),
  TIOCSIG(kernel, { terminal, argument }) {
    if (argument !== signals.SIGINT && argument !== signals.SIGQUIT && argument !== signals.SIGTSTP) return failed("EINVAL");
    signalForeground(kernel, terminal, argument);
    return DONE;
  },
};

/** By command number, for an open file whose `object` is the terminal. */
const byNumber = (table: { readonly [N in TerminalIoctlName]?: Command }): Readonly<Record<number, Ioctl>> =>
  Object.fromEntries(
    Object.entries(table).map(([name, command]) => [
      terminalIoctls[name as TerminalIoctlName].code,
      (kernel: Kernel, request: IoctlRequest): Answer => {
        const terminal = terminalOf(kernel, request.open.object);
        if (terminal.isHungUp) return failed(name === "TIOCSPGRP" ? "ENOTTY" : "EIO");
        return command(kernel, { terminal, request, argument: request.argument });
      },
    ]),
  );
export const slaveIoctls = byNumber(commands);
export const masterIoctls = byNumber({ ...commands, ...masterCommands });
