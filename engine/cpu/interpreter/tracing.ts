// Interprets one instruction at a time and writes down where each of them was: what execution does, for whoever is to compile it, as far as the first region. The loop of the interpreter knows nothing of it.
import { layout } from "../../memory/layout.ts";
import { fileOffset } from "../register-file.ts";
import { Func } from "../wasm/func.ts";
import { call, i32, i64, loadHalf } from "../wasm/value.ts";
import { withRecord } from "./execution.ts";
import { firstBeyond } from "./operations.ts";
import { numberOf } from "./reasons.ts";
import { record } from "./record.ts";

const ZERO = i32.constant(0);
const ONE = i32.constant(1);
const RIP = layout.registers + fileOffset.rip;

/** (record, most) to a reason, `budget` where it has gone so far. RIP is the record's at first. The budget's place is used, and how many instructions have happened is at `layout.traced`. */
export function trace(runIndex: number): Func {
  const code = new Func(["i32", "i32"]);
  const [at, most] = [code.param("i32", 0), code.param("i32", 1)];
  const count = code.local("i32");
  const reason = code.local("i32");
  const rip = code.local("i64");
  const budget = i32.constant(numberOf("budget"));
  reason.set(budget);
  code.block(done => {
    code.loop(again => {
      code.if(i32.geU(count, most), () => code.br(done));
      rip.set(i64.load(64, ZERO, RIP));
      withRecord(code, rip, found => code.if(i32.geU(loadHalf(found, record.operation), i32.constant(firstBeyond)), () => code.br(done)));
      code.do(i32.store(32, ZERO, ONE, layout.budget));
      reason.set(call("i32", runIndex, [at]));
      code.if(i32.load(32, ZERO, layout.budget), () => code.br(done));
      code.do(i64.store(64, i32.shl(count, i32.constant(3)), rip, layout.trace));
      count.set(i32.add(count, ONE));
      at.set(i32.load(32, ZERO, layout.at));
      code.if(i32.eq(reason, budget), () => code.br(again));
    });
  });
  code.do(i32.store(32, ZERO, count, layout.traced));
  code.result(reason);
  return code;
}
