// The digest of a run: SHA-256 over the events alone, as rows and carried bytes, however they were divided into blocks. Two recordings of one run have one digest.
import { createHash, type Hash } from "node:crypto";
import type { Origin } from "./header.ts";
import { pack } from "./msgpack.ts";

export class LogDigest {
  readonly #rows: Hash;
  readonly #carried: Hash;

  /** A fork's digest starts from its parent's at the fork. */
  constructor(origin?: Origin) {
    this.#rows = createHash("sha256").update("chronix events 1\n");
    this.#carried = createHash("sha256");
    if (origin) this.#rows.update(pack([origin.parentDigest, origin.position.seq, origin.position.tick, origin.changes]));
  }
  update(rows: Uint8Array, carried: Uint8Array): void {
    this.#rows.update(rows);
    if (carried.length > 0) this.#carried.update(carried);
  }
  /** Of all so far, as `sha256:…`; more may follow. */
  get value(): string {
    const carried = this.#carried.copy().digest();
    return `sha256:${this.#rows.copy().update(carried).digest("hex")}`;
  }
}
