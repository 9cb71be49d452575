// BusyBox command lines, in cases/, and what the same binary gave for them natively.
import { Corpus } from "../corpus/corpus.ts";

export const busyboxCorpus = new Corpus(import.meta.dirname);
