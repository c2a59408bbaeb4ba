"""Why a log was read as it was: per cause the rule that won and what was passed over. Pure.

Everything here is a view of the notes that the decisions left (`trace`) and of the reading itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flakebot.model import Category, Cause, LogReading, Problem, TestId, value
from flakebot.reading.causes import UNREPORTED
from flakebot.reading.classify import HANG_RULE
from flakebot.reading.project_rules import ProjectRule
from flakebot.reading.rules import RuleSet
from flakebot.reading.trace import Note, Notes, Trace, Why
from flakebot.secrets_mask import Masker
from flakebot.wording import listing, plural

SCHEMA = 1

_TEXT = 400
"""Characters of a line that was passed over."""

_SENTENCES = {
    Why.BEATEN: "`{by}` is asked before it",
    Why.LATER: "the rule matches a later line",
    Why.SAID: "goes on with what the line before says",
    Why.ASSERTION: "the text of an assertion, which quotes what it likes",
    Why.NEEDS: "what the rule needs beside the line is not there",
    Why.RETRIED: "tells of a retry, or gives a hint",
    Why.QUIET: "is below error level",
    Why.ECHOED: "an echoed script, which is no output",
    Why.REPORT: "inside a report about tests, which is judged by itself",
    Why.STEP: "its step did not fail",
    Why.TESTS: "the failing tests have causes of their own",
    Why.HANG: "the silence before the end explains the job",
    Why.GREEN: "nothing failed",
}


@value
class PassedOver:
    """A line that a rule matched and that was not taken; `reason` is a sentence without its end."""

    line: int
    text: str
    rule: str
    category: Category
    why: Why
    reason: str


@value
class ExplainedCause:
    """A cause with its reasons.

    `rank` is the rule's place among `rules` rules, 0 where no pattern is searched; `test` is the
    one whose report is explained, empty for the job's own output; `why` are sentences.
    """

    cause: Cause
    rank: int
    rules: int
    origin: str
    why: tuple[str, ...]
    test: str
    passed_over: tuple[PassedOver, ...]


@value
class Explanation:
    """One log: its reading, the causes with their reasons, what no cause is about.

    `left_out` counts notes beyond a bound.
    """

    reading: LogReading
    causes: tuple[ExplainedCause, ...]
    passed_over: tuple[PassedOver, ...]
    left_out: int = 0


def explain(
    reading: LogReading, trace: Trace, rules: RuleSet, test: TestId | None = None
) -> Explanation:
    """Join a reading with the notes taken of it, of all tests or of one."""
    judged = (trace.job, *trace.tests.values())
    asked = {n.line.number for notes in judged for n in notes if n.why is not Why.REPORT}
    rest = [
        note for note in trace.job if note.why is not Why.REPORT or note.line.number not in asked
    ]
    chosen = [cause for cause in reading.causes if test is None or test in cause.tests]
    return Explanation(
        reading=reading,
        causes=tuple(_cause(cause, reading, trace, rules, test) for cause in chosen),
        passed_over=() if test is not None else _passed_over(rest, rules.mask),
        left_out=sum(notes.left_out for notes in (trace.job, *trace.tests.values())),
    )


def _cause(
    cause: Cause, reading: LogReading, trace: Trace, rules: RuleSet, test: TestId | None
) -> ExplainedCause:
    about = next((each for each in (test, *cause.tests) if each in trace.tests), None)
    notes = Notes() if about is None else trace.tests[about]
    ids = [rule.id for rule in rules.rules]
    rank = ids.index(cause.rule) + 1 if cause.rule in ids else 0
    own = bool(rank) and isinstance(rules.rules[rank - 1], ProjectRule)
    passed_over = _passed_over(notes, rules.mask)
    matched = passed_over if about is not None else _passed_over(trace.job, rules.mask)
    return ExplainedCause(
        cause=cause,
        rank=rank,
        rules=len(ids),
        origin="project" if own else "built-in",
        why=tuple(_reasons(cause, reading, matched)),
        test=about or "",
        passed_over=passed_over,
    )


def _reasons(cause: Cause, reading: LogReading, others: Sequence[PassedOver]) -> Iterable[str]:
    """Sentences, without their ends, about why this rule and this line."""
    if cause.rule == HANG_RULE and reading.hang is not None:
        yield f"no output for {plural(reading.hang.seconds, 'second')} before the job was stopped"
        return
    if cause.rule == UNREPORTED:
        yield "no rule knows a line of the report, so the category follows from the outcome"
        return
    beaten = [each.rule for each in others if each.why is Why.BEATEN and _by(each, cause.rule)]
    if beaten:
        names = list(dict.fromkeys(beaten))
        match = "matches" if len(names) == 1 else "match"
        yield f"asked before {listing(names)}, which {match} too"
    earlier = sum(each.why is Why.LATER and each.rule == cause.rule for each in others)
    if earlier:
        yield f"the last of {earlier + 1} lines that it matches"
    if not beaten and not earlier:
        yield "no other rule matches what counts"


def _by(each: PassedOver, rule: str) -> bool:
    return each.reason == _SENTENCES[Why.BEATEN].format(by=rule)


def _passed_over(notes: Iterable[Note], mask: Masker) -> tuple[PassedOver, ...]:
    """In order of lines, each line and rule once."""
    found = {
        (note.line.number, note.rule.id): _passed(note, mask)
        for note in notes
        if note.why is not Why.WON
    }
    return tuple(found[key] for key in sorted(found))


def _passed(note: Note, mask: Masker) -> PassedOver:
    return PassedOver(
        line=note.line.number,
        text=mask(note.line.text.strip())[:_TEXT],
        rule=note.rule.id,
        category=note.rule.category,
        why=note.why,
        reason=_SENTENCES[note.why].format(by=note.by),
    )


def to_json(explanations: Sequence[Explanation], problems: Sequence[Problem]) -> dict[str, object]:
    """The object that `flakebot explain --json` prints."""
    return {
        "schema": SCHEMA,
        "logs": [_log(each) for each in explanations],
        "problems": [{"source": each.source, "reason": each.reason} for each in problems],
    }


def _log(each: Explanation) -> dict[str, object]:
    return {
        "source": each.reading.source,
        "framework": list(each.reading.frameworks),
        "causes": [_json(explained) for explained in each.causes],
        "passed_over": [_passed_json(passed) for passed in each.passed_over],
        "left_out": each.left_out,
    }


def _json(explained: ExplainedCause) -> dict[str, object]:
    cause = explained.cause
    return {
        "category": cause.category.value,
        "owner": cause.category.owner.value,
        "severity": cause.category.severity.value,
        "rule": cause.rule,
        "origin": explained.origin,
        "rank": explained.rank or None,
        "rules": explained.rules,
        "line": cause.line,
        "text": cause.text,
        "tests": list(cause.tests),
        "why": list(explained.why),
        "explained_test": explained.test or None,
        "passed_over": [_passed_json(passed) for passed in explained.passed_over],
    }


def _passed_json(passed: PassedOver) -> dict[str, object]:
    return {
        "line": passed.line,
        "text": passed.text,
        "rule": passed.rule,
        "category": passed.category.value,
        "why": passed.why.value,
        "reason": passed.reason,
    }
