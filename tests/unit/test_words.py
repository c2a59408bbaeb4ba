"""A maintainer's word on a test: what it changes in verdicts, and what overtakes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit import record_builders as b

from flakebot.feedback import Feedback, Word
from flakebot.github_objects import ChangedFile, Run
from flakebot.judging import accuracy, explained
from flakebot.judging.case import Case
from flakebot.judging.history import History
from flakebot.judging.verdicts import judge
from flakebot.model import Status
from flakebot.records import RunRecord
from flakebot.report import Finding, Kind, KnownIssue, Level
from flakebot.settings import Settings

OTHER = "v1:assertion:00000002"
OFTEN = [
    *b.passes(400, 9),
    b.failing(410, pr=5),
    b.passing(411),
    b.failing(412, pr=6),
    b.passing(413),
]
"""Enough for `flaky, likely`: in two pull requests, with passes in between."""

ISSUE = {b.KEY: KnownIssue(key=b.KEY, number=12, open=True, fingerprints=frozenset({b.PRINT}))}
FLAKE = "by ada's word of 2026-10-30 this is a flake"
NONE = "by ada's word of 2026-10-30 this is no flake, and none is proven since"


def hour(number: int) -> datetime:
    """When the run of that number was created."""
    return b.NOW - timedelta(hours=1000 - number)


def word(
    said: Word, at: int = 490, *ways: str, comment: int = 1, function: str = b.KEY
) -> Feedback:
    return Feedback(
        repository=b.REPOSITORY,
        comment_id=comment,
        created_at=hour(at),
        login="ada",
        word=said,
        function=function,
        fingerprints=ways,
    )


def judged(
    record: RunRecord,
    said: Sequence[Feedback],
    before: Sequence[RunRecord] = (),
    *,
    tracked: bool = False,
    cases: list[Case] | None = None,
) -> Finding:
    report = judge(
        run=Run(id=record.run_id, head_sha=record.head_sha, conclusion="failure"),
        records=[record],
        history=History([*before, record]),
        known=ISSUE if tracked else {},
        changed=[ChangedFile(filename="README.md")],
        pull=b.pull(record.pull_request) if record.pull_request else None,
        settings=Settings(),
        repository=b.REPOSITORY,
        problems=(),
        now=b.NOW,
        heard=accuracy.heard(before, said),
        cases=cases,
    )
    (finding,) = report.findings
    return finding


def kind(finding: Finding) -> tuple[Kind, Level]:
    return finding.verdict.kind, finding.verdict.level


NEW, KNOWN = (Kind.NEW, Level.NONE), (Kind.FLAKY, Level.KNOWN)
LIKELY, PROVEN = (Kind.FLAKY, Level.LIKELY), (Kind.FLAKY, Level.PROVEN)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((), LIKELY),
        ((word(Word.NOT_A_FLAKE),), NEW),
        ((word(Word.NOT_A_FLAKE, 490, b.PRINT, OTHER),), NEW),
        ((word(Word.NOT_A_FLAKE, 490, OTHER),), LIKELY),
        ((word(Word.NOT_A_FLAKE, function="pytest:t.py::other"),), LIKELY),
        ((word(Word.FLAKY),), KNOWN),
        ((word(Word.FLAKY), word(Word.NOT_A_FLAKE, 491)), NEW),
        ((word(Word.NOT_A_FLAKE), word(Word.FLAKY, 491)), KNOWN),
        ((word(Word.NOT_A_FLAKE), word(Word.FIXED, 491)), LIKELY),
        ((word(Word.FLAKY, comment=2), word(Word.NOT_A_FLAKE, comment=1)), KNOWN),
    ],
)
def test_the_last_word_on_a_way_of_failing_beats_the_statistics(
    said: tuple[Feedback, ...], expected: tuple[Kind, Level]
) -> None:
    """On this test and this way alone."""
    assert kind(judged(b.failing(500, pr=7), said, OFTEN)) == expected


def test_an_open_issue_is_no_evidence_against_a_word() -> None:
    """A maintainer knows more than the text that a bot keeps."""
    assert kind(judged(b.failing(500, pr=7), (), OFTEN, tracked=True)) == KNOWN
    said = [word(Word.NOT_A_FLAKE)]
    finding = judged(b.failing(500, pr=7), said, OFTEN, tracked=True)
    assert kind(finding) == NEW
    assert finding.verdict.reasons[0] == NONE
    assert "also in #5, #6" in finding.verdict.reasons
    assert not finding.counted


def test_what_was_seen_too_seldom_is_no_flake_either() -> None:
    """Nor is it unclassified: somebody said what it is."""
    finding = judged(b.failing(500, pr=7), [word(Word.NOT_A_FLAKE)], [b.failing(410, pr=5)])
    assert kind(finding) == NEW
    assert finding.verdict.reasons[:2] == (NONE, "also in #5")


def test_a_flake_by_word_needs_no_statistics() -> None:
    """It is called so at once; an issue waits until another build shows it."""
    finding = judged(b.failing(500, pr=7), [word(Word.FLAKY)])
    assert kind(finding) == KNOWN
    assert finding.verdict.reasons == (FLAKE,)
    assert not finding.counted
    again = judged(b.failing(500, pr=7), [word(Word.FLAKY)], OFTEN)
    assert again.verdict.reasons == (FLAKE, "failed in 3 of 14 builds (7.6 % to 48 %)")
    assert again.counted


def test_a_flake_by_word_that_only_stays_here_is_this_changes_own() -> None:
    """The word is on the test as it was."""
    own = [b.failing(number, pr=7) for number in range(490, 499)]
    before = [*b.passes(300, 100), *OFTEN, *own]
    assert kind(judged(b.failing(500, pr=7), [word(Word.FLAKY)], before)) == NEW


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        (b.flaking(495), LIKELY),
        (b.flaking(485), NEW),
        (b.run(495, b.job(b.entry(b.TEST, b.FAILED, Status.PASSED, fingerprint=OTHER))), NEW),
    ],
)
def test_a_proof_of_a_later_run_overtakes_a_word(
    proof: RunRecord, expected: tuple[Kind, Level]
) -> None:
    """Of this way of failing; what was known when the word was said is no news."""
    before = [*OFTEN, proof]
    finding = judged(b.failing(500, pr=7), [word(Word.NOT_A_FLAKE)], before)
    assert kind(finding) == expected
    if expected == LIKELY:
        said = "ada said on 2026-10-30 that this is no flake"
        assert finding.verdict.reasons[1] == f"proven since {said}"


def test_the_proof_itself_says_whom_it_contradicts() -> None:
    """The word stands beside it, for people to settle."""
    finding = judged(b.flaking(500, pr=7), [word(Word.NOT_A_FLAKE)])
    assert kind(finding) == PROVEN
    assert finding.verdict.reasons[1].startswith("proven since ada said on 2026-10-30")


def test_the_explanation_names_the_word() -> None:
    """As the reason of the rung that decides, and of those that do not apply."""
    cases: list[Case] = []
    judged(b.failing(500, pr=7), [word(Word.NOT_A_FLAKE)], [b.failing(410, pr=5)], cases=cases)
    (failure,) = map(explained._failure, cases)
    why = {rung.name: rung.why for rung in failure.rungs}
    assert why["unread"] == (NONE,)
    assert why["new"][0] == NONE
    assert failure.changes[0].endswith("in one build of a later run, or `/flakebot flaky`")
