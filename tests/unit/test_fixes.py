"""A maintainer says that a test is fixed: a new window, and failures that lack the fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import MemoryForge

from flakebot.errors import GitHubError
from flakebot.feedback import Feedback, Word
from flakebot.judging import fixes
from flakebot.judging.builds import gather
from flakebot.judging.fixes import Doubt, Fixes
from flakebot.judging.history import History
from flakebot.judging.states import State
from flakebot.judging.stats import rate
from flakebot.judging.summaries import TestSummary
from flakebot.keys import tracking_key
from flakebot.model import Status
from flakebot.pipeline import fixing
from flakebot.records import RunRecord
from flakebot.settings import Limits
from flakebot.views import issue_text
from flakebot.views.markers import IssueState

FIX = "f1f1f1f"
BEFORE = b.story("PF.P..F.P.")
"""Six failures in ten builds; the word comes after the tenth."""

SAID = BEFORE[-1].created_at + timedelta(minutes=30)


def word(
    commit: str = FIX, *, at: datetime = SAID, said: Word = Word.FIXED, ways: Sequence[str] = ()
) -> Feedback:
    return Feedback(
        repository=b.REPOSITORY,
        comment_id=7,
        created_at=at,
        login="maintainer",
        word=said,
        function=b.KEY,
        fingerprints=tuple(ways),
        commit=commit,
    )


def known(
    records: Sequence[RunRecord], *words: Feedback, having: Sequence[RunRecord] = ()
) -> Fixes:
    """What is fixed, when only those runs' commits contain the fix."""
    said = fixes.fixes(words, records, {b.KEY})
    heads = {record.head_sha for record in having}
    asked = fixes.doubts(said, records)
    return fixes.settled(said, records, [each for each in asked if each.head in heads])


def summary(
    after: Sequence[RunRecord], *words: Feedback, having: Sequence[RunRecord] = ()
) -> TestSummary:
    """The test after the ten builds and these."""
    records = [*BEFORE, *after]
    fixed = known(records, *(words or (word(),)), having=having)
    return History(records, fixes=fixed).summary(b.KEY, b.NOW)


def test_a_word_begins_a_new_window_and_keeps_the_old_one() -> None:
    """At once, also without a build since."""
    found = summary([])
    assert (found.state, found.rate) == (State.FIXED_WATCHING, rate(0, 0))
    assert [part.rate for part in found.segments] == [rate(5, 10), rate(0, 0)]
    assert (found.segments[-1].since, found.segments[-1].commit) == (SAID, FIX)
    change = found.transitions[-1]
    assert (change.at, change.commit, change.before) == (SAID, FIX, State.FLAKY)
    assert change.reason == "a maintainer says it is fixed"
    text = issue_text.test_body(found, IssueState(), owners=(), limits=Limits(), said=())
    assert "it failed in 5 of 10 builds (24 % to 76 %)." in text
    assert "**Fixed, and watched** since" in text


def test_a_failure_without_the_fix_does_not_count() -> None:
    """Of the new window it says nothing; passes since then count."""
    after = b.story("..f.F", first=20)
    found = summary(after)
    assert (found.state, found.rate, found.without_fix) == (State.FIXED_WATCHING, rate(0, 3), 2)
    text = issue_text.test_body(found, IssueState(), owners=(), limits=Limits(), said=())
    assert "Not counted: 2 builds that failed since then on a commit without the fix." in text


def test_a_failure_with_the_fix_says_that_it_did_not_hold() -> None:
    """Once its commit is known to contain the fix."""
    after = b.story("..f.F", first=20)
    found = summary(after, having=after[4:])
    assert (found.state, found.rate, found.without_fix) == (State.FLAKY, rate(1, 4), 1)
    assert found.transitions[-1].commit == after[4].head_sha


def test_another_way_of_failing_is_not_what_was_fixed() -> None:
    """The word names the ways of failing that it speaks of."""
    after = [b.failing(20), b.failing(21, fingerprint="v1:assertion:00000002")]
    found = summary(after, word(ways=[b.PRINT]))
    assert (found.rate, found.without_fix) == (rate(1, 1), 1)


def test_a_broken_test_that_is_fixed_is_watched() -> None:
    """Its row of failures is over; a healthy one is left as it is, and a second word adds none."""
    records = b.story("....FFFF")
    at = records[-1].created_at + timedelta(minutes=1)
    twice = [word(at=at), word(at=at + timedelta(minutes=1))]
    after = b.story("F..", first=20)
    fixed = known([*records, *after], *twice, having=after)
    states = [
        each.after
        for each in History([*records, *after], fixes=fixed).summary(b.KEY, b.NOW).transitions
    ]
    assert states == [State.SUSPECT, State.BROKEN, State.FIXED_WATCHING, State.SUSPECT]
    calm = b.story("....")
    said = known(calm, word(at=calm[1].created_at))
    assert History(calm, fixes=said).summary(b.KEY, b.NOW).transitions == ()


def test_no_builds_no_window() -> None:
    """A word on a test of which nothing is on record changes nothing."""
    said = known([], word())
    assert History([], fixes=said).summary(b.KEY, b.NOW).segments == ()


def test_without_a_commit_the_default_branch_of_then_is_meant() -> None:
    """The newest on record; none where there is none, and then nothing is asked."""
    said = fixes.fixes([word("")], [*BEFORE, *b.story("F", first=20)], {b.KEY})
    assert said[b.KEY][0].commit == BEFORE[-1].head_sha
    late = b.story("F", first=20)
    unknown = fixes.fixes([word("")], late, {b.KEY})
    assert unknown[b.KEY][0].commit == ""
    assert fixes.doubts(unknown, late) == ()
    found = History(late, fixes=fixes.settled(unknown, late, ())).summary(b.KEY, b.NOW)
    assert found.rate == rate(1, 1)


@pytest.mark.parametrize(
    ("said", "keys"), [(word(said=Word.FLAKY), {b.KEY}), (word(), {"pytest:a.py::t"})]
)
def test_other_words_and_other_tests_fix_nothing(said: Feedback, keys: set[str]) -> None:
    """Only `fixed`, and only of the tests that are asked for."""
    assert fixes.fixes([said], BEFORE, keys) == {}


def test_each_failing_commit_since_is_asked_about_once() -> None:
    """The newest first; passes, other tests and what failed before are not."""
    twice = b.run(30, b.job(b.entry(), b.entry("a.py::t")), base_sha="base")
    skipped = b.run(32, b.job(b.entry(b.TEST, b.RERUN, Status.SKIPPED)))
    records = [*BEFORE, *b.story("F.", first=20), twice, b.flaking(31), skipped]
    said = fixes.fixes([word()], records, {b.KEY})
    assert fixes.doubts(said, records) == (
        Doubt(fix=FIX, head="0000031aaaa"),
        Doubt(fix=FIX, head="0000030aaaa", base="base"),
        Doubt(fix=FIX, head="0000020aaaa"),
    )


def test_a_history_of_then_knows_no_later_word() -> None:
    """A past run is judged by what had been said."""
    after = b.story("...", first=20)
    records = [*BEFORE, *after]
    history = History(records, fixes=known(records, word()))
    then = history.between(BEFORE[0].created_at, BEFORE[-1])
    assert then.summary(b.KEY, b.NOW).state is State.FLAKY
    assert history.summary(b.KEY, b.NOW).state is State.FIXED_WATCHING


# ------------------------------------------------------------------------------------------
# Asking


def test_a_commit_has_the_fix_by_itself_or_by_its_base() -> None:
    """A pull request is tested merged with its base; what cannot be known lacks it."""
    own, merged, old = "0000020aaaa", "0000021aaaa", "0000022aaaa"
    records = [
        *BEFORE,
        b.failing(20),
        b.run(21, b.job(b.entry()), pr=3, base_sha="base"),
        b.failing(22),
    ]
    forge = MemoryForge(parents={own: {FIX}, "base": {FIX}, merged: set(), old: set()})
    problems: list[str] = []
    (fix,) = fixing.known([word()], records, {b.KEY}, forge, problems)[b.KEY]
    assert ([head for head, _ in fix.lacking], problems) == ([old], [])


def test_a_commit_that_was_tested_with_two_bases_lacks_the_fix_with_one() -> None:
    """What failed with the base that has it counts."""
    early = b.run(20, b.job(b.entry()), pr=3, sha="head", base_sha="old")
    late = b.run(21, b.job(b.entry()), pr=3, sha="head", base_sha="new")
    forge = MemoryForge(parents={"head": set(), "old": set(), "new": {FIX}})
    (fix,) = fixing.known([word()], [*BEFORE, early, late], {b.KEY}, forge, [])[b.KEY]
    assert fix.lacking == {("head", "old")}
    found = gather(History([*BEFORE, early, late]).executions(b.KEY))
    (build,) = [each for each in found if each.head_sha == "head"]
    assert [fix.excuses(failure) for failure in build.failures] == [True, False]


def test_nothing_is_asked_where_nothing_is_fixed() -> None:
    """Every request counts."""
    forge = MemoryForge()
    assert fixing.known([], BEFORE, {b.KEY}, forge, []) == {}
    fixing.known([word()], BEFORE, {b.KEY}, forge, [])
    assert forge.requests == []


def test_only_so_many_commits_are_asked_about() -> None:
    """The newest; the others are taken to lack the fix."""
    after = [b.failing(n) for n in range(20, 20 + fixing.MOST_ASKED + 5)]
    heads = {record.head_sha: {FIX} for record in after}
    forge = MemoryForge(parents=heads)
    (fix,) = fixing.known([word()], [*BEFORE, *after], {b.KEY}, forge, [])[b.KEY]
    assert len(forge.requests) == fixing.MOST_ASKED
    assert {head for head, _ in fix.lacking} == {
        record.head_sha for record in after[: -fixing.MOST_ASKED]
    }


def test_a_test_that_fails_often_leaves_the_others_their_answer() -> None:
    """The tests take turns, each with its newest commit first."""
    other = "a.py::t"
    rare = b.run(19, b.job(b.entry(other)))
    often = [b.failing(n) for n in range(20, 20 + fixing.MOST_ASKED + 5)]
    records = [*BEFORE, rare, *often]
    key = tracking_key("pytest", other)
    words = [word(), replace(word(), comment_id=8, function=key)]
    forge = MemoryForge(parents={record.head_sha: {FIX} for record in (rare, *often)})
    found = fixing.known(words, records, {b.KEY, key}, forge, [])
    lacking = {head for head, _ in found[b.KEY][0].lacking}
    assert rare.head_sha not in {head for head, _ in found[key][0].lacking}
    assert lacking == {record.head_sha for record in often[:6]}


def test_an_answer_that_cannot_be_had_is_a_sentence() -> None:
    """And the failures are not held against the fix."""
    forge = MemoryForge(failures={"contains": GitHubError("GitHub answers 500")})
    problems: list[str] = []
    after = b.failing(20)
    (fix,) = fixing.known([word()], [*BEFORE, after], {b.KEY}, forge, problems)[b.KEY]
    assert ([head for head, _ in fix.lacking], problems) == (
        [after.head_sha],
        ["GitHub answers 500"],
    )
