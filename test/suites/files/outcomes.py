"""Modules of Python's own test package, each in a process of its own and as regrtest runs it with a network for all its resources: a line on standard output for each test that begins, and one for what came of it. All else goes to standard error."""
import importlib
import os
import sys
import unittest
from test import support
from test.support import os_helper

report = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
os.dup2(2, 1)


class Reported(unittest.TextTestResult):
    verdict = None

    def startTest(self, test):
        super().startTest(test)
        self.verdict = "ok"
        self.tell("begin", test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self.tell(self.verdict, test.id())
        self.verdict = None

    def tell(self, verdict, name):
        report.write(f"{verdict} {name}\n")

    def becomes(self, verdict, test):
        # A class that could not be set up has no test that begins.
        if self.verdict is None:
            self.tell(verdict, test.id())
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
    unittest.TextTestRunner(sys.stderr, verbosity=1, resultclass=Reported).run(suite)


support._run_suite = run
# There is a loopback interface.
support.use_resources = {"network": None}


def run_module(name):
    try:
        module = importlib.import_module(f"test.{name}")
        with os_helper.temp_cwd():
            if hasattr(module, "test_main"):
                module.test_main()
            else:
                run(unittest.defaultTestLoader.loadTestsFromModule(module))
    except unittest.SkipTest as skipped:
        report.write(f"skip {name}: {skipped}\n")


names, sys.argv[1:] = sys.argv[1:], []
for name in names:
    report.write(f"=== {name}\n")
    sys.stderr.write(f"=== {name}\n")
    child = os.fork()
    if child == 0:
        run_module(name)
        break
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    report.write(f"=== status {status if status >= 0 else 128 - status}\n")
