// What RDRAND and RDSEED give: a function of the machine's seed and of the tick at which they are executed, which no two of them share. So a snapshot need hold nothing of it,
// and a replay gives the same numbers. They never fail.
const MASK = (1n << 64n) - 1n;

/** SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) at the place that the tick says. */
export function randomNumber(seed: number, tick: number): bigint {
  let z = (BigInt(Math.floor(seed)) * 0x9e37_79b9_7f4a_7c15n + BigInt(tick + 1) * 0xd1b5_4a32_d192_ed03n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
  return z ^ (z >> 31n);
}
