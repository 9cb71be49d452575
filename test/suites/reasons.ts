// Why a test differs, where that is known. What is not named here is a fault of ours that nobody has looked into.

/** By `suite/module: test`, the first that fits. */
export const REASONS: readonly (readonly [tests: RegExp, why: string])[] = [];

export const reasonOf = (test: string): string => REASONS.find(([tests]) => tests.test(test))?.[1] ?? "not looked into yet";
