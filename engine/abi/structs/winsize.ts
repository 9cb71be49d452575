// struct winsize: a terminal's size in characters and in pixels (ioctl_tty(2)).
import { struct, u16 } from "../field.ts";

export const winsizeStruct = struct({ ws_row: u16, ws_col: u16, ws_xpixel: u16, ws_ypixel: u16 });
