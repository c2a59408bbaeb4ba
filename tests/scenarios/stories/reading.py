"""Stories about what can and cannot be read of a run."""

from tests.scenarios.build import Job, World


def superseded_run(world: World) -> None:
    """A newer push cancelled the run: what was cut off proves nothing."""
    world.expect("clean")
    branch = world.pull(7, sha="newer")
    jobs = [Job(log="cut-off", conclusion="cancelled"), Job(name="lint")]
    world.run(1, jobs, day=1, sha="head", branch=branch, conclusion="cancelled")


def aggregator_ignored(world: World) -> None:
    """A job that only repeats the others' failure is not read."""
    world.expect("new-failures", "new")
    branch = world.pull(7, sha="head")
    jobs = [
        Job(log="prefix-split"),
        Job(name="backend-status-check", log="nothing-said"),
        Job(name="deploy", log="", conclusion="skipped"),
    ]
    world.run(1, jobs, day=1, sha="head", branch=branch)


def missing_log(world: World) -> None:
    """A red job without a log is said to be unread, and is no pass."""
    world.expect("unknown")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="", conclusion="failure")], day=1, sha="head", branch=branch)


def expired_log(world: World) -> None:
    """An old run that is looked at for the first time, after its logs are gone."""
    world.expect("unknown")
    world.run(1, [Job(log="", conclusion="failure")], day=-120, sha="old", analysed=False)
    world.run(2, [Job()], day=1, sha="new")
    world.look_again(1, day=2)


def red_without_failing_test(world: World) -> None:
    """All tests passed and the upload of the results was refused."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    job = Job(log="upload-refused", failed_step="Upload Allure results")
    world.run(1, [job], day=1, sha="head", branch=branch)


def job_not_run_again(world: World) -> None:
    """The second attempt repeats only the failed job; the other keeps its own attempt."""
    world.expect("new-failures", "flaky proven", "new")
    branch = world.pull(7, sha="head")
    first = [Job(log="prefix-split"), Job(name="other", log="sigabrt")]
    second = [Job(), Job(name="other", log="sigabrt", run_attempt=1)]
    world.run(1, first, second, day=1, sha="head", branch=branch)


def log_of_no_text(world: World) -> None:
    """A log that is no text is reported, and the other job is still read."""
    world.expect("new-failures", "new", "unclassified")
    branch = world.pull(7, sha="head")
    jobs = [Job(log="prefix-split"), Job(name="other", log="", conclusion="failure")]
    world.run(1, jobs, day=1, sha="head", branch=branch)
    log = world.root / "runs/1/attempts/1/logs/112.log"
    log.write_bytes(bytes(range(256)) * 64)
