// Calls that only the superuser may make: swapping, accounting, ports, another root (swapon(2), acct(2), ioperm(2), pivot_root(2)). Handled by the services they name.
import { flags, Int, Path, Size, Uint } from "../argument.ts";
import { row } from "../row.ts";
import { NullablePath } from "./path.ts";

const file = { classes: ["file"] } as const;
const ports = { missing: "no ports can be had: as where the kernel is locked down (kernel_lockdown(7))" } as const;
export const privilegedRows = {
  pivot_root: row(155, "vfs", { new_root: Path, put_old: Path }, file),
  acct: row(163, "system", { filename: NullablePath }, { ...file, missing: "page faults are 0, and use of privileges is not recorded" }),
  swapon: row(167, "vfs", { path: Path, swapflags: flags({ SWAP_FLAG_PREFER: 0x8000, SWAP_FLAG_DISCARD: 0x1_0000 }) }, file),
  swapoff: row(168, "vfs", { path: Path }, file),
  iopl: row(172, "system", { level: Uint }, ports),
  ioperm: row(173, "system", { from: Size, num: Size, turn_on: Int }, ports),
};
