"""How often verdicts held: by maintainers' words, by time, and what confidence follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit import record_builders as b

from flakebot.feedback import Feedback, Word
from flakebot.judging import accuracy, holding
from flakebot.judging.accuracy import ENOUGH, Accuracy, Row
from flakebot.judging.case import CONFIDENCE
from flakebot.judging.history import History
from flakebot.judging.holding import HELD, Judged
from flakebot.model import Status, TestId
from flakebot.records import RunRecord, Said
from flakebot.report import Kind, Level
from flakebot.settings import Thresholds

OTHER = "v1:assertion:00000002"
VERDICTS = {"new": ("new", ""), "broken": ("broken", ""), "unclassified": ("unclassified", "")}
VERDICTS |= {f"flaky {level}": ("flaky", level) for level in ("proven", "known", "likely")}


def hour(number: int) -> datetime:
    """When the run of that number was created."""
    return b.NOW - timedelta(hours=1000 - number)


def told(number: int, name: str, *, pr: int = 7, fingerprint: str = b.PRINT) -> RunRecord:
    """A run in which the test failed, with the verdict that was given on it."""
    entry = b.entry(fingerprint=fingerprint, cause=0)
    kind, level = VERDICTS[name]
    said = (Said(about=b.TEST, kind=kind, level=level),)
    return b.run(number, b.job(entry, causes=(b.cause(),)), pr=pr, said=said)


def word(said: Word, at: float, *ways: str, function: str = b.KEY) -> Feedback:
    return Feedback(
        repository=b.REPOSITORY,
        comment_id=int(at * 10),
        created_at=hour(0) + timedelta(hours=at),
        login="ada",
        word=said,
        function=function,
        fingerprints=ways,
    )


def measured(records: Sequence[RunRecord], *said: Feedback) -> Accuracy:
    return accuracy.measure(records, said, History(records), Thresholds())


def row(found: Accuracy, name: str) -> Row:
    return next(row for row in (*found.verdicts, *found.rules) if row.name == name)


def counts(found: Row) -> tuple[int, int, int, int]:
    """Words, those that agree, and what time settled."""
    return found.judged, found.held, found.time_held, found.time_failed


# ------------------------------------------------------------------------------------------
# Words


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.parametrize("said", Word)
def test_a_word_judges_the_verdict_before_it(name: str, said: Word) -> None:
    """Held or not, as the table has it; what claims nothing is not judged."""
    found = row(measured([told(1, name)], word(said, 2)), name)
    held = HELD.get((Kind(VERDICTS[name][0]), said))
    assert (found.given, found.judged, found.held) == (1, held is not None, held is True)
    assert found.words[said] == found.judged


def test_the_table_stands_in_the_definition() -> None:
    """Its three words for three kinds, one of which says nothing."""
    lines = [line for line in (holding.__doc__ or "").splitlines() if line.startswith("| ")]
    cells = {row.split("|")[1].strip(): row.split("|")[2:5] for row in lines}
    words = [cell.strip(" `") for cell in cells["verdict"]]
    for kind in (Kind.FLAKY, Kind.BROKEN, Kind.NEW):
        for said, cell in zip(words, cells[kind], strict=True):
            held = HELD.get((kind, Word(said)))
            begins = {True: "held", False: "did not hold", None: "says nothing"}[held]
            assert cell.strip().startswith(begins)


@pytest.mark.parametrize(
    ("said", "agree"),
    [
        ((), None),
        ((word(Word.FLAKY, 0.5),), None),
        ((word(Word.FLAKY, 2, OTHER),), None),
        ((word(Word.FLAKY, 2, function="pytest:t.py::other"),), None),
        ((word(Word.FLAKY, 2, b.PRINT, OTHER),), True),
        ((word(Word.FLAKY, 2), word(Word.NOT_A_FLAKE, 3)), False),
        ((word(Word.NOT_A_FLAKE, 2), word(Word.FIXED, 3)), False),
        ((word(Word.FIXED, 2), word(Word.FLAKY, 3)), True),
    ],
)
def test_the_last_plain_word_after_a_verdict_counts(
    said: tuple[Feedback, ...], *, agree: bool | None
) -> None:
    """On its test and its way of failing; that somebody fixed it says less than what it was."""
    found = row(measured([told(1, "flaky likely")], *said), "flaky likely")
    assert (found.judged, found.held) == ((0, 0) if agree is None else (1, agree))


def test_a_word_is_on_what_was_said_before_it_alone() -> None:
    """What flakebot says afterwards waits for the next word."""
    records = [told(1, "flaky known"), told(5, "flaky known")]
    said = [word(Word.NOT_A_FLAKE, 2), word(Word.FLAKY, 6), word(Word.FLAKY, 7)]
    found = row(measured(records, *said), "flaky known")
    assert (found.judged, found.held, found.given) == (2, 1, 2)


def test_a_word_counts_once_for_each_kind() -> None:
    """However often the verdict was given: one much-reported test outvotes no other."""
    records = [told(1, "new"), *(told(n, "flaky known") for n in range(2, 30))]
    found = measured(records, word(Word.FLAKY, 40))
    assert (row(found, "flaky known").given, counts(row(found, "flaky known"))[:2]) == (28, (1, 1))
    assert counts(row(found, "new"))[:2] == (1, 0)
    assert found.said == 1
    by_rule = row(found, "rule")
    assert (by_rule.given, by_rule.judged, by_rule.held, by_rule.confidence) == (29, 2, 1, 0.0)


def test_what_a_record_cannot_place_is_left_out() -> None:
    """Jobs, tests of no attempt, and kinds of another version."""
    strange = (
        Said(about="job:lint", kind="new"),
        Said(about="t.py::gone", kind="new"),
        Said(about=b.TEST, kind="marvellous"),
        Said(about=b.TEST, kind="flaky", level="sort-of"),
    )
    assert holding.given([replace(told(1, "new"), said=strange)]) == ()
    assert holding.given([replace(told(1, "new"), said=None)]) == ()


def test_a_verdict_is_on_all_attempts_so_far() -> None:
    """The failure may stand in an earlier one; a later one is not looked at."""
    said = (Said(about=b.TEST, kind="flaky", level="proven"),)
    first = told(1, "new")
    second = b.run(1, b.job(passed=[b.TEST]), attempt=2, pr=7, said=said)
    third = b.run(1, b.job(b.entry(fingerprint=OTHER)), attempt=3, pr=7)
    new, flaky = holding.given([third, second, first])
    assert (new.kind, flaky.kind) == (Kind.NEW, Kind.FLAKY)
    assert flaky.fingerprints == {b.PRINT}


# ------------------------------------------------------------------------------------------
# Time


def green(first: int, count: int, **more: object) -> list[RunRecord]:
    return [b.run(n, b.job(passed=[b.TEST]), **more) for n in range(first, first + count)]  # type: ignore[arg-type]  # of a table


LATER = b.run(60, b.job(b.entry(b.TEST, b.FAILED, Status.PASSED)), pr=9)
ANOTHER = b.run(60, b.job(b.entry(b.TEST, b.FAILED, b.PASSED, fingerprint=OTHER)))
STREAK = [b.failing(n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("name", "later", "expected"),
    [
        ("new", (), (0, 0)),
        ("new", (LATER,), (0, 1)),
        ("new", (replace(LATER, run_id=3, created_at=hour(3)),), (0, 0)),
        ("new", (ANOTHER,), (0, 0)),
        ("new", (b.failing(60, pr=8), *green(61, 40)), (0, 0)),
        ("flaky likely", (LATER,), (1, 0)),
        ("flaky known", (LATER,), (1, 0)),
        ("flaky known", tuple(green(61, 99)), (0, 0)),
        ("flaky proven", (LATER,), (0, 0)),
        ("unclassified", (LATER,), (0, 0)),
        ("broken", (LATER,), (0, 1)),
        ("broken", (), (0, 0)),
        ("broken", tuple(green(61, 9)), (0, 0)),
        ("broken", tuple(green(61, 10)), (1, 0)),
        ("broken", (*green(61, 20), b.failing(90, fingerprint=OTHER)), (0, 0)),
    ],
)  # fmt: skip
def test_time_settles_what_is_certain(
    name: str, later: tuple[RunRecord, ...], expected: tuple[int, int]
) -> None:
    """A failure and a pass in one build, or a fix: ten passes after a row of four failures."""
    pr = 0 if name == "broken" else 7
    before = STREAK if name == "broken" else []
    found = row(measured([*before, told(4, name, pr=pr), *later]), name)
    assert (found.time_held, found.time_failed) == expected
    assert found.judged == 0


def test_a_break_that_no_build_of_the_default_branch_shows_stays_open() -> None:
    """It was seen at the base of a pull request only."""
    found = row(measured([told(4, "broken"), *green(10, 50)]), "broken")
    assert counts(found) == (0, 0, 0, 0)


def test_a_pass_of_a_later_attempt_settles_what_was_said_of_the_first() -> None:
    """The same commit and job: what was called new was a flake."""
    second = b.run(4, b.job(passed=[b.TEST]), attempt=2, pr=7)
    assert row(measured([told(4, "new"), second]), "new").time_failed == 1


def test_a_word_comes_before_time() -> None:
    """And a way of failing counts once, by the first verdict of a kind on it."""
    records = [told(4, "new"), told(5, "new", pr=8), LATER]
    assert counts(row(measured(records), "new")) == (0, 0, 0, 1)
    assert counts(row(measured(records, word(Word.NOT_A_FLAKE, 70)), "new")) == (1, 1, 0, 0)


# ------------------------------------------------------------------------------------------
# Confidence


def words(held: int, of: int, kind: Kind, level: Level = Level.NONE) -> list[Judged]:
    one = Judged(kind=kind, level=level, word=Word.FLAKY, held=True, rules=frozenset())
    return [replace(one, held=number < held) for number in range(of)]


def test_confidence_is_what_is_expected_until_words_are_enough() -> None:
    """Then it is the share of verdicts of that kind that held; other kinds keep theirs."""
    assert accuracy.confidence(words(0, ENOUGH - 1, Kind.NEW)) == CONFIDENCE
    found = accuracy.confidence(words(12, ENOUGH, Kind.NEW))
    assert found == {**CONFIDENCE, (Kind.NEW, Level.NONE): 0.6}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({Level.LIKELY: (18, 20)}, (0.9, 0.9, 0.97)),
        ({Level.LIKELY: (19, 20)}, (0.95, 0.95, 0.97)),
        ({Level.PROVEN: (16, 20)}, (0.75, 0.8, 0.8)),
        ({Level.PROVEN: (10, 20)}, (0.5, 0.5, 0.5)),
        ({Level.KNOWN: (20, 20), Level.PROVEN: (54, 60)}, (0.75, 74 / 80, 74 / 80)),
        ({Level.LIKELY: (10, 20), Level.KNOWN: (15, 20), Level.PROVEN: (20, 20)}, (0.5, 0.75, 1)),
    ],
)
def test_stronger_evidence_never_has_the_lower_share(
    shares: dict[Level, tuple[int, int]], expected: tuple[float, float, float]
) -> None:
    """Where words say so, both levels have that of their words together; a guess has no weight."""
    said = [one for level, share in shares.items() for one in words(*share, Kind.FLAKY, level)]
    found = accuracy.confidence(said)
    levels = (Level.LIKELY, Level.KNOWN, Level.PROVEN)
    assert [found[Kind.FLAKY, level] for level in levels] == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from(list(CONFIDENCE)), st.booleans()), max_size=200))
def test_whatever_was_said_confidence_grows_with_the_evidence(
    said: Iterable[tuple[tuple[Kind, Level], bool]],
) -> None:
    """And it is a share."""
    found = accuracy.confidence(
        Judged(kind=kind, level=level, word=Word.FLAKY, held=held, rules=frozenset())
        for (kind, level), held in said
    )
    assert found.keys() == CONFIDENCE.keys()
    assert all(0 <= share <= 1 for share in found.values())
    likely, known, proven = (
        found[Kind.FLAKY, level] for level in (Level.LIKELY, Level.KNOWN, Level.PROVEN)
    )
    assert likely <= known + 1e-12
    assert known <= proven + 1e-12


def test_a_verdict_has_the_confidence_that_was_measured() -> None:
    """Also the one that the ladder gives now."""
    records = [told(n, "new", fingerprint=f"v1:{n}") for n in range(1, ENOUGH + 1)]
    said = [word(Word.FLAKY, n + 0.1, f"v1:{n}") for n in range(1, ENOUGH + 1)]
    heard = accuracy.heard(records, said)
    assert heard.confidence[Kind.NEW, Level.NONE] == 0.0
    assert heard.of(b.KEY) == tuple(said)
    assert accuracy.heard(records, ()).confidence == CONFIDENCE


@given(st.permutations([told(n, name) for n, name in enumerate(VERDICTS, 1)]), st.booleans())
def test_the_order_of_records_does_not_matter(records: list[RunRecord], twice: bool) -> None:  # noqa: FBT001  # hypothesis gives it
    """Nor does reading one twice."""
    said = [word(Word.FLAKY, 3.5), word(Word.NOT_A_FLAKE, 30)]
    found = measured(records, *said[::-1] if twice else said)
    assert found == measured(sorted(records, key=lambda record: record.run_id), *said)


def test_a_variant_is_its_functions() -> None:
    """A word is on the test function."""
    other = TestId(b.TEST.replace("tcp", "nats"))
    said = (Said(about=other, kind="new"),)
    record = b.run(1, b.job(b.entry(other)), pr=7, said=said)
    assert row(measured([record], word(Word.FLAKY, 2)), "new").judged == 1
