// A moment in a machine's life: after `seq` events, with `tick` instructions retired since boot. Written `812`, or `812+3091` between events.

export interface Position {
  readonly seq: number;
  /** Instructions retired since boot. */
  readonly tick: number;
}

/** What a user may type: an event's number, and instructions after it. */
export interface PositionText {
  readonly seq: number;
  readonly plus: number;
}
export function parsePosition(text: string): PositionText | undefined {
  const match = /^(\d+)(?:\+(\d+))?$/.exec(text.trim().replaceAll(",", ""));
  return match ? { seq: Number(match[1]), plus: Number(match[2] ?? 0) } : undefined;
}
export const formatPosition = ({ seq, plus }: PositionText): string => (plus === 0 ? String(seq) : `${seq}+${plus}`);
