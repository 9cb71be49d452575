// Decoded code in linear memory, by virtual page and frame: processes that share a frame at one address share its records.
// Records are linked only inside a page; to another page, and for computed jumps, the way is the execution TLB. So a page of code is dropped by itself.
import type { GuestMemory } from "../memory/guest-memory.ts";
import { ADDRESS_LIMIT, layout, MOST_HANDED, PAGE_BYTES } from "../memory/layout.ts";
import type { PageFault } from "../memory/page-answer.ts";
import { pageOf } from "../memory/page-table.ts";
import { decode, type Instruction, lastLesson, MOST_BYTES, NO_REGISTER } from "./decode/decode.ts";
import { controlKind, QuickPlans } from "./decode/quick-plans.ts";
import { Directories } from "./directories.ts";
import type { Interpreter } from "./interpreter/interpreter.ts";
import { coldCount, extraOperation, firstBeyond, firstCold, leadsOn, operationOf } from "./interpreter/operations.ts";
import { type Extra, LONGEST_BLOCK, prepare, record, straddle, waiting } from "./interpreter/record.ts";
import { RecordRoom } from "./record-room.ts";

/** Of records: an instruction for each byte, and two for where it leads. Many a page has a hundredth of that. */
const MOST_OF_PAGE = 3 * PAGE_BYTES * record.bytes;
const SCRATCH = 21;
const STOP = extraOperation("stop");
const HIGH = 2 ** 32;
/** Some 200 bytes each; several times as many as a watching sees. */
const MOST_FETCHED = 16_384;
/** Operations from here on stand for regions. */
export const FIRST_REGION = firstBeyond;
const RECENT_PAGES = 16;
const GENERAL_PROTECTION = { signal: "SIGSEGV", code: 0x80 } as const;

export interface FetchFault extends PageFault {
  readonly address: number;
}
export interface CodePage {
  readonly page: number;
  readonly frame: number;
  /** Says for each offset, by lines, where the record of the instruction there lies, or one that stands for it, also until it is decoded; or 0. */
  readonly directory: number;
  /** By offset, those that have been fetched and lie in the page whole: what compiles asks for them again and again. */
  readonly fetched: Map<number, Instruction>;
  /** Straddling instructions that end in this page. */
  readonly dependents: number[];
  /** Told when the page's code is dropped. */
  readonly watchers: Set<() => void>;
}

/** Where instructions have been decoded in a page: offsets, two bytes each. */
export interface StartsInPage {
  readonly page: number;
  readonly starts: Uint8Array;
}
type Decoder = Pick<Interpreter, "decodeBlock" | "decodeStarts">;

export class CodePages {
  readonly #memory: GuestMemory;
  readonly #byFrame = new Map<number, CodePage[]>();
  readonly #byDirectory = new Map<number, CodePage>();
  /** By the low bits of page and epoch: pages that were entered in an epoch, which is one space's. Where two spaces take turns, each finds its own again. */
  readonly #recent = new Array<{ readonly epoch: number; readonly codePage: CodePage } | undefined>(RECENT_PAGES).fill(undefined);
  readonly #room: RecordRoom;
  readonly #directories: Directories;
  /** Those that have come since somebody was told. */
  #newPages: number[] = [];
  /** Told of pages, by number, in which nothing has been executed before, ahead of what is first decoded there. */
  onNew: (pages: readonly number[]) => void = () => {};
  /** Instructions that the pages have at hand. */
  #fetched = 0;

  readonly #decoder: () => Decoder;
  readonly #quickPlans: QuickPlans;

  constructor(memory: GuestMemory, decoder: () => Decoder) {
    this.#memory = memory;
    this.#decoder = decoder;
    this.#quickPlans = new QuickPlans(memory.linear);
    this.#room = new RecordRoom(memory.linear);
    this.#directories = new Directories(memory.linear, this.#room);
    memory.frames.onCodeGone = frame => this.#drop(frame);
  }

  /** The record at which to go on at `rip`, decoded if need be. */
  find(space: number, rip: number): number | FetchFault {
    if (!(rip >= 0 && rip < ADDRESS_LIMIT)) return { ...GENERAL_PROTECTION, address: 0 };
    if (!this.#room.make()) this.#dropAll();
    const page = pageOf(rip);
    for (;;) {
      const codePage = this.#enter(space, page);
      if ("signal" in codePage) return { ...codePage, address: rip };
      const pages = this.#newPages;
      if (pages.length === 0) return this.#recordAt(codePage, rip - page * PAGE_BYTES) || this.#append(space, codePage, rip);
      this.#newPages = [];
      this.onNew(pages);
    }
  }
  /** A straddling instruction whose second page is not what it was, or not in the TLB: decodes it again where it must. */
  renew(space: number, at: number, rip: number): FetchFault | undefined {
    const second = this.#enter(space, pageOf(rip) + 1);
    if ("signal" in second) return { ...second, address: (pageOf(rip) + 1) * PAGE_BYTES };
    if (this.#words()[(at + straddle.directory) >>> 2] === second.directory) return undefined;
    if (!this.#room.make()) {
      this.#dropAll();
      return undefined;
    }
    const first = this.#enter(space, pageOf(rip));
    if (!("signal" in first)) this.#fillStraddle(at, first, second, rip);
    return undefined;
  }

  /** Decodes at once what earlier runs have executed of a page, if execution has come to it. Whatever lies there now: what is never executed is never looked at. */
  decodeAhead(page: number, starts: Uint8Array): void {
    for (let at = 0; at < starts.length && this.#room.make(MOST_OF_PAGE); at += MOST_HANDED) {
      const some = starts.subarray(at, at + MOST_HANDED);
      this.#memory.linear.bytes.set(some, layout.handed);
      this.#putNumber(layout.decodeRip, page * PAGE_BYTES);
      this.#decoder().decodeStarts(some.length >> 1);
    }
  }
  /** What has been decoded of files' pages. */
  *decoded(): Iterable<StartsInPage> {
    for (const { page, frame, directory } of this.#byDirectory.values()) {
      if (!this.#memory.isOfFile(frame)) continue;
      const offsets: number[] = [];
      this.#directories.forEach(directory, (at, offset) => {
        if (!this.#isStop(at)) offsets.push(offset);
      });
      yield { page, starts: new Uint8Array(Uint16Array.from(offsets).buffer) };
    }
  }
  /** Of the interpreter's table, the places that records lead to. */
  coldPlaces(): ReadonlySet<number> {
    const places = new Set<number>();
    for (const { directory } of this.#byDirectory.values())
      this.#directories.forEach(directory, at => {
        const place = (this.#words()[at >>> 2]! & 0xffff) - firstCold;
        if (place >= 0 && place < coldCount) places.add(place);
      });
    return places;
  }
  /** The page's code, its records ready to be met; `undefined` where the page is not there or may not be executed. */
  present(space: number, page: number): CodePage | undefined {
    if (!this.#memory.isPresent(space, page) || !this.#room.make()) return undefined;
    const codePage = this.#enter(space, page);
    return "signal" in codePage ? undefined : codePage;
  }
  /** The instruction at an address whose pages are there; `pages` takes up the pages it lies in. */
  fetch(space: number, rip: number, pages?: Set<CodePage>): Instruction | undefined {
    const first = this.present(space, pageOf(rip));
    if (!first) return undefined;
    const known = first.fetched.get(rip % PAGE_BYTES);
    if (known) {
      pages?.add(first);
      return known;
    }
    let decoded = decode(rip, this.#bytes(first.frame, rip % PAGE_BYTES, MOST_BYTES));
    const second = decoded === "short" ? this.present(space, first.page + 1) : undefined;
    if (second) decoded = decode(rip, this.#across(first, second, rip));
    if (typeof decoded === "string") return undefined;
    pages?.add(first);
    if (second) pages?.add(second);
    else {
      if (++this.#fetched > MOST_FETCHED) this.#forgetFetched();
      first.fetched.set(rip % PAGE_BYTES, decoded);
    }
    return decoded;
  }
  #forgetFetched(): void {
    for (const { fetched } of this.#byDirectory.values()) fetched.clear();
    this.#fetched = 0;
  }
  canPutRegion(codePage: CodePage, rip: number): boolean {
    const at = this.#recordAt(codePage, rip % PAGE_BYTES);
    return at === 0 || (this.#words()[at >>> 2]! & 0xffff) !== extraOperation("straddle");
  }
  /** The slot of the region that begins at an address. */
  regionAt(codePage: CodePage, rip: number): number | undefined {
    const at = this.#recordAt(codePage, rip % PAGE_BYTES);
    const operation = at === 0 ? 0 : this.#words()[at >>> 2]! & 0xffff;
    return operation >= FIRST_REGION ? operation - FIRST_REGION : undefined;
  }
  /** From now on the record at an address is that of a region's entry, and leads to the one that was there. False where nothing can stand before it. */
  putRegion(space: number, codePage: CodePage, rip: number, operation: number, entry: number): boolean {
    if (!this.#room.make()) return false;
    const at = this.#recordAt(codePage, rip % PAGE_BYTES) || this.#append(space, codePage, rip);
    if (typeof at !== "number") return false;
    const { bytes, words } = this.#memory.linear;
    const known = words[at >>> 2]! & 0xffff;
    if (known === extraOperation("straddle") || known >= FIRST_REGION) return false;
    // A record that stood before a region once leads on to its copy.
    if (known !== extraOperation("goTo")) {
      const copy = this.#room.take(record.bytes);
      bytes.copyWithin(copy, at, at + record.bytes);
      // A preparation and its instruction lie at one address.
      const next = known === extraOperation("prepare") ? rip : rip + bytes[at + record.length]!;
      if (leadsOn(known)) for (const part of [record.taken, record.next]) this.#moveWaiting(at + part, copy + part);
      this.#words()[(this.#put("goTo", next) + record.taken) >>> 2] = at + record.bytes;
      this.#words()[(at + record.taken) >>> 2] = copy;
    }
    this.#memory.linear.view.setUint16(at + record.operation, operation, true);
    this.#words()[(at + record.immediate) >>> 2] = entry;
    return true;
  }
  takeRegion(codePage: CodePage, rip: number): void {
    const at = this.#recordAt(codePage, rip % PAGE_BYTES);
    this.#memory.linear.view.setUint16(at + record.operation, extraOperation("goTo"), true);
  }

  #words(): Int32Array {
    return this.#memory.linear.words;
  }
  /** Of what is decoded. */
  #recordAt(codePage: CodePage, offset: number): number {
    const at = this.#directories.at(codePage.directory, offset);
    return at !== 0 && this.#isStop(at) ? 0 : at;
  }
  #isStop(at: number): boolean {
    return (this.#words()[at >>> 2]! & 0xffff) === STOP;
  }
  #enter(space: number, page: number): CodePage | PageFault {
    // What the TLB has is admitted.
    const directory = this.#memory.tlb.directoryOf(page);
    // Execution goes on in one of few pages after each call: what has been noted in this epoch need not be noted again.
    const epoch = this.#words()[layout.epoch >>> 2]!;
    const place = (page + epoch) & (RECENT_PAGES - 1);
    const recent = this.#recent[place];
    if (recent && recent.codePage.directory === directory && recent.codePage.page === page && recent.epoch === epoch) return recent.codePage;
    const known = directory === undefined ? undefined : this.#byDirectory.get(directory);
    if (known) {
      this.#memory.noteExecuted(space, page);
      this.#recent[place] = { epoch, codePage: known };
      return known;
    }
    const frame = page * PAGE_BYTES < ADDRESS_LIMIT ? this.#memory.admit(space, page, "execute") : GENERAL_PROTECTION;
    if (typeof frame !== "number") return frame;
    this.#memory.noteExecuted(space, page);
    const codePage = this.#byFrame.get(frame)?.find(one => one.page === page) ?? this.#create(page, frame);
    this.#memory.tlb.fillExecute(page, codePage.directory, frame);
    return codePage;
  }
  #create(page: number, frame: number): CodePage {
    const directory = this.#directories.make();
    const codePage: CodePage = { page, frame, directory, fetched: new Map(), dependents: [], watchers: new Set() };
    this.#newPages.push(page);
    this.#byDirectory.set(directory, codePage);
    this.#byFrame.set(frame, [...(this.#byFrame.get(frame) ?? []), codePage]);
    this.#memory.markCode(frame);
    return codePage;
  }
  #drop(frame: number): void {
    this.#recent.fill(undefined);
    for (const { directory, dependents, watchers } of this.#byFrame.get(frame) ?? []) {
      for (const tell of [...watchers]) tell();
      this.#directories.free(directory);
      this.#byDirectory.delete(directory);
      for (const at of dependents) this.#words()[(at + straddle.directory) >>> 2] = -1;
    }
    this.#byFrame.delete(frame);
    this.#memory.tlb.flushExecute();
    this.#memory.onOtherCode();
  }
  #dropAll(): void {
    for (const frame of [...this.#byFrame.keys()]) this.#memory.frames.dropCode(frame);
    this.#directories.forget();
    this.#room.empty();
  }

  /** Decodes from an address to the end of its block, as far as it can in wasm; answers its record. */
  #append(space: number, codePage: CodePage, start: number): number | FetchFault {
    let rip = start;
    for (let count = 0; ; count++) {
      const offset = rip - codePage.page * PAGE_BYTES;
      if (count === LONGEST_BLOCK || offset >= PAGE_BYTES || this.#recordAt(codePage, offset) !== 0) {
        this.#link(codePage, this.#put("goTo", rip) + record.taken, rip);
        break;
      }
      this.#putNumber(layout.decodeRip, rip);
      if (this.#decoder().decodeBlock(LONGEST_BLOCK - count, 0) !== 0) break;
      const decoded = decode(rip, this.#memory.linear.bytes, codePage.frame + offset, codePage.frame + Math.min(PAGE_BYTES, offset + MOST_BYTES));
      if (decoded === "short") {
        // Only the first of a block may fault here: it is the one that execution is at.
        if (count > 0) this.#link(codePage, this.#put("goTo", rip) + record.taken, rip);
        else return this.#appendStraddle(space, codePage, rip);
        break;
      }
      if (decoded === "missing") {
        this.#enroll(codePage, offset, this.#put("missing", rip));
        break;
      }
      const lesson = lastLesson();
      if (lesson) this.#quickPlans.learn(lesson);
      this.#enroll(codePage, offset, this.#room.end);
      const at = this.#putInstruction(decoded, rip);
      rip += decoded.length;
      if (decoded.form.row.control) {
        this.#linkControl(codePage, at, decoded, rip);
        break;
      }
    }
    return this.#recordAt(codePage, start % PAGE_BYTES);
  }
  #appendStraddle(space: number, first: CodePage, rip: number): number | FetchFault {
    const second = this.#enter(space, first.page + 1);
    if ("signal" in second) return { ...second, address: (first.page + 1) * PAGE_BYTES };
    const at = this.#put("straddle", rip);
    this.#enroll(first, rip % PAGE_BYTES, at);
    this.#fillStraddle(at, first, second, rip);
    return at;
  }
  #fillStraddle(at: number, first: CodePage, second: CodePage, rip: number): void {
    this.#putNumber(at + straddle.page, second.page * PAGE_BYTES);
    this.#words()[(at + straddle.directory) >>> 2] = second.directory;
    second.dependents.push(at);
    const decoded = decode(rip, this.#across(first, second, rip));
    this.#words()[(at + record.taken) >>> 2] = this.#room.end;
    if (typeof decoded === "string") {
      this.#put("missing", rip);
      return;
    }
    const real = this.#putInstruction(decoded, rip);
    const next = rip + decoded.length;
    if (decoded.form.row.control) this.#linkControl(first, real, decoded, next);
    else this.#link(first, this.#put("goTo", next) + record.taken, next);
  }
  #across(first: CodePage, second: CodePage, rip: number): Uint8Array {
    const offset = rip % PAGE_BYTES;
    const bytes = new Uint8Array(MOST_BYTES);
    const inFirst = PAGE_BYTES - offset;
    bytes.set(this.#bytes(first.frame, offset, inFirst));
    bytes.set(this.#bytes(second.frame, 0, MOST_BYTES - inFirst), inFirst);
    return bytes;
  }
  #bytes(frame: number, offset: number, length: number): Uint8Array {
    return this.#memory.linear.bytes.subarray(frame + offset, frame + Math.min(PAGE_BYTES, offset + length));
  }

  #linkControl(codePage: CodePage, at: number, { form, target }: Instruction, next: number): void {
    const kind = controlKind(form);
    if (kind === "nowhere") return;
    this.#link(codePage, at + record.taken, target);
    if (kind === "branches") this.#link(codePage, at + record.next, next);
  }
  /** Makes a field lead to an address: at once, or when it has been decoded, or by way of the TLB. As `link` of interpreter/decoding.ts does. */
  #link(codePage: CodePage, field: number, target: number): void {
    const words = this.#words();
    const offset = target - codePage.page * PAGE_BYTES;
    if (offset < 0 || offset >= PAGE_BYTES) {
      words[field >>> 2] = this.#put("jumpOut", target);
      return;
    }
    let at = this.#directories.at(codePage.directory, offset);
    if (at === 0) {
      at = this.#put("stop", target);
      this.#directories.put(codePage.directory, offset, at);
    }
    words[field >>> 2] = at;
    if (!this.#isStop(at)) return;
    words[(field - waiting.before) >>> 2] = words[(at + waiting.first) >>> 2]!;
    words[(at + waiting.first) >>> 2] = field;
  }
  /** From now on the record stands at the offset. */
  #enroll(codePage: CodePage, offset: number, at: number): void {
    const words = this.#words();
    const stop = this.#directories.at(codePage.directory, offset);
    this.#directories.put(codePage.directory, offset, at);
    for (let field = stop && words[(stop + waiting.first) >>> 2]!; field !== 0; ) {
      const following = words[(field - waiting.before) >>> 2]!;
      words[(field - waiting.before) >>> 2] = 0;
      words[field >>> 2] = at;
      field = following;
    }
  }
  /** A field that may be waiting has been copied elsewhere. */
  #moveWaiting(from: number, to: number): void {
    const words = this.#words();
    const stop = words[from >>> 2]!;
    if (stop === 0 || !this.#isStop(stop)) return;
    let place = stop + waiting.first;
    while (words[place >>> 2] !== from) place = words[place >>> 2]! - waiting.before;
    words[place >>> 2] = to;
  }

  #put(operation: Extra | number, rip: number): number {
    const at = this.#room.take(record.bytes);
    const words = this.#words();
    words.fill(0, at >>> 2, (at + record.bytes) >>> 2);
    words[at >>> 2] = typeof operation === "number" ? operation : extraOperation(operation);
    this.#putNumber(at + record.rip, rip);
    return at;
  }
  #putNumber(at: number, value: number): void {
    this.#words()[at >>> 2] = value | 0;
    this.#words()[(at >>> 2) + 1] = Math.floor(value / HIGH);
  }
  /** One record, or two where the address needs a preparation. Answers the instruction's own. */
  #putInstruction(instruction: Instruction, rip: number): number {
    let { base, index, scale, displacement, segment } = instruction;
    if (segment !== NO_REGISTER && !instruction.isAddress32) {
      // A free place in the sum takes the segment's base.
      if (base === NO_REGISTER) [base, segment] = [segment, NO_REGISTER];
      else if (index === NO_REGISTER) [index, scale, segment] = [segment, 0, NO_REGISTER];
    }
    if (segment !== NO_REGISTER || (instruction.isAddress32 && instruction.form.shape.includes("m"))) {
      const at = this.#put("prepare", rip);
      this.#putAddress(at, base, index, scale, displacement);
      const { bytes } = this.#memory.linear;
      bytes[at + prepare.segment] = segment * 8;
      bytes[at + prepare.isAddress32] = instruction.isAddress32 ? 1 : 0;
      [base, index, scale, displacement] = [SCRATCH, NO_REGISTER, 0, 0];
    }
    const at = this.#put(operationOf(instruction.form), rip);
    this.#putAddress(at, base, index, scale, displacement);
    const { bytes } = this.#memory.linear;
    this.#words()[(at + record.immediate) >>> 2] = instruction.immediateLow;
    this.#words()[(at + record.immediate + 4) >>> 2] = instruction.immediateHigh;
    const { registers } = instruction;
    for (let place = 0; place < registers.length; place++) bytes[at + record.registers[place]!] = registers[place]!;
    bytes[at + record.length] = instruction.length;
    return at;
  }
  #putAddress(at: number, base: number, index: number, scale: number, displacement: number): void {
    const { bytes } = this.#memory.linear;
    bytes[at + record.base] = base * 8;
    bytes[at + record.index] = index * 8;
    bytes[at + record.scale] = scale;
    this.#putNumber(at + record.displacement, displacement);
  }
}
