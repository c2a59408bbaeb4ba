"""How often flakebot names the right cause and the right tests: `python -m benchmarks.accuracy`.

Without more it reads the fixtures of rules, each of which is a real log of a failure that was made
on purpose, and named after it. The suite holds every one of them, so this shows how many there are
and nothing new. With `--corpus FOLDER` it reads labelled logs of your own: `FOLDER/labels.jsonl`
has one object a line, and `FOLDER/logs/ID.log` the log of each.

    {"id": "ID", "outcome": "failure", "failed_tests": ["tests/test_x.py::test_y"],
     "failed_tests_complete": true, "categories": ["assertion"], "also_acceptable": []}

An id counts when it equals the label, or when one ends with the other at a separator: frameworks
print short and long forms. `categories` may be empty where a log does not tell its cause, and
`inferable` false where only somebody who was there can know it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from benchmarks import results
from benchmarks.results import Row

from flakebot.model import LogReading, value
from flakebot.reading import rules
from flakebot.reading.classify import read_log
from flakebot.settings import Limits

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures" / "rules"
LEAST_CAUSES, LEAST_F1 = 0.92, 0.97
SHORTEST = 4
"""Letters of an id that may be the end of another one."""


@value
class Label:
    """What is known of a log."""

    id: str
    outcome: str
    failed_tests: tuple[str, ...] = ()
    failed_tests_complete: bool = False
    flaky_tests: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    also_acceptable: tuple[str, ...] = ()
    inferable: bool = True


def read(path: Path) -> LogReading:
    """What flakebot understands of a log."""
    return read_log(path.name, [path.read_bytes()], rules.builtin(), Limits())


def fixtures() -> tuple[Row, str]:
    """The logs of rules: how many show their rule as the first cause."""
    logs = sorted(FIXTURES.glob("*/*.log"))
    right = [path for path in logs if _first_rule(read(path)) == path.parent.name]
    known = len({path.parent.name for path in logs})
    row = Row(
        what="First causes that are right in the repository's own logs",
        measured=f"{len(right)} of {len(logs)}",
        promised="all",
        holds=len(right) == len(logs),
    )
    return row, f"{len(logs)} logs of {known} rules; the suite holds each."


def _first_rule(reading: LogReading) -> str:
    return reading.causes[0].rule if reading.causes else ""


# ------------------------------------------------------------------------------------------
# A corpus of labelled logs


def corpus(folder: Path) -> tuple[list[Row], str]:
    """Scores on labelled logs, beside what is promised."""
    lines = (folder / "labels.jsonl").read_bytes().splitlines()
    labels = [msgspec.json.decode(line, type=Label) for line in lines]
    pairs = [(label, read(folder / "logs" / f"{label.id}.log")) for label in labels]
    return [*_causes(pairs), *_tests(pairs), *_alarms(pairs)], f"{len(labels)} labelled logs."


Pairs = Sequence[tuple[Label, LogReading]]


def _causes(pairs: Pairs) -> Iterator[Row]:
    asked = [
        (set(label.categories) | set(label.also_acceptable), reading)
        for label, reading in pairs
        if label.outcome != "success" and label.inferable
        if label.categories and "other" not in label.categories
    ]
    right = sum(bool(log.causes) and log.causes[0].category in allowed for allowed, log in asked)
    yield _share("First causes that are right", right, len(asked), LEAST_CAUSES)


def _tests(pairs: Pairs) -> Iterator[Row]:
    scores = []
    for label, reading in pairs:
        if label.outcome == "success" or not label.failed_tests_complete:
            continue
        wanted = sorted(set(label.failed_tests))
        got = sorted({str(test.id) for test in reading.tests if test.final.bad})
        if wanted or got:
            scores.append(2 * matched(wanted, got) / (len(wanted) + len(got)))
    if scores:
        score = sum(scores) / len(scores)
        yield Row(
            what="Names of failing tests, F1 averaged over logs",
            measured=f"{score:.3f} of {len(scores)} logs",
            promised=f"at least {LEAST_F1}",
            holds=score >= LEAST_F1,
        )


def _alarms(pairs: Pairs) -> Iterator[Row]:
    green = [(label, log) for label, log in pairs if label.outcome == "success"]
    wrong = sum(
        any(test.final.bad for test in log.tests) or bool(log.causes and not label.flaky_tests)
        for label, log in green
    )
    yield Row(
        what="Green logs in which something is said to have failed",
        measured=f"{wrong} of {len(green)}",
        promised="none",
        holds=not wrong,
    )


def _share(what: str, part: int, whole: int, promised: float) -> Row:
    share = part / whole if whole else 1.0
    return Row(
        what=what,
        measured=f"{share:.3f} ({part} of {whole})",
        promised=f"at least {promised}",
        holds=share >= promised,
    )


def matched(wanted: Sequence[str], got: Sequence[str]) -> int:
    """How many of the names wanted are among those told, each of which counts once."""
    left = list(got)
    for name in wanted:
        found = next((each for each in left if same(name, each)), None)
        if found is not None:
            left.remove(found)
    return len(got) - len(left)


def same(one: str, other: str) -> bool:
    """Whether two names may be of one test: a short and a long form."""
    short, long = sorted((one.strip(), other.strip()), key=len)
    if short == long:
        return True
    ends = len(short) >= SHORTEST and long.endswith(short)
    return ends and re.match(r"[\W_]", long[-len(short) - 1]) is not None


def main() -> int:
    """Print the rows; the exit code is 1 when a promise does not hold."""
    parser = argparse.ArgumentParser(description="Score what flakebot reads in labelled logs.")
    parser.add_argument("--corpus", type=Path, help="a folder of labelled logs of your own")
    parser.add_argument(results.KEEP, action="store_true", help="write the result down")
    given = parser.parse_args()
    if given.corpus is not None:
        rows, details = corpus(given.corpus)
        return results.tell("accuracy_corpus", rows, details, keep=given.keep)
    row, details = fixtures()
    return results.tell("accuracy", [row], details, keep=given.keep)


if __name__ == "__main__":
    sys.exit(main())
