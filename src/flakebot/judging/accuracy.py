"""How often verdicts held, by kind and by rule, and the confidence that follows from it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from flakebot.feedback import Feedback, Word
from flakebot.judging.builds import gather
from flakebot.judging.case import CONFIDENCE
from flakebot.judging.elapsed import settled
from flakebot.judging.history import History
from flakebot.judging.holding import Given, Judged, given, judged, words_on
from flakebot.judging.stats import wilson
from flakebot.model import value
from flakebot.records import RunRecord
from flakebot.report import Kind, Level
from flakebot.settings import Thresholds

ENOUGH = 20
"""Words on a kind of verdict, from which on the measured share is its confidence: one word more
then moves it by at most five hundredths, less than lies between most kinds' expected shares."""

_STRONGER = (Level.LIKELY, Level.KNOWN, Level.PROVEN)
"""Of flaky verdicts, the weakest evidence first."""


@value
class Heard:
    """What maintainers said, and the confidence of each kind of verdict by what they said."""

    said: tuple[Feedback, ...] = ()
    confidence: Mapping[tuple[Kind, Level], float]

    def of(self, function: str) -> tuple[Feedback, ...]:
        """What they said of one test."""
        return tuple(each for each in self.said if each.function == function)


@value
class Row:
    """How often verdicts of one kind, or on causes that one rule told, held.

    `given` are those on record; `words` counts what maintainers said of them, of which `held`
    agree, a share between `low` and `high` (95 %, Wilson); `time_held` and `time_failed` are ways
    of failing that nobody had a word on and that time has settled; `confidence` is what such a
    verdict is given, 0 where the row is no kind of verdict.
    """

    name: str
    given: int
    words: Mapping[Word, int]
    held: int
    low: float
    high: float
    time_held: int
    time_failed: int
    confidence: float = 0.0

    @property
    def judged(self) -> int:
        """The words that agree or disagree."""
        return sum(self.words.values())


@value
class Accuracy:
    """The confusion matrix of verdicts, the worst kind first as in the ladder; `said` counts the
    maintainers' words since the oldest verdict on record.
    """

    verdicts: tuple[Row, ...]
    rules: tuple[Row, ...]
    said: int


def heard(records: Iterable[RunRecord], said: Iterable[Feedback]) -> Heard:
    """What the judge of a run needs of maintainers' words; records are those before the run."""
    words = tuple(said)
    return Heard(said=words, confidence=confidence(judged(_spoken_of(records, words), words)))


NOTHING = Heard(confidence=CONFIDENCE)
"""When nobody said anything."""


def confidence(words: Iterable[Judged]) -> Mapping[tuple[Kind, Level], float]:
    """The share of verdicts that held, for each kind on which there are words enough; else the
    share that is expected.

    Stronger evidence for a flake never has the lower share: where words say so, by chance or
    because they are few, both levels have that of their words together (the pooling of isotonic
    regression, https://doi.org/10.1214/aoms/1177728423).
    """
    counts: dict[tuple[Kind, Level], list[bool]] = defaultdict(list)
    for each in words:
        counts[each.kind, each.level].append(each.held)
    found = {key: _share(counts[key], prior) for key, prior in CONFIDENCE.items()}
    pooled = _pooled([found[Kind.FLAKY, level] for level in _STRONGER])
    flaky = {(Kind.FLAKY, level): share for level, share in zip(_STRONGER, pooled, strict=True)}
    return {key: share for key, (share, _) in found.items()} | flaky


def measure(
    records: Sequence[RunRecord], said: Sequence[Feedback], history: History, thresholds: Thresholds
) -> Accuracy:
    """How often the verdicts on these records held; `history` is of the same records."""
    verdicts = given(records)
    words = judged(verdicts, said)
    timed = list(_timed(verdicts, said, history, thresholds))
    rules = sorted({rule for each in verdicts for rule in each.rules})
    told = [
        _row(
            rule,
            [each for each in verdicts if rule in each.rules],
            [each for each in words if rule in each.rules],
            [held for each, held in timed if rule in each.rules],
        )
        for rule in rules
    ]
    first = min((each.at for each in verdicts), default=None)
    return Accuracy(
        verdicts=tuple(_kinds(verdicts, words, timed)),
        rules=tuple(sorted(told, key=lambda row: (-row.judged, -row.given, row.name))),
        said=sum(first is not None and each.created_at > first for each in said),
    )


def by_words(records: Iterable[RunRecord], said: Sequence[Feedback]) -> tuple[Row, ...]:
    """The kinds of verdicts that maintainers had words on, with what follows from these alone."""
    verdicts = _spoken_of(records, said)
    rows = _kinds(verdicts, judged(verdicts, said), ())
    return tuple(row for row in rows if row.judged)


def _spoken_of(records: Iterable[RunRecord], said: Iterable[Feedback]) -> Sequence[Given]:
    """The verdicts on tests that somebody had a word on."""
    functions = {each.function for each in said}
    return given(records, functions) if functions else ()


def _kinds(
    verdicts: Sequence[Given], words: Sequence[Judged], timed: Sequence[tuple[Given, bool]]
) -> Iterator[Row]:
    sure = confidence(words)
    for kind, level in CONFIDENCE:
        yield _row(
            f"{kind} {level}".strip(),
            [each for each in verdicts if (each.kind, each.level) == (kind, level)],
            [each for each in words if (each.kind, each.level) == (kind, level)],
            [held for each, held in timed if (each.kind, each.level) == (kind, level)],
            sure[kind, level],
        )


def _timed(
    verdicts: Sequence[Given], said: Sequence[Feedback], history: History, thresholds: Thresholds
) -> Iterator[tuple[Given, bool]]:
    """What time has settled of what nobody had a word on; each way of failing once for each kind of
    verdict, by the first that was given.
    """
    spoken = {_story(verdict) for verdict, _ in words_on(verdicts, said)}
    stories: dict[object, Given] = {}
    for verdict in verdicts:
        stories.setdefault(_story(verdict), verdict)
    tests: dict[str, list[Given]] = defaultdict(list)
    for story, verdict in stories.items():
        if story not in spoken:
            tests[verdict.function].append(verdict)
    for function, told in tests.items():
        builds = gather(history.executions(function))
        for verdict in told:
            held = settled(verdict, builds, thresholds)
            if held is not None:
                yield verdict, held


def _story(verdict: Given) -> tuple[str, frozenset[str], Kind, Level]:
    return verdict.function, verdict.fingerprints, verdict.kind, verdict.level


def _row(
    name: str,
    verdicts: Sequence[Given],
    words: Sequence[Judged],
    timed: Sequence[bool],
    sure: float = 0.0,
) -> Row:
    held = sum(each.held for each in words)
    low, high = wilson(held, len(words))
    counts = Counter(each.word for each in words)
    return Row(
        name=name,
        given=len(verdicts),
        words={word: counts[word] for word in Word},
        held=held,
        low=low,
        high=high,
        time_held=sum(timed),
        time_failed=len(timed) - sum(timed),
        confidence=sure,
    )


def _share(held: Sequence[bool], prior: float) -> tuple[float, int]:
    """A share and the words behind it: what is only expected weighs nothing beside them."""
    enough = len(held) >= ENOUGH
    return (sum(held) / len(held), len(held)) if enough else (prior, 0)


def _pooled(shares: Sequence[tuple[float, int]]) -> Sequence[float]:
    """Shares that never fall from one to the next; each with its weight."""
    blocks: list[tuple[float, int, int]] = []
    for share, weight in shares:
        blocks.append((share, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, before, wide), (second, behind, narrow) = blocks[-2:]
            both = (first * before + second * behind) / (before + behind)
            blocks[-2:] = [(both, before + behind, wide + narrow)]
    return [share for share, _, width in blocks for _ in range(width)]
