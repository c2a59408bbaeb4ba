"""What went wrong in one failure's report: the innermost error decides. Pure.

A report is judged on the lines that state errors (pytest's `E ` lines, the heads of exceptions, the
first line of a dump), never on source code or captured output around them. Each such line is asked
against all rules; the rule that stands first in the rules file wins, within it the last line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import re2

from flakebot.fingerprint import fingerprint
from flakebot.frameworks.reading import Block, Test
from flakebot.logs import Line
from flakebot.model import Category, Cause, Status
from flakebot.reading.excerpts import INTERNAL, TEXT, TITLES, excerpt
from flakebot.reading.rules import Rule, RuleSet, is_retried
from flakebot.reading.trace import Notes, Why
from flakebot.secrets_mask import Masker

_HEAD = re2.compile(
    r"^(?:[A-Za-z_]\w*(?:\.|::))*(?:[A-Za-z_]*"
    r"(?:Error|Exception|Timeout|Interrupt|Exit|Failure|Disabled|Enabled|Warning)|Errno::[A-Z]\w+)"
    r"(?: \[\w+\])?(?::|$)|^Failed: |^panic: |^thread '.*panicked at|^Error: |^Fatal Python error"
)
_ASSERTION = re2.compile(
    r"^(?:\w+\.)*Assert\w*Error\b|^assert\b|^assertion\b|^(?:\w+\.)*ComparisonFailure"
)
_CHAINED = "Caused by: "
UNREPORTED = "no-report"
"""The rule named for a test that failed and about which the log says nothing more."""

_FALLBACKS = {
    Status.TIMEOUT: Category.TEST_TIMEOUT,
    Status.CRASHED: Category.WORKER_CRASH,
    Status.UNFINISHED: Category.UNKNOWN,
}


class Statement(NamedTuple):
    """A line that states an error, without the marks in front of it; `goes_on` when it goes on
    with what the line before began to say.
    """

    line: Line
    text: str
    asserted: bool = False
    goes_on: bool = False


def statements(block: Block) -> list[Statement]:
    """The lines of a report that state errors, innermost first as pytest prints a chain."""
    return list(_marked(block)) or list(_bare(block))


def _bare(block: Block) -> Iterator[Statement]:
    """The unindented lines of a report without any mark, as a doctest's."""
    for line in block.lines:
        if TITLES.match(line.text) is not None:
            return
        if line.text[:1].strip():
            yield Statement(line, line.text)


def _marked(block: Block) -> Iterator[Statement]:
    if block.kind in {"crash", "timeout"}:
        yield from (Statement(line, line.text) for line in block.lines[:1])
        return
    if block.kind == "panic":
        yield from (Statement(line, line.text) for line in block.lines)
        return
    asserted, inside = False, False
    for line in block.lines:
        text = line.text.removeprefix(INTERNAL)
        if text.startswith("-") and TITLES.match(text) is not None:
            return  # captured output and logs are no statements about the failure
        if text.startswith("E ") or text == "E":
            text = text[1:].strip()
            asserted = asserted if inside else _ASSERTION.search(text) is not None
            yield Statement(line, text, asserted, goes_on=inside)
            inside = True
        elif inside and not text.strip():
            inside = False
        else:
            inside = False
            text = text.removeprefix(_CHAINED)
            if _states(text, block.kind):
                yield Statement(line, text, _ASSERTION.search(text) is not None)


def _states(text: str, kind: str) -> bool:
    """Whether a line outside `E ` marks states an error by its shape."""
    if kind == "summary":
        return True
    return (
        _HEAD.search(text) is not None or "crashed while running" in text or "CRASHED with" in text
    )


class Found(NamedTuple):
    """The best evidence of a report."""

    rule: Rule
    statement: Statement
    block: Block


def of_test(test: Test, rules: RuleSet, notes: Notes | None = None) -> Cause:
    """The cause of one test's failure, without the tests that share it."""
    found = best(test.blocks, rules, notes)
    if found is not None:
        return _cause(found.rule.category, found.rule.id, found.statement, found.block, rules.mask)
    stated = [(s, block) for block in test.blocks for s in statements(block)]
    bad = [status for status in test.outcomes if status.bad] or [test.outcomes[0]]
    category = _FALLBACKS.get(bad[-1], Category.EXCEPTION if stated else Category.UNKNOWN)
    if stated:
        return _cause(category, UNREPORTED, *stated[-1], rules.mask)
    text = rules.mask(f"{test.id} {bad[-1].upper()}")
    return Cause(
        category=category,
        rule=UNREPORTED,
        line=test.line,
        text=text,
        fingerprint=fingerprint(category, text),
        excerpt=(text,),
    )


def of_block(block: Block, rules: RuleSet, notes: Notes | None = None) -> Cause | None:
    """The cause of something that failed without a test, None when no rule knows it."""
    found = best((block,), rules, notes)
    if found is None:
        return None
    return _cause(found.rule.category, found.rule.id, found.statement, block, rules.mask)


def of_count(block: Block, mask: Masker) -> Cause:
    """The cause of failures that are counted and of which nothing else is said."""
    return _cause(Category.UNKNOWN, UNREPORTED, statements(block)[-1], block, mask)


def best(blocks: Sequence[Block], rules: RuleSet, notes: Notes | None = None) -> Found | None:
    """The evidence that the rules put first; within one rule the last; of an assertion
    its message rather than the `assert not True` that pytest adds. What was passed over is noted.
    """
    found: Found | None = None
    report = ""
    for block in blocks:
        for statement in statements(block):
            matching = rules.search(statement.text, "test")
            for at, rule in enumerate(matching):
                why = _against(rule, statement, found, rules)
                if why is None:
                    report = report or _report(blocks)
                    why = _unproven(rule, statement, report, rules)
                if why is None:
                    found = Found(rule, statement, block)
                if notes is not None:
                    _note(notes, statement.line, matching[at:], why, found)
                if why in _ENOUGH:
                    break
    return found


_ENOUGH = (None, Why.BEATEN, Why.SAID)
"""After these the line's other rules, which are asked later, have nothing to add."""


def _against(rule: Rule, statement: Statement, found: Found | None, rules: RuleSet) -> Why | None:
    """Why a rule that matches a statement is not even asked."""
    rank = len(rules.rules) if found is None else rules.precedence(found.rule.id)
    if rules.precedence(rule.id) > rank:
        return Why.BEATEN
    if statement.asserted and statement.goes_on and rules.precedence(rule.id) == rank:
        return Why.SAID
    return Why.ASSERTION if statement.asserted and not rule.assertions else None


def _unproven(rule: Rule, statement: Statement, report: str, rules: RuleSet) -> Why | None:
    """Why a match proves nothing."""
    if not rules.fits(rule, report):
        return Why.NEEDS
    return Why.RETRIED if is_retried(statement.text) else None


def _note(
    notes: Notes, line: Line, matching: Sequence[Rule], why: Why | None, found: Found | None
) -> None:
    """Note one decision, and with the last one about a line the rules it leaves out."""
    rule, *others = matching
    if why is None:
        notes.take(line, rule)
        notes.behind(line, others, rule)
    elif why in _ENOUGH and found is not None:
        notes.add(line, rule, why, found.rule.id)
        notes.behind(line, others, found.rule)
    else:
        notes.add(line, rule, why)


def _report(blocks: Sequence[Block]) -> str:
    return "\n".join(line.text for block in blocks for line in block.lines)


def _cause(
    category: Category, rule: str, statement: Statement, block: Block, mask: Masker
) -> Cause:
    shown = _shown(block, mask)
    # The whole line is masked before it is cut: half a token is no known shape any more.
    same = (each for each in statements(shown) if each.line.number == statement.line.number)
    text = mask(next(same, statement).text.strip())[:TEXT]
    return Cause(
        category=category,
        rule=rule,
        line=statement.line.number,
        text=text,
        fingerprint=fingerprint(category, text),
        excerpt=excerpt(shown, statement.line),
    )


def _shown(block: Block, mask: Masker) -> Block:
    """A block as it may be shown."""
    rows = mask.lines([line.text for line in block.lines])
    pairs = zip(block.lines, rows, strict=True)
    return replace(block, lines=tuple(line._replace(text=row) for line, row in pairs))
