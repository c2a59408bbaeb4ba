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
    """Begin the journal and fix the order, in each process that runs tests itself."""
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if not worker and getattr(config.option, "dist", "no") != "no":
        return  # xdist's controller runs no test itself
    # Taken away, because tests may start a pytest of their own.
    folder, seed = (os.environ.pop(f"FLAKEBOT_{name}", "") for name in ("JOURNAL", "SEED"))
    if seed:
        config.pluginmanager.register(Order(int(seed)), "flakebot-order")
    if not folder:
        return
    try:
        journal = Journal(folder, worker, config)
    except (OSError, ValueError):
        return  # a read-only file system, or a mapping that is not there
    config.pluginmanager.register(journal, "flakebot-journal-file")


class Order:
    """Shuffles the tests."""

    def __init__(self, seed):
        self._seed = seed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        """The same way in each process of one pytest."""
        random.Random(self._seed).shuffle(items)


class Journal:
    """The notes of one process."""

    def __init__(self, folder, worker, config):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(os.path.join(folder, f"journal-{os.getpid()}.jsonl"), flags, 0o666)
        self._stacks = os.open(os.path.join(folder, f"stacks-{os.getpid()}.txt"), flags, 0o666)
        faulthandler.register(signal.SIGUSR1, file=self._stacks, all_threads=True)
        self._root = str(getattr(config, "rootpath", "") or config.rootdir)
        self._here = str(config.invocation_params.dir)
        self._collects = worker in ("", "gw0")  # every worker collects the same
        self._note("worker", worker)

    def _note(self, *words):
        with contextlib.suppress(OSError):  # a full disk is told by those who need it
            os.write(self._file, json.dumps(words).encode() + b"\n")

    def _shown(self, nodeid):
        """A test as pytest prints it and takes it: from this folder, and not from its root."""
        path, colons, rest = nodeid.partition("::")
        return os.path.relpath(os.path.join(self._root, path), self._here) + colons + rest

    def pytest_collection_finish(self, session):
        """All tests that should run."""
        if self._collects:
            for item in session.items:
                self._note("collected", self._shown(item.nodeid))

    def pytest_runtest_logstart(self, nodeid):
        """A test begins."""
        self._note("begin", self._shown(nodeid))

    def pytest_runtest_logreport(self, report):
        """A test was skipped; one that is expected to fail, or skips a subtest, ran."""
        ran = hasattr(report, "wasxfail") or hasattr(report, "context")
        if report.skipped and not ran:
            self._note("skipped", self._shown(report.nodeid))

    def pytest_runtest_logfinish(self, nodeid):
        """A test ended."""
        self._note("end", self._shown(nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self):
        """All tests are done; what comes after may end the process at once."""
        self._note("done", "")
