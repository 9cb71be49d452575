// A batch of questions to the processor, each with what we say to it; reports the first differences in full.
import * as assert from "uvu/assert";
import { type Answer, askProcessor, type Request } from "./processor.ts";

export interface Question {
  readonly request: Request;
  readonly name: string;
  /** What we answer, in the words of `seen`. */
  readonly ours: string;
  /** The part of the processor's answer to compare. */
  readonly seen: (answer: Answer) => string;
}
const hex = (n: bigint | number): string => n.toString(16);
export const show = (x: { mantissa: bigint; signExponent: number }): string => `${hex(x.signExponent)}:${hex(x.mantissa)}`;

export function compareWithProcessor(questions: readonly Question[]): void {
  const answer = askProcessor(questions.map(question => question.request));
  const differences: string[] = [];
  let count = 0;
  for (const [index, { request, name, ours, seen }] of questions.entries()) {
    const theirs = seen(answer(index));
    if (theirs === ours) continue;
    count++;
    if (differences.length < 20) {
      differences.push(
        `${name} control ${hex(request.control)} a ${show(request.a)} b ${show(request.b)} memory ${hex(request.memory)}: ours ${ours}, the processor's ${theirs}`,
      );
    }
  }
  assert.is(count, 0, `${count} of ${questions.length} differ:\n${differences.join("\n")}`);
}
