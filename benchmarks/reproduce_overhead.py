"""What an iteration of `flakebot reproduce` costs beyond the pytest it runs.

`reproduce_overhead.py [ITERATIONS]`: the same suite of 200 tests, some of which fail, is run by
pytest alone and as an iteration in turn, serially and with `-n 2`. The table has the median of each
and of the difference between neighbours, so that what else the machine does falls on both; and the
processor time that flakebot itself takes per iteration, which no neighbour changes.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flakebot.reading.rules import builtin
from flakebot.reproducing.iterating import Iterations, Task, Tools
from flakebot.reproducing.ports import Ports
from flakebot.reproducing.store import Store
from flakebot.reproduction.iterations import Campaign, Level, Setup, Variant

MOST_SHARE, MOST_SECONDS = 0.10, 0.150
"""The claim: at most a tenth, and at most 150 ms."""

SUITE = """
import time, pytest
@pytest.mark.parametrize("n", range(200))
def test_work(n):
    time.sleep(0.01)
    assert n % 50, "some fail, so that there is something to read"
"""


def bare(command: list[str]) -> float:
    """Seconds of pytest alone."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as log:
        subprocess.run(command, stdout=log, stderr=log, check=False)
    return time.monotonic() - began


def iterations(folder: Path, level: Level) -> tuple[Iterations, list[str]]:
    """What runs iterations of the suite, and the same pytest alone."""
    command = (sys.executable, "-m", "pytest")
    suite = str(folder / "test_suite.py")
    campaign = Campaign(setup=Setup(tests=(suite,), pytest=command), levels=(level,), iterations=1)
    store = Store(folder / level.name)
    store.resume(campaign)
    store.install_plugin()
    tools = Tools(
        environment=os.environ,  # noqa: TID251  # as the command does
        rules=builtin(),
        ports=Ports(),
        now=lambda: datetime.now(UTC),  # noqa: TID251  # as the command does
        stopwatch=time.monotonic,
        stopping=lambda: False,
        kill=os.kill,
    )
    arguments = ["-n", str(level.processes)] if level.processes else []
    own = ["-o", f"cache_dir={folder}/cache", f"--basetemp={folder}/basetemp"]
    return Iterations(campaign, store, tools), [*command, suite, "-v", *arguments, *own]


def _milliseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:9.0f} ms"


def main(count: int) -> int:
    """Print a line per level; the exit code says whether the claim holds."""
    print(f"Python {platform.python_version()}, pytest {pytest.__version__}, {os.cpu_count()} CPUs")
    print("level   pytest  iteration  overhead          flakebot's own processor time")
    holds = True
    for level in (Level(), Level(processes=2)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "test_suite.py").write_text(SUITE)
            runner, command = iterations(folder, level)
            bare(command)  # once for the caches of the file system
            alone, within, own = [], [], []
            for number in range(1, count + 1):
                alone.append(bare(command))
                began, used = time.monotonic(), time.process_time()
                runner.run(Task(level=level, variant=Variant(), number=number))
                within.append(time.monotonic() - began)
                own.append(time.process_time() - used)
        beyond = statistics.median(b - a for a, b in zip(alone, within, strict=True))
        usual = statistics.median(alone)
        holds = holds and beyond <= MOST_SECONDS and beyond <= usual * MOST_SHARE
        told = f"{beyond * 1000:+6.0f} ms {beyond / usual:+6.1%} {_milliseconds(own)}"
        print(f"{level.name:6} {usual:6.3f} s {statistics.median(within):8.3f} s {told}")
    print(f"at most {MOST_SHARE:.0%} and {MOST_SECONDS * 1000:.0f} ms: {'yes' if holds else 'NO'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
