"""One story for each verdict of the ladder."""

from tests.scenarios.build import Job, World


def external_recovered(world: World) -> None:
    """Hugging Face limits the rate; asked again it answers, and nothing is counted."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="hugging-face")], day=1, sha="head", branch=branch)
    world.hugging_face(429, 503, 200)


def external_outage(world: World) -> None:
    """Hugging Face stays away, so it is counted once, in its own issue, under no test."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="hugging-face")], day=1, sha="head", branch=branch)
    world.hugging_face(503)


def external_permanent(world: World) -> None:
    """The model is gone: a fault of the configuration, never asked again."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="hugging-face-gone")], day=1, sha="head", branch=branch)


def external_rerun(world: World) -> None:
    """Hugging Face answers again, so the failed jobs are run again, once."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="hugging-face"), Job(name="lint")], day=1, sha="head", branch=branch)
    world.hugging_face(503, 200)
    world.settings(retry_hugging_face="rerun")


def infra_disk_full(world: World) -> None:
    """The runner's disk is full; no test ran."""
    world.expect("infra", "event infra")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="disk-full")], day=1, sha="head", branch=branch)


def infra_hang(world: World) -> None:
    """A time-out that could not end its test, an hour of silence, and a cancel."""
    world.expect("new-failures", "event infra", "new")
    branch = world.pull(7, sha="head")
    jobs = [Job(log="hang", conclusion="cancelled"), Job(name="lint")]
    world.run(1, jobs, day=1, sha="head", branch=branch, conclusion="cancelled")


def proven_in_session(world: World) -> None:
    """A rerun plugin retried a test that then passed: a green job that hides a flake."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="rerun")], day=1, sha="head", branch=branch)


def proven_by_replaced_worker(world: World) -> None:
    """A worker of xdist aborts under a test, which its replacement does not run again."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="sigabrt")], [Job(log="passed")], day=1, sha="head", branch=branch)


def proven_across_attempts(world: World) -> None:
    """Failed in the first attempt and passed in the second, of the same job and commit."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    attempts = [Job(log="prefix-split")], [Job(log="passed")]
    world.run(1, *attempts, day=1, sha="head", branch=branch)


def proven_by_the_attempt_before(world: World) -> None:
    """Run again for another test's failure, the job fails in a test that passed the first time,
    when nobody watched it: the first log is read again for that pass.
    """
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="bindings-split")], day=1, sha="head", branch=branch)
    world.again(1, 2, [Job(log="prefix-split")], day=1.1, answers=())


def proven_by_no_log_that_is_left(world: World) -> None:
    """As before, but the first log is gone by then, so nothing proves the second failure."""
    world.expect("new-failures", "flaky proven", "new")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="bindings-split")], day=1, sha="head", branch=branch)
    world.again(1, 2, [Job(log="prefix-split")], day=1.1, answers=())
    world.edits.append(next((world.root / "runs/1/attempts/1/logs").glob("*.log")).unlink)


def broken_on_trunk(world: World) -> None:
    """Fails on the default branch four times in a row: a regression, with its range."""
    world.expect("broken", "broken")
    world.trunk(1, "passed", *["prefix-split"] * 4)
    branch = world.pull(7, sha="head", base="trunk5")
    world.run(6, [Job(log="prefix-split")], day=6, sha="head", branch=branch)


def known_flake(world: World) -> None:
    """An open issue tracks it, and it comes and goes."""
    world.expect("flaky", "flaky known")
    world.trunk(1, "passed", "prefix-split", *["passed"] * 5)
    world.run(8, [Job(log="prefix-split")], [Job()], day=7, sha="flake")
    world.trunk(9, *["passed"] * 3, day=8)
    branch = world.pull(7, sha="head")
    world.run(12, [Job(log="prefix-split")], day=12, sha="head", branch=branch)


def broken_before_the_first_day(world: World) -> None:
    """Nothing is on record, so the last runs of the default branch are read: it fails there."""
    world.expect("broken", "broken")
    logs = ["passed", "passed", "prefix-split", "prefix-split", "prefix-split"]
    for day, log in enumerate(logs, start=1):
        world.run(day, [Job(log=log)], day=day, sha=f"trunk{day}", analysed=False)
    branch = world.pull(7, sha="head")
    world.run(6, [Job(log="prefix-split")], day=6, sha="head", branch=branch)


def new_on_the_first_day(world: World) -> None:
    """Nothing is on record, so the last runs of the default branch are read: it passes there."""
    world.expect("new-failures", "new")
    for day in range(1, 6):
        world.run(day, [Job(log="passed")], day=day, sha=f"trunk{day}", analysed=False)
    branch = world.pull(7, sha="head")
    world.run(6, [Job(log="prefix-split")], day=6, sha="head", branch=branch)


def likely_flake(world: World) -> None:
    """Fails on the default branch now and then, over more than ten builds."""
    world.expect("flaky", "flaky likely")
    world.trunk(1, "prefix-split", *["passed"] * 5, "prefix-split", *["passed"] * 5)
    branch = world.pull(7, sha="head")
    world.run(13, [Job(log="prefix-split")], day=13, sha="head", branch=branch)


def new_failure(world: World) -> None:
    """First seen here, and the pull request changes the very test."""
    world.expect("new-failures", "new")
    world.trunk(1, "passed", "passed")
    files = ("tests/router/test_router_e2e_with_mockers.py",)
    branch = world.pull(7, sha="head", files=files)
    world.run(3, [Job(log="prefix-split")], day=3, sha="head", branch=branch)


def new_failure_of_an_import(world: World) -> None:
    """First seen here, and the pull request changes what the test imports."""
    world.expect("new-failures", "new")
    world.trunk(1, "passed", "passed")
    test = "tests/router/test_router_e2e_with_mockers.py"
    world.write(f"contents/{test}", "from dynamo.llm import KvPushRouter\n")
    changed = ("components/src/dynamo/llm/__init__.py", "components/src/dynamo/planner.py")
    branch = world.pull(7, sha="head", files=changed)
    world.run(3, [Job(log="prefix-split")], day=3, sha="head", branch=branch)


def unclassified_seen_too_seldom(world: World) -> None:
    """Seen in one other pull request: neither new nor flaky can be said."""
    world.expect("unknown", "unclassified")
    other = world.pull(6, sha="other")
    world.run(1, [Job(log="prefix-split")], day=1, sha="other", branch=other)
    branch = world.pull(7, sha="head")
    world.run(2, [Job(log="prefix-split")], day=2, sha="head", branch=branch)


def mass_failure(world: World) -> None:
    """Most tests of a job fail: one event, and no test is blamed."""
    world.expect("new-failures", "event new")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="whole-job"), Job(name="lint")], day=1, sha="head", branch=branch)


def clean_run(world: World) -> None:
    """All green after a failure at an earlier commit: the comment has nothing left to say."""
    world.expect("clean")
    branch = world.pull(7, sha="early")
    world.run(1, [Job(log="prefix-split")], day=1, sha="early", branch=branch)
    world.push(7, "head")
    world.run(2, [Job()], day=2, sha="head", branch=branch)
