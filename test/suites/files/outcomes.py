"""A module of Python's own test package, run as regrtest runs it: a line on standard output for each test that begins, and one for what came of it. All else goes to standard error."""
import os
import sys
import unittest
from test import support
from test.libregrtest import main

report = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
os.dup2(2, 1)


class Reported(unittest.TextTestResult):
    verdict = None

    def startTest(self, test):
        super().startTest(test)
        self.verdict = "ok"
        self.tell("begin", test)

    def stopTest(self, test):
        super().stopTest(test)
        self.tell(self.verdict, test)
        self.verdict = None

    def tell(self, verdict, test):
        report.write(f"{verdict} {test.id()}\n")

    def becomes(self, verdict, test):
        # A class that could not be set up has no test that begins.
        if self.verdict is None:
            self.tell(verdict, test)
        elif self.verdict in ("ok", "skip"):
            self.verdict = verdict

    def addError(self, test, error):
        super().addError(test, error)
        self.becomes("ERROR", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.becomes("FAIL", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.becomes("skip", test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.becomes("FAIL", test)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.becomes("FAIL" if issubclass(error[0], test.failureException) else "ERROR", test)


def run(suite):
    result = unittest.TextTestRunner(sys.stderr, verbosity=1, resultclass=Reported).run(suite)
    if not result.testsRun and not result.skipped:
        raise support.TestDidNotRun
    if not result.wasSuccessful():
        raise support.TestFailed("see above")


support._run_suite = run
main()
