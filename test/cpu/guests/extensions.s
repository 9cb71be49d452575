# Forms that no compiler writes, for the disassembler alone: assembled and read, never run.
.intel_syntax noprefix
.text
pshufb xmm1, xmm10
pshufb xmm1, [rdi+8]
pshufb mm1, mm2
pshufb mm3, [rdi+8]
phaddw xmm1, xmm10
phaddw xmm1, [rdi+8]
phaddw mm1, mm2
phaddw mm3, [rdi+8]
phaddd xmm1, xmm10
phaddd xmm1, [rdi+8]
phaddd mm1, mm2
phaddd mm3, [rdi+8]
phaddsw xmm1, xmm10
phaddsw xmm1, [rdi+8]
phaddsw mm1, mm2
phaddsw mm3, [rdi+8]
pmaddubsw xmm1, xmm10
pmaddubsw xmm1, [rdi+8]
pmaddubsw mm1, mm2
pmaddubsw mm3, [rdi+8]
phsubw xmm1, xmm10
phsubw xmm1, [rdi+8]
phsubw mm1, mm2
phsubw mm3, [rdi+8]
phsubd xmm1, xmm10
phsubd xmm1, [rdi+8]
phsubd mm1, mm2
phsubd mm3, [rdi+8]
phsubsw xmm1, xmm10
phsubsw xmm1, [rdi+8]
phsubsw mm1, mm2
phsubsw mm3, [rdi+8]
psignb xmm1, xmm10
psignb xmm1, [rdi+8]
psignb mm1, mm2
psignb mm3, [rdi+8]
psignw xmm1, xmm10
psignw xmm1, [rdi+8]
psignw mm1, mm2
psignw mm3, [rdi+8]
psignd xmm1, xmm10
psignd xmm1, [rdi+8]
psignd mm1, mm2
psignd mm3, [rdi+8]
pmulhrsw xmm1, xmm10
pmulhrsw xmm1, [rdi+8]
pmulhrsw mm1, mm2
pmulhrsw mm3, [rdi+8]
pabsb xmm1, xmm10
pabsb xmm1, [rdi+8]
pabsb mm1, mm2
pabsb mm3, [rdi+8]
pabsw xmm1, xmm10
pabsw xmm1, [rdi+8]
pabsw mm1, mm2
pabsw mm3, [rdi+8]
pabsd xmm1, xmm10
pabsd xmm1, [rdi+8]
pabsd mm1, mm2
pabsd mm3, [rdi+8]
pmuldq xmm1, xmm10
pmuldq xmm9, [rdi+8]
pcmpeqq xmm1, xmm10
pcmpeqq xmm9, [rdi+8]
packusdw xmm1, xmm10
packusdw xmm9, [rdi+8]
pcmpgtq xmm1, xmm10
pcmpgtq xmm9, [rdi+8]
pminsb xmm1, xmm10
pminsb xmm9, [rdi+8]
pminsd xmm1, xmm10
pminsd xmm9, [rdi+8]
pminuw xmm1, xmm10
pminuw xmm9, [rdi+8]
pminud xmm1, xmm10
pminud xmm9, [rdi+8]
pmaxsb xmm1, xmm10
pmaxsb xmm9, [rdi+8]
pmaxsd xmm1, xmm10
pmaxsd xmm9, [rdi+8]
pmaxuw xmm1, xmm10
pmaxuw xmm9, [rdi+8]
pmaxud xmm1, xmm10
pmaxud xmm9, [rdi+8]
pmulld xmm1, xmm10
pmulld xmm9, [rdi+8]
phminposuw xmm1, xmm10
phminposuw xmm9, [rdi+8]
ptest xmm1, xmm10
ptest xmm9, [rdi+8]
aesimc xmm1, xmm10
aesimc xmm9, [rdi+8]
aesenc xmm1, xmm10
aesenc xmm9, [rdi+8]
aesenclast xmm1, xmm10
aesenclast xmm9, [rdi+8]
aesdec xmm1, xmm10
aesdec xmm9, [rdi+8]
aesdeclast xmm1, xmm10
aesdeclast xmm9, [rdi+8]
movshdup xmm1, xmm10
movshdup xmm9, [rdi+8]
movsldup xmm1, xmm10
movsldup xmm9, [rdi+8]
sha1nexte xmm1, xmm10
sha1nexte xmm9, [rdi+8]
sha1msg1 xmm1, xmm10
sha1msg1 xmm9, [rdi+8]
sha1msg2 xmm1, xmm10
sha1msg2 xmm9, [rdi+8]
sha256msg1 xmm1, xmm10
sha256msg1 xmm9, [rdi+8]
sha256msg2 xmm1, xmm10
sha256msg2 xmm9, [rdi+8]
paddb mm1, mm2
paddb mm3, [rdi+8]
paddw mm1, mm2
paddw mm3, [rdi+8]
paddd mm1, mm2
paddd mm3, [rdi+8]
paddq mm1, mm2
paddq mm3, [rdi+8]
psubb mm1, mm2
psubb mm3, [rdi+8]
psubw mm1, mm2
psubw mm3, [rdi+8]
psubd mm1, mm2
psubd mm3, [rdi+8]
psubq mm1, mm2
psubq mm3, [rdi+8]
paddsb mm1, mm2
paddsb mm3, [rdi+8]
paddusw mm1, mm2
paddusw mm3, [rdi+8]
pmullw mm1, mm2
pmullw mm3, [rdi+8]
pmulhw mm1, mm2
pmulhw mm3, [rdi+8]
pmulhuw mm1, mm2
pmulhuw mm3, [rdi+8]
pmuludq mm1, mm2
pmuludq mm3, [rdi+8]
pmaddwd mm1, mm2
pmaddwd mm3, [rdi+8]
psadbw mm1, mm2
psadbw mm3, [rdi+8]
pavgb mm1, mm2
pavgb mm3, [rdi+8]
pminub mm1, mm2
pminub mm3, [rdi+8]
pmaxsw mm1, mm2
pmaxsw mm3, [rdi+8]
pcmpeqb mm1, mm2
pcmpeqb mm3, [rdi+8]
pcmpgtd mm1, mm2
pcmpgtd mm3, [rdi+8]
pand mm1, mm2
pand mm3, [rdi+8]
pandn mm1, mm2
pandn mm3, [rdi+8]
por mm1, mm2
por mm3, [rdi+8]
pxor mm1, mm2
pxor mm3, [rdi+8]
packsswb mm1, mm2
packsswb mm3, [rdi+8]
packuswb mm1, mm2
packuswb mm3, [rdi+8]
packssdw mm1, mm2
packssdw mm3, [rdi+8]
punpckhbw mm1, mm2
punpckhbw mm3, [rdi+8]
punpckhdq mm1, mm2
punpckhdq mm3, [rdi+8]
psllw mm1, mm2
psllw mm3, [rdi+8]
psrad mm1, mm2
psrad mm3, [rdi+8]
psrlq mm1, mm2
psrlq mm3, [rdi+8]
pmovsxbw xmm1, xmm2
pmovsxbw xmm1, qword ptr [rdi]
pmovsxbd xmm1, xmm2
pmovsxbd xmm1, dword ptr [rdi]
pmovsxbq xmm1, xmm2
pmovsxbq xmm1, word ptr [rdi]
pmovsxwd xmm1, xmm2
pmovsxwd xmm1, qword ptr [rdi]
pmovsxwq xmm1, xmm2
pmovsxwq xmm1, dword ptr [rdi]
pmovsxdq xmm1, xmm2
pmovsxdq xmm1, qword ptr [rdi]
pmovzxbw xmm1, xmm2
pmovzxbw xmm1, qword ptr [rdi]
pmovzxbd xmm1, xmm2
pmovzxbd xmm1, dword ptr [rdi]
pmovzxbq xmm1, xmm2
pmovzxbq xmm1, word ptr [rdi]
pmovzxwd xmm1, xmm2
pmovzxwd xmm1, qword ptr [rdi]
pmovzxwq xmm1, xmm2
pmovzxwq xmm1, dword ptr [rdi]
pmovzxdq xmm1, xmm2
pmovzxdq xmm1, qword ptr [rdi]
pblendw xmm1, xmm2, 3
pblendw xmm1, [rdi], 4
blendps xmm1, xmm2, 3
blendps xmm1, [rdi], 4
blendpd xmm1, xmm2, 3
blendpd xmm1, [rdi], 4
mpsadbw xmm1, xmm2, 3
mpsadbw xmm1, [rdi], 4
pclmulqdq xmm1, xmm2, 0x42
pclmulqdq xmm1, [rdi], 0x42
aeskeygenassist xmm1, xmm2, 3
aeskeygenassist xmm1, [rdi], 4
palignr xmm1, xmm2, 3
palignr xmm1, [rdi], 4
sha1rnds4 xmm1, xmm2, 3
sha1rnds4 xmm1, [rdi], 4
pcmpestrm xmm1, xmm2, 3
pcmpestrm xmm1, [rdi], 4
pcmpestri xmm1, xmm2, 3
pcmpestri xmm1, [rdi], 4
pcmpistrm xmm1, xmm2, 3
pcmpistrm xmm1, [rdi], 4
pcmpistri xmm1, xmm2, 3
pcmpistri xmm1, [rdi], 4
pblendvb xmm1, xmm2, xmm0
pblendvb xmm1, [rdi], xmm0
blendvps xmm1, xmm2, xmm0
blendvps xmm1, [rdi], xmm0
blendvpd xmm1, xmm2, xmm0
blendvpd xmm1, [rdi], xmm0
sha256rnds2 xmm1, xmm2, xmm0
sha256rnds2 xmm1, [rdi], xmm0
pextrb eax, xmm1, 3
pextrb byte ptr [rdi], xmm1, 3
pextrw word ptr [rdi], xmm1, 3
pextrw eax, xmm1, 3
pextrd eax, xmm1, 3
pextrd dword ptr [rdi], xmm1, 3
pextrq rax, xmm1, 1
pextrq qword ptr [rdi], xmm1, 1
extractps eax, xmm1, 3
extractps dword ptr [rdi], xmm1, 3
pinsrb xmm1, eax, 3
pinsrb xmm1, byte ptr [rdi], 3
pinsrd xmm1, eax, 3
pinsrd xmm1, dword ptr [rdi], 3
pinsrq xmm1, rax, 1
pinsrq xmm1, qword ptr [rdi], 1
insertps xmm1, xmm2, 3
insertps xmm1, dword ptr [rdi], 3
movddup xmm1, xmm2
movddup xmm1, qword ptr [rdi]
movntdqa xmm1, [rdi]
lddqu xmm1, [rdi]
crc32 eax, bl
crc32 eax, bx
crc32 eax, ebx
crc32 rax, bl
crc32 rax, rbx
crc32 eax, byte ptr [rdi]
crc32 eax, dword ptr [rdi]
crc32 rax, qword ptr [rdi]
palignr mm1, mm2, 3
pshufw mm1, mm2, 3
pshufw mm1, [rdi], 3
punpcklbw mm1, mm2
punpcklbw mm1, dword ptr [rdi]
psllw mm1, 3
psrad mm1, 3
psrlq mm1, 3
movd mm1, eax
movd mm1, dword ptr [rdi]
movd eax, mm1
movd dword ptr [rdi], mm1
movq mm1, rax
movq rax, mm1
movq mm1, mm2
movq mm1, [rdi]
movq [rdi], mm1
movntq [rdi], mm1
movnti [rdi], eax
movnti [rdi], rax
maskmovq mm1, mm2
maskmovdqu xmm1, xmm2
movq2dq xmm1, mm2
movdq2q mm1, xmm2
pmovmskb eax, mm1
pextrw eax, mm1, 2
pinsrw mm1, eax, 2
pinsrw mm1, word ptr [rdi], 2
emms
haddps xmm1, xmm2
haddpd xmm1, [rdi]
hsubps xmm1, [rdi]
hsubpd xmm1, xmm2
addsubps xmm1, xmm2
addsubpd xmm1, [rdi]
dpps xmm1, xmm2, 3
dppd xmm1, [rdi], 3
roundps xmm1, xmm2, 3
roundpd xmm1, [rdi], 3
roundss xmm1, dword ptr [rdi], 3
roundsd xmm1, qword ptr [rdi], 3
cvtpi2ps xmm1, mm2
cvtpi2ps xmm1, [rdi]
cvtpi2pd xmm1, mm2
cvtps2pi mm1, xmm2
cvttps2pi mm1, [rdi]
cvtpd2pi mm1, xmm2
cvttpd2pi mm1, [rdi]
