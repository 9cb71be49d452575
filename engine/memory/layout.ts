// Where everything lies in the one wasm memory. The register file's own fields are in engine/cpu/register-file.ts.

export const PAGE_BYTES = 4096;
/** User space: the lower half of the canonical addresses. */
export const ADDRESS_LIMIT = 2 ** 47;

export const REGISTER_FILE_BYTES = 832;

export const layout = {
  /** Always zero: the line of a code page's directory in which nothing is decoded. */
  emptyLine: 0,
  /** The running task's register file. */
  registers: 0x100,
  /** The arithmetic flags while running: see engine/cpu/flags.ts. */
  flags: 0x480,
  /** Ticks that are left for whoever runs, and those beyond them that compiled code may use and the interpreter may not: so it is stopped after so many of its own. */
  budget: 0x4a0,
  withheld: 0x580,
  /** The record at which the interpreter left. */
  at: 0x4a4,
  /** What the last miss was about: address, size in bytes, 1 for a write. */
  missAddress: 0x4a8,
  missBytes: 0x4b0,
  missIsWrite: 0x4b4,
  /** What an instruction hands over that TypeScript completes. */
  assistArgument: 0x4b8,
  /** The page table of the space that runs: its start, 32 - log2(entries), and entries - 1. */
  tableBase: 0x4c0,
  tableShift: 0x4c4,
  tableMask: 0x4c8,
  /** Which state of which space's executable pages holds: it changes whenever one of them may be another. */
  epoch: 0x4cc,
  /** Ticks retired in compiled code, modulo 2 to the 32nd, but for those since it was last entered from elsewhere; and what was left of the budget then. */
  compiledTicks: 0x4d0,
  budgetAtEntry: 0x4f0,
  /** How compiled code was last left (see `wayOutCodes`), and the address it went to. */
  lastWayOut: 0x4d4,
  lastRip: 0x4d8,
  /** What the interpreter had left of its own budget then, and how often compiled code was left for what is not compiled. */
  budgetAtLeave: 0x588,
  timesLeft: 0x58c,
  /** Of decoding in wasm (engine/cpu/interpreter/decoding.ts): the address that is gone on from. */
  decodeRip: 0x4e0,
  /** The end of the records, and from where on there is no room for another block; `RECORD_RESERVE` above that lie directories, the last one first: see engine/cpu/record-room.ts. */
  recordEnd: 0x4e8,
  recordLimit: 0x4ec,
  /** Not zero where anything may stand in the jump cache. */
  areJumpsKept: 0x4f8,
  /** Where not zero, the interpreter does not go on where compiled code leaves off. */
  isWatched: 0x4f4,
  /** Accesses that go, for one instruction, to a buffer: see engine/cpu/bounce.ts. */
  bounceSlots: 0x500,
  bounceBuffers: 0x1000,
  /** What short reads across two pages find, each put together in the next of a row of places; which that is. */
  crossed: 0x8200,
  nextCrossed: 0x584,
  /** Where execution went, an address for each instruction, and how many there are: see engine/cpu/interpreter/tracing.ts. */
  trace: 0x3000,
  traced: 0x4fc,
  /** The TLBs' slots that were filled since they were last emptied: a count, then their places; more than fit are only counted. */
  readLog: 0x4000,
  writeLog: 0x6100,
  /** By region: the epoch in which its pages were last found to be what they were compiled from. `olderEpochs`: the epoch before that, of another space or the same. */
  regionEpochs: 0xd000,
  /** One word for each 4 KiB of the wasm memory: references, FRAME_HAS_CODE, FRAME_IS_CLEAN. */
  frameWords: 0x1_0000,
  readTlb: 0x41_0000,
  writeTlb: 0x43_0000,
  /** What decoding in wasm knows of opcodes, and of opcodes with their prefixes and ModRM: see engine/cpu/decode/quick-plans.ts. */
  opcodeKinds: 0x45_0000,
  quickPlans: 0x45_1000,
  planNumbers: 0x47_0000,
  olderEpochs: 0x4b_0000,
  /** Where one region goes on as another: see engine/cpu/region/jump-cache.ts. */
  jumpCache: 0x4b_3000,
  executeTlb: 0x4c_4000,
  /** Bytes that are handed to wasm for one call. */
  handed: 0x4d_4000,
  /** Directories of code pages and decoded instructions: the first piece, to which others come from the heap. */
  records: 0x4d_6000,
  heap: 0x6d_0000,
} as const;

/** Addresses that a trace has room for. */
export const MOST_TRACED = (layout.readLog - layout.trace) / 8;

export const MOST_HANDED = layout.records - layout.handed;
/** Of decoded code: a piece, and how many there may be. */
export const RECORD_BYTES = layout.heap - layout.records;
export const MOST_RECORD_PIECES = 20;
/** Room for a block, a second page's directory, and the records around them. */
export const RECORD_RESERVE = 65_536;
/** A code page's directory says where its lines lie, and a line where the record of each of its addresses lies: four bytes each. Many a page is executed in few places. */
export const LINE_SHIFT = 6;
export const LINE_BYTES = 4 << LINE_SHIFT;
export const DIRECTORY_BYTES = (PAGE_BYTES >>> LINE_SHIFT) * 4;
export const MOST_REGIONS = (layout.frameWords - layout.regionEpochs) / 4;
export const JUMP_CACHE_ENTRIES = 4096;
export const TLB_ENTRIES = 8192;
/** At `handed`, pieces of code to be compared: where one lies, and how long it is. Their bytes follow. */
export const handedPiece = { bytes: 8, place: 0, length: 4 } as const;
/** Slots that a log has room for. */
export const MOST_LOGGED = 2048;
/** For sixteen megabytes of code: with four, Python's own pages and the C library's drove each other out. */
export const EXECUTE_TLB_ENTRIES = 4096;
/** `tag`, of data: the byte before the page, so that minus an address in it is as small as -1 for its first byte. `distance`: what leads from a guest address, modulo 2 to the 32nd, to its place; for execution, `frame` is the page's directory, and `code` its frame. */
export const tlbEntry = { bytes: 16, tag: 0, frame: 8, distance: 8, code: 12 } as const;

/** More than an instruction reads. A place has room for twice the longest read: each half is copied as if it were whole. */
export const CROSSED_PLACES = 16;
export const MOST_CROSSED_BYTES = 64;
/** As many as a gather reads. */
export const BOUNCE_SLOTS = 8;
export const BOUNCE_BYTES = 1024;
export const bounceSlot = { bytes: 16, address: 0, length: 8, state: 12 } as const;

/** A page table's entry: page address with flags in its low bits, then the frame. */
export const tableEntry = { bytes: 16, tag: 0, frame: 8 } as const;
export const PRESENT = 1;
export const READABLE = 2;
export const WRITABLE = 4;
export const EXECUTABLE = 8;
/** MAP_SHARED: writes go to the frame whoever else refers to it. */
export const SHARED = 16;
/** The resolver must be asked before the next access. */
export const UNSURE = 32;
export const HASH_FACTOR = 0x9e37_79b1;

export const FRAME_HAS_CODE = 0x4000_0000;
/** A shared frame whose next write must be noticed. */
export const FRAME_IS_CLEAN = 0x2000_0000;
export const FRAME_REFERENCES = 0x1fff_ffff;
