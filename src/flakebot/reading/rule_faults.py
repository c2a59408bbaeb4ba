"""Hold rules to what they promise: a bounded pattern of one line, and their examples. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import re2

from flakebot.reading import rules
from flakebot.reading.rules import Rule, RuleSet

PATTERN_CHARACTERS = 1000
"""Of one pattern; the longest built-in one has half of it."""

PROGRAM = 5000
"""Instructions of a compiled pattern. RE2 takes time linear in the text, but up to this many steps
for a character; counted repetitions (`.{500}`) are what makes a pattern large."""

EXAMPLES = 50
"""Of one list."""

EXAMPLE_CHARACTERS = 5000
"""Of one example."""

_SHOWN = 80
"""Characters of an example that a sentence quotes."""

_ID = re2.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID_CHARACTERS = 60

_ONE_LINE = re2.compile(r"(?s)(?:[^\\]|\\[^AzCQE])*")
"""Without what means the ends of the text, a byte, or a quotation."""

_SINGLE = re2.compile(r"\(\?[A-Za-z]*-[A-Za-z]*m")


class Fault(NamedTuple):
    """What is wrong with one key of a rule."""

    rule: str
    key: str
    reason: str

    def __str__(self) -> str:
        """Return the sentence, without its end."""
        return f"rule `{self.rule}`, `{self.key}`: {self.reason}"


def faults_of(found: RuleSet) -> Iterator[Fault]:
    """What each rule does not keep, alone and among the others."""
    for rule in found.rules:
        yield from faults_alone(rule)
        yield from hidden(rule, found)


def faults_alone(rule: Rule) -> Iterator[Fault]:
    """What is wrong with a rule whatever others there are."""
    if len(rule.id) > _ID_CHARACTERS or not _ID.fullmatch(rule.id):
        reason = f"is no name in kebab-case of at most {_ID_CHARACTERS} characters"
        yield Fault(shown(rule.id), "id", reason)
        return
    unusable = [*_unusable(rule, "pattern", rule.pattern), *_unusable(rule, "needs", rule.needs)]
    yield from unusable
    if not unusable:
        yield from _of_examples(rule)


def _unusable(rule: Rule, key: str, pattern: str) -> Iterator[Fault]:
    if len(pattern) > PATTERN_CHARACTERS:
        yield Fault(rule.id, key, f"is longer than {PATTERN_CHARACTERS} characters")
    elif "\n" in pattern or not _ONE_LINE.fullmatch(pattern) or _SINGLE.search(pattern):
        reason = r"a rule sees one line: write `^` and `$`, no line end, `\A`, `\z`, `\Q`, `\C`"
        yield Fault(rule.id, key, reason)
    else:
        try:
            size = rules.compiled(pattern).programsize
        except re2.error as error:
            yield Fault(rule.id, key, f"RE2 cannot read it: {rules.said(error)}")
        else:
            if size > PROGRAM:
                reason = f"is too large ({size} instructions of {PROGRAM}): repeat less often"
                yield Fault(rule.id, key, reason)


def _of_examples(rule: Rule) -> Iterator[Fault]:
    pattern = rules.compiled(rule.pattern)
    for key, texts, wanted in (("match", rule.match, True), ("no_match", rule.no_match, False)):
        if not texts:
            yield Fault(rule.id, key, "needs an example")
        elif len(texts) > EXAMPLES or max(map(len, texts)) > EXAMPLE_CHARACTERS:
            reason = (
                f"holds more than {EXAMPLES} lines or one of over {EXAMPLE_CHARACTERS} characters"
            )
            yield Fault(rule.id, key, reason)
        else:
            yield from _of_list(rule.id, key, texts, pattern, wanted=wanted)


def _of_list(
    rule: str, key: str, texts: Iterable[str], pattern: re2._Regexp, *, wanted: bool
) -> Iterator[Fault]:
    for text in texts:
        matched, noise = pattern.search(text) is not None, rules.is_noise(text)
        if wanted and not matched:
            yield Fault(rule, key, f"does not match {shown(text)!r}")
        elif wanted and noise:
            reason = f"{shown(text)!r} is below error level or tells of a retry: no rule is asked"
            yield Fault(rule, key, reason)
        elif matched and not wanted and not noise:
            yield Fault(rule, key, f"matches {shown(text)!r}")


def hidden(rule: Rule, found: RuleSet) -> Iterator[Fault]:
    """The first example must be won; what another rule needs in addition is not known here."""
    for text in rule.match[:1]:
        matching = found.search(text, "job" if rule.scope == "job" else "test")
        winner = next((r for r in matching if r.id == rule.id or not r.needs), rule)
        if winner.id != rule.id:
            reason = f"the first example goes to `{winner.id}`, which is asked before it"
            yield Fault(rule.id, "match", reason)


def shown(text: str) -> str:
    """As much of a text as a sentence quotes."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
