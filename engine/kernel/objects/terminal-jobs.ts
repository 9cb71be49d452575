// Who controls a terminal: sessions, foreground groups, and what happens to background processes (credentials(7), tty_ioctl(4), setsid(2)).
import type { Errno } from "../../abi/errno.ts";
