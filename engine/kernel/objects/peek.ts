// Ways around the cost of drafts, for what every read and write does. Through a draft, reading a field costs a tenth of a microsecond and more
// (Immer 11 asks of each value whether it could be drafted), assigning one twice that. Where Immer looks otherwise than expected, the draft is used.
import type { Draft } from "immer";

const STATE = Symbol.for("immer-state");
interface DraftState<T> {
  readonly modified_?: boolean;
  readonly copy_?: T | null;
  readonly base_?: T;
  readonly assigned_?: Map<string, boolean>;
}
interface Drafted<T> {
  readonly [STATE]?: DraftState<T>;
}

/** The plain value behind the draft as it is now, for reading alone. What is no draft is its own. Objects within may be drafts again. */
export function peek<T extends object>(draft: T | Draft<T>): T {
  const state = (draft as Drafted<T>)[STATE];
  return state ? (state.copy_ ?? state.base_ ?? (draft as T)) : (draft as T);
}

type Plain = number | string | boolean | bigint | null | Readonly<Uint8Array>;
/** Assigns what is no object to Immer. Where the draft has been changed before, its copy is its own already, and takes the value directly. */
export function poke<K extends string | number>(draft: object, key: K, value: Plain): void {
  const state = (draft as Drafted<Record<K, unknown>>)[STATE];
  if (state?.modified_ && state.copy_ && state.assigned_) {
    state.copy_[key] = value;
    state.assigned_.set(String(key), true);
  } else (draft as Record<K, unknown>)[key] = value;
}
