// The opcode map of instructions with VEX, in the letters of opcodes.ts: what has no legacy form, and what differs from it. Everything else is the legacy opcode's, its name with a V.
// Beside those letters: H a vector and B a general register by VEX.vvvv, L a vector by the immediate's high four bits, T memory with a vector of indices.
// Names with a comma: with VEX.W clear and set; a minus does not exist. The lengths are those of the row.
import { table } from "../semantics/table.ts";
import { type Line, type Opcode, opcodes, PREFIX, parsed, type Variant } from "./opcodes.ts";

const [P66, PF3, PF2] = [PREFIX[0x66], PREFIX[0xf3], PREFIX[0xf2]];
/** Opcode maps: 0F, 0F 38 and 0F 3A. */
const [TWO, THREE, FOUR] = [0x0f00, 0x0f_3800, 0x0f_3a00];

const general: readonly Line[] = [
  [THREE | 0xf2, "andn Gy By Ey"],
  [THREE | 0xf3, "-/blsr By Ey/blsmsk By Ey/blsi By Ey/-/-/-/-"],
  [THREE | 0xf5, "bzhi Gy Ey By"],
  [PF3 | THREE | 0xf5, "pext Gy By Ey"],
  [PF2 | THREE | 0xf5, "pdep Gy By Ey"],
  [PF2 | THREE | 0xf6, "mulx Gy By Ey"],
  [THREE | 0xf7, "bextr Gy Ey By"],
  [P66 | THREE | 0xf7, "shlx Gy Ey By"],
  [PF3 | THREE | 0xf7, "sarx Gy Ey By"],
  [PF2 | THREE | 0xf7, "shrx Gy Ey By"],
  [PF2 | FOUR | 0xf0, "rorx Gy Ey Ib"],
];
/** All with the prefix 66. */
const with66: readonly Line[] = [
  [TWO | 0x50, "vmovmskpd G U"],
  [TWO | 0xd7, "vpmovmskb G U"],
  [THREE | 0x0c, "vpermilps,- V H W"],
  [THREE | 0x0d, "vpermilpd,- V H W"],
  [THREE | 0x0e, "vtestps,- V W"],
  [THREE | 0x0f, "vtestpd,- V W"],
  [THREE | 0x13, "vcvtph2ps,- V W"],
  [THREE | 0x16, "vpermps,- V H W"],
  [THREE | 0x18, "vbroadcastss,- V W"],
  [THREE | 0x19, "vbroadcastsd,- V W"],
  [THREE | 0x1a, "vbroadcastf128,- V M"],
  [THREE | 0x2c, "vmaskmovps,- V H M"],
  [THREE | 0x2d, "vmaskmovpd,- V H M"],
  [THREE | 0x2e, "vmaskmovps,- M H V"],
  [THREE | 0x2f, "vmaskmovpd,- M H V"],
  [THREE | 0x36, "vpermd,- V H W"],
  [THREE | 0x45, "vpsrlvd,vpsrlvq V H W"],
  [THREE | 0x46, "vpsravd,- V H W"],
  [THREE | 0x47, "vpsllvd,vpsllvq V H W"],
  [THREE | 0x58, "vpbroadcastd,- V W"],
  [THREE | 0x59, "vpbroadcastq,- V W"],
  [THREE | 0x5a, "vbroadcasti128,- V M"],
  [THREE | 0x78, "vpbroadcastb,- V W"],
  [THREE | 0x79, "vpbroadcastw,- V W"],
  [THREE | 0x8c, "vpmaskmovd,vpmaskmovq V H M"],
  [THREE | 0x8e, "vpmaskmovd,vpmaskmovq M H V"],
  [THREE | 0x90, "vpgatherdd,vpgatherdq V T H"],
  [THREE | 0x91, "vpgatherqd,vpgatherqq V T H"],
  [THREE | 0x92, "vgatherdps,vgatherdpd V T H"],
  [THREE | 0x93, "vgatherqps,vgatherqpd V T H"],
  [FOUR | 0x00, "-,vpermq V W Ib"],
  [FOUR | 0x01, "-,vpermpd V W Ib"],
  [FOUR | 0x02, "vpblendd,- V H W Ib"],
  [FOUR | 0x04, "vpermilps,- V W Ib"],
  [FOUR | 0x05, "vpermilpd,- V W Ib"],
  [FOUR | 0x06, "vperm2f128,- V H W Ib"],
  [FOUR | 0x18, "vinsertf128,- V H W Ib"],
  [FOUR | 0x19, "vextractf128,- W V Ib"],
  [FOUR | 0x1d, "vcvtps2ph,- W V Ib"],
  [FOUR | 0x38, "vinserti128,- V H W Ib"],
  [FOUR | 0x39, "vextracti128,- W V Ib"],
  [FOUR | 0x46, "vperm2i128,- V H W Ib"],
  [FOUR | 0x4a, "vblendvps,- V H W L"],
  [FOUR | 0x4b, "vblendvpd,- V H W L"],
  [FOUR | 0x4c, "vpblendvb,- V H W L"],
];
const fusedOperations = ["fmaddsub", "fmsubadd", "fmadd", "fmadd", "fmsub", "fmsub", "fnmadd", "fnmadd", "fnmsub", "fnmsub"] as const;
const orders = [132, 213, 231] as const;
/** From 96, A6 and B6 on: packed and scalar by turns, but for the first two. */
const fused: readonly Line[] = orders.flatMap((order, row) =>
  fusedOperations.map((operation, column): Line => {
    const suffixes = column < 2 || column % 2 === 0 ? ["ps", "pd"] : ["ss", "sd"];
    return [THREE | (0x96 + 16 * row + column), `${suffixes.map(suffix => `v${operation}${order}${suffix}`).join()} V H W`];
  }),
);
const lines = (): readonly Line[] => [
  ...general,
  [TWO | 0x77, "vzero"],
  [TWO | 0x50, "vmovmskps G U"],
  ...[...with66, ...fused].map(([opcode, what]): Line => [P66 | opcode, what]),
];

let own: ReadonlyMap<number, Opcode> | undefined;
const legacy = new Map<number, Opcode>();
/** MMX has no VEX, and XMM0 is not implied as a source. */
const isVector = ({ operands }: Variant): boolean => operands[2] !== "X" && operands.every(operand => !"PQN".includes(operand[0]!));
const renamed = (variant: Variant | undefined): Variant | undefined =>
  variant && isVector(variant) && variant.names.some(name => `v${name}` in table) ? { ...variant, names: variant.names.map(name => `v${name}`) } : undefined;

export function vexOpcode(key: number): Opcode | undefined {
  own ??= parsed(lines());
  const known = own.get(key) ?? legacy.get(key);
  if (known) return known;
  const old = opcodes.get(key);
  if (!old) return undefined;
  const opcode = { ...old, memory: old.memory.map(renamed), register: old.register.map(renamed) };
  legacy.set(key, opcode);
  return opcode;
}
