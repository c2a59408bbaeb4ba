"""Judge one run against ledgers of 1,000, 10,000 and 100,000 occurrences.

Prints processor seconds, so that other work on the machine does not count, and the peak of memory.

Each ledger is judged in a process of its own, and reading it is timed apart. The run is the same:
three failing tests in one of four jobs.

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

from flakebot.github_objects import Run
from flakebot.judging import verdicts
from flakebot.judging.history import History
from flakebot.keys import tracking_key
from flakebot.ledgers.folder import FolderLedger
from flakebot.model import Category, Status, TestId
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry
from flakebot.settings import Settings

SIZES = (1_000, 10_000, 100_000)
MOST_SECONDS, MOST_MEGABYTES = 1, 200
TESTS = 300
"""Under observation."""
FAILING, PASSING, JOBS = 4, 20, 4
"""Of each job: tests that failed and tests under observation that passed; jobs of a run."""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
START = NOW - timedelta(days=89)


def name(number: int) -> TestId:
    """One test of a large suite."""
    return TestId(f"tests/serve/part_{number % 40}/test_{number % TESTS}.py::test_it[{number % 7}]")


def entry(number: int) -> TestEntry:
    """One failure, of one of three kinds."""
    return TestEntry(
        id=name(number),
        framework="pytest",
        outcomes=(Status.FAILED,),
        category=Category.ASSERTION,
        fingerprint=f"v1:assertion:{number % TESTS:04}{number % 3}",
        line=100,
        cause=0,
    )


def record(number: int, failing: int, at: datetime) -> RunRecord:
    """A run of four jobs; a third of the runs are of the default branch."""
    jobs = tuple(
        JobEntry(
            id=number * 10 + place,
            name=f"test ({place})",
            conclusion="failure",
            runner=f"gpu-{(number + place) % 12:02}",
            ran=2000,
            causes=(CauseEntry(category=Category.ASSERTION, rule="assertion", line=7, text="no"),),
            tests=tuple(entry(number * 31 + place * 7 + k) for k in range(failing)),
            passed=tuple(name(number * 17 + place + k + 100) for k in range(PASSING)),
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


def ledger(occurrences: int) -> Iterator[RunRecord]:
    """Runs over 89 days with so many failures in all."""
    runs = occurrences // (FAILING * JOBS)
    return (record(n, FAILING, START + timedelta(days=89) * n / runs) for n in range(1, runs + 1))


def subject() -> RunRecord:
    """The run that is judged: three tests fail in one of its four jobs."""
    first, *others = record(10**9, 3, NOW).jobs
    green = (replace(job, conclusion="success", tests=(), causes=()) for job in others)
    return replace(record(10**9, 3, NOW), jobs=(first, *green))


def measure(path: Path) -> None:
    """Print the processor seconds of reading and of judging, and the peak of memory in MB."""
    begun = time.process_time()
    known = FolderLedger(path).read(START)
    read = time.process_time()
    own = subject()
    settings = Settings()
    history = History([*known, own], settings.thresholds, about=verdicts.keys([own]))
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


def judged(size: int) -> tuple[float, float, float, float]:
    """Of a ledger: megabytes, seconds of reading and of judging, and the peak of memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        FolderLedger(path).append(list(ledger(size)))
        command = [sys.executable, "-m", "benchmarks.judging_speed", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        megabytes = sum(file.stat().st_size for file in path.glob("ledger/*")) / 1e6
    _, read, spent, peak = map(float, done.stdout.split())
    return megabytes, read, spent, peak


def main() -> int:
    """Print the table; the exit code is 1 above a promise."""
    found = {size: judged(size) for size in SIZES}
    lines = ["| occurrences | ledger | reading | judging | peak |", "|---|---|---|---|---|"]
    lines += [
        f"| {size:,} | {megabytes:.1f} MB | {read:.2f} s | {spent:.2f} s | {peak:.0f} MB |"
        for size, (megabytes, read, spent, peak) in found.items()
    ]
    _, _, spent, peak = found[SIZES[-1]]
    against = f"a ledger of {SIZES[-1]:,} occurrences"
    rows = [
        Row(
            what=f"Judging a run against {against}, beyond reading it",
            measured=f"{spent:.2f} s of processor",
            promised=f"less than {MOST_SECONDS} s",
            holds=spent < MOST_SECONDS,
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
        measure(Path(sys.argv[1]))
    else:
        sys.exit(main())
