"""Each claim of docs/security.md names a test that there is, and its table is a whole one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile import vectors
from tools import hardening_report

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.findall(r"\[`(test_\w+)`\]\(\.\./([\w/.]+)\)", PAGE)


@pytest.mark.parametrize(("name", "path"), sorted(set(NAMED)))
def test_a_named_test_exists(name: str, path: str) -> None:
    """In the file that the link leads to."""
    tree = ast.parse((ROOT / path).read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in names


def test_every_claim_has_a_test() -> None:
    """Each row of a table of claims."""
    tables = PAGE.split("| claim | test |\n|---|---|\n")[1:]
    rows = [row for table in tables for row in table.split("\n\n")[0].splitlines()]
    assert len(rows) > 15
    assert [row for row in rows if not re.search(r"\[`test_", row)] == []


def test_the_table_of_what_was_tried_is_of_the_tests_that_there_are() -> None:
    """`make hardening-report` writes it, from a run in which nothing got through."""
    told = dict(re.findall(r"^\| ([a-z][^|]*) \| (\d+) \|$", PAGE, re.MULTILINE))
    tried, struck, tests = (
        int(told[name])
        for name in (
            "hostile inputs tried",
            "faults: requests failed on purpose",
            "tests of faults, all of which hold",
        )
    )
    table = hardening_report.table(tried, struck, tests)
    assert hardening_report.written(PAGE, table) == PAGE
    assert tried == len(vectors.everything())
    assert tests == len(_collected())


def _collected() -> list[str]:
    """The names of all tests of faults, marked or not."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    told = subprocess.run(
        [*command, *hardening_report.FAULT_TESTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return [line for line in told.stdout.splitlines() if "::" in line]


def test_the_page_is_linked_where_people_look() -> None:
    """From SECURITY.md and README.md."""
    for name in ("SECURITY.md", "README.md"):
        assert "(docs/security.md)" in (ROOT / name).read_text()
