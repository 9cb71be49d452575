// Where in history: the texts a user types for a position, after rr, git and TTD.
import { formatPosition, type Position, type PositionText, parsePosition } from "../../events/position.ts";
import { Failure } from "../failure.ts";

/** What names stand for while a text is read. */
export interface Here {
  readonly position: PositionText;
  readonly length: number;
  /** Where it ends, with the instructions after the last event. */
  readonly end?: PositionText;
  /** Tags, checkpoints and other names. */
  named?(name: string): PositionText | undefined;
}

const FORMS = "a position is 812, 812+3091, 50%, @{812}, HEAD, HEAD~3, +5, -5, start, end or a tag";

/** Throws one sentence where the text means nothing. */
export function parseMoment(text: string, here: Here): PositionText {
  const word = text.trim().replaceAll(",", "");
  const found = read(word, here);
  if (!found) throw new Failure(`There is no position ${text}; ${FORMS}.`, 2);
  if (found.seq < 0 || found.seq > here.length)
    throw new Failure(`Position ${formatPosition(found)} is outside this timeline, which has ${here.length} events.`, 2);
  return found;
}
function read(word: string, here: Here): PositionText | undefined {
  const plain = parsePosition(word);
  if (plain) return plain;
  const at = (seq: number): PositionText => ({ seq, plus: 0 });
  const relative = /^([+-]\d+)$/.exec(word);
  if (relative) return at(here.position.seq + Number(relative[1]));
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(word);
  if (percent) return at(Math.round((here.length * Math.min(100, Number(percent[1]))) / 100));
  const indexed = /^(?:HEAD)?@\{(.+)\}$/.exec(word);
  if (indexed) return read(indexed[1]!, here);
  const back = /^(.+?)(?:~(\d*)|(\^+))$/.exec(word);
  if (back) {
    const base = read(back[1]!, here);
    return base && at(base.seq - (back[3] ? back[3].length : back[2] === "" ? 1 : Number(back[2])));
  }
  if (word === "HEAD" || word === "." || word === "@") return here.position;
  if (word === "end") return here.end ?? at(here.length);
  if (word === "start") return at(Math.min(1, here.length));
  return here.named?.(word);
}

/** The instructions that a position lies after its last event. */
export function positionText(position: Position, lastEventTick: number | undefined): PositionText {
  return { seq: position.seq, plus: position.tick - (lastEventTick ?? 0) };
}
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
