"""Does it fail too steadily for a flake, or too rarely for a regression? Pure.

A flake comes and goes. A known flake of 3 % that fails in all four builds of one pull request was
most likely broken by it; a flake of 50 % that fails four times in a row on the default branch was
not. Both are the same question: how probable is so long a row at the rate of the other builds?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from flakebot.judging.builds import MIN_ROW, Build, Failure, on_trunk, steady
from flakebot.judging.case import Case
from flakebot.judging.origins import base
from flakebot.judging.stats import shows_now_and_then, wilson
from flakebot.model import value
from flakebot.wording import percent, plural

RECENT = 20
"""Builds of others whose own rate counts too: a test in a bad week fails more than over 90 days."""


@value
class Steadiness:
    """How steadily a change fails: the row of its last builds that all failed this way, and the
    highest rate that the other builds leave possible.
    """

    row: int
    others: int
    rate: float

    def less_likely_than(self, chance: float) -> bool:
        """Whether a flake would show such a row more rarely than that."""
        return self.row >= MIN_ROW and self.others > 0 and self.rate**self.row < chance


def steadiness(case: Case) -> Steadiness:
    """The row and the rate that are held against each other.

    The unit is the build, so that thirteen tries of one boot are one. The upper end of the interval
    of the other builds' rate is taken, so that few builds excuse rather than accuse.
    """
    builds = case.past.of(case.entry.id)
    own = [build for build in builds if case.is_own(build)]
    others = [build for build in builds if not case.is_own(build)]
    rate = max(_upper(case, others), _share(case, others[-RECENT:])) if others else 1.0
    return Steadiness(row=len(_row(case, own)), others=len(others), rate=rate)


def too_steady(case: Case) -> str:
    """Why the failure is this change's own although others saw it; empty when it may be chance."""
    if case.on_trunk:
        return ""
    found = steadiness(case)
    if not found.less_likely_than(case.thresholds.persistent_chance):
        return ""
    return (
        f"failed in all of the last {plural(found.row, 'build')} of this change, too steadily for "
        f"a flake that fails in at most {percent(found.rate)} of other builds"
    )


def may_be_chance(case: Case, builds: Sequence[Build], row: Sequence[Build]) -> bool:
    """Whether a row of failures on the default branch is what its flake does now and then."""
    rate = rate_before(builds, row)
    return shows_now_and_then(rate, len(row), case.thresholds.streak_chance)


def rate_before(builds: Sequence[Build], row: Sequence[Build]) -> float:
    """The share of failing builds before a row at the end; 0 when there are none."""
    before = builds[: len(builds) - len(row)]
    return sum(build.failed for build in before) / max(1, len(before))


def by_chance(case: Case) -> tuple[Failure, ...]:
    """The failures elsewhere that may be a flake's.

    Those of a commit that failed `steady` look like what its author broke there. So does a row of
    one job of the default branch, with whatever was built on it: what was mended there may be
    broken in that way again.
    """
    builds = case.past.of(case.entry.id)
    broken = {sha for sha, way in steady(builds) if way == case.fingerprint}
    broken |= {build.head_sha for row in _rows_on_trunk(case, builds) for build in row}
    records = ((failure, failure.execution.record) for failure in case.elsewhere)
    return tuple(f for f, record in records if broken.isdisjoint((record.head_sha, base(record))))


def _rows_on_trunk(case: Case, builds: Sequence[Build]) -> Iterator[Sequence[Build]]:
    """Builds in a row of one job of the default branch that all failed this way."""
    for its in on_trunk(builds).values():
        for failed, group in groupby(its, key=lambda build: case.same(build) and build.only_failed):
            row = tuple(group)
            if failed and len(row) >= MIN_ROW:
                yield row


def _row(case: Case, own: Sequence[Build]) -> list[Build]:
    """The builds of the change's last commits, back to the first commit with a pass."""
    row: list[Build] = []
    for sha in reversed(dict.fromkeys(build.head_sha for build in own)):
        at_commit = [build for build in own if build.head_sha == sha]
        if not all(case.same(build) and build.only_failed for build in at_commit):
            break
        row += at_commit
    return row


def _upper(case: Case, builds: Sequence[Build]) -> float:
    return wilson(sum(case.same(build) for build in builds), len(builds))[1]


def _share(case: Case, builds: Sequence[Build]) -> float:
    return sum(case.same(build) for build in builds) / len(builds)
