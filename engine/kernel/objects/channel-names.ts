// Names of channels, made once: a text that is made anew is hashed anew by every map that is asked for it. Nothing but time depends on what is kept here.

const MOST_KEPT = 4096;
/** `owner`: whose number it is, where several have the same; the last one's name is kept. */
export function keptNames(make: (id: number, owner: number) => string): (id: number, owner?: number) => string {
  const kept = new Map<number, { readonly owner: number; readonly name: string }>();
  return (id, owner = 0) => {
    const known = kept.get(id);
    if (known?.owner === owner) return known.name;
    if (kept.size >= MOST_KEPT) kept.clear();
    const name = make(id, owner);
    kept.set(id, { owner, name });
    return name;
  };
}
