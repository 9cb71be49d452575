// What is asked of a row with each call, worked out when the call is first met: rows and arguments have many shapes, and to ask them would take as long as many a reducer.
import type { Arg } from "../abi/argument.ts";
import { int32, int64, type Raw, uint32, uint64 } from "../abi/memory-view.ts";
import type { Row } from "../abi/row.ts";
import { syscallByNumber } from "../abi/syscalls.ts";

export interface Parameter {
  readonly name: string;
  /** The argument's own: arguments have many shapes, and parameters one. */
  readonly decode: Arg<any, any>["decode"];
  readonly encode: Arg<any, any>["encode"];
  readonly extent: Arg<any, any>["extent"];
  readonly places: Arg<any, any>["places"];
}
type Fields<V> = new (values: readonly V[]) => Readonly<Record<string, V>>;
/** A class of objects that have these fields, whose values are a list's: to give a new object field after field would take as long as all else of decoding a call. */
function fieldsOf<V>(names: readonly string[]): Fields<V> {
  class Named {
    // Declared only: a field that is defined before it is set takes as long as the rest. No argument of a call has such a name.
    declare readonly $values: readonly V[];
    constructor(values: readonly V[]) {
      this.$values = values;
    }
  }
  names.forEach((name, i) => {
    Object.defineProperty(Named.prototype, name, {
      get(this: Named) {
        return this.$values[i];
      },
    });
  });
  return Named as unknown as Fields<V>;
}

export interface CallPlan {
  readonly row: Row;
  /** In order. */
  readonly parameters: readonly Parameter[];
  readonly named: Fields<Raw>;
  /** Whether an argument may ask for others' registers: most are what their own hold. */
  readonly asksOthers: boolean;
  readonly args: Fields<unknown>;
  /** Indexes of those whose memory must be writable. */
  readonly written: readonly number[];
  /** Those that make stores of what the reducer answers. */
  readonly stored: readonly Parameter[];
  /** As the row has them. */
  readonly place: Row["place"];
  readonly from: Row["from"];
  /** Whom it ends. */
  readonly ends: "task" | "process" | undefined;
  /** Linux serves it, and Chronix does not. */
  readonly isLacking: boolean;
}
const OF_OWN_REGISTER: readonly Parameter["decode"][] = [int32, int64, uint32, uint64];
/** By the call's number. */
const plans: CallPlan[] = [];
export function planOf(number: number): CallPlan | undefined {
  const known = plans[number];
  if (known) return known;
  const found = syscallByNumber(number);
  if (!found) return undefined;
  const [callName, row] = found;
  const names = Object.keys(row.args);
  const parameters = Object.entries(row.args).map(([name, { decode, encode, extent, places }]) => ({ name, decode, encode, extent, places }));
  const made: CallPlan = {
    row,
    parameters,
    named: fieldsOf<Raw>(names),
    asksOthers: parameters.some(({ decode, encode, extent, places }) => !OF_OWN_REGISTER.includes(decode) || encode || extent || places),
    args: fieldsOf<unknown>(names),
    written: parameters.flatMap(({ extent, places }, i) => (extent || places ? [i] : [])),
    stored: parameters.filter(({ encode }) => encode),
    place: row.place,
    from: row.from,
    ends: callName === "exit" ? "task" : callName === "exit_group" ? "process" : undefined,
    isLacking: row.service === "none" && !row.isNowhere,
  };
  plans[number] = made;
  return made;
}
