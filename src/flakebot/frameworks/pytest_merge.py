"""Bind what a pytest session printed in different places to one test each, and count. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import re2

from flakebot.frameworks.pytest_sections import Header
from flakebot.frameworks.pytest_session import Running, Session, crashed_in
from flakebot.frameworks.pytest_status import Word
from flakebot.frameworks.reading import Block, Reading, Test
from flakebot.model import Status, TestId

_FORKED = "running the test CRASHED with signal "
"""What pytest-forked says of a test whose process died."""

_TIMEOUT = re2.compile(r"^E?\s*(?:_pytest\.outcomes\.|pytest_timeout\.)?Failed: Timeout \(?>")
_PLACE = re2.compile(r"^([^\s:]+\.py):\d+: (.*)$")
"""Where an entry of a traceback stands, in pytest's long style and in its short one."""

_NEUTRAL = frozenset({Status.PASSED, Status.SKIPPED})
_TOTALS = {
    Status.PASSED: ("passed", "xpassed"),
    Status.SKIPPED: ("skipped", "xfailed"),
    Status.RERUN: ("rerun",),
}
"""What a session's last line counts that its lists need not name."""


def merge(sessions: Sequence[Session]) -> Reading:
    """The reading of a whole log: outcomes of the same id in several sessions follow each other."""
    for before, session in pairwise(sessions):
        if before.implied and not before.named:
            session.early = before.crashes
    for session in reversed(sessions):  # a later one may own what was printed before it began
        _bind(session)
    known = frozenset(chain.from_iterable(session.tests for session in sessions))
    tests: dict[str, Running] = {}
    for session in sessions:
        for name in known.intersection(session.passed):
            session.test(name, 0)
        for name, test in session.tests.items():
            if name in tests:
                tests[name].outcomes.extend(test.outcomes)
                tests[name].blocks.extend(test.blocks)
                tests[name].worker = tests[name].worker or test.worker
            elif test.outcomes:
                tests[name] = test
    return _reading(sessions, list(tests.values()))


def _reading(sessions: Sequence[Session], tests: Sequence[Running]) -> Reading:
    begun = (s for s in reversed(sessions) if s.named or s.percent is not None or not s.implied)
    last = next(begun, Session())
    under_way = Session() if last.ended else last  # behind its last line no test of it can hang
    bad = [test for test in tests if not set(test.outcomes) <= _NEUTRAL]
    return Reading(
        tests=tuple(_test(test) for test in sorted(bad, key=lambda test: test.line)),
        passed=frozenset(_passed(sessions, tests)),
        nameless=sum(session.nameless for session in sessions),
        counts=_counts(sessions, tests),
        workers=max(
            (session.worker_count or len(session.workers) for session in sessions), default=0
        ),
        seen=any(session.seen for session in sessions),
        failed=any(session.failed for session in sessions),
        loose=tuple(block for session in sessions for block in session.loose),
        last=None if under_way.last is None else TestId(under_way.last),
        percent=under_way.percent,
    )


def _passed(sessions: Sequence[Session], tests: Sequence[Running]) -> Iterator[TestId]:
    for session in sessions:
        yield from map(TestId, session.passed)
    yield from (TestId(test.id) for test in tests if set(test.outcomes) == {Status.PASSED})


def _test(test: Running) -> Test:
    return Test(
        id=TestId(test.id),
        outcomes=tuple(test.outcomes),
        line=test.line,
        worker=test.worker,
        blocks=tuple(test.blocks),
    )


def _counts(sessions: Sequence[Session], tests: Sequence[Running]) -> dict[Status, int]:
    """Outcomes by status; a run without `-v` names no test that passed, so its own total counts."""
    counts = Counter(outcome for test in tests for outcome in test.outcomes)
    for session in sessions:
        counts[Status.PASSED] += len(session.passed) + session.nameless
        if session.verbose:
            continue
        for status, words in _TOTALS.items():
            named = sum(test.outcomes.count(status) for test in session.tests.values())
            named += len(session.passed) + session.nameless if status is Status.PASSED else 0
            counts[status] += max(0, sum(session.totals.get(word, 0) for word in words) - named)
    return {status: counts[status] for status in Status if counts[status]}


# ------------------------------------------------------------------------------------------
# One session


def _bind(session: Session) -> None:
    _from_summary(session)
    if not session.summary and not session.last:  # the call of a test tells what its id is
        session.reports.sort(key=lambda report: report[0].kind != "call")
    for header, block in session.reports:
        _attach(session, header, block)
    for test in session.tests.values():
        _rerun(session, test)
        _forked(test)
        _crashes(session, test)
    for test in session.tests.values():
        _timeouts(session, test)
    _unfinished(session)
    if session.ended and not session.failed and not session.aborted:
        return  # what passing tests print is no failure
    session.loose.extend(
        Block(kind=crash.kind, lines=tuple(crash.lines))
        for crash in session.crashes
        if not crash.owned
    )
    if session.counted and not any(o.bad for t in session.tests.values() for o in t.outcomes):
        session.loose.append(Block(kind="summary", lines=tuple(session.counted)))
    if session.internal:
        session.loose.append(Block(kind="internal", lines=tuple(session.internal)))
    if session.node_downs and not any(Status.CRASHED in t.outcomes for t in session.tests.values()):
        session.loose.append(Block(kind="crash", lines=tuple(session.node_downs)))


def _from_summary(session: Session) -> None:
    """Tests that only the lists at the end name.

    When the session counts no failure, a test listed as one was run again and passed: Datadog's
    plug-in lists every failed attempt.
    """
    passed_at_last = session.ended and bool(session.totals) and not session.failed
    for name, entries in session.summary.items():
        test = session.tests.get(name)
        if name in session.passed or (test is not None and test.outcomes):
            continue
        for status, line, rest in sorted(entries, key=lambda entry: entry[0] is Status.ERROR):
            session.report(name, Word(status), line.number)
            if status.bad and passed_at_last:
                session.tests[name].outcomes[-1:] = [Status.RERUN, Status.PASSED]
            if status.bad:
                lines = (line._replace(text=rest.lstrip(" -")),)
                session.tests[name].blocks.append(Block(kind="summary", lines=lines))


def _attach(session: Session, header: Header, block: Block) -> None:
    crashed = next((found for row in block.lines[:6] if (found := crashed_in(row.text))), None)
    line = block.lines[0].number if block.lines else 0
    if crashed is not None:
        session.crashed(*crashed, line)
        session.tests[crashed[0]].blocks.append(block)
    elif header.kind == "collect":
        test = session.test(header.name, line)
        test.outcomes = test.outcomes or [Status.ERROR]
        test.blocks.append(block)
    else:
        _attach_to(session, header, block, line)


def _attach_to(session: Session, header: Header, block: Block, line: int) -> None:
    name = header.name.removeprefix("[doctest] ")
    tests = session.candidates(name) or session.candidates(_without_subtest(name))
    if not session.summary and not session.last:
        named = session.test(_whole(name, block) or name, line)
        tests = [named] if header.kind == "call" else tests or [named]
        tests[0].outcomes.append(Status.FAILED if header.kind == "call" else Status.ERROR)
    if not tests:
        return
    shown = "\n".join(row.text for row in block.lines)
    here = [test for test in tests if test.id.partition("::")[0] in shown] or tests
    test = next((test for test in here if not _reported(test)), here[0])
    if header.kind == "teardown" and test.outcomes == [Status.ERROR]:
        test.outcomes.insert(0, Status.PASSED)
    test.blocks = [old for old in test.blocks if old.kind != "summary"]
    test.blocks.append(block)


def _whole(name: str, block: Block) -> str:
    """The id of a test when its report shows where its function stands, else nothing."""
    head, bracket, parameters = name.partition("[")
    domain, blank, _ = head.partition(" ")
    function = domain.rpartition(".")[2]
    shown = False
    for line in block.lines:
        shown = shown or f" def {function}(" in line.text
        place = _PLACE.match(line.text)
        if place is not None:
            here = shown or place.group(2) == f"in {function}"
            tail = "" if blank else bracket + parameters
            return f"{place.group(1)}::{domain.replace('.', '::')}{tail}" if here else ""
    return ""


def _without_subtest(name: str) -> str:
    """`test_x [message] (plane='tcp')` is a subtest of `test_x`."""
    ends = [at for at in (name.find(" ["), name.find(" (")) if at > 0]
    return name[: min(ends, default=len(name))]


def _reported(test: Running) -> bool:
    return any(block.kind != "summary" for block in test.blocks)


def _crashes(session: Session, test: Running) -> None:
    """The dump that goes with a crashed test comes before what xdist says about it."""
    if Status.CRASHED not in test.outcomes:
        return
    crash = session.close_crash(test.id)
    if crash is None:
        return
    for other in (*session.crashes, *session.early):
        other.owned = other.owned or other.names(test.id)
    test.blocks.insert(0, Block(kind=crash.kind, lines=tuple(crash.lines)))
    if crash.kind == "timeout":
        test.outcomes[test.outcomes.index(Status.CRASHED)] = Status.TIMEOUT


def _rerun(session: Session, test: Running) -> None:
    """What became of a test at last of which a list says only that it ran again."""
    listed = session.ended and not session.verbose and not session.aborted
    if listed and test.outcomes and test.outcomes[-1] is Status.RERUN:
        kinds = {block.kind for block in test.blocks}
        failed = Status.FAILED if "call" in kinds else Status.ERROR
        test.outcomes.append(failed if _reported(test) else Status.PASSED)


def _forked(test: Running) -> None:
    heads = (line.text for block in test.blocks for line in block.lines[:2])  # xdist's own first
    if any(_FORKED in text for text in heads):
        _replace_last(test.outcomes, Status.FAILED, Status.CRASHED)


def _timeouts(session: Session, test: Running) -> None:
    """A time-out by signal is a failure of its own, and the dump before it is nobody else's."""
    if not any(_TIMEOUT.search(line.text) for b in test.blocks for line in b.lines):
        return
    _replace_last(test.outcomes, Status.FAILED, Status.TIMEOUT)
    for crash in session.crashes:
        mine = session.parallel or crash.started == test.id
        crash.owned = crash.owned or (crash.kind == "timeout" and mine)


def _replace_last(outcomes: list[Status], old: Status, new: Status) -> None:
    if old in outcomes:
        outcomes[len(outcomes) - 1 - outcomes[::-1].index(old)] = new


def _runs(session: Session, test: Running) -> bool:
    """Alone, only the test that started last can still run; under xdist any that started."""
    return session.parallel or test.id == session.current


def _late(session: Session) -> None:
    """A time-out after a test's result and before the next test is that of its tear-down."""
    for crash in session.crashes:
        if crash.kind == "timeout" and not crash.owned and session.has(crash.started):
            test = session.test(crash.started, 0)
            test.outcomes.append(Status.TIMEOUT)
            test.blocks.insert(0, Block(kind=crash.kind, lines=tuple(crash.lines)))
            crash.owned = True


def _unfinished(session: Session) -> None:
    """Tests that started and never ended, when the session did not end either."""
    if session.ended and not session.aborted:
        return
    for name in tuple(session.started):
        session.test(name, 0)
    waiting = [t for t in session.tests.values() if t.open and _runs(session, t)]
    waiting.sort(key=lambda test: test.line)
    for test in waiting:
        sequential = test.id == session.current
        dumps = [c for c in session.crashes if not c.owned]
        found = next((c for c in dumps if c.names(test.id)), None)
        if found is None and sequential:
            found = next((c for c in dumps if c.started == test.id), None)
        if found is None:
            test.outcomes.append(Status.UNFINISHED)
            continue
        for crash in session.crashes:
            crash.owned = crash.owned or crash is found
        test.outcomes.append(Status.CRASHED if found.kind == "crash" else Status.TIMEOUT)
        test.blocks.insert(0, Block(kind=found.kind, lines=tuple(found.lines)))
    _late(session)
    if session.file is not None and not session.named and not session.reports:
        test = session.test(*session.file)
        test.outcomes.append(Status.UNFINISHED)
