// Instructions with VEX as assembly text, made from patterns: a name and operands, alternatives by a bar.
// v a vector of either length and m memory of that length; x and y vectors of 16 and 32 bytes; m8 to m256 memory; r and rm a general register, or memory as well, of 32 and 64 bits;
// r32, r64; i an immediate; index memory for a gather by x or y.

const pointers: Readonly<Record<string, string>> = { m8: "BYTE", m16: "WORD", m32: "DWORD", m64: "QWORD", m128: "XMMWORD", m256: "YMMWORD" };
const narrow = ["eax", "ecx", "edx", "ebx"];
const wide = ["rax", "rcx", "rdx", "rbx"];
/** Registers of the low and of the high half, the target among the sources in the second. */
const choices = [
  [0, 1, 2, 3],
  [9, 2, 14, 7],
  [1, 1, 2, 1],
  [12, 3, 12, 12],
] as const;
const immediates = [0x00, 0x1b, 0xe4, 0x93, 0xff];

function operandText(kind: string, place: number, numbers: readonly number[], isLong: boolean, immediate: number): string {
  const number = numbers[place]!;
  if (kind === "v") return `${isLong ? "y" : "x"}mm${number}`;
  if (kind === "x" || kind === "y") return `${kind}mm${number}`;
  if (kind === "r32") return narrow[number & 3]!;
  if (kind === "r64") return wide[number & 3]!;
  if (kind === "i") return String(immediate);
  if (kind.startsWith("index")) return `[rsi+${kind.slice(5)}mm${number}*${1 << (immediate & 3)}+${immediate & 0x38}]`;
  const pointer = kind === "m" ? (isLong ? "YMMWORD" : "XMMWORD") : pointers[kind]!;
  return `${pointer} PTR ${number < 8 ? `[rsi+${number}]` : "[rsi+rdi*2-6]"}`;
}
/** Every combination of alternatives. */
const combinations = (lists: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  lists.reduce<readonly (readonly string[])[]>((all, list) => all.flatMap(one => list.map(last => [...one, last])), [[]]);

export function expand(pattern: string, isGather = false): readonly string[] {
  const [names = "", ...operands] = pattern.split(" ");
  const kinds = operands.map(operand => operand.split("|").map(kind => (kind === "r" ? "r32" : kind)));
  const variants = combinations(kinds).flatMap(list =>
    list.some(kind => /^(r32|rm)$/.test(kind)) && operands.some(o => /^r(m)?$|\br\b/.test(o))
      ? [list, list.map(kind => (kind === "r32" ? "r64" : kind === "m32" ? "m64" : kind))]
      : [list],
  );
  return names.split(",").flatMap(name =>
    variants.flatMap(list => {
      const lengths = list.some(kind => kind === "v" || kind === "m") ? [false, true] : [false];
      return lengths.flatMap(isLong =>
        (isGather ? choices.slice(0, 2) : choices).flatMap((numbers, i) =>
          (list.includes("i") ? immediates.filter((_, j) => j === 0 || (j + i) % 2 === 0) : [i * 11]).map(immediate =>
            `${name} ${list.map((kind, place) => operandText(kind, place, numbers, isLong, immediate)).join(", ")}`.trim(),
          ),
        ),
      );
    }),
  );
}

export const general = [
  "andn r r r|m32",
  "blsr,blsmsk,blsi r r|m32",
  "bzhi,bextr r r|m32 r",
  "shlx,shrx,sarx r r|m32 r",
  "pdep,pext r r r|m32",
  "mulx r r r|m32",
  "rorx r r|m32 i",
];
export const moves = [
  "vmovups,vmovupd,vmovdqu,vlddqu v m",
  "vmovaps,vmovapd,vmovdqa,vmovups,vmovdqu v v",
  "vmovups,vmovupd,vmovdqu m v",
  "vmovss x m32",
  "vmovsd x m64",
  "vmovss,vmovsd x x x",
  "vmovss m32 x",
  "vmovsd m64 x",
  "vmovd x r32|m32",
  "vmovd r32|m32 x",
  "vmovq x r64|m64|x",
  "vmovq r64|m64 x",
  "vmovlps,vmovhps,vmovlpd,vmovhpd x x m64",
  "vmovlps,vmovhps,vmovlpd,vmovhpd m64 x",
  "vmovhlps,vmovlhps x x x",
  "vldmxcsr,vstmxcsr m32",
  "vmovddup x x|m64",
  "vmovddup y y|m256",
  "vmovshdup,vmovsldup v v|m",
  "vpmovmskb r32 v",
  "vzeroupper",
  "vzeroall",
];
const threeIntegers = [
  "vpaddb vpaddw vpaddd vpaddq vpsubb vpsubw vpsubd vpsubq vpaddsb vpaddsw vpaddusb vpaddusw vpsubsb vpsubsw vpsubusb vpsubusw",
  "vpmullw vpmulhw vpmulhuw vpmuludq vpmaddwd vpsadbw vpavgb vpavgw vpminub vpmaxub vpminsw vpmaxsw vpcmpeqb vpcmpeqw vpcmpeqd vpcmpgtb vpcmpgtw vpcmpgtd",
  "vpunpcklbw vpunpcklwd vpunpckldq vpunpcklqdq vpunpckhbw vpunpckhwd vpunpckhdq vpunpckhqdq vpacksswb vpackuswb vpackssdw vpand vpandn vpor vpxor",
  "vandps vandpd vandnps vandnpd vorps vorpd vxorps vxorpd vunpcklps vunpcklpd vunpckhps vunpckhpd",
  "vpshufb vphaddw vphaddd vphaddsw vpmaddubsw vphsubw vphsubd vphsubsw vpsignb vpsignw vpsignd vpmulhrsw",
  "vpmuldq vpcmpeqq vpackusdw vpcmpgtq vpminsb vpminsd vpminuw vpminud vpmaxsb vpmaxsd vpmaxuw vpmaxud vpmulld",
  "vpermilps vpermilpd vpsllvd vpsllvq vpsrlvd vpsrlvq vpsravd",
];
export const integers = [
  ...threeIntegers.flatMap(names => names.split(" ")).map(name => `${name} v v v|m`),
  "vpabsb,vpabsw,vpabsd v v|m",
  "vpsllw,vpslld,vpsllq,vpsrlw,vpsrld,vpsrlq,vpsraw,vpsrad v v x|m128|i",
  "vpslldq,vpsrldq v v i",
  "vphminposuw x x|m128",
  "vpmovsxbw,vpmovsxwd,vpmovsxdq,vpmovzxbw,vpmovzxwd,vpmovzxdq x x|m64",
  "vpmovsxbw,vpmovsxwd,vpmovsxdq,vpmovzxbw,vpmovzxwd,vpmovzxdq y x|m128",
  "vpmovsxbd,vpmovsxwq,vpmovzxbd,vpmovzxwq x x|m32",
  "vpmovsxbd,vpmovsxwq,vpmovzxbd,vpmovzxwq y x|m64",
  "vpmovsxbq,vpmovzxbq x x|m16",
  "vpmovsxbq,vpmovzxbq y x|m32",
  "vptest,vtestps,vtestpd v v|m",
];
export const shuffles = [
  "vpshufd,vpshuflw,vpshufhw,vpermilps,vpermilpd v v|m i",
  "vshufps,vshufpd,vpalignr,vpblendw,vblendps,vblendpd,vmpsadbw,vpblendd v v v|m i",
  "vpblendvb,vblendvps,vblendvpd v v v|m v",
  "vpextrb r32|m8 x i",
  "vpextrw r32|m16 x i",
  "vpextrd,vextractps r32|m32 x i",
  "vpextrq r64|m64 x i",
  "vpinsrb x x r32|m8 i",
  "vpinsrw x x r32|m16 i",
  "vpinsrd x x r32|m32 i",
  "vpinsrq x x r64|m64 i",
  "vinsertps x x x|m32 i",
  "vbroadcastss x|y x|m32",
  "vbroadcastsd y x|m64",
  "vbroadcastf128,vbroadcasti128 y m128",
  "vpbroadcastb x|y x|m8",
  "vpbroadcastw x|y x|m16",
  "vpbroadcastd x|y x|m32",
  "vpbroadcastq x|y x|m64",
  "vinsertf128,vinserti128 y y x|m128 i",
  "vextractf128,vextracti128 x|m128 y i",
  "vperm2f128,vperm2i128 y y y|m256 i",
  "vpermps,vpermd y y y|m256",
  "vpermpd,vpermq y y|m256 i",
];
export const masked = ["vmaskmovps,vmaskmovpd,vpmaskmovd,vpmaskmovq v v m", "vmaskmovps,vmaskmovpd,vpmaskmovd,vpmaskmovq m v v"];
export const gathers = [
  "vpgatherdd,vgatherdps x indexx x",
  "vpgatherdd,vgatherdps y indexy y",
  "vpgatherdq,vgatherdpd y indexx y",
  "vpgatherdq,vgatherdpd x indexx x",
];
export const wideGathers = [
  "vpgatherqq,vgatherqpd x indexx x",
  "vpgatherqq,vgatherqpd y indexy y",
  "vpgatherqd,vgatherqps x indexx x",
  "vpgatherqd,vgatherqps x indexy x",
];
export const ciphers = ["vaesenc,vaesenclast,vaesdec,vaesdeclast v v v|m", "vaesimc x x|m128", "vaeskeygenassist x x|m128 i", "vpclmulqdq v v v|m i"];
export const texts = ["vpcmpestri,vpcmpestrm,vpcmpistri,vpcmpistrm x x|m128 i"];
const packed = ["vadd", "vsub", "vmul", "vdiv", "vmin", "vmax"].flatMap(name => [`${name}ps`, `${name}pd`]).join();
export const floats = [
  `${packed} v v v|m`,
  `${packed
    .replaceAll(/p([sd])\b/g, "s$1")
    .replaceAll(/\w+sd,?/g, "")
    .replace(/,$/, "")} x x x|m32`,
  `${packed
    .replaceAll(/p([sd])\b/g, "s$1")
    .replaceAll(/\w+ss,?/g, "")
    .replace(/,$/, "")} x x x|m64`,
  "vhaddps,vhaddpd,vhsubps,vhsubpd,vaddsubps,vaddsubpd v v v|m",
  "vdpps v v v|m i",
  "vdppd x x x|m128 i",
  "vroundps,vroundpd v v|m i",
  "vroundss x x x|m32 i",
  "vroundsd x x x|m64 i",
  "vsqrtps,vsqrtpd v v|m",
  "vsqrtss x x x|m32",
  "vsqrtsd x x x|m64",
  "vcmpps,vcmppd v v v|m i",
  "vcmpss x x x|m32 i",
  "vcmpsd x x x|m64 i",
  "vcomiss,vucomiss x x|m32",
  "vcomisd,vucomisd x x|m64",
  "vmovmskps,vmovmskpd r32 v",
  "vcvtsi2ss,vcvtsi2sd x x r32|m32|r64|m64",
  "vcvtss2si,vcvttss2si r32|r64 x|m32",
  "vcvtsd2si,vcvttsd2si r32|r64 x|m64",
  "vcvtss2sd x x x|m32",
  "vcvtsd2ss x x x|m64",
  "vcvtps2pd,vcvtdq2pd x x|m64",
  "vcvtps2pd,vcvtdq2pd y x|m128",
  "vcvtpd2ps,vcvtpd2dq,vcvttpd2dq x x|m128|y|m256",
  "vcvtdq2ps,vcvtps2dq,vcvttps2dq v v|m",
];
const ordered = (name: string): string => [132, 213, 231].map(order => name.replace("#", String(order))).join();
const names = ["vfmadd#", "vfmsub#", "vfnmadd#", "vfnmsub#"].map(ordered).join();
const suffixed = (suffix: string): string => names.replaceAll(/(\d)(?=,|$)/g, `$1${suffix}`);
export const fused = [
  `${suffixed("ps")} v v v|m`,
  `${suffixed("pd")} v v v|m`,
  `${suffixed("ss")} x x x|m32`,
  `${suffixed("sd")} x x x|m64`,
  `${["vfmaddsub#ps", "vfmaddsub#pd", "vfmsubadd#ps", "vfmsubadd#pd"].map(ordered).join()} v v v|m`,
];
export const halves = ["vcvtph2ps x x|m64", "vcvtph2ps y x|m128", "vcvtps2ph x|m64 x i", "vcvtps2ph x|m128 y i"];
