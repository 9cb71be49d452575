// Names of channels, made once: a text that is made anew is hashed anew by every map that is asked for it. Nothing but time depends on what is kept here.

const MOST_KEPT = 4096;
export function keptNames(make: (id: number) => string): (id: number) => string {
  const known = new Map<number, string>();
  return id => {
    const name = known.get(id);
    if (name !== undefined) return name;
    if (known.size >= MOST_KEPT) known.clear();
    const made = make(id);
    known.set(id, made);
    return made;
  };
}
