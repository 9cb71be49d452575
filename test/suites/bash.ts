// bash's own tests, by run-* script: each compares what bash prints with a file of what is right, and prints how they differ.
import { createHash } from "node:crypto";
import { oneByOne, type Suite } from "./suite.ts";

export const BASH_FOLDER = "/suites/bash";
/** Programs that the tests want beside them, from the package's support/. */
export const BASH_SUPPORT = ["recho", "zecho", "printenv", "xcase"];

const MODULES = `
  alias appendop arith arith-for array array2 assoc attr braces builtins case casemod complete comsub comsub-eof comsub-posix cond coproc cprint dbg-support dbg-support2 dirstack dollars
  dynvar errors execscript exp-tests exportfunc extglob extglob2 extglob3 func getopts glob-test globstar heredoc herestr histexpand history ifs ifs-posix input-test intl invert iquote jobs
  lastpipe mapfile more-exp nameref new-exp nquote nquote1 nquote2 nquote3 nquote4 nquote5 parser posix2 posixexp posixexp2 posixpat posixpipe precedence printf procsub quote quotearray read
  redir rhs-exp rsh set-e set-x shopt strip test tilde tilde2 trap type varenv vredir
`;

export const bash: Suite = {
  name: "bash",
  modules: MODULES.trim().split(/\s+/),
  script: modules =>
    oneByOne(
      modules,
      module =>
        `cd ${BASH_FOLDER}/tests && export THIS_SH=/bin/bash BUILD_DIR=.. TMPDIR=/tmp BASH_TSTOUT=/tmp/bashtst PATH=.:$PATH && sh ./run-${module}; status=$?; rm -f /tmp/bashtst; exit $status`,
    ),
  verdicts: ({ stdout, status }) =>
    new Map([["output", status === 0 && stdout === "" ? "ok" : `FAIL ${createHash("sha256").update(stdout).digest("hex").slice(0, 8)}`]]),
};
