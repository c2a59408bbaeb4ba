"""A pytest plug-in that notes which process began and ended which test, in an iteration's folder.

It runs inside the project under test, perhaps in a container: Python 3.8 or newer, the standard
library and pytest alone, and nothing it does may make a test fail. `flakebot reproduce` loads it by
the environment, so that the command line stays the one a person would type:

* FLAKEBOT_JOURNAL: the folder for `journal-PID.jsonl` and `stacks-PID.txt` of each process.
* FLAKEBOT_SEED: shuffles the tests, the same way in each process of one pytest.

SIGUSR1 writes the stacks of all threads, so that a hang can be looked at before it is ended.
"""

import contextlib
import faulthandler
import json
import os
import random
import signal

import pytest


def pytest_configure(config):
    """Begin the journal, in each process that runs tests itself."""
    folder = os.environ.get("FLAKEBOT_JOURNAL")
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if not folder or (not worker and getattr(config.option, "dist", "no") != "no"):
        return  # xdist's controller runs no test itself
    try:
        journal = Journal(folder, worker)
    except (OSError, ValueError):
        return  # a read-only file system, or a mapping that is not there
    config.pluginmanager.register(journal, "flakebot-journal-file")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Shuffle the tests when there is a seed."""
    seed = os.environ.get("FLAKEBOT_SEED")
    if seed:
        random.Random(int(seed)).shuffle(items)


class Journal:
    """The notes of one process."""

    def __init__(self, folder, worker):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(os.path.join(folder, f"journal-{os.getpid()}.jsonl"), flags, 0o666)
        self._stacks = os.open(os.path.join(folder, f"stacks-{os.getpid()}.txt"), flags, 0o666)
        faulthandler.register(signal.SIGUSR1, file=self._stacks, all_threads=True)
        self._collects = worker in ("", "gw0")  # every worker collects the same
        self._note("worker", worker)

    def _note(self, *words):
        with contextlib.suppress(OSError):  # a full disk is told by those who need it
            os.write(self._file, json.dumps(words).encode() + b"\n")

    def pytest_collection_finish(self, session):
        """All tests that should run."""
        if self._collects:
            for item in session.items:
                self._note("collected", item.nodeid)

    def pytest_runtest_logstart(self, nodeid):
        """A test begins."""
        self._note("begin", nodeid)

    def pytest_runtest_logreport(self, report):
        """A test was skipped; one that is expected to fail, or skips a subtest, ran."""
        ran = hasattr(report, "wasxfail") or hasattr(report, "context")
        if report.skipped and not ran:
            self._note("skipped", report.nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        """A test ended."""
        self._note("end", nodeid)
