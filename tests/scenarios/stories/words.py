"""Stories in which a maintainer has a word: what it changes, and what overtakes it."""

from tests.scenarios.build import Job, World
from tests.scenarios.maintainers import before_last

ISSUE = 8
"""The first issue after pull request 7."""


def word_not_a_flake(world: World) -> None:
    """A known flake is none, a maintainer says: its issue stays closed, the next failure is new."""
    world.expect("new-failures", "new")
    _known(world)
    _fails(world, 12)
    before_last(world, ISSUE, "A real race.\n\n/flakebot not-a-flake", comment=90, day=11.5)


def word_overtaken(world: World) -> None:
    """A later build shows the failure and a pass: the statistics count again, the issue rests."""
    world.expect("flaky", "flaky likely")
    _known(world)
    world.run(11, [Job(log="prefix-split")], [Job()], day=11, sha="proof")
    before_last(world, ISSUE, "/flakebot not-a-flake", comment=90, day=10.5)
    world.trunk(12, "passed", "passed", day=12)
    _fails(world, 14)


def word_flaky(world: World) -> None:
    """Seen in one pull request, where a maintainer names it a flake: known in the next one."""
    world.expect("flaky", "flaky known")
    other = world.pull(6, sha="other")
    world.run(1, [Job(log="prefix-split")], day=1, sha="other", branch=other)
    _fails(world, 2)
    before_last(world, 6, "/flakebot flaky router_decisions", comment=90, day=1.5)


def _known(world: World) -> None:
    """A flake of the default branch with its issue."""
    world.trunk(1, "passed", "prefix-split", *["passed"] * 5)
    world.run(8, [Job(log="prefix-split")], [Job()], day=7, sha="flake")
    world.trunk(9, "passed", "passed", day=8)


def _fails(world: World, day: int) -> None:
    """It fails in a pull request."""
    branch = world.pull(7, sha="head")
    world.run(20, [Job(log="prefix-split")], day=day, sha="head", branch=branch)
