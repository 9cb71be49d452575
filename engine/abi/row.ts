// The declaration of one system call, and the types that follow from it.
import { type Arg, Int } from "./argument.ts";
import type { Errno } from "./errno.ts";
import type { FilePlace, Raw } from "./memory-view.ts";

export type AnyArg = Arg<any, any>;
/** The services that own calls; `none`: a call not served, or refused as Linux refuses it. */
export type ServiceName = "vfs" | "vmm" | "procTable" | "signal" | "time" | "tty" | "net" | "ipc" | "poll" | "system" | "none";

export interface Row<S extends ServiceName = ServiceName, A extends Readonly<Record<string, AnyArg>> = Readonly<Record<string, AnyArg>>> {
  readonly number: number;
  readonly service: S;
  readonly args: A;
  /** strace's classes, as in `-e trace=%file`. */
  readonly classes: readonly string[];
  readonly returns: "int" | "fd" | "address" | "none";
  /** Where support is partial: what is missing, as one clause for docs/syscalls.md. */
  readonly missing?: string;
  /** Only for `none`: the answer of a kernel built without it, or for a caller without the privilege. */
  readonly errno?: Errno;
  /** Only for `none`: no Linux serves it, so its ENOSYS is all there is to it. */
  readonly isNowhere?: true;
  /** The last argument is no argument of the call, but this register (rt_sigreturn and sigaltstack look at the stack pointer). */
  readonly from?: "rsp";
  /** The place of an open file that it reads from or writes to, as its arguments say: what the file shows of memory there is read after them. */
  place?(args: Ins<A>): FilePlace;
}

export interface RowOptions<A> {
  readonly classes?: readonly string[];
  readonly returns?: Row["returns"];
  readonly missing?: string;
  readonly from?: "rsp";
  place?(args: Ins<A>): FilePlace;
}
export const row = <S extends Exclude<ServiceName, "none">, A extends Readonly<Record<string, AnyArg>>>(
  number: number,
  service: S,
  args: A,
  options: RowOptions<A> = {},
): Row<S, A> => ({
  number,
  service,
  args,
  classes: options.classes ?? [],
  returns: options.returns ?? "int",
  ...(options.missing === undefined ? {} : { missing: options.missing }),
  ...(options.from === undefined ? {} : { from: options.from }),
  ...(options.place === undefined ? {} : { place: options.place }),
});
/** A call that is not served: still a row, so that it has a name, arguments to show, and the errno that Linux would give. */
export const unserved = (
  number: number,
  argumentNames: string,
  errno: Errno = "ENOSYS",
  classes: readonly string[] = [],
): Row<"none", Readonly<Record<string, Arg<number>>>> => ({
  number,
  service: "none",
  // Made when first asked for: there are 200 of these rows, and a guest calls few.
  get args() {
    const args = Object.fromEntries(
      argumentNames
        .split(" ")
        .filter(Boolean)
        .map(name => [name, { ...Int, format: (raw: Raw) => hex(raw) }]),
    );
    Object.defineProperty(this, "args", { value: args });
    return args;
  },
  classes,
  returns: "int",
  errno,
});
const hex = (raw: Raw): string => (Number(raw) === 0 ? "0" : `0x${BigInt.asUintN(64, BigInt(raw)).toString(16)}`);

/** What a reducer is given. */
export type Ins<A> = { readonly [K in keyof A]: A[K] extends Arg<infer In, any> ? In : never };
/** What it must answer besides the return value: one entry for each out-argument. */
export type Outs<A> = {
  readonly [K in keyof A as A[K] extends Arg<any, infer Out> ? ([Out] extends [never] ? never : K) : never]: A[K] extends Arg<any, infer Out> ? Out : never;
};
