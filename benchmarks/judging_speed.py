"""Judge one run against ledgers of 1,000, 10,000 and 100,000 occurrences.

Prints processor seconds, so that other work on the machine does not count, and the peak of memory.

Each ledger is judged in a process of its own, and reading it is timed apart. Reading ends with the
index by test, one look at each record as decoding is; judging is what follows. The run is the same:
three failing tests in one of four jobs. A history grows in two ways: by more tests, each with the
same past, or by a longer past of the same tests.

    python -m benchmarks.judging_speed
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import results
from benchmarks.results import Row

from flakebot.__main__ import collect_rarely
from flakebot.github_objects import Run
from flakebot.judging import verdicts
from flakebot.judging.history import History
from flakebot.keys import tracking_key
from flakebot.ledgers.folder import FolderLedger
from flakebot.model import Category, Status, TestId
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry
from flakebot.settings import Settings

SIZES = (1_000, 10_000, 100_000)
MOST_SECONDS, MOST_MEGABYTES, MOST_GROWTH = 1, 200, 1.5
TESTS, MANY_TESTS = 300, 3000
"""Under observation in a ledger of 100,000 occurrences: some with a long past, or many."""
FAILING, PASSING, JOBS = 4, 20, 4
"""Of each job: tests that failed and tests under observation that passed; jobs of a run."""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
START = NOW - timedelta(days=89)


def name(number: int, tests: int) -> TestId:
    """One test of a large suite."""
    number %= tests
    return TestId(f"tests/serve/part_{number % 40}/test_{number}.py::test_it[{number % 7}]")


def entry(number: int, tests: int) -> TestEntry:
    """One failure, of one of three kinds."""
    return TestEntry(
        id=name(number, tests),
        framework="pytest",
        outcomes=(Status.FAILED,),
        category=Category.ASSERTION,
        fingerprint=f"v1:assertion:{number % tests:05}{number % 3}",
        line=100,
        cause=0,
    )


def record(number: int, failing: int, at: datetime, tests: int = TESTS) -> RunRecord:
    """A run of four jobs; a third of the runs are of the default branch."""
    jobs = tuple(
        JobEntry(
            id=number * 10 + place,
            name=f"test ({place})",
            conclusion="failure",
            runner=f"gpu-{(number + place) % 12:02}",
            ran=2000,
            causes=(CauseEntry(category=Category.ASSERTION, rule="assertion", line=7, text="no"),),
            tests=tuple(entry(number * 31 + place * 7 + k, tests) for k in range(failing)),
            passed=tuple(name(number * 17 + place + k + 100, tests) for k in range(PASSING)),
        )
        for place in range(JOBS)
    )
    pull = number % 50 + 1 if number % 3 else 0
    return RunRecord(
        repository="octo/repo",
        run_id=number,
        attempt=1,
        workflow="CI",
        event="pull_request" if pull else "push",
        branch=f"topic-{pull}" if pull else "main",
        head_sha=f"{number:040x}",
        created_at=at,
        conclusion="failure",
        trunk=not pull,
        pull_request=pull,
        jobs=jobs,
    )


def ledger(occurrences: int, tests: int) -> Iterator[RunRecord]:
    """Runs over 89 days with so many failures in all."""
    runs = occurrences // (FAILING * JOBS)
    day = timedelta(days=89) / runs
    return (record(n, FAILING, START + day * n, tests) for n in range(1, runs + 1))


def subject(tests: int = TESTS) -> RunRecord:
    """The run that is judged: three tests fail in one of its four jobs."""
    run = record(10**9, 3, NOW, tests)
    first, *others = run.jobs
    green = (replace(job, conclusion="success", tests=(), causes=()) for job in others)
    return replace(run, jobs=(first, *green))


def measure(path: Path, tests: int) -> None:
    """Print the processor seconds of reading and of judging, and the peak of memory in MB."""
    collect_rarely()
    begun = time.process_time()
    known = FolderLedger(path).read(START)
    own = subject(tests)
    settings = Settings()
    history = History([*known, own], settings.thresholds, about=verdicts.keys([own]))
    read = time.process_time()
    report = verdicts.judge(
        run=Run(id=own.run_id, head_sha=own.head_sha, conclusion="failure"),
        records=[own],
        history=history,
        known={},
        changed=(),
        pull=None,
        settings=settings,
        repository=own.repository,
        problems=(),
        now=NOW,
    )
    for finding in report.findings:
        history.summary(tracking_key(finding.framework, finding.test), NOW)
    judged = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(len(report.findings), read - begun, judged - read, peak)


def judged(size: int, tests: int) -> tuple[float, float, float, float]:
    """Of a ledger: megabytes, seconds of reading and of judging, and the peak of memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        FolderLedger(path).append(list(ledger(size, tests)))
        command = [sys.executable, "-m", "benchmarks.judging_speed", str(path), str(tests)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        megabytes = sum(file.stat().st_size for file in path.glob("ledger/*")) / 1e6
    _, read, spent, peak = map(float, done.stdout.split())
    return megabytes, read, spent, peak


def main() -> int:
    """Print the tables; the exit code is 1 above a promise."""
    # From small to large: a new process takes over the peak of the one that started it.
    growing = [(size, MANY_TESTS * size // SIZES[-1]) for size in SIZES]
    found = {(size, tests): judged(size, tests) for size, tests in [*growing, (SIZES[-1], TESTS)]}
    lines = ["| occurrences | of tests | ledger | reading and index | judging | peak |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {size:,} | {tests:,} | {megabytes:.1f} MB | {read:.2f} s | {spent:.3f} s"
        f" | {peak:.0f} MB |"
        for (size, tests), (megabytes, read, spent, peak) in found.items()
    ]
    _, _, spent, peak = found[SIZES[-1], TESTS]
    least, most = (found[each][2] for each in (growing[0], growing[-1]))
    against = f"a ledger of {SIZES[-1]:,} occurrences"
    rows = [
        Row(
            what=f"Judging a run against {against}, beyond reading it",
            measured=f"{spent:.2f} s of processor",
            promised=f"less than {MOST_SECONDS} s",
            holds=spent < MOST_SECONDS,
        ),
        Row(
            what="The same beside a ledger of a hundredth, each test with the same past",
            measured=f"{most / least:.2f} times",
            promised=f"at most {MOST_GROWTH} times",
            holds=most < MOST_GROWTH * least,
        ),
        Row(
            what=f"Memory for {against}",
            measured=f"{peak:.0f} MB",
            promised=f"less than {MOST_MEGABYTES} MB",
            holds=peak < MOST_MEGABYTES,
        ),
    ]
    return results.tell("judging_speed", rows, "\n".join(lines), keep=results.KEEP in sys.argv)


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] != results.KEEP:
        measure(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        sys.exit(main())
