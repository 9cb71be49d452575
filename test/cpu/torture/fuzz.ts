// `npm run fuzz:programs -- --count N --seed S`: programs of our own making, compiled by gcc in every way, on the real processor and in Chronix.
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { program } from "./program.ts";
import { type Level, levels, optimisations, servedLevels, tryProgram } from "./trial.ts";

const options = new Command("fuzz:programs")
  .option("--count <n>", "programs", "10")
  .option("--seed <n>", "of the first", "1")
  .option("--level <name>", `${levels.join(", ")}: that alone; otherwise those that CPUID promises`)
  .option("--source <path>", "write the first program there, and run nothing")
  .parse()
  .opts<{ count: string; seed: string; level?: Level; source?: string }>();

const first = Number(options.seed);
if (options.source) {
  writeFileSync(options.source, program(first).source);
} else {
  let [runs, failures, ticks] = [0, 0, 0];
  for (let seed = first; seed < first + Number(options.count); seed++)
    for (const level of options.level ? [options.level] : servedLevels())
      for (const optimisation of optimisations) {
        const verdict = tryProgram({ seed, optimisation, level });
        runs++;
        ticks += verdict.ticks;
        if (verdict.isSame) continue;
        failures++;
        process.stdout.write(`seed ${seed} ${optimisation.join(" ")} -march=${level}: ${verdict.text}\n`);
      }
  process.stdout.write(`${runs} programs, ${failures} differ, ${ticks.toLocaleString("en")} instructions\n`);
  process.exitCode = failures > 0 ? 1 : 0;
}
