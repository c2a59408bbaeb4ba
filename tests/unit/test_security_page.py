"""Each claim of docs/security.md names a test that there is, and its table is a whole one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

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


def test_the_page_is_linked_where_people_look() -> None:
    """From SECURITY.md and README.md."""
    for name in ("SECURITY.md", "README.md"):
        assert "(docs/security.md)" in (ROOT / name).read_text()
