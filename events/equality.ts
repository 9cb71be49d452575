// Whether two events are the same fact: structural, bytes by value. Answers where they differ, for a sentence.

/** The path of the first difference, as `result.value`; `undefined` where there is none. */
export function firstDifference(a: unknown, b: unknown, path = ""): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a === "bigint" || typeof b === "bigint")
    return a !== undefined && b !== undefined && BigInt(a as bigint) === BigInt(b as bigint) ? undefined : path;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && sameBytes(a, b) ? undefined : path;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) {
    const found = firstDifference((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], path ? `${path}.${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
