// The assists of x87 and of exact SSE and AVX. The build loads them when one is first asked for: few programs need any.
import type { Assist } from "./assist.ts";
import { fusedAssists } from "./fused-assists.ts";
import { halfAssists } from "./half-assists.ts";
import { vectorAssists } from "./vector-assists.ts";
import { x87Assists } from "./x87-assists.ts";

export const floatAssist = (name: string): Assist | undefined => x87Assists[name] ?? vectorAssists[name] ?? fusedAssists[name] ?? halfAssists[name];
