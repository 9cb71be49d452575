// Guest memory as one call saw and changed it, rebuilt from its event: what arguments show in a trace comes from here.
import type { Raws } from "./argument.ts";
import { type Bytes, countFromBytes, Fault, type GuestReader, noOtherMemory, type Store } from "./memory-view.ts";
import type { Row } from "./row.ts";

interface Piece {
  readonly address: number;
  readonly bytes: Bytes;
}
const within = ({ address, bytes }: Piece, at: number, length: number): Bytes | undefined =>
  at >= address && at + length <= address + bytes.length ? bytes.subarray(at - address, at - address + length) : undefined;

/** What decoding read, by address. Decoding again with the record tells which bytes came from where; after that they may be read in any order. */
export class ReadMemory implements GuestReader {
  readonly #pieces: Piece[] = [];

  constructor(row: Row, raws: Raws, reads: readonly (Bytes | null)[]) {
    let next = 0;
    const take = (address: number, length?: number): Bytes => {
      const bytes = reads[next++];
      if (!bytes || (length !== undefined && bytes.length !== length)) throw new Fault();
      this.#pieces.push({ address, bytes });
      return bytes;
    };
    // What was asked of other memory has no address in this one.
    const apart = (): Bytes => {
      const bytes = reads[next++];
      if (!bytes) throw new Fault();
      return bytes;
    };
    const count = (): number => countFromBytes(apart());
    for (const [name, arg] of Object.entries(row.args)) {
      try {
        arg.decode(
          raws[name]!,
          {
            read: take,
            readString: address => take(address),
            readOf: apart,
            roomOf: count,
            touched: apart,
            forcedOf: apart,
            forcedRoomOf: count,
            registersOf: apart,
            behind: noOtherMemory.behind,
          },
          raws,
        );
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }
  }
  read(address: number, length: number): Bytes {
    for (const piece of this.#pieces) {
      const found = within(piece, address, length);
      if (found) return found;
    }
    throw new Fault();
  }
  readonly readOf = noOtherMemory.readOf;
  readonly roomOf = noOtherMemory.roomOf;
  readonly touched = noOtherMemory.touched;
  readonly forcedOf = noOtherMemory.forcedOf;
  readonly forcedRoomOf = noOtherMemory.forcedRoomOf;
  readonly registersOf = noOtherMemory.registersOf;
  readonly behind = noOtherMemory.behind;
  readString(address: number): Bytes {
    const piece = this.#pieces.find(one => one.address === address);
    if (!piece) throw new Fault();
    return piece.bytes;
  }
}

/** What the call stored at an address; `undefined` where it stored less than that. */
export function storedAt(stores: readonly Store[], address: number, length: number): Bytes | undefined {
  for (const store of stores) {
    const found = within(store, address, length);
    if (found) return found;
  }
  return undefined;
}
