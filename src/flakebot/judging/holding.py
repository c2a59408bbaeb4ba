"""Which verdicts held, by what maintainers said of them afterwards. Pure.

A verdict *held* when the last word on its test and its way of failing that came before flakebot
spoke of the test again agrees with it:

| verdict | `flaky` | `not-a-flake` | `fixed` |
|---|---|---|---|
| flaky | held | did not hold | held: nobody fixes what is no fault, and nobody objected |
| broken | did not hold | held | held |
| new | did not hold | held | says nothing: the fault may be anybody's |

`fixed` counts only where neither of the others was said. The other kinds of verdicts are on no test
(external, infra) or claim nothing (unclassified), so that no word judges them. A word counts once
for each kind of verdict that it judges, however often that was given, so that one much-reported
test does not outvote the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from flakebot.feedback import Feedback, Word
from flakebot.judging.builds import order
from flakebot.judging.sightings import cause_of
from flakebot.keys import tracking_key
from flakebot.model import value
from flakebot.records import JobEntry, RunRecord, Said, TestEntry
from flakebot.report import Kind, Level

_Failed = dict[str, list[tuple[JobEntry, TestEntry]]]

HELD: Mapping[tuple[Kind, Word], bool] = {
    (Kind.FLAKY, Word.FLAKY): True,
    (Kind.FLAKY, Word.NOT_A_FLAKE): False,
    (Kind.FLAKY, Word.FIXED): True,
    (Kind.BROKEN, Word.FLAKY): False,
    (Kind.BROKEN, Word.NOT_A_FLAKE): True,
    (Kind.BROKEN, Word.FIXED): True,
    (Kind.NEW, Word.FLAKY): False,
    (Kind.NEW, Word.NOT_A_FLAKE): True,
}
"""Whether a verdict of a kind held, by the word on it; what is not in it is not judged."""


@value
class Given:
    """A verdict on a test as it was given: when its run began, on which ways of failing, and by
    which rules their causes were told.
    """

    at: datetime
    function: str
    kind: Kind
    level: Level
    fingerprints: frozenset[str]
    rules: frozenset[str]

    def covered(self, said: Feedback) -> bool:
        """Whether a word speaks of one of these ways of failing."""
        return not said.fingerprints or not self.fingerprints.isdisjoint(said.fingerprints)


@value
class Judged:
    """A word that judges the verdicts of one kind on one test; `rules` are those of all of them."""

    kind: Kind
    level: Level
    word: Word
    held: bool
    rules: frozenset[str]


def given(records: Iterable[RunRecord], about: Container[str] | None = None) -> tuple[Given, ...]:
    """The verdicts on tests that records keep, oldest first; `about` are the tracking keys that are
    asked for, where it is not all.
    """
    runs: dict[tuple[str, int], _Failed] = defaultdict(lambda: defaultdict(list))
    found = []
    for record in sorted(records, key=order):
        failed = runs[record.key[:2]]
        for job in record.jobs:
            for entry in job.tests:
                if about is None or tracking_key(entry.framework, entry.id) in about:
                    failed[entry.id].append((job, entry))
        found += [
            _given(said, record.created_at, failed[said.about])
            for said in record.said or ()
            if said.about in failed
        ]
    return tuple(each for each in found if each)


def judged(verdicts: Iterable[Given], said: Sequence[Feedback]) -> tuple[Judged, ...]:
    """What maintainers' words say of verdicts, each word once for each kind on each test."""
    groups: dict[tuple[int, Kind, Level], list[tuple[Given, Feedback]]] = defaultdict(list)
    for verdict, word in words_on(verdicts, said):
        if (verdict.kind, word.word) in HELD:
            groups[word.comment_id, verdict.kind, verdict.level].append((verdict, word))
    return tuple(
        Judged(
            kind=kind,
            level=level,
            word=pairs[0][1].word,
            held=HELD[kind, pairs[0][1].word],
            rules=frozenset().union(*(verdict.rules for verdict, _ in pairs)),
        )
        for (_, kind, level), pairs in groups.items()
    )


def words_on(
    verdicts: Iterable[Given], said: Iterable[Feedback]
) -> Iterator[tuple[Given, Feedback]]:
    """Each verdict on which somebody had a word, with the word that counts."""
    tests: dict[str, list[Given]] = defaultdict(list)
    words: dict[str, list[Feedback]] = defaultdict(list)
    for verdict in verdicts:
        tests[verdict.function].append(verdict)
    for each in sorted(said, key=lambda each: (each.created_at, each.comment_id)):
        words[each.function].append(each)
    for function in tests.keys() & words.keys():
        times = sorted(verdict.at for verdict in tests[function])
        for verdict in tests[function]:
            later = [w for w in words[function] if w.created_at > verdict.at and verdict.covered(w)]
            if later:
                yield verdict, _counting(later, times)


def _counting(later: Sequence[Feedback], times: Sequence[datetime]) -> Feedback:
    """The last of the words before flakebot spoke of the test again; what is said then is on what
    flakebot said then.
    """
    again = bisect_right(times, later[0].created_at)
    until = times[again] if again < len(times) else None
    turn = [word for word in later if until is None or word.created_at < until]
    plain = [word for word in turn if word.word is not Word.FIXED]
    return (plain or turn)[-1]


def _given(said: Said, at: datetime, entries: Sequence[tuple[JobEntry, TestEntry]]) -> Given | None:
    """A verdict with what the attempts that it was given on have of its test; None where its kind
    is of another version.
    """
    if said.kind not in {*Kind} or said.level not in {*Level}:
        return None
    causes = (cause_of(job, entry) for job, entry in entries)
    return Given(
        at=at,
        function=tracking_key(entries[0][1].framework, entries[0][1].id),
        kind=Kind(said.kind),
        level=Level(said.level),
        fingerprints=frozenset(entry.fingerprint for _, entry in entries if entry.fingerprint),
        rules=frozenset(cause.rule for cause in causes if cause),
    )
