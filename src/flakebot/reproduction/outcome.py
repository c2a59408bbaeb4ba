"""What an iteration came to: its log, read as `flakebot classify` reads it, and its end. Pure.

The log says what failed, the journal which process ran what, the process how it ended; where they
differ, the log has the word on tests and the process on everything else.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flakebot.fingerprint import fingerprint
from flakebot.model import Category, Cause, LogReading, Status, TestId, value
from flakebot.reproduction.iterations import Ending, Failure, Iteration, Stall, Worker
from flakebot.reproduction.journal import Journal
from flakebot.secrets_mask import Masker, mask

SILENT_SHARE = 0.5
"""An iteration that was silent for this share of its time-out hung; one that printed until then was
slow. GitHub's logs are judged by fixed times instead, because a job's time-out is not in them."""

_UNKILLABLE = "unkillable, likely uninterruptible sleep"
_SIGNALLED = 128
"""How shells and container engines count signals into exit codes."""

_SIGNALS = {
    signal.SIGABRT: Category.CRASH_SIGABRT,
    signal.SIGSEGV: Category.CRASH_SIGSEGV,
    signal.SIGKILL: Category.PROCESS_KILLED,
    signal.SIGTERM: Category.PROCESS_KILLED,
}


@value
class Ended:
    """How a process ended: seconds it took, its exit code, seconds since it last printed, stacks.

    `timeout` is what it was allowed.
    """

    seconds: float
    exit_code: int | None
    timeout: float
    ending: Ending = Ending.EXITED
    silence: float = 0.0
    stacks: tuple[str, ...] = ()


def by_name(log: LogReading, journal: Journal, mask: Masker) -> LogReading:
    """The log with the names of tests as pytest knows them, by which they can be run again: a log
    is read without secrets, and a parameter may look like one.
    """
    names = {mask(test): test for test in journal.collected if mask(test) != test}
    if not names:
        return log

    def all_of(tests: Iterable[TestId]) -> Iterator[TestId]:
        return (names.get(test, test) for test in tests)

    hang = log.hang
    if hang is not None and hang.test is not None:
        hang = replace(hang, test=names.get(hang.test, hang.test))
    return replace(
        log,
        tests=tuple(replace(test, id=names.get(test.id, test.id)) for test in log.tests),
        causes=tuple(replace(cause, tests=tuple(all_of(cause.tests))) for cause in log.causes),
        passed=frozenset(all_of(log.passed)),
        hang=hang,
    )


def judge(iteration: Iteration, ended: Ended, log: LogReading, journal: Journal) -> Iteration:
    """The iteration with everything that its end tells.

    Args:
        iteration: what was known when it began.
        ended: how its process ended.
        log: its log.
        journal: what its processes noted.
    """
    judged = replace(
        iteration,
        seconds=ended.seconds,
        exit_code=ended.exit_code,
        ending=ended.ending,
        workers=_workers(log, journal, ended),
        collected=len(journal.collected),
        skipped=journal.skipped,
    )
    if _passed(ended, journal):
        return judged
    return replace(
        judged,
        failures=_failures(ended, log, journal),
        unreported=_unreported(log, journal),
        stall=None if ended.ending is Ending.EXITED else _stall(ended, log, journal),
    )


def _passed(ended: Ended, journal: Journal) -> bool:
    """Whether pytest ended by itself, called it a success, and had come to the end of its tests: a
    test that calls `os._exit(0)` takes those after it along. Without a journal nobody knows.
    """
    done = journal.done or not journal.workers
    return ended.ending is Ending.EXITED and ended.exit_code == 0 and done


# ------------------------------------------------------------------------------------------
# What went wrong


def _failures(ended: Ended, log: LogReading, journal: Journal) -> tuple[Failure, ...]:
    """A stop at the time-out first, then what the log says; never nothing."""
    stopped = () if ended.ending is Ending.EXITED else (_stopped(ended, log, journal),)
    of_stop = {test for failure in stopped for test in failure.tests}
    bad = {test.id for test in log.tests if test.final.bad} - of_stop
    told = [
        _by_end(_failure(cause, bad), ended)
        for cause in log.causes
        if bad & {*cause.tests} or (not cause.tests and not _is_ours(cause, ended))
    ]
    return (*stopped, *told) or (_unexplained(ended),)


def _is_ours(cause: Cause, ended: Ended) -> bool:
    """Whether a cause is what pytest said when it was ended."""
    return cause.category is Category.CANCELLED and ended.ending is not Ending.EXITED


def _failure(cause: Cause, bad: set[TestId]) -> Failure:
    return Failure(
        category=cause.category,
        fingerprint=cause.fingerprint,
        text=cause.text,
        tests=tuple(test for test in cause.tests if test in bad),
    )


def _stopped(ended: Ended, log: LogReading, journal: Journal) -> Failure:
    """The failure that an end at the time-out is; a hang has the fingerprint it has in CI."""
    running = _running(log, journal)
    hung = ended.silence >= ended.timeout * SILENT_SHARE
    category = Category.HANG if hung else Category.JOB_TIMEOUT
    words = [f"Ended after {ended.timeout:g} s, the last {ended.silence:.0f} s without output"]
    words += [f"while {running[0]} ran"] if running else []
    text = " ".join(words)
    if ended.ending is Ending.UNKILLABLE:
        text = f"{text}; {_UNKILLABLE}"
    key = running[0] if running and hung else "Ended at its time-out"
    return Failure(
        category=category, fingerprint=fingerprint(category, key), text=text, tests=running
    )


def _by_end(failure: Failure, ended: Ended) -> Failure:
    """A failure that the log cannot explain, by what ended pytest too early, if anything did: all
    the log has is a test without an end. CI knows it by the same fingerprint.
    """
    end = _early(ended)
    if failure.category is not Category.UNKNOWN or end is None:
        return failure
    category, text = end
    during = f" while {failure.tests[0]} ran" if failure.tests else ""
    return replace(failure, category=category, text=f"{text}{during}")


def _unexplained(ended: Ended) -> Failure:
    """A failure of which the log says nothing: the exit code is all there is."""
    by_code = Category.UNKNOWN, f"pytest ended with exit code {ended.exit_code}"
    category, how = _early(ended) or by_code
    text = f"{how}, and its log names no failure"
    return Failure(category=category, fingerprint=fingerprint(category, text), text=text)


def _early(ended: Ended) -> tuple[Category, str] | None:
    """What ended a pytest that failed before its tests were done, None when that is not known."""
    if ended.ending is Ending.EXITED and ended.exit_code == 0:
        return Category.UNKNOWN, "pytest ended with exit code 0 before its tests were done"
    number = _signal(ended)
    if number is None:
        return None
    category = _SIGNALS.get(number, Category.CRASH_OTHER_SIGNAL)
    return category, f"pytest was ended by {number.name}"


def _signal(ended: Ended) -> signal.Signals | None:
    """What ended pytest by itself, None when no signal did."""
    code = ended.exit_code
    if code is None or ended.ending is not Ending.EXITED:
        return None
    try:
        return signal.Signals(-code if code < 0 else code - _SIGNALLED)
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------
# What ran where


def _running(log: LogReading, journal: Journal) -> tuple[TestId, ...]:
    """The tests that had begun and not ended, without those whose process had died under them."""
    if journal.workers:
        dead = {test.id for test in log.tests if Status.CRASHED in test.outcomes}
        return tuple(test for test in journal.running if test not in dead)
    return tuple(test.id for test in log.tests if test.final is Status.UNFINISHED)


def _unreported(log: LogReading, journal: Journal) -> tuple[TestId, ...]:
    """Collected tests that neither ended nor are told of as crashed or timed out."""
    told = {test.id for test in log.tests if test.final is not Status.UNFINISHED}
    return tuple(test for test in journal.unreported if test not in told)


def _stall(ended: Ended, log: LogReading, journal: Journal) -> Stall:
    return Stall(
        silence=ended.silence,
        running=_running(log, journal),
        stacks=tuple(mask(line) for line in ended.stacks),
    )


def _workers(log: LogReading, journal: Journal, ended: Ended) -> tuple[Worker, ...]:
    """The processes, each with the test during which it died.

    A test that had begun in a process and not ended there killed it when the log says that the test
    crashed, or when the one process there was ended by a signal.
    """
    crashed = {test.id for test in log.tests if Status.CRASHED in test.outcomes}
    if not journal.parallel and _signal(ended) is not None:
        crashed.update(journal.running)
    fatal = crashed.intersection(journal.running)
    return tuple(_with_crash(worker, fatal) for worker in journal.workers)


def _with_crash(worker: Worker, fatal: set[TestId]) -> Worker:
    last = worker.tests[-1] if worker.tests else None
    return replace(worker, crashed=last) if last in fatal else worker
