// What ioctl's argument is for each command that files of any kind know (ioctl(2), asm-generic/ioctls.h).
import { inStruct, None, outStruct } from "../argument.ts";
import { i32, i64 } from "../field.ts";

export const fileIoctls = {
  FIONREAD: { code: 0x541b, arg: outStruct(i32) },
  FIONBIO: { code: 0x5421, arg: inStruct(i32) },
  FIONCLEX: { code: 0x5450, arg: None },
  FIOCLEX: { code: 0x5451, arg: None },
  FIOASYNC: { code: 0x5452, arg: inStruct(i32) },
  FIOQSIZE: { code: 0x5460, arg: outStruct(i64) },
  FIGETBSZ: { code: 2, arg: outStruct(i32) },
} as const;
