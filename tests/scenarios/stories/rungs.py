"""Stories about evidence beside that of `verdicts`: other ways to the same rungs of the ladder."""

from tests.scenarios.build import Job, World


def broken_since_the_last_build(world: World) -> None:
    """The default branch's last build fails the same way, once so far."""
    world.expect("broken", "broken")
    world.trunk(1, "passed", "passed", "prefix-split")
    branch = world.pull(7, sha="head", base="trunk2")
    world.run(4, [Job(log="prefix-split")], day=4, sha="head", branch=branch)


def broken_at_the_base(world: World) -> None:
    """The pull request starts from a broken commit; the default branch is mended since: rebase."""
    world.expect("broken", "broken")
    world.trunk(1, "passed", "prefix-split", "passed")
    branch = world.pull(7, sha="head", base="trunk2")
    world.run(4, [Job(log="prefix-split")], day=4, sha="head", branch=branch)


def likely_in_unrelated_changes(world: World) -> None:
    """Three pull requests that have nothing to do with each other fail the same way."""
    world.expect("flaky", "flaky likely")
    for number, day in ((5, 1), (6, 7)):
        other = world.pull(number, sha=f"other{number}")
        jobs = [Job(log="prefix-split")]
        world.run(number, jobs, day=day, sha=f"other{number}", branch=other)
        world.trunk(number * 10, *["passed"] * 5, day=day + 1)
    branch = world.pull(7, sha="head")
    world.run(7, [Job(log="prefix-split")], day=13, sha="head", branch=branch)


def job_passed_when_run_again(world: World) -> None:
    """No test failed and the log does not say why; the second attempt passed."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="nothing-said")], [Job()], day=1, sha="head", branch=branch)


def job_red_for_no_reason_read(world: World) -> None:
    """No test failed, the log does not say why, and there is no second attempt."""
    world.expect("unknown", "unclassified")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="nothing-said")], day=1, sha="head", branch=branch)


def failed_again_after_a_push(world: World) -> None:
    """The same failure at an earlier commit of the same pull request shows no flake."""
    world.expect("new-failures", "new")
    branch = world.pull(7, sha="early")
    world.run(1, [Job(log="prefix-split")], day=1, sha="early", branch=branch)
    world.push(7, "head")
    world.run(2, [Job(log="prefix-split")], day=2, sha="head", branch=branch)
