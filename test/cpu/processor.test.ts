// What stops a run: exact budgets, precise faults, exceptions, and the state they leave.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Processor, type ProcessorOptions } from "../../engine/cpu/processor.ts";
import { tracesOf } from "../../engine/cpu/region/traces.ts";
import { createRegisterFile, get, getNumber, type RegisterFile, set, setNumber, toUserRegs, vector } from "../../engine/cpu/register-file.ts";
import type { Stop } from "../../engine/cpu/stop.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { MOST_RECORD_PIECES, RECORD_BYTES } from "../../engine/memory/layout.ts";
import { MemoryShelf } from "./memory-shelf.ts";

const CODE = 0x40_0000;
const DATA = 0x5555_0000_0000;
const PAGE = 4096;

interface Run {
  readonly stop: Stop;
  readonly file: RegisterFile;
  readonly retired: number;
  readonly memory: GuestMemory;
}
/** Two pages of code that can be written, two of data, and nothing after them. */
function machine(options: ProcessorOptions = {}): { memory: GuestMemory; processor: Processor } {
  const memory = new GuestMemory({ maxFrames: 1000 });
  memory.resolver = (_, page) => {
    const isCode = page * PAGE >= CODE && page * PAGE < CODE + 2 * PAGE;
    const isData = page * PAGE >= DATA && page * PAGE < DATA + 2 * PAGE;
    return isCode || isData ? { kind: "zero", isReadable: true, isWritable: true, isExecutable: isCode } : { kind: "fault", signal: "SIGSEGV", code: 1 };
  };
  memory.createSpace(1);
  return { memory, processor: new Processor(memory, options) };
}
function run(code: readonly number[], prepare: (file: RegisterFile) => void = () => {}, at = CODE, budget = 1000): Run {
  const { memory, processor } = machine();
  memory.write(1, at, Uint8Array.from(code));
  const file = createRegisterFile();
  setNumber(file, "rip", at);
  prepare(file);
  const stop = processor.run(1, file, budget);
  return { stop, file, retired: processor.retired, memory };
}
const SYSCALL = [0x0f, 0x05];

test("a budget ends on its tick, with what follows not even looked at", () => {
  // inc %eax; and then a page that is not there
  const at = CODE + 2 * PAGE - 2;
  const { stop, file, retired } = run([0xff, 0xc0], () => {}, at, 1);
  assert.equal([stop, retired, getNumber(file, "rax"), getNumber(file, "rip")], [{ kind: "budget" }, 1, 1, CODE + 2 * PAGE]);
});
test("fetching where nothing is faults at the address", () => {
  const { stop, retired } = run([0x90], () => {}, CODE + 2 * PAGE - 1);
  assert.equal([stop, retired], [{ kind: "fault", address: CODE + 2 * PAGE, access: "execute", signal: "SIGSEGV", code: 1 }, 1]);
});
test("an instruction that runs into a page that is not there faults at that page", () => {
  const { stop, file } = run([0xb8, 1, 2], () => {}, CODE + 2 * PAGE - 3);
  assert.equal([stop.kind, stop.kind === "fault" && stop.address, getNumber(file, "rip")], ["fault", CODE + 2 * PAGE, CODE + 2 * PAGE - 3]);
});
test("a syscall is a tick, leaves RIP after it, and RCX and R11 as the processor does", () => {
  const { stop, file, retired } = run([0xf9, ...SYSCALL]); // stc; syscall
  assert.equal([stop, retired, getNumber(file, "rip"), getNumber(file, "rcx")], [{ kind: "syscall" }, 2, CODE + 3, CODE + 3]);
  assert.equal([get(file, "r11"), get(file, "rflags")], [0x203n, 0x203n]);
});
test("a fault in the middle of a block leaves precise state", () => {
  // inc %eax; mov (%rbx),%ecx
  const { stop, file, retired } = run([0xff, 0xc0, 0x8b, 0x0b], it => setNumber(it, "rbx", DATA + 2 * PAGE - 2));
  assert.equal(stop, { kind: "fault", address: DATA + 2 * PAGE, access: "read", signal: "SIGSEGV", code: 1 });
  assert.equal([getNumber(file, "rip"), retired, getNumber(file, "rax")], [CODE + 2, 1, 1]);
});
test("a budget ends between a comparison and the jump behind it", () => {
  // test %eax,%eax; jz 1f; inc %eax; 1: syscall
  const code = [0x85, 0xc0, 0x74, 0x02, 0xff, 0xc0, ...SYSCALL];
  const { stop, file, retired } = run(code, () => {}, CODE, 1);
  assert.equal([stop, retired, getNumber(file, "rip"), get(file, "rflags")], [{ kind: "budget" }, 1, CODE + 2, 0x246n]);
  assert.equal(run(code).retired, 3);
  assert.equal(run(code, it => setNumber(it, "rax", 1)).retired, 4);
});
test("a region may begin with the jump that a comparison before it stands for", () => {
  // test %ecx,%ecx; 1: jz 2f; dec %ecx; jmp 1b; 2: syscall
  const code = Uint8Array.from([0x85, 0xc9, 0x74, 0x04, 0xff, 0xc9, 0xeb, 0xfa, ...SYSCALL]);
  for (const options of [{ tier: "interpreter" }, { tier: "auto", promotionTicks: 1000, isCounting: true }] as const) {
    const { memory, processor } = machine(options);
    memory.write(1, CODE, code);
    for (const rounds of [200_000, 100_000, 0]) {
      const file = createRegisterFile();
      setNumber(file, "rip", CODE);
      setNumber(file, "rcx", rounds);
      const stop = processor.run(1, file, 2 ** 30);
      assert.equal([stop.kind, processor.retired, getNumber(file, "rip")], ["syscall", 3 + 3 * rounds, CODE + code.length]);
    }
    if (options.tier === "auto") assert.equal(processor.report().filter(({ rip, entered }) => rip === CODE + 2 && entered > 1).length, 1);
  }
});
test("an address that is not canonical is a general protection fault, whatever made it", () => {
  const general = { kind: "exception", signal: "SIGSEGV", code: 0x80, address: 0 };
  assert.equal(run([0x8b, 0x0b], it => set(it, "rbx", 0x8000_0000_0000n)).stop, general);
  assert.equal(run([0xff, 0xe3], it => set(it, "rbx", 0xffff_ffff_ffff_fff0n)).stop, general); // jmp *%rbx
  assert.equal(run([0xf4]).stop, general);
  assert.equal(run([0xcd, 0x80]).stop, general);
});
test("every state of the arithmetic flags is kept, read by every condition, and keeps its other flags where carry changes", () => {
  const [CF, PF, AF, ZF, SF, OF] = [1, 4, 0x10, 0x40, 0x80, 0x800];
  const code: number[] = [0x9d]; // popf
  for (let condition = 0; condition < 16; condition++) code.push(0x0f, 0x90 + condition, 0x43, condition); // setcc condition(%rbx)
  code.push(0x9c, 0xf5, 0x9c, 0x9f, 0xf5, 0x9e, 0x9c, ...SYSCALL); // pushf; cmc; pushf; lahf; cmc; sahf; pushf
  for (let state = 0; state < 64; state++) {
    const flags = [CF, PF, AF, ZF, SF, OF].reduce((all, flag, i) => all | (state & (1 << i) ? flag : 0), 0x202);
    const { memory, processor } = machine();
    memory.write(1, CODE, Uint8Array.from(code));
    memory.write(1, DATA + 0x100, Uint8Array.of(flags & 0xff, flags >> 8, 0, 0, 0, 0, 0, 0));
    const file = createRegisterFile();
    setNumber(file, "rip", CODE);
    setNumber(file, "rbx", DATA);
    setNumber(file, "rsp", DATA + 0x100);
    processor.run(1, file, 1000);
    const has = (flag: number) => (flags & flag) !== 0;
    const even = [has(OF), has(CF), has(ZF), has(CF) || has(ZF), has(SF), has(PF), has(SF) !== has(OF), has(ZF) || has(SF) !== has(OF)];
    assert.equal(
      [...memory.read(1, DATA, 16)!],
      even.flatMap(holds => [holds ? 1 : 0, holds ? 0 : 1]),
      flags.toString(16),
    );
    const pushed = new BigUint64Array(memory.read(1, DATA + 0xf0, 24)!.slice().buffer);
    assert.equal([...pushed].map(Number), [flags ^ CF, flags ^ CF, flags], flags.toString(16));
  }
});
test("division by zero, UD2, INT3, what is no instruction and what is too long", () => {
  assert.equal(run([0xf7, 0xf3]).stop, { kind: "exception", signal: "SIGFPE", code: 1, address: CODE });
  assert.equal(run([0x0f, 0x0b]).stop, { kind: "exception", signal: "SIGILL", code: 2, address: CODE });
  const trap = run([0xcc]);
  assert.equal([trap.stop.kind === "exception" && trap.stop.signal, getNumber(trap.file, "rip")], ["SIGTRAP", CODE + 1]);
  assert.equal(run([0x0f, 0x04]).stop, { kind: "exception", signal: "SIGILL", code: 2, address: CODE });
  assert.equal(run(new Array(15).fill(0x66)).stop, { kind: "exception", signal: "SIGSEGV", code: 0x80, address: 0 });
});
test("with TF each instruction traps when it has happened, from the one after that which set TF on", () => {
  // pushf; orl $0x100,(%rsp); popf; inc %eax; rep stosb
  const code = [0x9c, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0xff, 0xc0, 0xf3, 0xaa, ...SYSCALL];
  const { memory, processor } = machine();
  memory.write(1, CODE, Uint8Array.from(code));
  const file = createRegisterFile();
  for (const [name, value] of Object.entries({ rip: CODE, rsp: DATA + 0x100, rdi: DATA + 0x200, rcx: 2 })) setNumber(file, name as "rip", value);
  const places: number[] = [];
  for (;;) {
    const stop = processor.run(1, file, 1000);
    if (stop.kind === "syscall") break;
    assert.equal(stop, { kind: "exception", signal: "SIGTRAP", code: 2, address: getNumber(file, "rip") });
    places.push(Number(getNumber(file, "rip")) - CODE);
  }
  assert.equal(places, [11, 11, 13]);
});
test("an x87 exception that is not masked comes with the next instruction that waits", () => {
  // fninit; fnstcw (%rbx); andb $~4,(%rbx); fldcw (%rbx); fld1; fldz; fdivrp; fnstsw %ax; nop; fwait
  const divide = [0xdb, 0xe3, 0xd9, 0x3b, 0x80, 0x23, 0xfb, 0xd9, 0x2b, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0xdf, 0xe0, 0x90, 0x9b];
  const { stop, file } = run([...divide, ...SYSCALL], it => setNumber(it, "rbx", DATA));
  assert.equal(stop, { kind: "exception", signal: "SIGFPE", code: 3, address: CODE + divide.length - 1 });
  assert.is(Number(get(file, "rax")) & 0x8084, 0x8084);
  // fnclex in place of the nop's neighbour makes it go on.
  assert.is(run([...divide.slice(0, -1), 0xdb, 0xe2, 0x9b, ...SYSCALL], it => setNumber(it, "rbx", DATA)).stop.kind, "syscall");
});
test("an SSE exception that is not masked comes at once, and leaves the target", () => {
  // movl $0x1d80,(%rbx); ldmxcsr (%rbx); divsd %xmm1,%xmm0
  const divide = [0xc7, 0x03, 0x80, 0x1d, 0, 0, 0x0f, 0xae, 0x13, 0xf2, 0x0f, 0x5e, 0xc1];
  const { stop, file } = run([...divide, ...SYSCALL], it => {
    setNumber(it, "rbx", DATA);
    new DataView(vector(it, 0).buffer, vector(it, 0).byteOffset).setFloat64(0, 1, true);
  });
  assert.equal(stop, { kind: "exception", signal: "SIGFPE", code: 3, address: CODE + 9 });
  assert.is(new DataView(vector(file, 0).buffer, vector(file, 0).byteOffset).getFloat64(0, true), 1);
});
test("accesses of 80 bits and of FXSAVE may lie across pages", () => {
  // fldpi; fstpt (%rbx); fxsave64 (%rcx)
  const at = DATA + PAGE - 5;
  const { stop, memory } = run([0xd9, 0xeb, 0xdb, 0x3b, 0x48, 0x0f, 0xae, 0x01, ...SYSCALL], it => [
    setNumber(it, "rbx", at),
    setNumber(it, "rcx", DATA + PAGE - 256),
  ]);
  assert.is(stop.kind, "syscall");
  const area = memory.read(1, DATA + PAGE - 256, 512)!;
  assert.equal([area[0], area[1], area[24], area[25]], [0x7f, 0x03, 0x80, 0x1f]);
});
test("the quotient of 128 by 64 bits, and its overflow", () => {
  const divide = [0x48, 0xf7, 0xf3, ...SYSCALL]; // div %rbx
  const { file } = run(divide, it => [set(it, "rdx", 5n), set(it, "rax", 7n), set(it, "rbx", 0xffff_ffff_ffffn)]);
  assert.equal([get(file, "rax"), get(file, "rdx")], [((5n << 64n) + 7n) / 0xffff_ffff_ffffn, ((5n << 64n) + 7n) % 0xffff_ffff_ffffn]);
  assert.is(run(divide, it => [set(it, "rdx", 5n), set(it, "rbx", 5n)]).stop.kind, "exception");
});
test("segments and 32-bit addresses take part in addresses", () => {
  const prepare = (it: RegisterFile) => [setNumber(it, "fsBase", DATA), set(it, "rbx", 8n), set(it, "rcx", 4n), set(it, "rax", 0x1234n)];
  const at = ({ memory }: Run, offset: number) => memory.read(1, DATA + offset, 2);
  const written = Uint8Array.of(0x34, 0x12);
  assert.equal(at(run([0x64, 0x89, 0x04, 0x25, 16, 0, 0, 0, ...SYSCALL], prepare), 16), written); // mov %eax,%fs:16
  assert.equal(at(run([0x64, 0x89, 0x03, ...SYSCALL], prepare), 8), written); // mov %eax,%fs:(%rbx)
  assert.equal(at(run([0x64, 0x89, 0x04, 0x4b, ...SYSCALL], prepare), 16), written); // mov %eax,%fs:(%rbx,%rcx,2)
  const { stop, file } = run([0x64, 0x67, 0x89, 0x03, ...SYSCALL], it => [prepare(it), set(it, "rbx", 0xf_0000_0010n)]);
  assert.is(stop.kind, "syscall");
  assert.equal([...file.subarray(160, 176)], new Array(16).fill(0), "no trace of the address stays in the file");
});
test("a repeated string instruction is a tick for each iteration, and stops where the budget does", () => {
  const start = (it: RegisterFile) => [setNumber(it, "rdi", DATA + 10), set(it, "rcx", 5000n), set(it, "rax", 0x41n)];
  const whole = run([0xf3, 0xaa, ...SYSCALL], start, CODE, 9999);
  assert.equal([whole.stop.kind, whole.retired], ["syscall", 5001]);
  const part = run([0xf3, 0xaa, ...SYSCALL], start, CODE, 1234);
  assert.equal([part.stop.kind, part.retired, getNumber(part.file, "rcx"), getNumber(part.file, "rip")], ["budget", 1234, 5000 - 1234, CODE]);
  assert.equal(part.memory.read(1, DATA + 10 + 1233, 2), Uint8Array.of(0x41, 0));
});
test("spaces have their own memory, and a child's code is not its parent's once written", () => {
  const { memory, processor } = machine();
  memory.write(1, CODE, Uint8Array.of(0xb8, 1, 0, 0, 0, ...SYSCALL)); // mov $1,%eax; syscall
  const go = (space: number): number | bigint => {
    const file = createRegisterFile();
    setNumber(file, "rip", CODE);
    assert.is(processor.run(space, file, 10).kind, "syscall");
    return getNumber(file, "rax");
  };
  assert.is(go(1), 1);
  memory.forkSpace(1, 2);
  memory.write(2, CODE + 1, Uint8Array.of(2));
  assert.equal([go(1), go(2), go(1)], [1, 2, 1]);
});
test("more code than there is room for decoded runs as if there were room, and finds it again or not", () => {
  // More than MOST_RECORD_PIECES of RECORD_BYTES, at 48 bytes for each of the instructions of a byte, and their directories.
  const pages = Math.ceil((MOST_RECORD_PIECES * RECORD_BYTES) / (PAGE * 48)) + 10;
  const memory = new GuestMemory({ maxFrames: 1000 });
  memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
  memory.createSpace(1);
  const processor = new Processor(memory, { tier: "interpreter" });
  const code = new Uint8Array(pages * PAGE).fill(0x90);
  code.set(SYSCALL, code.length - 2);
  memory.write(1, CODE, code);
  for (let round = 0; round < 3; round++) {
    const file = createRegisterFile();
    setNumber(file, "rip", CODE);
    assert.equal([processor.run(1, file, 2 ** 24), getNumber(file, "rip"), processor.retired], [{ kind: "syscall" }, CODE + code.length, code.length - 1]);
  }
});
test("FEMMS leaves what EMMS leaves", () => {
  // fldpi; movd %eax,%mm0; then one of them; syscall
  const after = (last: number) => {
    const { stop, file } = run([0xd9, 0xeb, 0x0f, 0x6e, 0xc0, 0x0f, last, ...SYSCALL]);
    return { stop, bytes: [...file] };
  };
  assert.is(after(0x0e).stop.kind, "syscall");
  assert.equal(after(0x0e), after(0x77));
});
test("struct user_regs_struct has RIP, flags and RSP where Linux has them", () => {
  const file = createRegisterFile();
  set(file, "rip", 1n);
  set(file, "rsp", 2n);
  const words = toUserRegs(file, 60n);
  assert.equal([words.length, words[15], words[16], words[18], words[19]], [27, 60n, 1n, 0x202n, 2n]);
});

test("what is traced is where instructions were, one after the other, and nothing else is changed by it", () => {
  // mov $1000000,%ecx; 1: dec %ecx; jnz 1b; syscall
  const code = Uint8Array.from([0xb9, 0x40, 0x42, 0x0f, 0, 0xff, 0xc9, 0x75, 0xfc, ...SYSCALL]);
  for (const promotionTicks of [5_000, 100_000]) {
    const shelf = new MemoryShelf();
    const memory = new GuestMemory({ maxFrames: 1000 });
    const bytes = new Uint8Array(PAGE);
    bytes.set(code);
    memory.resolver = () => ({ kind: "bytes", bytes, isReadable: true, isWritable: false, isExecutable: true });
    memory.createSpace(1);
    const processor = new Processor(memory, { promotionTicks, shelf });
    const file = createRegisterFile();
    setNumber(file, "rip", CODE);
    const stop = processor.run(1, file, 10_000_000);
    assert.equal(
      [stop.kind, processor.retired, getNumber(file, "rip"), getNumber(file, "rcx")],
      ["syscall", 2_000_002, CODE + code.length, CODE + code.length],
    );
    const [seen] = shelf.traces().codes;
    assert.equal([...seen!.pages.keys()], [CODE / PAGE]);
    const traces = tracesOf(seen!);
    assert.ok(traces.length > 1);
    for (const { rips, ticks } of traces) {
      assert.ok(ticks > 0 && ticks <= 2_000_002);
      for (const [i, rip] of rips.slice(0, -1).entries()) assert.is(rips[i + 1], rip === CODE + 5 ? CODE + 7 : CODE + 5, `after ${rip.toString(16)}`);
    }
  }
});
test.run();
