// The memory of all guest spaces. Pages come from the resolver when first touched; what is shared is copied when first written.
import { copyBytes } from "./copy-bytes.ts";
import { storedPages } from "./frame-page.ts";
import { Frames } from "./frames.ts";
import { ADDRESS_LIMIT, EXECUTABLE, FRAME_HAS_CODE, FRAME_IS_CLEAN, layout, PAGE_BYTES, PRESENT, READABLE, SHARED, UNSURE, WRITABLE } from "./layout.ts";
import { LinearMemory } from "./linear-memory.ts";
import type { Access, PageAnswer, PageFault, PageResolver } from "./page-answer.ts";
import { PageCache } from "./page-cache.ts";
import { PageTable, pageOf } from "./page-table.ts";
import { SharedPages } from "./shared-pages.ts";
import type { MemorySnapshot, SharedPage, SnapshotPage, StoredPage } from "./snapshot.ts";
import { Tlb } from "./tlb.ts";

type Mapped = Exclude<PageAnswer, { kind: "fault" }>;

const needed = { read: READABLE, write: WRITABLE, execute: EXECUTABLE } as const;
const ACCESS_ERROR: PageFault = { signal: "SIGSEGV", code: 2 };
const NOT_MAPPED: PageFault = { signal: "SIGSEGV", code: 1 };
const EXHAUSTED: PageFault = { signal: "SIGBUS", code: 2, isExhausted: true };

const flagsOf = (answer: Mapped): number =>
  PRESENT |
  (answer.isReadable ? READABLE : 0) |
  (answer.isWritable ? WRITABLE : 0) |
  (answer.isExecutable ? EXECUTABLE : 0) |
  (answer.kind === "shared" ? SHARED : 0);
/** Where in its page. A remainder of numbers beyond 2^31 is taken by a call of the host's C library. */
const offsetOf = (address: number): number => address - pageOf(address) * PAGE_BYTES;
/** Longer reads look first whether all of it can be read. */
const MOST_TRUSTED_BYTES = 2 ** 20;
/** Most strings are shorter: more is looked at only where this was not enough. */
const SHORT_STRING_BYTES = 64;

export class GuestMemory {
  readonly linear = new LinearMemory();
  readonly frames: Frames;
  readonly tlb: Tlb;
  resolver: PageResolver = () => ({ kind: "fault", ...NOT_MAPPED });
  readonly #spaces = new Map<number, PageTable>();
  readonly #shared: SharedPages;
  readonly #cache: PageCache;
  readonly #zeroFrame: number;
  #current = -1;
  #lastEpoch = 0;
  /** Told when what is executed may be something else than before. */
  onOtherCode = (): void => {};

  constructor({ maxFrames = 2 ** 19 }: { readonly maxFrames?: number } = {}) {
    // The zero frame and the kernel's room to move are not the guest's.
    this.frames = new Frames(this.linear, maxFrames + 1);
    this.tlb = new Tlb(this.linear);
    this.#shared = new SharedPages(this.frames);
    this.#cache = new PageCache(this.frames);
    this.frames.onShortage = () => this.#cache.dropUnused();
    this.#zeroFrame = this.frames.fill(undefined)!;
  }
  get framesInUse(): number {
    return this.frames.used - 1;
  }
  /** How many pages hold what is no immutable piece. */
  get changeablePages(): number {
    return this.framesInUse - this.#cache.size;
  }

  createSpace(id: number): void {
    if (this.#spaces.has(id)) throw new Error(`Space ${id} exists already: destroy it first.`);
    this.#spaces.set(id, this.#begun(new PageTable(this.linear)));
  }
  #begun(table: PageTable): PageTable {
    table.epoch = ++this.#lastEpoch;
    return table;
  }
  /** Private pages become copy-on-write, shared pages stay shared. */
  forkSpace(parent: number, child: number): void {
    const table = this.#table(parent);
    if (this.#spaces.has(child)) throw new Error(`Space ${child} exists already: destroy it first.`);
    this.#spaces.set(child, this.#begun(table.copy()));
    table.forEach(entry => void this.frames.hold(table.frame(entry)));
    if (parent === this.#current) this.tlb.flushWrites();
  }
  destroySpace(id: number): void {
    const table = this.#table(id);
    table.forEach(entry => void this.frames.drop(table.frame(entry)));
    table.free();
    this.#spaces.delete(id);
    if (id === this.#current) this.#current = -1;
  }
  /** From now on the TLBs are this space's. */
  enter(space: number): void {
    if (space === this.#current) return;
    const table = this.#table(space);
    table.use();
    this.#begin(table.epoch);
    this.tlb.flushData();
    // A fork mostly goes on in the same code.
    this.tlb.keepExecute((page, frame) => {
      const entry = table.find(page);
      if (entry === 0 || table.frame(entry) !== frame || (table.flags(entry) & (UNSURE | EXECUTABLE)) !== EXECUTABLE) return false;
      table.executed.add(page);
      return true;
    });
    this.#current = space;
  }
  /** Code of the page is about to be executed: a change of the page begins another epoch. */
  noteExecuted(space: number, page: number): void {
    this.#table(space).executed.add(page);
  }
  /** The bytes of the range's pages that were touched, as they lie, whatever the guest may do with them: views, in order. Nothing is brought in. */
  presentPages(space: number, startPage: number, pageCount: number): readonly { readonly page: number; readonly bytes: Uint8Array }[] {
    const table = this.#table(space);
    const found: number[] = [];
    this.#eachPresent(table, startPage, pageCount, page => void found.push(page));
    return found.sort((a, b) => a - b).map(page => ({ page, bytes: this.frames.bytes(table.frame(table.find(page))) }));
  }
  isPresent(space: number, page: number): boolean {
    return this.#table(space).find(page) !== 0;
  }
  /** The page is no longer what the TLBs say. */
  #forget(space: number, table: PageTable, page: number): void {
    if (space === this.#current) this.tlb.forget(page);
    if (!table.executed.has(page)) return;
    // The others stay: of their code it is known where it lies, and what is kept of that holds until the next epoch.
    table.executed.delete(page);
    table.epoch = ++this.#lastEpoch;
    if (space === this.#current) this.#begin(table.epoch);
  }
  #begin(epoch: number): void {
    this.linear.words[layout.epoch >>> 2] = epoch;
    this.onOtherCode();
  }

  unmap(space: number, startPage: number, pageCount: number): void {
    const table = this.#table(space);
    this.#eachPresent(table, startPage, pageCount, page => {
      const entry = table.find(page);
      const frame = table.frame(entry);
      table.remove(entry);
      this.frames.drop(frame);
      this.#forget(space, table, page);
    });
  }
  /** The resolver is asked again for the permissions of present pages at their next access; contents stay. */
  protect(space: number, startPage: number, pageCount: number): void {
    const table = this.#table(space);
    this.#eachPresent(table, startPage, pageCount, page => {
      const entry = table.find(page);
      table.setFlags(entry, table.flags(entry) | UNSURE);
      this.#forget(space, table, page);
    });
  }
  move(space: number, fromPage: number, toPage: number, pageCount: number): void {
    const table = this.#table(space);
    const moved: SnapshotPage[] = [];
    this.#eachPresent(table, fromPage, pageCount, page => {
      const entry = table.find(page);
      moved.push({ space, page: page - fromPage + toPage, flags: table.flags(entry) | UNSURE, frame: table.frame(entry) });
      table.remove(entry);
      this.#forget(space, table, page);
    });
    this.unmap(space, toPage, pageCount);
    for (const { page, flags, frame } of moved) table.insert(page, flags, frame);
  }

  /** The bytes, as the kernel reads them for the guest; `undefined` where one of them is not readable. */
  read(space: number, address: number, length: number): Uint8Array | undefined {
    if (!isUserRange(address, length)) return undefined;
    // A length that the guest made up takes no memory of the host.
    if (length > MOST_TRUSTED_BYTES && this.readable(space, address, length) < length) return undefined;
    const out = new Uint8Array(length);
    const within = offsetOf(address);
    if (length > 0 && within + length <= PAGE_BYTES) {
      const frame = this.admit(space, pageOf(address), "read");
      if (typeof frame !== "number") return undefined;
      copyBytes(this.linear.bytes, frame + within, length, out, 0);
      return out;
    }
    const isRead = this.#eachPiece(space, address, length, "read", (at, bytes, done) => copyBytes(this.linear.bytes, at, bytes, out, done));
    return isRead === length ? out : undefined;
  }
  /** How many bytes from the address on can be read. */
  readable(space: number, address: number, length: number): number {
    const within = isUserRange(address, 0) ? Math.min(length, ADDRESS_LIMIT - address) : 0;
    return this.#eachPiece(space, address, within, "read", () => {});
  }
  /** How many bytes from the address on can be written. */
  writable(space: number, address: number, length: number): number {
    const within = isUserRange(address, 0) ? Math.min(length, ADDRESS_LIMIT - address) : 0;
    return this.#eachPiece(space, address, within, "write", () => {});
  }
  /** The bytes before the first zero; `undefined` where there is none within `limit` readable bytes. */
  readCString(space: number, address: number, limit: number): Uint8Array | undefined {
    // Most are short and lie in one page, which is readable as a whole.
    const within = Math.min(limit, SHORT_STRING_BYTES, PAGE_BYTES - (address % PAGE_BYTES));
    const frame = within > 0 && isUserRange(address, within) ? this.admit(space, pageOf(address), "read") : undefined;
    if (typeof frame === "number") {
      const at = frame + (address % PAGE_BYTES);
      const length = this.linear.bytes.subarray(at, at + within).indexOf(0);
      if (length >= 0) return this.linear.bytes.slice(at, at + length);
    }
    let [length, most] = [0, SHORT_STRING_BYTES];
    while (length < limit) {
      const step = Math.min(limit - length, most, PAGE_BYTES - offsetOf(address + length));
      const piece = this.read(space, address + length, step);
      if (!piece) return undefined;
      const end = piece.indexOf(0);
      if (end >= 0) return length === 0 ? piece.slice(0, end) : this.read(space, address, length + end);
      length += step;
      most = PAGE_BYTES;
    }
    return undefined;
  }
  /** False where one of the bytes is not writable: nothing is written then. */
  write(space: number, address: number, bytes: Uint8Array): boolean {
    const within = offsetOf(address);
    if (bytes.length > 0 && within + bytes.length <= PAGE_BYTES && isUserRange(address, bytes.length)) {
      const frame = this.admit(space, pageOf(address), "write");
      if (typeof frame === "number") copyBytes(bytes, 0, bytes.length, this.linear.bytes, frame + within);
      return typeof frame === "number";
    }
    if (!this.canWrite(space, address, bytes.length)) return false;
    return this.#eachPiece(space, address, bytes.length, "write", (at, length, done) => copyBytes(bytes, done, length, this.linear.bytes, at)) === bytes.length;
  }
  canWrite(space: number, address: number, length: number): boolean {
    return this.writableOf(space, address, length) === length;
  }
  /** How many bytes of a buffer the guest can write. One that leads out of its half of the address space has none (access_ok). */
  writableOf(space: number, address: number, length: number): number {
    return isUserRange(address, length) ? this.writable(space, address, length) : 0;
  }

  /** For a debugger, whatever the pages' permissions: as many of the bytes as there are. */
  peek(space: number, address: number, length: number): Uint8Array {
    const out = new Uint8Array(isUserRange(address, length) ? length : 0);
    const count = this.#eachPiece(space, address, out.length, "read", (at, bytes, done) => copyBytes(this.linear.bytes, at, bytes, out, done), true);
    return out.subarray(0, count);
  }
  /** How many bytes from the address on `poke` can store. */
  pokeable(space: number, address: number, length: number): number {
    return isUserRange(address, length) ? this.#eachPiece(space, address, length, "write", () => {}, true) : 0;
  }
  poke(space: number, address: number, bytes: Uint8Array): void {
    const visit = (at: number, length: number, done: number) => copyBytes(bytes, done, length, this.linear.bytes, at);
    this.#eachPiece(space, address, bytes.length, "write", visit, true);
  }

  /** Indexes of a MAP_SHARED object's pages written since last asked. */
  dirtyShared(object: number): number[] {
    // What is clean is absent from the write TLB already.
    if (!this.#shared.hasDirty(object)) return [];
    this.tlb.flushWrites();
    return this.#shared.takeDirty(object);
  }
  sharedPage(object: number, index: number): Uint8Array | undefined {
    const frame = this.#shared.get(object, index);
    return frame === undefined ? undefined : this.frames.bytes(frame);
  }
  /** Of a MAP_SHARED object, the pages from `first` on that were touched: views, in order. */
  sharedPages(object: number, first: number, count: number): readonly { readonly index: number; readonly bytes: Uint8Array }[] {
    return this.#shared.within(object, first, count).map(({ index, frame }) => ({ index, bytes: this.frames.bytes(frame) }));
  }
  /** Stores into a MAP_SHARED object's page where one is present: what a write to the file does. */
  writeShared(object: number, index: number, offset: number, bytes: Uint8Array): void {
    const frame = this.#shared.get(object, index);
    if (frame === undefined) return;
    this.frames.dropCode(frame);
    this.linear.bytes.set(bytes.subarray(0, PAGE_BYTES - offset), frame + offset);
  }
  /** The object's pages from `first` on are no more; no space has them mapped. */
  trimShared(object: number, first: number): void {
    this.#shared.trim(object, first);
  }
  /** Nobody maps the object any more. */
  forgetShared(object: number): void {
    this.#shared.drop(object);
  }

  /** Makes the access possible: the page's frame, or why not. A write goes through copy-on-write and drops decoded code. */
  admit(space: number, page: number, access: Access): number | PageFault {
    const table = this.#table(space);
    const entry = table.find(page);
    const right = needed[access];
    if (entry === 0) return this.#bring(space, table, page, access);
    if ((table.flags(entry) & (UNSURE | right)) !== right) {
      const answer = this.resolver(space, page, access);
      if (answer.kind === "fault") return { signal: answer.signal, code: answer.code };
      table.setFlags(entry, (flagsOf(answer) & ~SHARED) | (table.flags(entry) & SHARED));
      this.#forget(space, table, page);
      if ((table.flags(entry) & right) === 0) return ACCESS_ERROR;
    }
    return access === "write" ? this.#makeWritable(space, table, entry, page) : table.frame(entry);
  }
  /** As `admit`, for a debugger: what the page's permissions forbid is done all the same, but that nobody writes for others to a page that is not writable (FOLL_FORCE). */
  admitForced(space: number, page: number, access: "read" | "write"): number | PageFault {
    const table = this.#table(space);
    const found = table.find(page);
    if (found !== 0 && (access === "read" || (table.flags(found) & SHARED) === 0))
      return access === "read" ? table.frame(found) : this.#makeWritable(space, table, found, page);
    const answer = this.resolver(space, page, "any");
    if (answer.kind === "fault") return { signal: answer.signal, code: answer.code };
    if (access === "write" && answer.kind === "shared" && !answer.isWritable) return ACCESS_ERROR;
    const frame = found !== 0 ? table.frame(found) : this.#frameOf(answer, access);
    if (frame === undefined) return EXHAUSTED;
    const entry = found || table.find(page) || table.insert(page, flagsOf(answer), frame);
    return access === "write" ? this.#makeWritable(space, table, entry, page) : frame;
  }
  /** Whether a frame is a file's page as it was read: nobody has written it, nor will. */
  isOfFile(frame: number): boolean {
    return this.#cache.has(frame);
  }
  /** Whether the page's frame holds decoded code. */
  hasCode(space: number, page: number): boolean {
    const table = this.#table(space);
    const entry = table.find(page);
    return entry !== 0 && this.frames.has(table.frame(entry), FRAME_HAS_CODE);
  }
  /** The next write to the frame is to be noticed. */
  markCode(frame: number): void {
    if (this.frames.has(frame, FRAME_HAS_CODE)) return;
    this.frames.set(frame, FRAME_HAS_CODE);
    if (!this.isOfFile(frame)) this.tlb.flushWrites();
  }

  snapshot(): MemorySnapshot {
    const spaces = new Map<number, SnapshotPage[]>();
    const places = new Map<number, { space: number; page: number; flags: number }[]>();
    for (const [space, table] of this.#spaces) {
      const pages: SnapshotPage[] = [];
      table.forEach(entry => {
        const page = table.page(entry);
        const flags = table.flags(entry);
        const frame = table.frame(entry);
        if (flags & SHARED) places.set(frame, [...(places.get(frame) ?? []), { space, page, flags }]);
        else {
          this.frames.holdForSnapshot(frame);
          pages.push({ space, page, flags, frame });
        }
      });
      spaces.set(space, pages);
    }
    const shared: SharedPage[] = [];
    for (const { object, index, frame } of this.#shared.all())
      shared.push({ object, index, frame: this.#frozenCopy(frame), isDirty: this.#shared.isDirty(frame), places: places.get(frame) ?? [] });
    this.tlb.flushWrites();
    return { spaces, shared };
  }
  restore({ spaces, shared }: MemorySnapshot): void {
    for (const id of [...this.#spaces.keys()]) this.destroySpace(id);
    this.#shared.dropAll();
    for (const [space, pages] of spaces) {
      this.createSpace(space);
      for (const { page, flags, frame } of pages) {
        this.frames.hold(frame);
        this.#table(space).insert(page, flags, frame);
      }
    }
    for (const { object, index, frame, isDirty, places } of shared) {
      const live = this.#mustCopy(frame);
      this.#shared.add(object, index, live);
      if (isDirty) this.#shared.markWritten(live);
      for (const { space, page, flags } of places) {
        this.frames.hold(live);
        this.#table(space).insert(page, flags, live);
      }
    }
    this.#current = -1;
  }
  release({ spaces, shared }: MemorySnapshot): void {
    for (const pages of spaces.values()) for (const { frame } of pages) this.frames.dropForSnapshot(frame);
    for (const { frame } of shared) this.frames.dropForSnapshot(frame);
  }
  /** The pages of a snapshot, each content once, for codecs. */
  pages(snapshot: MemorySnapshot): Iterable<StoredPage> {
    return storedPages(snapshot, this.frames, this.#cache);
  }
  /** The snapshot that these pages were of. `spaces` names those without a page, too. */
  load(pages: Iterable<StoredPage>, spaces: Iterable<number> = []): MemorySnapshot {
    const tables = new Map<number, SnapshotPage[]>([...spaces].map(space => [space, []]));
    const sharedPages: SharedPage[] = [];
    for (const { bytes, places, shared } of pages) {
      const frame = this.frames.fill(bytes);
      if (frame === undefined) throw new Error("The stored pages do not fit into memory: raise maxFrames to what it was when they were stored.");
      if (shared) {
        this.frames.holdForSnapshot(frame);
        this.frames.drop(frame);
        sharedPages.push({ ...shared, frame, places });
        for (const { space } of places) if (!tables.has(space)) tables.set(space, []);
        continue;
      }
      for (const { space, page, flags } of places) {
        this.frames.holdForSnapshot(frame);
        const table = tables.get(space) ?? [];
        tables.set(space, table);
        table.push({ space, page, flags, frame });
      }
      this.frames.drop(frame);
    }
    return { spaces: tables, shared: sharedPages };
  }

  #table(space: number): PageTable {
    const table = this.#spaces.get(space);
    if (!table) throw new Error(`There is no space ${space}: create it first.`);
    return table;
  }
  #eachPresent(table: PageTable, startPage: number, pageCount: number, visit: (page: number) => void): void {
    if (pageCount > table.count) {
      const present: number[] = [];
      table.forEach(entry => {
        const page = table.page(entry);
        if (page >= startPage && page < startPage + pageCount) present.push(page);
      });
      present.forEach(visit);
    } else for (let page = startPage; page < startPage + pageCount; page++) if (table.find(page) !== 0) visit(page);
  }
  /** Visits the range frame by frame; answers how many bytes came before the first that cannot be had. */
  #eachPiece(
    space: number,
    address: number,
    length: number,
    access: Access,
    visit: (at: number, bytes: number, done: number) => void,
    isForced = false,
  ): number {
    let done = 0;
    while (done < length) {
      const offset = offsetOf(address + done);
      const page = pageOf(address + done);
      const frame = isForced && access !== "execute" ? this.admitForced(space, page, access) : this.admit(space, page, access);
      if (typeof frame !== "number") break;
      const bytes = Math.min(length - done, PAGE_BYTES - offset);
      visit(frame + offset, bytes, done);
      done += bytes;
    }
    return done;
  }
  #bring(space: number, table: PageTable, page: number, access: Access): number | PageFault {
    const answer = this.resolver(space, page, access);
    if (answer.kind === "fault") return { signal: answer.signal, code: answer.code };
    const flags = flagsOf(answer);
    if ((flags & needed[access]) === 0) return ACCESS_ERROR;
    const frame = this.#frameOf(answer, access);
    if (frame === undefined) return EXHAUSTED;
    // The resolver may have looked into this very space.
    const entry = table.find(page) || table.insert(page, flags, frame);
    return access === "write" ? this.#makeWritable(space, table, entry, page) : frame;
  }
  #frameOf(answer: Mapped, access: Access): number | undefined {
    return answer.kind === "shared" ? this.#sharedFrame(answer.object, answer.index, answer.bytes) : this.#privateFrame(answer, access);
  }
  #privateFrame(answer: Mapped, access: Access): number | undefined {
    if (access === "write") return this.frames.fill(answer.bytes);
    if (answer.bytes) return this.#cache.hold(answer.bytes);
    this.frames.hold(this.#zeroFrame);
    return this.#zeroFrame;
  }
  #sharedFrame(object: number, index: number, bytes: Uint8Array | undefined): number | undefined {
    let frame = this.#shared.get(object, index);
    if (frame === undefined) {
      frame = this.frames.fill(bytes);
      if (frame === undefined) return undefined;
      this.#shared.add(object, index, frame);
    }
    this.frames.hold(frame);
    return frame;
  }
  #makeWritable(space: number, table: PageTable, entry: number, page: number): number | PageFault {
    let frame = table.frame(entry);
    if (table.flags(entry) & SHARED) {
      if (this.frames.has(frame, FRAME_IS_CLEAN)) this.#shared.markWritten(frame);
    } else if (this.frames.references(frame) > 1) {
      const copy = this.frames.copy(frame);
      if (copy === undefined) return EXHAUSTED;
      this.frames.drop(frame);
      table.setFrame(entry, copy);
      this.#forget(space, table, page);
      frame = copy;
    }
    this.frames.dropCode(frame);
    return frame;
  }
  #frozenCopy(frame: number): number {
    const copy = this.#mustCopy(frame);
    this.frames.holdForSnapshot(copy);
    this.frames.drop(copy);
    return copy;
  }
  #mustCopy(frame: number): number {
    const copy = this.frames.copy(frame);
    if (copy === undefined) throw new Error("There is no frame left to copy a shared page: raise maxFrames.");
    return copy;
  }
}

const isUserRange = (address: number, length: number): boolean => address >= 0 && length >= 0 && address + length <= ADDRESS_LIMIT;
