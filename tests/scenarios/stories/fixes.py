"""Stories in which a maintainer says what fixed a test, and it fails with the fix or without it."""

from tests.scenarios.build import Job, World
from tests.scenarios.maintainers import before_last

ISSUE = 1


def fixed_and_fails_without_the_fix(world: World) -> None:
    """A branch from before the fix fails: left out of the new window, the issue stays closed."""
    world.expect("flaky", "flaky proven")
    _fixed(world)
    world.commit("old", "flake1", day=8)
    world.run(8, [Job(log="prefix-split")], [Job()], day=8, sha="old", branch="old-branch")


def fixed_and_fails_with_the_fix(world: World) -> None:
    """The fix did not hold: it counts in the new window, and the issue is opened again."""
    world.expect("flaky", "flaky proven")
    _fixed(world)
    world.commit("late", "fix", day=8)
    world.run(8, [Job(log="prefix-split")], [Job()], day=8, sha="late")


def _fixed(world: World) -> None:
    """A flake of the default branch, a fix, the word of it, and three passes."""
    world.commit("flake1", day=1)
    world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="flake1")
    world.commit("fix", "flake1", day=3)
    world.run(3, [Job()], day=3, sha="fix")
    fix = world.commits[-1]["sha"]
    for day in (4, 5, 6):
        world.commit(f"after{day}", "fix", day=day)
        world.run(day, [Job()], day=day, sha=f"after{day}")
        if day == 4:
            before_last(world, ISSUE, f"/flakebot fixed {fix[:9]}", comment=90, day=3.5)
