// What a run of one stressor came to, in words that can be compared.
export type Verdict = "passed" | "skipped" | "failed" | "timed out" | "engine failed";
export interface Outcome {
  readonly verdict: Verdict;
  /** What it said went wrong, without numbers of processes and times. */
  readonly reasons: readonly string[];
}
/** stress-ng(1), EXIT STATUS: 0 all is well, 3 and 4 it could not run here, everything else is a failure. */
const CANNOT_RUN = new Set([3, 4]);

export function outcomeOf(name: string, text: string, status: number): Outcome {
  const reasons = [...text.matchAll(/^stress-ng: (?:fail|error|warn|info): +\[\d+\] (.*)$/gm)]
    .map(([, reason = ""]) => reason.replace(/\b\d{2,}\b/g, "N").replace(/0x[0-9a-f]+/g, "0xN"))
    .filter(
      reason =>
        /fail|error|skip|errno|untrustworthy|unexpected|terminated|not supported/i.test(reason) &&
        !/^(failed|skipped|metrics untrustworthy): 0$|^passed/.test(reason),
    );
  const isSkipped = CANNOT_RUN.has(status) || new RegExp(`skipped: [1-9].*${name}|stressor will be skipped|is not implemented`).test(text);
  const verdict = status === 0 && !isSkipped ? "passed" : isSkipped && (status === 0 || CANNOT_RUN.has(status)) ? "skipped" : "failed";
  return { verdict, reasons: [...new Set(reasons)].slice(0, 4) };
}
