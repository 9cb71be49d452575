// The opcode map of SSE3, SSSE3, SSE4.1, SSE4.2, AES, PCLMULQDQ and SHA, in the letters of opcodes.ts.
import type { Line } from "./opcodes.ts";

/** Names from an opcode on; a minus is a gap. */
type Group = readonly [first: number, names: string];
/** With the prefix 66 and operands V and W. */
const two: readonly Group[] = [
  [0x0f3800, "pshufb phaddw phaddd phaddsw pmaddubsw phsubw phsubd phsubsw psignb psignw psignd pmulhrsw"],
  [0x0f3817, "ptest"],
  [0x0f381c, "pabsb pabsw pabsd"],
  [0x0f3820, "pmovsxbw pmovsxbd pmovsxbq pmovsxwd pmovsxwq pmovsxdq"],
  [0x0f3828, "pmuldq pcmpeqq - packusdw"],
  [0x0f3830, "pmovzxbw pmovzxbd pmovzxbq pmovzxwd pmovzxwq pmovzxdq - pcmpgtq pminsb pminsd pminuw pminud pmaxsb pmaxsd pmaxuw pmaxud pmulld phminposuw"],
  [0x0f38db, "aesimc aesenc aesenclast aesdec aesdeclast"],
];
/** With an immediate byte besides. */
const three: readonly Group[] = [
  [0x0f3a08, "roundps roundpd roundss roundsd"],
  [0x0f3a40, "dpps dppd"],
  [0x0f3a0c, "blendps blendpd pblendw palignr"],
  [0x0f3a42, "mpsadbw"],
  [0x0f3a44, "pclmulqdq"],
  [0x0f3adf, "aeskeygenassist"],
];
const sha: readonly Group[] = [[0x0f38c8, "sha1nexte sha1msg1 sha1msg2 - sha256msg1 sha256msg2"]];
const spread = (groups: readonly Group[], operands: string, prefix: number): Line[] =>
  groups.flatMap(([first, names]) => names.split(" ").flatMap((name, i): Line[] => (name === "-" ? [] : [[prefix | (first + i), `${name} ${operands}`]])));

export function vectorExtensionLines(PREFIX: { readonly 0x66: number; readonly 0xf2: number; readonly 0xf3: number }): readonly Line[] {
  const [P66, PF2, PF3] = [PREFIX[0x66], PREFIX[0xf2], PREFIX[0xf3]];
  return [
    [PF2 | 0x0f12, "movddup V W"],
    [PF3 | 0x0f12, "movsldup V W"],
    [PF3 | 0x0f16, "movshdup V W"],
    [PF2 | 0x0ff0, "movups V M"],
    [P66 | 0x0f7c, "haddpd V W"],
    [PF2 | 0x0f7c, "haddps V W"],
    [P66 | 0x0f7d, "hsubpd V W"],
    [PF2 | 0x0f7d, "hsubps V W"],
    [P66 | 0x0fd0, "addsubpd V W"],
    [PF2 | 0x0fd0, "addsubps V W"],
    ...spread(two, "V W", P66),
    ...spread(three, "V W Ib", P66),
    [P66 | 0x0f3810, "pblendvb V W X"],
    [P66 | 0x0f3814, "blendvps V W X"],
    [P66 | 0x0f3815, "blendvpd V W X"],
    [P66 | 0x0f382a, "movaps V M"],
    [P66 | 0x0f3a14, "pextrb Ed V Ib"],
    [P66 | 0x0f3a15, "pextrwTo Ed V Ib"],
    [P66 | 0x0f3a16, "pextrd Ey V Ib"],
    [P66 | 0x0f3a17, "extractps Ed V Ib"],
    [P66 | 0x0f3a20, "pinsrb V Ed Ib"],
    [P66 | 0x0f3a21, "insertps V W Ib"],
    [P66 | 0x0f3a22, "pinsrd V Ey Ib"],
    [P66 | 0x0f3a60, "pcmpestrm,pcmpestrmWide V W Ib X"],
    [P66 | 0x0f3a61, "pcmpestri,pcmpestriWide V W Ib"],
    [P66 | 0x0f3a62, "pcmpistrm V W Ib X"],
    [P66 | 0x0f3a63, "pcmpistri V W Ib"],
    ...spread(sha, "V W", 0),
    [0x0f38cb, "sha256rnds2 V W X"],
    [0x0f3acc, "sha1rnds4 V W Ib"],
    [PF2 | 0x0f38f0, "crc32b Gy Eb"],
    [PF2 | 0x0f38f1, "crc32w,crc32d,crc32q Gy Ev"],
  ];
}
