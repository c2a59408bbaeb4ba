"""docs/benchmarks.md: every number that is claimed, with the commands that repeat it.

`python -m tools.benchmark_page` writes the page from what `benchmarks/results/` holds;
`--measure [NAME...]` runs the benchmarks first, all of them or those named. Commands are run as
they stand on the page, with `--keep` added.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

from benchmarks import results
from benchmarks.results import Result, Row

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A section of the page: what its commands measure, the last of which tells the result."""

    name: str
    title: str
    text: str
    commands: tuple[str, ...]


BENCHMARKS = (
    Benchmark(
        "accuracy",
        "Accuracy on the repository's own logs",
        "Each log is of a failure that was made on purpose with the real tool. "
        "Rules were written with them at hand, so this says how much is covered, "
        "and nothing about logs that nobody has seen.",
        ("python -m benchmarks.accuracy",),
    ),
    Benchmark(
        "accuracy_corpus",
        "Accuracy on logs of other projects",
        "Labelled logs of some sixty public projects, half of them real and half made by running "
        "the tools. They belong to their owners and are not in the repository; the command scores "
        "any folder of the same form. Misses on them were read while flakebot was written, so a "
        "project of its own kind may fare worse.",
        ("python -m benchmarks.accuracy --corpus FOLDER",),
    ),
    Benchmark(
        "log_speed",
        "Speed and memory on long logs",
        "A verbose pytest run as a job of GitHub Actions prints it, beside ripgrep counting the "
        "lines that match any of the same patterns, and beside what scripts usually do.",
        (
            "python -m benchmarks.make_log 200 build/long.log",
            "python -m benchmarks.log_speed build/long.log",
        ),
    ),
    Benchmark(
        "verdicts",
        "Verdicts",
        "A repository's life is simulated with known truth: pushes to the default branch, pull "
        "requests from branches and from mirrored forks, a merge queue, re-runs, and a nightly "
        "workflow. Every run goes through the whole pipeline, as logs. Thresholds were chosen on "
        "other seeds than these.",
        ("python -m benchmarks.verdicts.simulate",),
    ),
    Benchmark(
        "judging_speed",
        "Judging against a long history",
        "Three failing tests, against ledgers of three sizes, in processor seconds.",
        ("python -m benchmarks.judging_speed",),
    ),
    Benchmark(
        "requests_per_run",
        "Requests per run",
        "Counted at a GitHub of the tests' own, over HTTP; those to its storage count too.",
        ("python -m benchmarks.requests_per_run",),
    ),
    Benchmark(
        "cold_start",
        "Start",
        "Beside what Python itself takes, and beside the import that nobody who calls GitHub with "
        "that library can avoid.",
        ("python -m benchmarks.cold_start",),
    ),
    Benchmark(
        "image",
        "The image",
        "Where no registry is in reach, as on the machine below, it stands on a stand-in for "
        "`python:3.13-slim`: the same Debian and Python from Debian's own packages, without what a "
        "slim image leaves out.",
        ("make container-tools", "python -m benchmarks.image"),
    ),
    Benchmark(
        "reproduce_overhead",
        "What `flakebot reproduce` adds to pytest",
        "The same suite of 200 tests, by pytest alone and as an iteration in turn.",
        ("python -m benchmarks.reproduce_overhead",),
    ),
)

_HEAD = """\
# Benchmarks

<!-- Generated from benchmarks/results/ by `python -m tools.benchmark_page`. -->

Every number that is claimed, as it was measured last, and the commands that repeat it.
Times are ratios wherever there is something to compare with, since machines differ; `make bench` \
measures all of them again, and writes this page.
The load beside a result is what else the machine did; above its number of processors, what is not \
told in processor seconds says little.

| | what | measured | promised |
|---|---|---|---|"""


def page() -> str:
    """The page of what was measured last."""
    found = [(each, results.kept(each.name)) for each in BENCHMARKS]
    lines = [_HEAD]
    for benchmark, result in found:
        titles = chain([benchmark.title], repeat(""))
        lines += map(row, titles, result.rows)
    for benchmark, result in found:
        lines += _section(benchmark, result)
    return "\n".join(lines) + "\n"


def row(title: str, found: Row) -> str:
    """A row of the page's first table."""
    promised = found.promised if found.holds else f"{found.promised}: **not held**"
    return f"| {title} | {found.what} | {found.measured} | {promised} |"


def _section(benchmark: Benchmark, result: Result) -> Iterator[str]:
    yield from ("", f"## {benchmark.title}", "", benchmark.text, "", "```sh")
    yield from benchmark.commands
    yield from ("```", "")
    if result.details:
        yield from (result.details, "")
    yield f"{result.date}, {result.machine}."


def measure(benchmark: Benchmark) -> int:
    """Run its commands in order; the exit code is the last one's."""
    (ROOT / "build").mkdir(exist_ok=True)
    code = 0
    for command in benchmark.commands:
        words = shlex.split(command)
        if words[0] == "python":
            words[0] = sys.executable
        keeping = [results.KEEP] if command == benchmark.commands[-1] else []
        code = subprocess.run([*words, *keeping], cwd=ROOT, check=False).returncode
    return code


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, and write the page; 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(description="Write docs/benchmarks.md.")
    repeatable = {each.name: each for each in BENCHMARKS if "FOLDER" not in each.commands[-1]}
    parser.add_argument("--measure", action="store_true", help="run the benchmarks first")
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join(repeatable)}")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(repeatable):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    chosen = (given.names or repeatable) if given.measure else ()
    failed = [name for name in chosen if measure(repeatable[name])]
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: written" + f"; failed: {', '.join(failed)}" * bool(failed))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
