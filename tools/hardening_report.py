"""Try every hostile input and every fault again, and write what came of it into docs/security.md:
`python -m tools.hardening_report`.

Both use the suite's own functions; a table is written only when nothing got through or was lost,
and the exit code is 1 otherwise, with what it was on standard error.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.hostile import carrying, test_hostile, vectors
from tests.server.faults import Fault, Faults

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- hardening:begin -->\n", "<!-- hardening:end -->\n"
FAULT_TESTS = tuple(
    f"tests/server/test_{name}.py" for name in ("pipeline_faults", "fault_matrix", "time_and_names")
)


def inputs() -> list[str]:
    """What got through of all hostile inputs, with its view."""
    through: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, texts in enumerate(test_hostile.batches()):
            views = carrying.carry(Path(folder) / str(number), texts)
            through += test_hostile.found(views, texts)
    return through


class Outcomes:
    """A plugin of pytest that keeps the names of tests which passed and which did not."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a test, and every failure around it."""
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.append(report.nodeid)


@contextmanager
def counted() -> Iterator[list[Fault]]:
    """Every fault that strikes a request of the fake GitHub."""
    struck: list[Fault] = []
    strike = Faults.strike

    def counting(self: Faults, origin: str, method: str, path: str) -> Fault | None:
        fault = strike(self, origin, method, path)
        if fault is not None:
            struck.append(fault)
        return fault

    Faults.strike = counting  # type: ignore[method-assign]  # it is counted, not changed
    try:
        yield struck
    finally:
        Faults.strike = strike  # type: ignore[method-assign]


def faults() -> tuple[int, Outcomes]:
    """How many requests failed in the tests of faults, and how these ended."""
    outcomes = Outcomes()
    with counted() as struck:
        pytest.main(["-q", "-p", "no:cacheprovider", *FAULT_TESTS], plugins=[outcomes])
    return len(struck), outcomes


def table(tried: int, struck: int, tests: int) -> str:
    """The table of a run in which nothing got through and no test of faults failed."""
    rows: Sequence[tuple[str, object]] = (
        ("hostile inputs tried", tried),
        ("of them got through, in any view", 0),
        ("faults: requests failed on purpose", struck),
        ("of them survived", struck),
        ("acknowledged ledger records lost in them", 0),
        ("tests of faults, all of which hold", tests),
    )
    body = "".join(f"| {name} | {number} |\n" for name, number in rows)
    return f"| | |\n|---|---:|\n{body}"


def written(page: str, made: str) -> str:
    """The page with another table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{made}{END}{after}"


def main() -> int:
    """Measure, and write the table or say what is wrong."""
    through = inputs()
    struck, outcomes = faults()
    for problem in (*through, *outcomes.failed):
        sys.stderr.write(f"{problem}\n")
    if through or outcomes.failed or not outcomes.passed:
        return 1
    made = table(len(vectors.everything()), struck, len(outcomes.passed))
    PAGE.write_text(written(PAGE.read_text(), made))
    sys.stdout.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
