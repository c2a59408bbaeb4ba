"""Which rules a real log stands behind, and why the others have none."""

from __future__ import annotations

from pathlib import Path

from flakebot.reading import rules

FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDER = FIXTURES / "rules"
RULES = {rule.id: rule for rule in rules.builtin().rules}
RECORDED = {path.parent.name for path in FOLDER.glob("*/*.log")} & RULES.keys()
ELSEWHERE = "its log stands in tests/fixtures/logs"
REASONS = {
    ELSEWHERE,
    "said by GitHub's runner or its services",
    "said by another hosted service",
    "needs a GPU",
    "needs a Kubernetes cluster",
    "needs gigabytes of packages",
    "needs macOS or Windows",
    "needs a tool that the recorder does not have",
    "needs another system",
}
"""All that count: who can record a log does so."""


def _excuses() -> dict[str, str]:
    rows = (FOLDER / "without-log.txt").read_text(encoding="utf-8").splitlines()
    pairs = (row.partition(" ") for row in rows if not row.startswith("#"))
    return {rule: reason.strip() for rule, _, reason in pairs}


def test_at_least_150_rules_have_a_real_log() -> None:
    """What the tools really print, not what somebody remembers of it."""
    assert len(RECORDED) >= 180


def test_every_rule_has_a_log_or_a_reason() -> None:
    """Nothing is told by rules alone that could have been recorded; no excuse outlives its rule."""
    excuses = _excuses()
    assert sorted(RULES.keys() - RECORDED - excuses.keys()) == []
    assert sorted(excuses.keys() - RULES.keys()) == []
    assert sorted(excuses.keys() & RECORDED) == []
    assert set(excuses.values()) <= REASONS


def test_a_log_that_stands_elsewhere_is_there() -> None:
    """Logs of test frameworks are kept with all that is read out of them."""
    lines = [
        line
        for path in (FIXTURES / "logs").glob("*.log")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    for rule in (rule for rule, reason in _excuses().items() if reason == ELSEWHERE):
        pattern = rules.compiled(RULES[rule].pattern)
        texts = (text for line in lines for text in (line, line[29:], line[29:].lstrip("E ")))
        assert any(pattern.search(text) for text in texts), rule
