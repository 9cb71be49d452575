// Typed WebAssembly expressions. A Value is code not yet emitted: placing it twice computes it twice, dropping it costs nothing.

export type Type = "i32" | "i64" | "v128";
export type IntegerType = "i32" | "i64";
export type Sink = number[];
export interface Value<T extends Type> {
  readonly type: T;
  /** Known at emission time; lets operators fold. */
  readonly constant?: bigint;
  /** May be placed any number of times, later, with the same meaning. */
  readonly isStable?: true;
  /** The low half, where it is to be had without computing the whole. */
  readonly low?: Value<"i32">;
  /** Of a comparison: the one that holds where it does not. */
  readonly opposite?: Value<"i32">;
  /** Of what is loaded with its sign: the same bits without it, loaded so at once. */
  readonly zeroExtended?: Value<"i32">;
  /** What is known of it without computing it: see `Origin`. */
  readonly origin?: Origin;
  /** Floating point that is neither denormal nor a NaN: of which lanes, and whether of all or the lowest. */
  readonly ordinary?: Ordinary;
  /** A vector whose lowest lane also lies in memory, until that is written. */
  readonly loaded?: Loaded;
  /** A vector whose lanes come from two, of which a tier may keep each by itself. */
  readonly joined?: Joined;
  /** The lane of a vector that it is. */
  readonly lane?: { readonly vector: Value<"v128">; readonly number: number };
  put(sink: Sink): void;
}
/** `at` is stable. */
export interface Loaded {
  readonly bits: 32 | 64;
  readonly at: Value<"i32">;
}
export interface Ordinary {
  readonly bits: 32 | 64;
  readonly isPacked: boolean;
}
/** The lowest `bits` are those of `low`, the others those of `rest`. */
export interface Joined {
  readonly bits: 32 | 64;
  readonly low: Value<"v128">;
  readonly rest: Value<"v128">;
}
/** The value is what `key` stands for, plus `offset`: two values with one key differ by their offsets. */
export interface Origin {
  readonly key: string;
  readonly offset: bigint;
}

export const putUnsigned = (sink: Sink, n: number): void => {
  for (; n > 0x7f; n >>>= 7) sink.push((n & 0x7f) | 0x80);
  sink.push(n);
};
const putSigned = (sink: Sink, n: bigint): void => {
  for (; n < -64n || n > 63n; n >>= 7n) sink.push(Number(n & 0x7fn) | 0x80);
  sink.push(Number(n & 0x7fn));
};

// name: [opcode for i32, value for two constants]. The i64 opcode lies 0x12 further on.
const arithmetic = {
  add: [0x6a, (a: bigint, b: bigint) => a + b],
  sub: [0x6b, (a: bigint, b: bigint) => a - b],
  mul: [0x6c, (a: bigint, b: bigint) => a * b],
  and: [0x71, (a: bigint, b: bigint) => a & b],
  or: [0x72, (a: bigint, b: bigint) => a | b],
  xor: [0x73, (a: bigint, b: bigint) => a ^ b],
  shl: [0x74, (a: bigint, b: bigint) => a << (b & 63n)],
  shrS: [0x75, (a: bigint, b: bigint) => a >> (b & 63n)],
  shrU: [0x76, undefined],
  divS: [0x6d, undefined],
  divU: [0x6e, undefined],
  remS: [0x6f, undefined],
  remU: [0x70, undefined],
  rotl: [0x77, undefined],
  rotr: [0x78, undefined],
} as const;
const absorbsZero = new Set<string>(["add", "or", "xor"]);
const ignoresRightZero = new Set<string>(["add", "sub", "or", "xor", "shl", "shrS", "shrU"]);

// name: opcode for i32. The i64 opcode lies 0x0b further on.
const relations = { eq: 0x46, ne: 0x47, ltS: 0x48, ltU: 0x49, gtS: 0x4a, gtU: 0x4b, leS: 0x4c, leU: 0x4d, geS: 0x4e, geU: 0x4f } as const;
export type Relation = keyof typeof relations;
const opposites: Readonly<Record<string, Relation>> = {
  eq: "ne",
  ne: "eq",
  ltS: "geS",
  geS: "ltS",
  ltU: "geU",
  geU: "ltU",
  gtS: "leS",
  leS: "gtS",
  gtU: "leU",
  leU: "gtU",
} satisfies Record<Relation, Relation>;

const countings = { clz: 0x67, ctz: 0x68, popcnt: 0x69 } as const;

// access: [load as i32, load as i64, store as i32, store as i64]; the loads sign-extend.
const accesses = { 8: [0x2c, 0x30, 0x3a, 0x3c], 16: [0x2e, 0x32, 0x3b, 0x3d], 32: [0x28, 0x34, 0x36, 0x3e], 64: [0, 0x29, 0, 0x37] } as const;
export type Bits = keyof typeof accesses;

export type Family<T extends IntegerType> = { readonly [K in keyof typeof arithmetic]: (a: Value<T>, b: Value<T>) => Value<T> } & {
  readonly [K in Relation]: (a: Value<T>, b: Value<T>) => Value<"i32">;
} & { readonly [K in keyof typeof countings]: (a: Value<T>) => Value<T> } & {
  readonly type: T;
  constant(n: number | bigint): Value<T>;
  eqz(a: Value<T>): Value<"i32">;
  /** Keeps the low bits and repeats the highest of them. */
  signExtend(bits: Bits, a: Value<T>): Value<T>;
  load(bits: Bits, address: Value<"i32">, offset?: number): Value<T>;
  /** A statement; hand it to `Func.do`. */
  store(bits: Bits, address: Value<"i32">, value: Value<T>, offset?: number): (sink: Sink) => void;
};

const unary = <R extends Type>(type: R, opcode: number, a: Value<Type>): Value<R> => ({
  type,
  put(sink) {
    a.put(sink);
    sink.push(opcode);
  },
});
const binary = <R extends Type>(type: R, opcode: number, a: Value<Type>, b: Value<Type>): Value<R> => ({
  type,
  put(sink) {
    a.put(sink);
    b.put(sink);
    sink.push(opcode);
  },
});

function family<T extends IntegerType>(type: T): Family<T> {
  const wide = type === "i64" ? 1 : 0;
  const size = wide ? 64 : 32;
  const constant = (n: number | bigint): Value<T> => {
    const value = BigInt.asIntN(size, BigInt(n));
    return {
      type,
      constant: value,
      isStable: true,
      put(sink) {
        sink.push(0x41 + wide);
        putSigned(sink, value);
      },
    };
  };
  const operator =
    (name: string, opcode: number, fold?: (a: bigint, b: bigint) => bigint) =>
    (a: Value<T>, b: Value<T>): Value<T> => {
      if (b.constant === 0n && ignoresRightZero.has(name)) return a;
      if (a.constant === 0n && absorbsZero.has(name)) return b;
      if (fold && a.constant !== undefined && b.constant !== undefined) return constant(fold(a.constant, b.constant));
      const value = binary(type, opcode + 0x12 * wide, a, b);
      const { origin } = a;
      if (!origin || b.constant === undefined || (name !== "add" && name !== "sub")) return value;
      return { ...value, origin: { key: origin.key, offset: origin.offset + (name === "add" ? b.constant : -b.constant) } };
    };
  const extensions: Readonly<Record<number, number>> = { 8: 0xc0 + 2 * wide, 16: 0xc1 + 2 * wide, 32: 0xc4 };
  const load = (bits: Bits, address: Value<"i32">, offset = 0): Value<T> => ({
    type,
    ...(wide && bits >= 32 ? { low: i32.load(32, address, offset) } : {}),
    ...(!wide && bits < 32 ? { zeroExtended: (bits === 8 ? loadByte : loadHalf)(address, offset) } : {}),
    put(sink) {
      address.put(sink);
      sink.push(accesses[bits][wide], 0);
      putUnsigned(sink, offset);
    },
  });
  return {
    type,
    constant,
    load,
    ...(Object.fromEntries(Object.entries(arithmetic).map(([name, [opcode, fold]]) => [name, operator(name, opcode, fold)])) as {
      [K in keyof typeof arithmetic]: (a: Value<T>, b: Value<T>) => Value<T>;
    }),
    ...(Object.fromEntries(
      Object.entries(relations).map(([name, opcode]) => {
        const opposite = relations[opposites[name]!];
        const relation = (opcode: number, a: Value<T>, b: Value<T>) => binary("i32", opcode + 0x0b * wide, a, b);
        return [name, (a: Value<T>, b: Value<T>) => ({ ...relation(opcode, a, b), opposite: relation(opposite, a, b) })];
      }),
    ) as { [K in Relation]: (a: Value<T>, b: Value<T>) => Value<"i32"> }),
    ...(Object.fromEntries(Object.entries(countings).map(([name, opcode]) => [name, (a: Value<T>) => unary(type, opcode + 0x12 * wide, a)])) as {
      [K in keyof typeof countings]: (a: Value<T>) => Value<T>;
    }),
    eqz: a => a.opposite ?? unary("i32", 0x45 + 0x0b * wide, a),
    signExtend: (bits, a) => (bits === size ? a : a.constant !== undefined ? constant(BigInt.asIntN(bits, a.constant)) : unary(type, extensions[bits]!, a)),
    store:
      (bits, address, value, offset = 0) =>
      sink => {
        address.put(sink);
        value.put(sink);
        sink.push(accesses[bits][2 + wide]!, 0);
        putUnsigned(sink, offset);
      },
  };
}

export const i32: Family<"i32"> = family("i32");
export const i64: Family<"i64"> = family("i64");

export const wrap = (a: Value<"i64">): Value<"i32"> => (a.constant !== undefined ? i32.constant(a.constant) : (a.low ?? unary("i32", 0xa7, a)));
export const extendS = (a: Value<"i32">): Value<"i64"> => (a.constant !== undefined ? i64.constant(a.constant) : { ...unary("i64", 0xac, a), low: a });
export const extendU = (a: Value<"i32">): Value<"i64"> =>
  a.constant !== undefined ? i64.constant(BigInt.asUintN(32, a.constant)) : { ...unary("i64", 0xad, a), low: a };
export const select = <T extends Type>(condition: Value<"i32">, yes: Value<T>, no: Value<T>): Value<T> => ({
  type: yes.type,
  put(sink) {
    yes.put(sink);
    no.put(sink);
    condition.put(sink);
    sink.push(0x1b);
  },
});

const loadAs =
  <T extends IntegerType>(type: T, opcode: number) =>
  (address: Value<"i32">, offset = 0): Value<T> => ({
    type,
    put(sink) {
      address.put(sink);
      sink.push(opcode, 0);
      putUnsigned(sink, offset);
    },
  });
export const loadByte = loadAs("i32", 0x2d);
export const loadWord32 = loadAs("i64", 0x35);

/** Any SIMD instruction, by its number after the 0xfd prefix. */
export const simd = <T extends Type>(type: T, opcode: number, args: readonly Value<Type>[], immediate: readonly number[] = []): Value<T> => ({
  type,
  put(sink) {
    for (const arg of args) arg.put(sink);
    sink.push(0xfd);
    putUnsigned(sink, opcode);
    sink.push(...immediate);
  },
});
const vectorAccess = (opcode: number, offset: number): number[] => {
  const bytes = [0xfd];
  putUnsigned(bytes, opcode);
  bytes.push(0);
  putUnsigned(bytes, offset);
  return bytes;
};
export const v128 = {
  /** 32 and 64 bits are loaded into the lowest lane, the others are zero. */
  load: (bits: 32 | 64 | 128, address: Value<"i32">, offset = 0): Value<"v128"> => {
    const value: Value<"v128"> = {
      type: "v128",
      put(sink) {
        address.put(sink);
        sink.push(...vectorAccess({ 32: 0x5c, 64: 0x5d, 128: 0x00 }[bits], offset));
      },
    };
    if (bits === 128) return value;
    const low = address.isStable && offset === 0 ? { ...value, loaded: { bits, at: address } } : value;
    return { ...low, joined: { bits, low, rest: v128.zero } };
  },
  /** A statement: the lowest lane, or all. */
  store:
    (bits: 32 | 64 | 128, address: Value<"i32">, value: Value<"v128">, offset = 0) =>
    (sink: Sink): void => {
      address.put(sink);
      value.put(sink);
      sink.push(...vectorAccess({ 32: 0x5a, 64: 0x5b, 128: 0x0b }[bits], offset));
      if (bits < 128) sink.push(0);
    },
  zero: {
    type: "v128",
    isStable: true,
    put(sink) {
      sink.push(0xfd, 12, ...new Array<number>(16).fill(0));
    },
  } as Value<"v128">,
  and: (a: Value<"v128">, b: Value<"v128">) => simd("v128", 0x4e, [a, b]),
  /** a and not b */
  andNot: (a: Value<"v128">, b: Value<"v128">) => simd("v128", 0x4f, [a, b]),
  or: (a: Value<"v128">, b: Value<"v128">) => simd("v128", 0x50, [a, b]),
  xor: (a: Value<"v128">, b: Value<"v128">) => simd("v128", 0x51, [a, b]),
};

/** Statements: `bytes` of wasm memory. */
export const copyMemory =
  (to: Value<"i32">, from: Value<"i32">, bytes: Value<"i32">) =>
  (sink: Sink): void => {
    to.put(sink);
    from.put(sink);
    bytes.put(sink);
    sink.push(0xfc, 0x0a, 0, 0);
  };
export const call = <T extends Type>(type: T, index: number, args: readonly Value<Type>[]): Value<T> => ({
  type,
  put(sink) {
    for (const arg of args) arg.put(sink);
    sink.push(0x10);
    putUnsigned(sink, index);
  },
});
/** Through the module's one table, whose functions all take an i32 and answer one. */
export const callIndirect = (typeIndex: number, arg: Value<"i32">, index: Value<"i32">): Value<"i32"> => ({
  type: "i32",
  put(sink) {
    arg.put(sink);
    index.put(sink);
    sink.push(0x11);
    putUnsigned(sink, typeIndex);
    sink.push(0);
  },
});
export const loadHalf = loadAs("i32", 0x2f);
