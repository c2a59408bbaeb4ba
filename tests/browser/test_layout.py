"""What flakebot writes, laid out as GitHub does it: nothing sticks out or stays raw Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),  # one Chromium for all
    pytest.mark.timeout(180),
]

ROOT = Path(__file__).parents[2]
UNIT, SCENARIOS = ROOT / "tests" / "unit" / "golden", ROOT / "tests" / "scenarios"
BODIES = [
    *sorted((ROOT / "docs").glob("example-*.md")),
    *sorted(UNIT.glob("*.md")),
    *sorted(SCENARIOS.glob("*/expected/**/*.md")),
    *sorted(SCENARIOS.glob("sweeps/*/expected/**/*.md")),
]
RAW = r"(?m)\*\*|```|\]\(|^\|.*\|$|^#{1,6} |<!--|&[a-z]+;"
"""Markdown and entities that a reader would see as signs."""

TALLEST = 20_000
"""Pixels: twenty screens, more than which nobody reads."""


@pytest.fixture(scope="module")
def layouts() -> dict[Path, browser.Layout]:
    """Every body as Chromium lays it out."""
    _needs()
    return dict(zip(BODIES, browser.layouts([body.read_text() for body in BODIES]), strict=True))


def _needs() -> None:
    """Chromium and GitHub's style sheet, or the reason why not."""
    if browser.find() is None:
        pytest.skip("Chromium is not installed (make browser-tools)")
    if not browser.STYLE.exists():
        pytest.skip("github-markdown-css is not installed (make npm)")


@pytest.mark.parametrize("body", BODIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_body_is_laid_out_well(layouts: dict[Path, browser.Layout], body: Path) -> None:
    """Tables are tables, folds are closed, and no line is wider than the comment."""
    text, found = body.read_text(), layouts[body]
    assert found.wide == []
    assert re.findall(RAW, found.text) == []
    assert len(re.findall(r"^\|[ :|-]+\|$", text, re.MULTILINE)) == found.tables
    assert (text.count("<details>"), 0) == (found.folds, found.open_folds)
    assert found.height < TALLEST


def test_a_broken_table_would_be_seen() -> None:
    """The test before can fail: text in place of a table, and a line too long to fold."""
    _needs()
    (found,) = browser.layouts([f"no table:\n| a |\nb\n\n![]({'x'})\n\n**not closed"])
    assert found.tables == 0
    assert re.findall(RAW, found.text) != []
