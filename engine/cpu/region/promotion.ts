// What compiles. The build loads it when it is first asked for: short runs need none of it.
import { Regions } from "./regions.ts";

export const createRegions = (...all: ConstructorParameters<typeof Regions>): Regions => new Regions(...all);
