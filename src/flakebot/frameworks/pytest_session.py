"""One pytest session as it unfolds: which tests started, how each ended, what crashed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

from flakebot.frameworks.pytest_sections import Header
from flakebot.frameworks.pytest_status import PASSED, Word
from flakebot.frameworks.reading import Block, Room
from flakebot.logs import Line
from flakebot.model import Status

_CRASHED = re2.compile(r"worker '(gw\d+)' crashed while running '(.+)'")

_INSIDE = ("/_pytest/", "\\_pytest\\")
"""In the path of a frame of pytest's own."""


def crashed_in(text: str) -> tuple[str, str] | None:
    """The test in which a worker died, and the worker, as xdist says it."""
    match = _CRASHED.search(text)
    return (match.group(2), match.group(1)) if match is not None else None


@dataclass(slots=True)
class Running:
    """A test of this session while the log is read."""

    id: str
    line: int
    outcomes: list[Status] = field(default_factory=list)
    worker: str = ""
    blocks: list[Block] = field(default_factory=list)
    open: bool = True
    word: Word | None = None
    """What was reported last."""


@dataclass(slots=True)
class Crash:
    """A dump of all threads: the line that announced it, and the functions on the thread that
    crashed.
    """

    kind: str
    started: str
    lines: list[Line]
    owned: bool = False
    functions: frozenset[str] | None = None

    def names(self, test: str) -> bool:
        """Whether the dump shows this test's function."""
        if self.functions is None:
            self.functions = frozenset(line.text.rpartition(" in ")[2] for line in self.lines)
        if function_of(test) not in self.functions:
            return False
        path = test.partition("::")[0].rpartition("/")[2]
        return any(path in line.text for line in self.lines)

    @property
    def in_pytest(self) -> bool:
        """Whether the process that crashed was running pytest."""
        return any(mark in line.text for line in self.lines for mark in _INSIDE)


def function_of(test: str) -> str:
    """The function of a test id, without class and parameters."""
    return test.partition("[")[0].rpartition("::")[2]


def domain_of(test: str) -> str:
    """What the header of a failure shows of a test id: `Class.test[x]`."""
    name, bracket, rest = test.partition("[")
    return ".".join(name.split("::")[1:]) + bracket + rest


class Session:
    """The tests of one session."""

    def __init__(self, *, implied: bool = False, room: Room | None = None) -> None:
        self._room = room or Room()
        self.nameless = 0  # passed, and only counted
        self.implied = implied  # no "test session starts" was seen: a cut log, or `-q`
        self.tests: dict[str, Running] = {}
        self.passed: dict[str, int] = {}  # the line of tests that passed and did nothing else
        self.started: dict[str, int] = {}  # the same of tests that have no result yet
        self.crashes: list[Crash] = []
        self.early: list[Crash] = []  # printed before: into a pipe, errors come first
        self.down: set[str] = set()
        self.totals: dict[str, int] = {}
        self.counted: list[Line] = []  # the line that counts failures
        self.ended = False
        self.aborted = False
        self.failed = False
        self.internal: list[Line] = []
        self.node_downs: list[Line] = []
        self.reports: list[tuple[Header, Block]] = []
        self.loose: list[Block] = []
        self.worker_count = 0
        self.verbose = False  # progress lines name the tests
        self.workers: set[str] = set()
        self.last: str | None = None
        self.current: str | None = None  # of a sequential run: started and not ended
        self.file: tuple[str, int] | None = None  # of a run with dots: its line is not complete
        self.percent: int | None = None
        self.summary: dict[str, list[tuple[Status, Line, str]]] = {}
        self.names: dict[str, list[str]] = {}
        self._domains: dict[str, list[str]] | None = None

    @property
    def parallel(self) -> bool:
        """Whether xdist ran the tests."""
        return bool(self.workers) or self.worker_count > 0

    @property
    def named(self) -> bool:
        """Whether a test was named."""
        return bool(self.tests or self.passed or self.started or self.nameless)

    @property
    def seen(self) -> bool:
        """Whether pytest printed it, and not a tool that prints dots as well."""
        shown = self.named or self.totals or self.reports or not self.implied
        return bool(shown) or any(crash.in_pytest for crash in self.crashes)

    def has(self, name: str) -> bool:
        """Whether a test of that id was seen."""
        return name in self.tests or name in self.passed or name in self.started

    def test(self, name: str, line: int) -> Running:
        """The test of that id, new when it was not seen."""
        test = self.tests.get(name)
        if test is None:
            if name in self.passed:
                test = Running(name, self.passed.pop(name), [Status.PASSED], open=False)
                test.word = PASSED
            else:
                test = Running(name, self.started.pop(name, line))
            self.tests[name] = test
            self.names.setdefault(domain_of(name), []).append(name)
        return test

    def start(self, name: str, line: int) -> None:
        """A test's id was printed before it ran."""
        if name in self.tests or name in self.passed:
            self.test(name, line).open = True
        else:
            self.started.setdefault(name, line)
        self.last = name
        if not self.parallel:
            self.current = name

    def report(self, name: str, word: Word, line: int, worker: str = "") -> None:
        """A test's status was printed."""
        if word == PASSED and name not in self.tests and name not in self.passed:
            self._pass(name, self.started.pop(name, line))
            if worker:
                self.workers.add(worker)
            self.last, self.current = name, None
            return
        test = self.test(name, line)
        status = word.status
        if worker in self.down and status in {Status.FAILED, Status.RERUN}:
            status = Status.CRASHED
            self.down.discard(worker)
        _correct(test, word, status)
        test.word = word
        test.outcomes.append(status)
        test.open = False
        if worker:
            self.workers.add(worker)
            if status not in {Status.PASSED, Status.SKIPPED} and not test.worker:
                test.worker = worker
        self.last, self.current = name, None

    def _pass(self, name: str, line: int) -> None:
        """A test passed and did nothing else so far."""
        if self._room.take():
            self.passed[name] = line
        else:
            self.nameless += 1

    def known(self, name: str) -> str:
        """The id without a worker's greeting glued to it, `test_x[gw4] Python 3.11`."""
        plain, bracket, rest = name.rpartition("[gw")
        if bracket and rest[:-1].isdigit() and not self.has(name) and self.has(plain):
            return plain
        return name

    def crashed(self, name: str, worker: str, line: int) -> None:
        """A worker died; xdist said which test it was running."""
        test = self.test(name, line)
        test.worker = test.worker or worker
        test.open = False
        self.workers.add(worker)
        if Status.CRASHED in test.outcomes or Status.TIMEOUT in test.outcomes:
            return
        if Status.FAILED in test.outcomes:
            test.outcomes[test.outcomes.index(Status.FAILED)] = Status.CRASHED
        else:
            test.outcomes.append(Status.CRASHED)

    def listed(self, name: str, status: Status, line: Line, rest: str) -> None:
        """A list at the end names a test, with the rest of its line; that of reruns comes before
        and says less.
        """
        entries = self.summary.setdefault(name, [])
        if status.bad and (status, "") in [(known, said) for known, _, said in entries[-1:]]:
            entries.pop()
        entries.append((status, line, rest))

    def close_crash(self, name: str) -> Crash | None:
        """The dump that belongs to a crashed test: one that shows its function, else the oldest
        that nobody owns. Before the session began only the former is looked for.
        """
        free = [crash for crash in self.crashes if not crash.owned]
        named = [crash for crash in (*self.crashes, *self.early) if crash.names(name)]
        found = next(iter([c for c in named if not c.owned] or named or _nameless(free)), None)
        if found is not None:
            found.owned = True
        return found

    def candidates(self, header: str) -> list[Running]:
        """Tests that a failure's header may mean, those with a bad outcome first."""
        tests = [self.tests[name] for name in self.names.get(header, ())]
        bad = [t for t in tests if any(o.bad or o is Status.RERUN for o in t.outcomes)]
        if not bad:
            tests += [self.test(name, 0) for name in self._quiet(header) if name not in self.tests]
        return bad or sorted(tests, key=lambda test: test.line)

    def _quiet(self, header: str) -> list[str]:
        """Tests of which no more is known than that they started or passed."""
        if self._domains is None:
            self._domains = {}
            for name in (*self.passed, *self.started):
                self._domains.setdefault(domain_of(name), []).append(name)
        return self._domains.get(header, [])


def _correct(test: Running, word: Word, status: Status) -> None:
    """What the next status tells of one of Datadog's attempts.

    One that printed PASSED and was followed by another failed at its tear-down; the last one is
    printed again as the final status.
    """
    if test.word is None or not test.word.attempt:
        return
    goes_on = word.attempt or status.bad
    if test.word.until_passed and test.outcomes[-1] is Status.PASSED and goes_on:
        test.outcomes[-1] = Status.RERUN
    if not word.attempt and _repeats(test.outcomes[-1], status):
        test.outcomes.pop()


def _repeats(attempt: Status, final: Status) -> bool:
    return attempt is not Status.CRASHED and (attempt is Status.RERUN) == final.bad


def _nameless(crashes: list[Crash]) -> list[Crash]:
    """Dumps in which no test function stands, so that they may be anyone's."""
    return [c for c in crashes if not any(" in test_" in line.text for line in c.lines)]
