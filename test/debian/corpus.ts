// Command lines for the Debian image, in cases/, and what the same binaries gave for them natively.
import { Corpus } from "../corpus/corpus.ts";

export const debianCorpus = new Corpus(import.meta.dirname);
