"""Compare `flakebot classify` with `rg -c -f` and with the simple way in Python, on the same log.

`log_speed.py [--pairs N] LOG...`: flakebot and ripgrep (one thread) take turns N times, 3 unless
told; then what is usual in scripts, one `re.search` per rule and line, on the first 2 MB alone.
Printed is the median of processor seconds, which other users of a machine disturb least, with the
seconds that passed, megabytes per processor second, and the highest peak of memory. Logs come from
`make_log.py`.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from flakebot import __version__
from flakebot.reading import rules

FLAKEBOT = (sys.executable, "-m", "flakebot", "classify", "--json")
HEAD = 2_000_000


class Cost(NamedTuple):
    """Of one run of a command: seconds, seconds, bytes."""

    processor: float
    passed: float
    memory: int


def measured(command: list[str]) -> Cost:
    """What a command costs; ends the program when the command fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with status {status}")
    spent = usage.ru_utime + usage.ru_stime
    return Cost(spent, time.monotonic() - start, usage.ru_maxrss * 1024)


def patterns() -> list[str]:
    """The rules' patterns in the syntax that Rust's engine and Python's take; see `changed`."""
    rows = (rule.pattern.replace("\\n", " ") for rule in rules.builtin().rules)
    return [row.replace('\\"', '"').replace("\\`", "`") for row in rows]


def changed() -> int:
    """How many patterns are not character for character those of the rules: an escaped quote or
    backtick, which Rust's engine refuses, stands without its backslash, and a line end as a blank.
    """
    return sum(a != b.pattern for a, b in zip(patterns(), rules.builtin().rules, strict=True))


def simple(log: str) -> Cost:
    """One `re.search` per rule and line."""
    compiled = [re.compile(_python(row)) for row in patterns()]  # noqa: TID251  to compare
    with Path(log).open("rb") as file:
        lines = file.read(HEAD).decode(errors="replace").split("\n")
    start, began = time.process_time(), time.monotonic()
    for line in lines:
        for pattern in compiled:
            pattern.search(line)
    return Cost(time.process_time() - start, time.monotonic() - began, 0)


def _python(pattern: str) -> str:
    """Python takes a flag at the start alone."""
    return "(?i)" * ("(?i)" in pattern) + pattern.replace("(?i)", "").replace("[[:punct:]", "[[!-/")


def table(log: str, pairs: int, file: Path) -> None:
    """Print the rows of one log."""
    size = Path(log).stat().st_size / 1e6
    ways = {
        "flakebot": [*FLAKEBOT, log],
        "rg -j1 -c -f": ["rg", "-j1", "-c", "-f", str(file), log],
    }
    found: dict[str, list[Cost]] = {way: [] for way in ways}
    for _ in range(pairs):
        for way, command in ways.items():
            found[way].append(measured(command))
    print(f"\n{log}, {size:.0f} MB, {pairs} pairs")
    for way, costs in found.items():
        _row(way, size, costs)
    spent = {way: median(cost.processor for cost in costs) for way, costs in found.items()}
    print(f"  flakebot has {spent['rg -j1 -c -f'] / spent['flakebot']:.0%} of ripgrep's throughput")
    _row("re.search each", min(size, HEAD / 1e6), [simple(log)])


def _row(way: str, size: float, costs: list[Cost]) -> None:
    processor = median(cost.processor for cost in costs)
    memory = max(cost.memory for cost in costs)
    print(
        f"  {way:<14} {processor:7.2f} s processor {median(cost.passed for cost in costs):7.2f} s "
        f"passed {size / processor:7.2f} MB/s" + f" peak {memory / 1e6:.0f} MB" * bool(memory)
    )


def main() -> None:
    """Print one table per log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("logs", nargs="+")
    given = parser.parse_args()
    version = subprocess.run(["rg", "--version"], check=True, capture_output=True, text=True)
    print(
        f"flakebot {__version__}, Python {sys.version.split()[0]}, {version.stdout.split()[1]} rg"
    )
    print(f"{len(patterns())} patterns, {changed()} of them changed for Rust's syntax")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "patterns")
        file.write_text("".join(f"(?:{row})\n" for row in patterns()), encoding="utf-8")
        for log in given.logs:
            table(log, given.pairs, file)


if __name__ == "__main__":
    main()
