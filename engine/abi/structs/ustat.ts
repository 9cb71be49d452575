// struct ustat (ustat(2)) and struct kcmp_epoll_slot (kcmp(2)).
import { bytes, i32, struct, u32, u64 } from "../field.ts";

export const ustat = struct({ f_tfree: i32, f_tinode: u64, f_fname: bytes(6), f_fpack: bytes(6) });
export const epollSlot = struct({ efd: u32, tfd: u32, toff: u32 });
