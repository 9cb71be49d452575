// How execution comes into regions from the interpreter, and out of them: once for all of them, since from one to another they mostly go by themselves (RegionTier). A build keeps the module as data.
// From the first region of a chain to what follows the last, nobody but the last looks at what is in memory of the budget and of RIP.
import { handedPiece, layout } from "../../memory/layout.ts";
import { ripOf, withRecord } from "../interpreter/execution.ts";
import { extraOperation, firstBeyond } from "../interpreter/operations.ts";
import { numberOf } from "../interpreter/reasons.ts";
import { record } from "../interpreter/record.ts";
import { fileOffset } from "../register-file.ts";
import { Func } from "../wasm/func.ts";
import { moduleBytes } from "../wasm/module.ts";
import { i32, i64, loadHalf, select, type Value } from "../wasm/value.ts";
import { keepJump, wayOutAt } from "./jump-cache.ts";
import { crossings, FIRST_SLOT, regionsTable } from "./regions-table.ts";
import { wayOutCodes } from "./way-out.ts";

const ZERO = i32.constant(0);
const ONE = i32.constant(1);
const BLOCK = i32.constant(numberOf("block"));
const REGION = i32.constant(numberOf("region"));

/** What the interpreter calls at an entry's record, for which it has taken a tick. */
function enter(): Func {
  const code = new Func(["i32"]);
  const at = code.let(code.param("i32", 0));
  const slot = slotAt(code, at);
  code.if(isOther(slot), () => code.return(REGION));
  const budget = code.let(i32.add(i32.add(i32.load(32, ZERO, layout.budget), ONE), i32.load(32, ZERO, layout.withheld)));
  begin(code, budget);
  code.goOnAs([at, budget, wayTo(at)], i32.add(slot, i32.constant(FIRST_SLOT)));
  return code;
}
function leave(): Func {
  const { code, at: place, budget } = crossing();
  const rip = code.let(i64.load(64, ZERO, layout.registers + fileOffset.rip));
  const wayOut = code.let(wayOutAt(place));
  end(code, budget);
  code.if(i32.load(32, ZERO, layout.isWatched), () => {
    note(code, wayOut, rip);
    code.return(BLOCK);
  });
  withRecord(code, rip, found => {
    const slot = slotAt(code, found);
    const isRegion = i32.geS(slot, ZERO);
    code.if(i32.eqz(wayOut), () => {
      code.if(isRegion, () => {
        code.if(isOther(slot), () => refuseAt(code, found));
        const number = code.let(i32.add(slot, i32.constant(FIRST_SLOT)));
        keepJump(code, place, { rip, number, way: wayTo(found), record: found });
        begin(code, budget);
        code.goOnAs([found, budget, wayTo(found)], number);
      });
      // Where nothing is decoded yet something else will stand.
      code.if(i32.ne(loadHalf(found, record.operation), i32.constant(extraOperation("stop"))), () =>
        keepJump(code, place, { rip, number: i32.constant(crossings.interpret), way: ZERO, record: found }),
      );
    });
    note(code, wayOut, rip);
    code.return(select(isRegion, i32.load(32, found, record.taken), found));
  });
  note(code, wayOut, rip);
  code.result(BLOCK);
  return code;
}
function interpret(): Func {
  const { code, at, budget } = crossing();
  end(code, budget);
  note(code, i32.constant(wayOutCodes.elsewhere), ripOf(at));
  code.result(at);
  return code;
}
function decline(): Func {
  const { code, at, budget } = crossing();
  end(code, budget);
  code.if(i32.load(32, ZERO, layout.isWatched), () => code.return(BLOCK));
  code.result(i32.load(32, at, record.taken));
  return code;
}
function refuse(): Func {
  const { code, at, budget } = crossing();
  end(code, budget);
  refuseAt(code, at);
  code.unreachable();
  return code;
}

/** (pieces) Whether so many pieces of code are what is handed over: see `handedPiece`. */
function areHanded(): Func {
  const code = new Func(["i32"]);
  const pieces = code.param("i32", 0);
  const word = () => code.local("i32");
  const [piece, at, end, handed] = [word(), word(), word(), word()];
  const compareBy = (bytes: 1 | 8) =>
    code.block(done =>
      code.loop(again => {
        code.brIf(done, i32.gtU(i32.add(at, i32.constant(bytes)), end));
        const load = (from: Value<"i32">) => i64.load(bytes === 1 ? 8 : 64, from);
        code.if(i64.ne(load(at), load(handed)), () => code.return(ZERO));
        at.set(i32.add(at, i32.constant(bytes)));
        handed.set(i32.add(handed, i32.constant(bytes)));
        code.br(again);
      }),
    );
  piece.set(i32.constant(layout.handed));
  const last = code.let(i32.add(piece, i32.mul(pieces, i32.constant(handedPiece.bytes))));
  handed.set(last);
  code.block(done =>
    code.loop(again => {
      code.brIf(done, i32.geU(piece, last));
      at.set(i32.load(32, piece, handedPiece.place));
      end.set(i32.add(at, i32.load(32, piece, handedPiece.length)));
      compareBy(8);
      compareBy(1);
      piece.set(i32.add(piece, i32.constant(handedPiece.bytes)));
      code.br(again);
    }),
  );
  code.result(ONE);
  return code;
}
function crossing(): { readonly code: Func; readonly at: Value<"i32">; readonly budget: Value<"i32"> } {
  const code = new Func(regionsTable.params, regionsTable.results);
  return { code, at: code.let(code.param("i32", 0)), budget: code.let(code.param("i32", 1)) };
}
function begin(code: Func, budget: Value<"i32">): void {
  code.do(i32.store(32, ZERO, budget, layout.budgetAtEntry));
}
function end(code: Func, budget: Value<"i32">): void {
  const spent = code.let(i32.sub(i32.load(32, ZERO, layout.budgetAtEntry), budget));
  code.do(i32.store(32, ZERO, i32.add(i32.load(32, ZERO, layout.compiledTicks), spent), layout.compiledTicks));
  // What the interpreter was given is used last.
  const rest = code.let(i32.sub(i32.load(32, ZERO, layout.withheld), spent));
  const withheld = code.let(select(i32.gtS(rest, ZERO), rest, ZERO));
  code.do(i32.store(32, ZERO, withheld, layout.withheld));
  code.do(i32.store(32, ZERO, i32.sub(budget, withheld), layout.budget));
}
function note(code: Func, wayOut: Value<"i32">, rip: Value<"i64">): void {
  code.do(i32.store(32, ZERO, wayOut, layout.lastWayOut));
  code.do(i32.store(32, ZERO, i32.load(32, ZERO, layout.budget), layout.budgetAtLeave));
  code.do(i32.store(32, ZERO, i32.add(i32.load(32, ZERO, layout.timesLeft), i32.eqz(wayOut)), layout.timesLeft));
  code.do(i64.store(64, ZERO, rip, layout.lastRip));
}
/** As where the interpreter has met the record: it has taken a tick, and says where it is. */
function refuseAt(code: Func, at: Value<"i32">): void {
  code.do(i32.store(32, ZERO, i32.sub(i32.load(32, ZERO, layout.budget), ONE), layout.budget));
  code.do(i32.store(32, ZERO, at, layout.at));
  code.return(REGION);
}
/** Less than zero where the record is not a region's. */
const slotAt = (code: Func, at: Value<"i32">): Value<"i32"> => code.let(i32.sub(loadHalf(at, record.operation), i32.constant(firstBeyond)));
const wayTo = (at: Value<"i32">): Value<"i32"> => i32.load(32, at, record.immediate);
/** The slot's region is not known to be what it was in this epoch. */
function isOther(slot: Value<"i32">): Value<"i32"> {
  const isOtherThan = (epochs: number) => i32.ne(i32.load(32, i32.shl(slot, i32.constant(2)), epochs), i32.load(32, ZERO, layout.epoch));
  return i32.and(isOtherThan(layout.regionEpochs), isOtherThan(layout.olderEpochs));
}

export type CrossingExports = Readonly<Record<keyof typeof crossings | "enter" | "areHanded", WebAssembly.ExportValue>>;
export function crossingBytes(): Uint8Array<ArrayBuffer> {
  const functions = Object.entries({
    enter: enter(),
    leave: leave(),
    interpret: interpret(),
    decline: decline(),
    refuse: refuse(),
    areHanded: areHanded(),
  } satisfies Record<keyof CrossingExports, Func>);
  return moduleBytes({
    importedTable: regionsTable,
    functions: functions.map(([, code]) => code),
    exports: Object.fromEntries(functions.map(([name], i) => [name, i])),
  });
}
