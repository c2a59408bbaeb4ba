"""What an iteration of `flakebot reproduce` costs beyond the pytest it runs.

`python -m benchmarks.reproduce_overhead [ITERATIONS]`: the same suite of 200 tests, some of which
fail, is run by pytest alone and as an iteration in turn, serially and with `-n 2`. The table has
the median of each and of the difference between neighbours, so that what else the machine does
falls on both; and the processor time that flakebot itself takes, which no neighbour changes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks import results
from benchmarks.results import Row

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
    """Seconds of pytest alone, in a session of its own as an iteration is: a busy Linux shares out
    its processors by session.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as log:
        subprocess.run(command, stdout=log, stderr=log, check=False, start_new_session=True)
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


def measured(level: Level, count: int) -> tuple[float, float, float, float]:
    """Medians in seconds: pytest alone, an iteration, what it takes longer, flakebot's own."""
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
    return statistics.median(alone), statistics.median(within), beyond, statistics.median(own)


def main(count: int, *, keep: bool) -> int:
    """Print a line per level; the exit code is 1 when the promise does not hold."""
    lines = [f"pytest {pytest.__version__}, the medians of {count} pairs:", ""]
    lines += ["| level | pytest | iteration | beyond | flakebot's own processor time |"]
    lines += ["|---|---|---|---|---|"]
    rows = []
    for level in (Level(), Level(processes=2)):
        usual, within, beyond, own = measured(level, count)
        rows.append(
            Row(
                what=f"An iteration of `flakebot reproduce` beyond its pytest, {level.name}",
                measured=f"{beyond * 1000:+.0f} ms, {beyond / usual:+.1%}",
                promised=f"at most {MOST_SECONDS * 1000:.0f} ms and {MOST_SHARE:.0%}",
                holds=beyond <= MOST_SECONDS and beyond <= usual * MOST_SHARE,
            )
        )
        lines.append(
            f"| {level.name} | {usual:.3f} s | {within:.3f} s | {beyond * 1000:+.0f} ms | "
            f"{own * 1000:.0f} ms |"
        )
    return results.tell("reproduce_overhead", rows, "\n".join(lines), keep=keep)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each != results.KEEP]
    sys.exit(main(numbers[0] if numbers else 10, keep=results.KEEP in sys.argv))
