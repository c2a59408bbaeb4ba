"""Compare `flakebot classify` with `rg -c -f` and with the simple way in Python, on the same log.

`python -m benchmarks.log_speed [--pairs N] LOG`: flakebot and ripgrep (one thread) take turns N
times, 3 unless told; then what is usual in scripts, one `re.search` per rule and line, on the first
2 MB alone. Told are medians of processor seconds, which other users of a machine disturb least, and
the highest peak of memory. The log comes from `python -m benchmarks.make_log MEGABYTES LOG`.
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

from benchmarks import results
from benchmarks.results import Row

from flakebot.reading import rules

FLAKEBOT = (sys.executable, "-m", "flakebot", "classify", "--json")
HEAD = 2_000_000
FLAKEBOT_ROW, RIPGREP_ROW, SIMPLE_ROW = "`flakebot classify`", "`rg -j1 -c -f`", "`re.search` each"
LEAST_SHARE, MOST_MEGABYTES = 0.5, 150


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


def compared(log: str, pairs: int, file: Path) -> dict[str, list[Cost]]:
    """What flakebot and ripgrep cost on a log, in turns, and the simple way on its beginning."""
    ways = {
        FLAKEBOT_ROW: [*FLAKEBOT, log],
        RIPGREP_ROW: ["rg", "-j1", "-c", "-f", str(file), log],
    }
    found: dict[str, list[Cost]] = {way: [] for way in ways}
    for _ in range(pairs):
        for way, command in ways.items():
            found[way].append(measured(command))
    return {**found, SIMPLE_ROW: [simple(log)]}


def table(found: dict[str, list[Cost]], sizes: dict[str, float]) -> str:
    """A row per way, as Markdown."""
    lines = [
        "| way | megabytes | processor | passed | throughput | peak |",
        "|---|---|---|---|---|---|",
    ]
    for way, costs in found.items():
        spent = median(cost.processor for cost in costs)
        passed = median(cost.passed for cost in costs)
        peak = max(cost.memory for cost in costs) / 1e6
        lines.append(
            f"| {way} | {sizes[way]:.0f} | {spent:.2f} s | {passed:.2f} s | "
            f"{sizes[way] / spent:.2f} MB/s | {f'{peak:.0f} MB' if peak else ''} |"
        )
    return "\n".join(lines)


def rows(found: dict[str, list[Cost]], sizes: dict[str, float]) -> list[Row]:
    """Flakebot's throughput beside the others', and its memory."""
    speed = {
        way: sizes[way] / median(cost.processor for cost in costs) for way, costs in found.items()
    }
    share = speed[FLAKEBOT_ROW] / speed[RIPGREP_ROW]
    peak = max(cost.memory for cost in found[FLAKEBOT_ROW]) / 1e6
    long = f"a log of {sizes[FLAKEBOT_ROW]:.0f} MB"
    return [
        Row(
            what=f"Throughput on {long} beside ripgrep with the same patterns",
            measured=f"{share:.2f} times",
            promised=f"at least {LEAST_SHARE} times",
            holds=share >= LEAST_SHARE,
        ),
        Row(
            what="Throughput beside one `re.search` per rule and line in Python",
            measured=f"{speed[FLAKEBOT_ROW] / speed[SIMPLE_ROW]:.0f} times",
        ),
        Row(
            what=f"Memory for {long}",
            measured=f"{peak:.0f} MB",
            promised=f"at most {MOST_MEGABYTES} MB",
            holds=peak <= MOST_MEGABYTES,
        ),
    ]


def main() -> int:
    """Compare on one log; the exit code is 1 when a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument(results.KEEP, action="store_true", help="write the result down")
    parser.add_argument("log")
    given = parser.parse_args()
    version = subprocess.run(["rg", "--version"], check=True, capture_output=True, text=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "patterns")
        file.write_text("".join(f"(?:{row})\n" for row in patterns()), encoding="utf-8")
        found = compared(given.log, given.pairs, file)
    size = Path(given.log).stat().st_size / 1e6
    sizes = {FLAKEBOT_ROW: size, RIPGREP_ROW: size, SIMPLE_ROW: min(size, HEAD / 1e6)}
    told = (
        f"ripgrep {version.stdout.split()[1]}; {len(patterns())} patterns, {changed()} of them "
        f"changed for Rust's syntax; medians of {given.pairs} pairs in processor seconds:\n\n"
    )
    return results.tell(
        "log_speed", rows(found, sizes), told + table(found, sizes), keep=given.keep
    )


if __name__ == "__main__":
    sys.exit(main())
