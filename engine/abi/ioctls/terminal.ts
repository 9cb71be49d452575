// What ioctl's argument is for each command of a terminal (ioctl_tty(2), asm-generic/ioctls.h).
import { type Arg, Int, inStruct, outStruct } from "../argument.ts";
import { i32, u8, u32 } from "../field.ts";
import { termioStruct, termios2Struct, termiosStruct } from "../structs/termios.ts";
import { winsizeStruct } from "../structs/winsize.ts";

const command = <In, Out>(code: number, arg: Arg<In, Out>) => ({ code, arg });

export const terminalIoctls = {
  TCGETS: command(0x5401, outStruct(termiosStruct)),
  TCSETS: command(0x5402, inStruct(termiosStruct)),
  TCSETSW: command(0x5403, inStruct(termiosStruct)),
  TCSETSF: command(0x5404, inStruct(termiosStruct)),
  TCGETA: command(0x5405, outStruct(termioStruct)),
  TCSETA: command(0x5406, inStruct(termioStruct)),
  TCSETAW: command(0x5407, inStruct(termioStruct)),
  TCSETAF: command(0x5408, inStruct(termioStruct)),
  TCSBRK: command(0x5409, Int),
  TCXONC: command(0x540a, Int),
  TCFLSH: command(0x540b, Int),
  TIOCEXCL: command(0x540c, Int),
  TIOCNXCL: command(0x540d, Int),
  TIOCSCTTY: command(0x540e, Int),
  TIOCGPGRP: command(0x540f, outStruct(i32)),
  TIOCSPGRP: command(0x5410, inStruct(i32)),
  TIOCOUTQ: command(0x5411, outStruct(i32)),
  TIOCSTI: command(0x5412, inStruct(u8)),
  TIOCGWINSZ: command(0x5413, outStruct(winsizeStruct)),
  TIOCSWINSZ: command(0x5414, inStruct(winsizeStruct)),
  FIONREAD: command(0x541b, outStruct(i32)),
  TIOCPKT: command(0x5420, inStruct(i32)),
  TIOCNOTTY: command(0x5422, Int),
  TIOCSETD: command(0x5423, inStruct(i32)),
  TIOCGETD: command(0x5424, outStruct(i32)),
  TCSBRKP: command(0x5425, Int),
  TIOCSBRK: command(0x5427, Int),
  TIOCCBRK: command(0x5428, Int),
  TIOCGSID: command(0x5429, outStruct(i32)),
  TCGETS2: command(0x802c542a, outStruct(termios2Struct)),
  TCSETS2: command(0x402c542b, inStruct(termios2Struct)),
  TCSETSW2: command(0x402c542c, inStruct(termios2Struct)),
  TCSETSF2: command(0x402c542d, inStruct(termios2Struct)),
  TIOCGPTN: command(0x80045430, outStruct(u32)),
  TIOCSPTLCK: command(0x40045431, inStruct(i32)),
  TIOCGDEV: command(0x80045432, outStruct(u32)),
  TIOCSIG: command(0x40045436, Int),
  TIOCVHANGUP: command(0x5437, Int),
  TIOCGPKT: command(0x80045438, outStruct(i32)),
  TIOCGPTLCK: command(0x80045439, outStruct(i32)),
  TIOCGEXCL: command(0x80045440, outStruct(i32)),
  TIOCGLCKTRMIOS: command(0x5456, outStruct(termiosStruct)),
  TIOCSLCKTRMIOS: command(0x5457, inStruct(termiosStruct)),
  TIOCGPTPEER: command(0x5441, Int),
} as const;
export type TerminalIoctlName = keyof typeof terminalIoctls;
