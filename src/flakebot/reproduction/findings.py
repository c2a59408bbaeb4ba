"""Everything a campaign's iterations amount to; each view of it is made from this. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.model import Category, TestId, value
from flakebot.reproduction import comparing, sequential, suspects, tables, verification
from flakebot.reproduction.comparing import Across, Comparison
from flakebot.reproduction.hangs import Hang, hangs
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import AS_GIVEN, Campaign, Iteration
from flakebot.reproduction.suspects import Suspect
from flakebot.reproduction.tables import ErrorRow, Group, TestRow
from flakebot.reproduction.verification import Verification


@value
class Row:
    """One level and variant with its rate, its 95 % interval, and what went wrong there."""

    group: Group
    tally: Tally
    low: float
    high: float
    errors: tuple[ErrorRow, ...]


@value
class Findings:
    """What iterations came to.

    `kinds` are all error types seen, most frequent first, `given` those of the tests as given;
    `victims` how often each test that failed for a reason of the tests did so; `verification` is
    None without a tracked flake.
    """

    campaign: Campaign
    levels: tuple[Row, ...]
    variants: tuple[Row, ...]
    kinds: tuple[ErrorRow, ...]
    given: tuple[ErrorRow, ...]
    tests: tuple[TestRow, ...]
    comparisons: tuple[Comparison, ...]
    across: Across
    helping: tuple[Comparison, ...]
    suspects: tuple[Suspect, ...]
    victims: dict[TestId, Tally]
    hangs: tuple[Hang, ...]
    verification: Verification | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All levels and variants."""
        return (*self.levels, *self.variants)

    @property
    def together(self) -> Tally:
        """All levels of the tests as given."""
        return Tally(
            failed=sum(row.tally.failed for row in self.levels),
            iterations=sum(row.tally.iterations for row in self.levels),
        )

    @property
    def worst(self) -> Row | None:
        """The level that surely fails most often, None when nothing failed."""
        failing = [row for row in self.levels if row.tally.failed]
        return max(failing, key=lambda row: row.low, default=None)

    def errors(self, row: Row) -> tuple[ErrorRow, ...]:
        """A row for each error type seen anywhere, so that levels can be laid side by side."""
        here = {error.category: error for error in row.errors}
        return tuple(here.get(kind.category, _none(kind.category)) for kind in self.kinds)


def of(campaign: Campaign, iterations: Sequence[Iteration]) -> Findings:
    """What these iterations of a campaign came to, whatever their order."""
    groups = tables.groups(campaign, iterations)
    mine = [iteration for group in groups for iteration in group.iterations]
    rows = [_row(campaign, group) for group in groups]
    return Findings(
        campaign=campaign,
        levels=tuple(row for row in rows if row.group.variant == AS_GIVEN),
        variants=tuple(row for row in rows if row.group.variant != AS_GIVEN),
        kinds=tables.errors(mine),
        given=tables.errors(i for group in tables.as_given(groups) for i in group.iterations),
        tests=tables.failing_tests(groups),
        comparisons=comparing.between_levels(campaign, groups),
        across=comparing.across_levels(campaign, groups),
        helping=comparing.of_variants(campaign, groups),
        suspects=suspects.rank(mine),
        victims=suspects.failures(mine),
        hangs=hangs(groups),
        verification=verification.verify(campaign, mine) if campaign.target.test else None,
    )


def _row(campaign: Campaign, group: Group) -> Row:
    tally = group.tally
    low, high = sequential.interval(tally, ALPHA) if campaign.until else tally.interval
    return Row(group=group, tally=tally, low=low, high=high, errors=tables.errors(group.failing))


def _none(category: Category) -> ErrorRow:
    return ErrorRow(category=category, count=0, sample="", tests=())
