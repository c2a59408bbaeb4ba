"""Tests that fail in the same runs more often than chance allows. Pure.

That two tests fail together proves a common cause and not which one, so they are shown together and
nothing is said of why. The unit is the run over all its attempts: jobs of one run share a commit, a
moment and often a machine.

* Only failures count that are held against a test: nothing external, no fault of a machine, no mass
  failure, no author's own, nothing that one fingerprint explains in ten tests (`honest`,
  `mass`). Runs in which a job of the default branch has the test broken have a commit for a cause.
* Two tests are compared over the runs in which both are known to have run, by the share of the runs
  in which both failed among those in which either did (Jaccard), and by the chance of so many if
  they had nothing to do with each other: the tail of the hypergeometric distribution, from above,
  at a false discovery rate over all pairs (Benjamini, Hochberg 1995).
* A group grows by the clearest pair, and only while every two of its members are such a discovery
  and the mean share between the parts that are joined is large enough, so that no chain of pairs
  joins tests that do not fail together (complete and average linkage).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, groupby, product
from statistics import fmean

from flakebot.judging.builds import Build, flaked, gather, on_trunk
from flakebot.judging.history import History
from flakebot.judging.honest import honest
from flakebot.judging.stats import discoveries, tail_bound
from flakebot.keys import tracking_key
from flakebot.model import value
from flakebot.records import RunRecord
from flakebot.settings import Thresholds

MOST_IN_A_RUN = 30
"""Tests that failed in a run, for whatever reason, beyond which it says nothing of pairs: it is
broken as a whole. It also bounds the pairs that are counted, to 435 a run."""

LEAST = 0.5
"""Of the share that joins two tests: a pair below that is never part of a group."""

LAST = 10
"""Runs that are listed, the newest."""


@value
class Pair:
    """Two tests: runs in which both failed, in which either did, and in which both ran; `chance`
    bounds the probability of so many if they had nothing to do with each other.
    """

    both: int
    either: int
    ran: int
    chance: float

    @property
    def share(self) -> float:
        """Runs in which both failed among those in which either did."""
        return self.both / self.either


@value
class Member:
    """A test of a group: the runs in which it failed, and those of them in which another did."""

    key: str
    failed: int
    together: int


@value
class Meeting:
    """A run in which two of a group failed, or more; `alike` says that two had one fingerprint."""

    run_id: int
    at: datetime
    url: str
    keys: tuple[str, ...]
    alike: bool


@value
class Group:
    """Tests that fail together: the runs in which any of them failed, in which two or more did, and
    in which two or more did so in the same way; `meetings` are the newest of them, newest first.

    `pairs` has each two members, in the order of their keys.
    """

    members: tuple[Member, ...]
    runs: int
    together: int
    alike: int
    meetings: tuple[Meeting, ...]
    pairs: Mapping[tuple[str, str], Pair]

    @property
    def keys(self) -> tuple[str, ...]:
        """The tracking keys of the members, in order."""
        return tuple(member.key for member in self.members)

    @property
    def weakest(self) -> Pair:
        """The pair with the smallest share."""
        return min(self.pairs.values(), key=lambda pair: (pair.share, -pair.chance))


@value
class _Seen:
    """The runs in which a test failed, and in which it ran, as bits in the order of time; how it
    failed in each.
    """

    failed: int
    ran: int
    ways: Mapping[int, frozenset[str]]


def groups(history: History, thresholds: Thresholds) -> tuple[Group, ...]:
    """The groups of tests that fail together, the largest first; no test is in two of them."""
    runs = _Runs(history.records)
    seen = _observed(history, runs, thresholds)
    pairs = _pairs(seen, thresholds)
    found = [
        _group(sorted(keys), pairs, seen, runs)
        for keys in _joined(pairs, thresholds.together_share)
    ]
    return tuple(sorted(found, key=lambda group: (-len(group.members), group.keys)))


def share(keys: Iterable[str], history: History, thresholds: Thresholds) -> float:
    """The mean share of all pairs of these tests, however few their runs; 0 for less than two."""
    runs = _Runs(history.records)
    seen = [_seen(key, history, runs, thresholds) for key in keys]
    pairs = [_pair(one, other) for one, other in combinations(seen, 2)]
    return fmean(pair.share if pair else 0.0 for pair in pairs) if pairs else 0.0


# ------------------------------------------------------------------------------------------
# What is on record


class _Runs:
    """The runs on record, numbered in the order of time."""

    def __init__(self, records: Iterable[RunRecord]) -> None:
        self.last = {record.run_id: record for record in records}
        self._numbers = {run_id: number for number, run_id in enumerate(self.last)}

    def bits(self, run_ids: Iterable[int]) -> int:
        """A number with a bit for each of these runs."""
        content = bytearray(len(self._numbers) // 8 + 1)
        for run_id in run_ids:
            byte, bit = divmod(self._numbers[run_id], 8)
            content[byte] |= 1 << bit
        return int.from_bytes(content, "little")


def _observed(history: History, runs: _Runs, thresholds: Thresholds) -> Mapping[str, _Seen]:
    """The tests that failed often enough to be compared, without the runs that are broken."""
    failing = _failing(history.records)
    crowds = Counter(run_id for its in failing.values() for run_id in its)
    broken = frozenset(run_id for run_id, tests in crowds.items() if tests > MOST_IN_A_RUN)
    often = sorted(k for k, its in failing.items() if len(its - broken) >= thresholds.together_runs)
    seen = {key: _without(_seen(key, history, runs, thresholds), broken, runs) for key in often}
    return {key: s for key, s in seen.items() if len(s.ways) >= thresholds.together_runs}


def _failing(records: Iterable[RunRecord]) -> Mapping[str, set[int]]:
    """The runs in which each test failed for whatever reason: most tests are ruled out by that."""
    failing = defaultdict(set)
    for record in records:
        for test in (test for job in record.jobs for test in job.tests):
            if test.final.bad or flaked(test):
                failing[tracking_key(test.framework, test.id)].add(record.run_id)
    return failing


def _seen(key: str, history: History, runs: _Runs, thresholds: Thresholds) -> _Seen:
    executions = history.executions(key)
    builds, _ = honest(gather(executions))
    spans = list(_regressions(builds, thresholds))
    ways: dict[int, set[str]] = defaultdict(set)
    for failure in (failure for build in builds for failure in build.failures):
        if not _within(failure.execution.record, spans):
            ways[failure.execution.record.run_id].add(failure.entry.fingerprint)
    passed = {e.record.run_id for e in executions if e.passes and not _within(e.record, spans)}
    return _Seen(
        failed=runs.bits(ways),
        ran=runs.bits(passed | ways.keys()),
        ways={run_id: frozenset(prints) for run_id, prints in ways.items()},
    )


def _regressions(
    builds: Iterable[Build], thresholds: Thresholds
) -> Iterator[tuple[datetime, datetime]]:
    """When a job of the default branch had a test broken, from the first such build to the last."""
    for its in on_trunk(builds).values():
        for broken, row in groupby(its, key=lambda build: build.only_failed):
            times = [build.created_at for build in row]
            if broken and len(times) >= thresholds.broken_streak:
                yield times[0], times[-1]


def _within(record: RunRecord, spans: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(first <= record.created_at <= last for first, last in spans)


def _without(seen: _Seen, run_ids: frozenset[int], runs: _Runs) -> _Seen:
    left = ~runs.bits(run_ids)
    return _Seen(
        failed=seen.failed & left,
        ran=seen.ran & left,
        ways={run_id: ways for run_id, ways in seen.ways.items() if run_id not in run_ids},
    )


# ------------------------------------------------------------------------------------------
# Pairs and groups


def _pairs(seen: Mapping[str, _Seen], thresholds: Thresholds) -> Mapping[tuple[str, str], Pair]:
    """The pairs that fail together beyond chance; only those that met are ever looked at."""
    in_run = defaultdict(list)
    for key, its in seen.items():
        for run_id in its.ways:
            in_run[run_id].append(key)
    met = Counter(pair for keys in in_run.values() for pair in combinations(keys, 2))
    found = {}
    for (one, other), runs in met.items():
        pair = _pair(seen[one], seen[other]) if runs >= thresholds.together_runs else None
        if pair and pair.share >= LEAST * thresholds.together_share:
            found[one, other] = pair
    compared = len(seen) * (len(seen) - 1) // 2
    chances = [pair.chance for pair in found.values()]
    true = discoveries(chances, compared, thresholds.together_false_share)
    return {
        keys: pair for (keys, pair), is_true in zip(found.items(), true, strict=True) if is_true
    }


def _pair(one: _Seen, other: _Seen) -> Pair | None:
    """Two tests over the runs in which both ran; None when neither failed there."""
    ran = one.ran & other.ran
    drawn, marked = (one.failed & ran).bit_count(), (other.failed & ran).bit_count()
    both = (one.failed & other.failed).bit_count()
    if not drawn + marked:
        return None
    total = ran.bit_count()
    return Pair(
        both=both,
        either=drawn + marked - both,
        ran=total,
        chance=tail_bound(both, drawn=drawn, marked=marked, total=total),
    )


def _joined(pairs: Mapping[tuple[str, str], Pair], least: float) -> list[frozenset[str]]:
    """Sets of tests of which every two are such a pair, the clearest pairs joined first."""
    parts: dict[str, frozenset[str]] = {}
    for one, other in sorted(pairs, key=lambda keys: (-pairs[keys].share, keys)):
        left, right = (parts.get(key, frozenset([key])) for key in (one, other))
        between = [pairs.get((min(two), max(two))) for two in product(left, right)]
        whole = [pair.share for pair in between if pair]
        if left != right and len(whole) == len(between) and fmean(whole) >= least:
            parts |= dict.fromkeys(left | right, left | right)
    return list(dict.fromkeys(parts.values()))


def _group(
    keys: Sequence[str],
    pairs: Mapping[tuple[str, str], Pair],
    seen: Mapping[str, _Seen],
    runs: _Runs,
) -> Group:
    failing = {key: seen[key].ways.keys() for key in keys}
    counts = Counter(run_id for its in failing.values() for run_id in its)
    shared = {run_id for run_id, tests in counts.items() if tests > 1}
    meetings = [_meeting(record, keys, seen) for i, record in runs.last.items() if i in shared]
    return Group(
        members=tuple(
            Member(key=key, failed=len(failing[key]), together=len(failing[key] & shared))
            for key in keys
        ),
        runs=len(counts),
        together=len(shared),
        alike=sum(meeting.alike for meeting in meetings),
        meetings=tuple(meetings[: -LAST - 1 : -1]),
        pairs={two: pairs[two] for two in combinations(keys, 2)},
    )


def _meeting(record: RunRecord, keys: Sequence[str], seen: Mapping[str, _Seen]) -> Meeting:
    ways = {key: seen[key].ways[record.run_id] for key in keys if record.run_id in seen[key].ways}
    counts = Counter(way for its in ways.values() for way in its if way)
    return Meeting(
        run_id=record.run_id,
        at=record.created_at,
        url=record.url,
        keys=tuple(ways),
        alike=max(counts.values(), default=0) > 1,
    )
