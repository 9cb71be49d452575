// What compiles. The build loads it when it is first asked for: short runs need none of it.
import { RegionCompiler } from "./compiler.ts";

export const createCompiler = (...all: ConstructorParameters<typeof RegionCompiler>): RegionCompiler => new RegionCompiler(...all);
export { relaxedRoundsOnce } from "../wasm/relaxed.ts";
