// What was seen of execution, as it is kept with a region: a byte or so for an address in place of the fifty that one in a Set takes. It is opened where the region is compiled again.
import type { Profile } from "./blocks.ts";

/** Numbers up to 2^51, seven bits a byte, the sign in the lowest bit. */
class Packer {
  readonly #bytes: number[] = [];
  #last = 0;

  put(number: number): void {
    let rest = number < 0 ? -2 * number - 1 : 2 * number;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes.push(0x80 + (rest % 0x80));
    this.#bytes.push(rest);
  }
  /** As what has been added since the address before. */
  putAddress(address: number): void {
    this.put(address - this.#last);
    this.#last = address;
  }
  /** Those beyond all addresses, to which a jump may have gone, are left out: no code is there. */
  putList(addresses: Iterable<number>): void {
    const real = [...addresses].filter(Number.isFinite);
    this.put(real.length);
    for (const address of real) this.putAddress(address);
  }
  take(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
class Unpacker {
  readonly #bytes: Uint8Array;
  #at = 0;
  #last = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(): number {
    let [number, unit] = [0, 1];
    for (let byte = 0x80; byte >= 0x80; unit *= 0x80) {
      byte = this.#bytes[this.#at++]!;
      number += (byte & 0x7f) * unit;
    }
    return number % 2 === 0 ? number / 2 : (-1 - number) / 2;
  }
  takeAddress(): number {
    this.#last += this.take();
    return this.#last;
  }
  takeList(): number[] {
    return Array.from({ length: this.take() }, () => this.takeAddress());
  }
}
const ascending = (addresses: Iterable<number>): Float64Array => Float64Array.from(addresses).sort();

/** Addresses in the order of their numbers. */
export class AddressSet {
  readonly #sorted: Float64Array;

  constructor(addresses: Iterable<number>) {
    this.#sorted = ascending(addresses);
  }
  static unpacked(bytes: Uint8Array): AddressSet {
    return new AddressSet(new Unpacker(bytes).takeList());
  }
  get size(): number {
    return this.#sorted.length;
  }
  [Symbol.iterator](): Iterator<number> {
    return this.#sorted.values();
  }
  has(address: number): boolean {
    const all = this.#sorted;
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (all[middle]! < address) low = middle + 1;
      else high = middle;
    }
    return all[low] === address;
  }
  packed(): Uint8Array {
    const packer = new Packer();
    packer.putList(this.#sorted);
    return packer.take();
  }
}

/** Those that are living, since what was seen in one watching is that of several regions. */
const known = new WeakMap<Profile, PackedProfile>();

export class PackedProfile {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  static of(profile: Profile): PackedProfile {
    let packed = known.get(profile);
    if (!packed) {
      packed = new PackedProfile(pack(profile));
      known.set(profile, packed);
    }
    return packed;
  }
  open(): Profile {
    const unpacker = new Unpacker(this.bytes);
    const lists = (): [number, number[]] => [unpacker.takeAddress(), unpacker.takeList()];
    const hot = new Set(unpacker.takeList());
    const starts = new Map<number, number>();
    for (let functions = unpacker.take(); functions > 0; functions--) {
      const [start, within] = lists();
      for (const rip of within) starts.set(rip, start);
    }
    const went = new Map(Array.from({ length: unpacker.take() }, lists));
    return { hot, starts, went, loops: new Set(unpacker.takeList()), rounds: new Set(unpacker.takeList()), heavy: new Set(unpacker.takeList()) };
  }
}
function pack({ hot, starts, went, loops, rounds, heavy }: Profile): Uint8Array {
  const packer = new Packer();
  packer.putList(ascending(hot));
  const functions = new Map<number, number[]>();
  for (const [rip, start] of starts) {
    if (!Number.isFinite(start)) continue;
    const within = functions.get(start);
    if (within) within.push(rip);
    else functions.set(start, [rip]);
  }
  packer.put(functions.size);
  for (const [start, within] of functions) {
    packer.putAddress(start);
    packer.putList(ascending(within));
  }
  packer.put(went.size);
  for (const [from, targets] of went) {
    packer.putAddress(from);
    packer.putList(targets);
  }
  packer.putList(loops);
  packer.putList(rounds);
  packer.putList(heavy);
  return packer.take();
}
