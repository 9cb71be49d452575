// Decoding in wasm: records of the instructions from an address on, as far as their plans are known (engine/cpu/decode/quick-plans.ts). It knows no opcode by itself.
// The records are those that code-pages.ts makes of what decode.ts answers; a start decodes thousands of instructions, before V8 has compiled a line of either.
import { LINE_BYTES, layout, RECORD_RESERVE } from "../../memory/layout.ts";
import { FS_BASE, MOST_BYTES, NO_REGISTER } from "../decode/decode.ts";
import { controlKinds, immediateCodes, opcodeKinds, planKey, quickFlags, quickPlan, registerCodes } from "../decode/quick-plans.ts";
import { Func, type Label, type Local } from "../wasm/func.ts";
import { call, extendS, extendU, i32, i64, loadByte, loadHalf, select, type Value, wrap } from "../wasm/value.ts";
import { codeFrame, directory, entryPlace, executeEntry, linePlace, PAGE_MASK, ripOf } from "./execution.ts";
import { functionIndex } from "./functions.ts";
import { extraOperation, pairPlaces } from "./operations.ts";
import { type Extra, LONGEST_BLOCK, record, waiting } from "./record.ts";

/** As compilers fill up with; a page of nothing else is not read to the end of the memory. */
const MOST_PREFIXES = 6;
const PAGE = 4096;
const ZERO = i32.constant(0);
const c = (n: number): Value<"i32"> => i32.constant(n);

/** (code, ModRM, REX, last byte of the opcode) to what stands in a record for a register. */
export function registerOperand(): Func {
  const code = new Func(["i32", "i32", "i32", "i32"]);
  const [how, modrm, rex, opcode] = [code.param("i32", 0), code.param("i32", 1), code.param("i32", 2), code.param("i32", 3)];
  const low = (byte: Value<"i32">) => i32.or(i32.and(byte, c(7)), i32.shl(i32.and(rex, c(1)), c(3)));
  const reg = i32.or(i32.and(i32.shrU(modrm, c(3)), c(7)), i32.shl(i32.and(rex, c(4)), c(1)));
  const source = code.let(i32.and(how, c(3)));
  const is = (which: number) => i32.eq(source, c(which));
  const number = code.let(select(is(registerCodes.rm), low(modrm), select(is(registerCodes.reg), reg, select(is(registerCodes.low), low(opcode), ZERO))));
  // Without REX, byte registers 4 to 7 are AH, CH, DH and BH.
  const isHigh = i32.and(i32.and(i32.gtU(how, c(registerCodes.first)), i32.eqz(rex)), i32.gtU(number, c(3)));
  code.result(select(isHigh, i32.sub(i32.shl(number, c(3)), c(31)), i32.shl(number, c(3))));
  return code;
}

/** A field of a record and the page it is in: the directory of that, and its address. */
interface Linked {
  readonly field: Value<"i32">;
  readonly target: Value<"i64">;
  readonly directory: Value<"i32">;
  readonly page: Value<"i64">;
  readonly out: Value<"i32">;
}
const isStop = (at: Value<"i32">): Value<"i32"> => i32.eq(loadHalf(at, record.operation), c(extraOperation("stop")));
/** A record that is no instruction. */
function putExtra(code: Func, extra: Extra, at: Value<"i32">, rip: Value<"i64">): void {
  code.do(i64.store(64, at, i64.constant(extraOperation(extra)), record.operation));
  for (let part = 8; part < record.bytes; part += 8) if (part !== record.rip) code.do(i64.store(64, at, i64.constant(0), part));
  code.do(i64.store(64, at, rip, record.rip));
}
/** (directory, offset) to where it is to stand what is decoded at an offset. A line lies above all records, so that those of a block lie side by side. */
export function entryToPut(): Func {
  const code = new Func(["i32", "i32"]);
  const [directoryAt, offset] = [code.param("i32", 0), code.param("i32", 1)];
  const place = code.let(linePlace(directoryAt, offset));
  code.if(i32.eqz(i32.load(32, place)), () => {
    const limit = code.let(i32.sub(i32.load(32, ZERO, layout.recordLimit), c(LINE_BYTES)));
    code.do(i32.store(32, ZERO, limit, layout.recordLimit));
    for (let at = 0; at < LINE_BYTES; at += 8) code.do(i64.store(64, limit, i64.constant(0), RECORD_RESERVE + at));
    code.do(i32.store(32, place, i32.add(limit, c(RECORD_RESERVE))));
  });
  code.result(entryPlace(directoryAt, offset));
  return code;
}
const callEntryToPut = (directoryAt: Value<"i32">, offset: Value<"i32">): Value<"i32"> => call("i32", functionIndex.entryToPut, [directoryAt, offset]);
/**
 * (field, target, directory, page, end of the records) to the new end. The field leads to what stands for the target: its record, or one that stands for it until it is decoded, or one that
 * leads to another page.
 */
export function link(): Func {
  const code = new Func(["i32", "i64", "i32", "i64", "i32"]);
  const [field, target, directoryAt, page, out] = [
    code.param("i32", 0),
    code.param("i64", 1),
    code.param("i32", 2),
    code.param("i64", 3),
    code.param("i32", 4),
  ];
  const lead = (to: Value<"i32">) => code.do(i32.store(32, field, to));
  const offset = code.let(i64.sub(target, page));
  code.if(i64.geU(offset, i64.constant(PAGE)), () => {
    putExtra(code, "jumpOut", out, target);
    lead(out);
    code.return(i32.add(out, c(record.bytes)));
  });
  const inPage = code.let(wrap(offset));
  const known = code.local("i32");
  known.set(i32.load(32, entryPlace(directoryAt, inPage)));
  code.if(known, () =>
    code.if(i32.eqz(isStop(known)), () => {
      lead(known);
      code.return(out);
    }),
  );
  code.if(i32.eqz(known), () => {
    putExtra(code, "stop", out, target);
    code.do(i32.store(32, callEntryToPut(directoryAt, inPage), out));
    known.set(out);
    out.set(i32.add(out, c(record.bytes)));
  });
  code.do(i32.store(32, i32.sub(field, c(waiting.before)), i32.load(32, known, waiting.first)));
  code.do(i32.store(32, known, field, waiting.first));
  lead(known);
  code.result(out);
  return code;
}
const callLink = ({ field, target, directory, page, out }: Linked): Value<"i32"> => call("i32", functionIndex.link, [field, target, directory, page, out]);

/** In the scale's place of a record whose fields have yet to be made to lead somewhere: this, and the place in `controlKinds`. Its offset lies where an immediate would. */
const UNLINKED = 0x80;
/**
 * (most instructions, whether they are linked later) to the first record of a block, or 0 where nothing has been put: the page is not known, there is no room, the first instruction has no plan.
 * A block ends as code-pages.ts would end it, or before an instruction that is for that to decode.
 */
export function decodeBlock(): Func {
  const code = new Func(["i32", "i32"]);
  const [count, isLinkedLater] = [code.param("i32", 0), code.param("i32", 1)];
  const word = () => code.local("i32");
  const [at, frame, out, directoryAt, entry] = [word(), word(), word(), word(), word()];
  const [position, byte, prefix, segment, rex, opcode, kind, modrm, sib, plan] = [
    word(),
    word(),
    word(),
    word(),
    word(),
    word(),
    word(),
    word(),
    word(),
    word(),
  ];
  const [base, index, scale, codes, flags, operation, first] = [word(), word(), word(), word(), word(), word(), word()];
  const long = () => code.local("i64");
  const [rip, page, next, displacement, immediate, offset] = [long(), long(), long(), long(), long(), long()];
  let ended!: Label;

  const inPage = i32.sub(at, frame);
  const unless = (condition: Value<"i32">): void => code.brIf(ended, i32.eqz(condition));
  const take = (target: Local<"i32">): void => {
    target.set(loadByte(position));
    position.set(i32.add(position, c(1)));
  };
  const skip = (bytes: number): void => position.set(i32.add(position, c(bytes)));

  const prefixes = (): void => {
    prefix.set(ZERO);
    segment.set(c(NO_REGISTER));
    code.loop(again => {
      unless(i32.leU(i32.sub(position, at), c(MOST_PREFIXES)));
      take(byte);
      const mandatory = (which: Value<"i32">) => {
        unless(i32.or(i32.eqz(prefix), i32.eq(prefix, which)));
        prefix.set(which);
        code.br(again);
      };
      code.if(i32.eq(byte, c(0x66)), () => mandatory(c(1)));
      code.if(i32.eq(i32.or(byte, c(1)), c(0xf3)), () => mandatory(i32.sub(c(0xf5), byte)));
      code.if(i32.eq(i32.or(byte, c(1)), c(0x65)), () => {
        segment.set(i32.add(byte, c(FS_BASE - 0x64)));
        code.br(again);
      });
      code.brIf(again, i32.eq(i32.and(byte, c(0xe7)), c(0x26)));
    });
    rex.set(ZERO);
    code.if(i32.eq(i32.and(byte, c(0xf0)), c(0x40)), () => {
      rex.set(byte);
      take(byte);
    });
  };
  const memoryOperand = (): void => {
    const [rm, mod] = [code.temporary("i32"), code.temporary("i32")];
    rm.set(i32.and(modrm, c(7)));
    mod.set(i32.shrU(modrm, c(6)));
    sib.set(c(-1));
    code.if(i32.eq(rm, c(4)), () => {
      take(sib);
      rm.set(i32.and(sib, c(7)));
      const register = code.let(i32.or(i32.and(i32.shrU(sib, c(3)), c(7)), i32.shl(i32.and(rex, c(2)), c(2))));
      code.if(i32.ne(register, c(4)), () => index.set(register));
      scale.set(i32.shrU(sib, c(6)));
    });
    const hasNoBase = code.let(i32.and(i32.eqz(mod), i32.eq(rm, c(5))));
    code.if(i32.eqz(hasNoBase), () => base.set(i32.or(rm, i32.shl(i32.and(rex, c(1)), c(3)))));
    code.if(i32.eq(mod, c(1)), () => {
      displacement.set(i64.load(8, position));
      skip(1);
    });
    code.if(i32.or(i32.eq(mod, c(2)), hasNoBase), () => {
      displacement.set(i64.load(32, position));
      skip(4);
    });
    // Relative to the next instruction, which is not known yet.
    code.if(i32.and(hasNoBase, i32.ltS(sib, ZERO)), () => base.set(c(-1)));
  };
  const immediates = (): void => {
    const how = code.temporary("i32");
    how.set(loadByte(plan, quickPlan.immediate));
    immediate.set(i64.constant(0));
    offset.set(i64.constant(0));
    const read = (which: keyof typeof immediateCodes, target: Local<"i64">, bits: 8 | 16 | 32 | 64) =>
      code.if(i32.eq(how, c(immediateCodes[which])), () => {
        target.set(i64.load(bits, position));
        skip(bits / 8);
      });
    code.if(how, () => {
      read("byte", immediate, 8);
      read("half", immediate, 16);
      read("word", immediate, 32);
      read("long", immediate, 64);
      code.if(i32.eq(how, c(immediateCodes.one)), () => immediate.set(i64.constant(1)));
      read("relativeByte", offset, 8);
      read("relativeWord", offset, 32);
    });
    operation.set(loadHalf(plan, quickPlan.operation));
    const countless = code.let(loadHalf(plan, quickPlan.countless));
    code.if(countless, () => {
      immediate.set(i64.and(immediate, extendU(loadByte(plan, quickPlan.countMask))));
      code.if(i64.eqz(immediate), () => operation.set(i32.sub(countless, c(1))));
    });
  };
  /** A free place in the sum takes the segment's base. */
  const segmentBase = (): void => {
    code.if(i32.and(flags, c(quickFlags.isAddress)), () => segment.set(c(NO_REGISTER)));
    code.if(i32.ne(segment, c(NO_REGISTER)), () =>
      code.if(
        i32.eq(base, c(NO_REGISTER)),
        () => base.set(segment),
        () => {
          unless(i32.eq(index, c(NO_REGISTER)));
          index.set(segment);
          scale.set(ZERO);
        },
      ),
    );
  };
  const put = (): void => {
    code.do(i64.store(64, out, extendU(operation), record.operation));
    code.do(i32.store(8, out, i32.shl(base, c(3)), record.base));
    code.do(i32.store(8, out, i32.shl(index, c(3)), record.index));
    code.do(i32.store(8, out, scale, record.scale));
    code.do(i64.store(64, out, immediate, record.immediate));
    code.do(i64.store(64, out, displacement, record.displacement));
    code.do(i64.store(64, out, rip, record.rip));
    code.do(i32.store(8, out, i32.sub(position, at), record.length));
    codes.set(loadHalf(plan, quickPlan.registers));
    const operand = (place: number): void =>
      code.if(codes, () => {
        code.do(i32.store(8, out, call("i32", functionIndex.registerOperand, [i32.and(codes, c(15)), modrm, rex, opcode]), record.registers[place]!));
        codes.set(i32.shrU(codes, c(4)));
        if (place < 2) operand(place + 1);
      });
    operand(0);
  };
  /** From now on the record stands for its instruction, also where another stood for it. */
  const enroll = (): void => {
    const [stop, field, following] = [code.temporary("i32"), code.temporary("i32"), code.temporary("i32")];
    entry.set(callEntryToPut(directoryAt, inPage));
    stop.set(i32.load(32, entry));
    code.do(i32.store(32, entry, out));
    code.if(stop, () => {
      field.set(i32.load(32, stop, waiting.first));
      code.block(done =>
        code.loop(again => {
          code.brIf(done, i32.eqz(field));
          const before = code.let(i32.sub(field, c(waiting.before)));
          following.set(i32.load(32, before));
          code.do(i32.store(32, before, ZERO));
          code.do(i32.store(32, field, out));
          field.set(following);
          code.br(again);
        }),
      );
    });
  };
  /** The record before a jump's stands for both, where they are a pair. */
  const pairUp = (before: Value<"i32">, second: Value<"i32">): void => {
    const { firsts, seconds } = pairPlaces();
    const [which, operation] = [code.temporary("i32"), code.temporary("i32")];
    which.set(seconds.reduceRight<Value<"i32">>((otherwise, one, i) => select(i32.eq(second, c(one)), c(i), otherwise), c(seconds.length)));
    operation.set(loadHalf(before, record.operation));
    code.block(done => {
      for (const { operation: one, from, count } of firsts)
        code.if(i32.eq(operation, c(one)), () => {
          code.if(i32.ltU(which, c(count)), () => code.do(i32.store(16, before, i32.add(c(from), which), record.operation)));
          code.br(done);
        });
    });
  };
  const linkTo = (field: number, target: Value<"i64">, at: Value<"i32">): void =>
    out.set(callLink({ field: i32.add(at, c(field)), target, directory: directoryAt, page, out }));

  rip.set(i64.load(64, ZERO, layout.decodeRip));
  page.set(i64.and(rip, i64.constant(PAGE_MASK)));
  out.set(i32.load(32, ZERO, layout.recordEnd));
  first.set(out);
  const tlb = executeEntry(code, page);
  code.if(i32.or(i32.eqz(tlb.isKnown), i32.geU(out, i32.load(32, ZERO, layout.recordLimit))), () => code.return(ZERO));
  directoryAt.set(directory(tlb.entry));
  frame.set(codeFrame(tlb.entry));
  at.set(i32.add(frame, wrap(i64.sub(rip, page))));
  code.block(done => {
    code.block(isEnded => {
      ended = isEnded;
      code.loop(again => {
        unless(count);
        unless(i32.ltU(inPage, c(PAGE)));
        const known = code.let(i32.load(32, entryPlace(directoryAt, inPage)));
        code.if(known, () => unless(isStop(known)));
        position.set(at);
        prefixes();
        unless(i32.ne(i32.and(byte, c(0xfe)), c(0xc4)));
        opcode.set(byte);
        code.if(i32.eq(byte, c(0x0f)), () => {
          take(byte);
          opcode.set(i32.or(byte, c(256)));
        });
        const key = code.temporary("i32");
        key.set(i32.or(opcode, i32.shl(prefix, c(planKey.prefix))));
        kind.set(loadByte(key, layout.opcodeKinds));
        unless(kind);
        modrm.set(ZERO);
        base.set(c(NO_REGISTER));
        index.set(c(NO_REGISTER));
        scale.set(ZERO);
        displacement.set(i64.constant(0));
        code.if(i32.gtU(kind, c(opcodeKinds.plain)), () => {
          take(modrm);
          code.if(i32.ltU(modrm, c(0xc0)), memoryOperand);
        });
        const isGroup = i32.eq(kind, c(opcodeKinds.group));
        const parts = [
          i32.shl(i32.ltU(modrm, c(0xc0)), c(planKey.isMemory)),
          i32.shl(i32.and(i32.shrU(rex, c(3)), c(1)), c(planKey.isWide)),
          select(isGroup, i32.shl(i32.and(i32.shrU(modrm, c(3)), c(7)), c(planKey.reg)), ZERO),
          i32.shl(i32.ne(segment, c(NO_REGISTER)), c(planKey.hasSegment)),
        ];
        plan.set(loadHalf(i32.shl(parts.reduce(i32.or, key), c(1)), layout.planNumbers));
        unless(plan);
        plan.set(i32.add(i32.mul(plan, c(quickPlan.bytes)), c(layout.quickPlans)));
        flags.set(loadByte(plan, quickPlan.flags));
        immediates();
        // Whatever was read behind the page, an instruction that ends in it has no part in that.
        unless(i32.leU(i32.sub(position, frame), c(PAGE)));
        const length = code.let(i32.sub(position, at));
        unless(i32.leU(length, c(MOST_BYTES)));
        next.set(i64.add(rip, extendS(length)));
        code.if(i32.eq(base, c(-1)), () => {
          base.set(c(NO_REGISTER));
          displacement.set(i64.add(displacement, next));
        });
        segmentBase();
        put();
        enroll();
        const made = code.let(out);
        out.set(i32.add(out, c(record.bytes)));
        rip.set(next);
        at.set(position);
        count.set(i32.sub(count, c(1)));
        const control = code.let(i32.and(flags, c(quickFlags.control)));
        const isControl = (kind: (typeof controlKinds)[number]) => i32.eq(control, c(controlKinds.indexOf(kind)));
        code.brIf(again, i32.eqz(control));
        code.if(i32.ne(made, first), () => pairUp(i32.sub(made, c(record.bytes)), operation));
        code.brIf(done, isControl("nowhere"));
        code.if(isLinkedLater, () => {
          code.do(i32.store(8, made, i32.or(control, c(UNLINKED)), record.scale));
          code.do(i64.store(64, made, offset, record.immediate));
          code.br(done);
        });
        linkTo(record.taken, i64.add(next, offset), made);
        code.brIf(done, isControl("jumps"));
        linkTo(record.next, next, made);
        code.br(done);
      });
    });
    code.if(i32.eq(out, first), () => code.return(ZERO));
    const made = code.let(out);
    putExtra(code, "goTo", made, rip);
    out.set(i32.add(out, c(record.bytes)));
    linkTo(record.taken, rip, made);
  });
  code.do(i32.store(32, ZERO, out, layout.recordEnd));
  code.result(first);
  return code;
}

/**
 * (count) Decodes a page whose address is at `decodeRip`, from so many of its instructions on: their offsets lie at `layout.handed`, two bytes each. What wasm cannot decode is left out.
 * All of it is linked when all has been decoded: then little leads to what is not there yet.
 */
export function decodeStarts(): Func {
  const code = new Func(["i32"], []);
  const count = code.param("i32", 0);
  const word = () => code.local("i32");
  const [place, first, at, end, out, kind] = [word(), word(), word(), word(), word(), word()];
  const rest = code.local("i64");
  const page = code.let(i64.load(64, ZERO, layout.decodeRip));
  const tlb = executeEntry(code, page);
  const directoryAt = code.let(directory(tlb.entry));
  at.set(i32.load(32, ZERO, layout.recordEnd));
  code.block(done => {
    code.brIf(done, i32.eqz(tlb.isKnown));
    code.loop(again => {
      code.brIf(done, i32.eqz(count));
      count.set(i32.sub(count, c(1)));
      const offset = code.let(i32.and(loadHalf(place, layout.handed), c(PAGE - 1)));
      place.set(i32.add(place, c(2)));
      const known = code.let(i32.load(32, entryPlace(directoryAt, offset)));
      code.if(known, () => code.brIf(again, i32.eqz(isStop(known))));
      code.do(i64.store(64, ZERO, i64.add(page, extendU(offset)), layout.decodeRip));
      first.set(call("i32", functionIndex.decodeBlock, [c(LONGEST_BLOCK), c(1)]));
      code.br(again);
    });
  });
  end.set(i32.load(32, ZERO, layout.recordEnd));
  out.set(end);
  const linkTo = (field: number, target: Value<"i64">): void => out.set(callLink({ field: i32.add(at, c(field)), target, directory: directoryAt, page, out }));
  code.block(done =>
    code.loop(again => {
      code.brIf(done, i32.geU(at, end));
      kind.set(loadByte(at, record.scale));
      code.if(i32.and(kind, c(UNLINKED)), () => {
        code.do(i32.store(8, at, ZERO, record.scale));
        const next = code.let(i64.add(ripOf(at), extendU(loadByte(at, record.length))));
        rest.set(i64.load(64, at, record.immediate));
        code.do(i64.store(64, at, i64.constant(0), record.immediate));
        linkTo(record.taken, i64.add(next, rest));
        code.if(i32.eq(kind, c(UNLINKED | controlKinds.indexOf("branches"))), () => linkTo(record.next, next));
      });
      at.set(i32.add(at, c(record.bytes)));
      code.br(again);
    }),
  );
  code.do(i32.store(32, ZERO, out, layout.recordEnd));
  return code;
}
