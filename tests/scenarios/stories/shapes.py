"""Stories about the shapes in which logs and JUnit files tell of failures."""

from tests.scenarios.build import Job, World, recorded

LOG = "runs/1/attempts/1/logs/111.log"
_RULES = """
[[rule]]
id = "queue"
category = "runner-lost"
pattern = '^checking that every job has passed'
match = ['checking that every job has passed']
no_match = ['every job has passed']

[[rule]]
id = "slip"
category = "runner-lots"
pattern = 'x'
"""
"""Of the one job of these stories."""


# Statuses of pytest, and what xdist does when a worker dies.


def statuses_split_over_lines(world: World) -> None:
    """Tests print between their name and their status."""
    world.expect("new-failures", "new")
    _job(world, "sequential-prints")


def worker_replaced(world: World) -> None:
    """A worker aborts once; under loadscope its replacement runs the test again, which passes."""
    world.expect("flaky", "flaky proven")
    _job(world, "xdist-aborts-once")


def worker_always_crashing(world: World) -> None:
    """It aborts 17 times, then xdist gives up and the tests behind it never run."""
    world.expect("new-failures", "new")
    _job(world, "xdist-aborts-17-times")


def crashed_workers_limited(world: World) -> None:
    """The project lets two workers be replaced: `maximum crashed workers reached: 2`."""
    world.expect("new-failures", "new")
    _job(world, "xdist-always-aborts")


def timeout_by_signal(world: World) -> None:
    """pytest-timeout interrupts one test and the session goes on."""
    world.expect("new-failures", "new")
    _job(world, "signal-timeout")


def timeout_by_thread(world: World) -> None:
    """pytest-timeout ends the process: threads are dumped, and there is no summary."""
    world.expect("new-failures", "new")
    _job(world, "thread-timeout")


def abort_without_summary(world: World) -> None:
    """The one process aborts: exit code 134, and its test is the last that started."""
    world.expect("new-failures", "new")
    _job(world, "sequential-aborts")


def abort_in_a_fork(world: World) -> None:
    """pytest-forked runs each test in a process of its own; one of them aborts."""
    world.expect("new-failures", "new")
    _job(world, "forked-aborts")


# Tests that are run again inside a job.


def reruns_under_xdist(world: World) -> None:
    """Of two tests that are run again one passes at last, the other never."""
    world.expect("new-failures", "flaky proven", "new")
    _job(world, "xdist-reruns")


def datadog_hides_a_flake(world: World) -> None:
    """Datadog's Auto Test Retries turn the job green; the summary still says FAILED."""
    world.expect("flaky", "flaky proven")
    _job(world, "datadog-green")


def datadog_hides_an_abort(world: World) -> None:
    """A worker aborts, Datadog has its test run again, and the job is green."""
    world.expect("flaky", "flaky proven")
    _job(world, "datadog-green-xdist-abort")


def datadog_in_vain(world: World) -> None:
    """Some tests fail at every attempt, one of them at its tear-down, and one passes."""
    world.expect("new-failures", "event infra", "flaky proven", "new")
    _job(world, "datadog-retries")


def datadog_breaks_loadscope(world: World) -> None:
    """A worker aborts under loadscope, which Datadog's plug-in answers with an internal error."""
    world.expect("new-failures", "new")
    _job(world, "datadog-loadscope-abort")


# Where tests fail otherwise than by a failed assertion.


def errors_around_a_test(world: World) -> None:
    """Two tests find their port taken at set-up; another passes and fails at its tear-down."""
    world.expect("new-failures", "event infra", "new")
    _job(world, "setup-and-teardown-errors")


def collection_error(world: World) -> None:
    """A file cannot be imported; the tests of the others run."""
    world.expect("new-failures", "new")
    _job(world, "collection-error")


def internal_error(world: World) -> None:
    """A plug-in breaks pytest itself."""
    world.expect("new-failures", "new")
    _job(world, "internal-error")


def several_sessions(world: World) -> None:
    """The step runs pytest twice; a test fails in the first, all pass in the second."""
    world.expect("new-failures", "new")
    _job(world, "two-sessions")


# Logs that are not whole.


def log_cut_short(world: World) -> None:
    """The log ends while a test runs: the runner was lost."""
    world.expect("new-failures", "new", "unclassified")
    _job(world, "sequential")
    text = recorded("sequential.log").read_text()
    world.write(LOG, text[: text.index("test_indexers_sync[file]") + 24])


def log_empty(world: World) -> None:
    """GitHub serves a log without a byte."""
    world.expect("unknown")
    _job(world, "")
    world.write(LOG, "")


def log_too_long(world: World) -> None:
    """Only its beginning is read, which is said."""
    world.expect("new-failures", "new")
    _job(world, "sequential")
    world.write("contents/.github/flakebot.toml", "[limits]\nlog-bytes = 2600\n")


def project_rules(world: World) -> None:
    """A rule of the project knows what no other does; one with a slip is said and left out."""
    world.expect("infra", "event infra")
    _job(world, "nothing-said")
    world.write("contents/.github/flakebot.toml", _RULES)


def job_in_progress(world: World) -> None:
    """The run is over, and GitHub lists one job as still running: its runner was lost."""
    world.expect("new-failures", "new")
    branch = world.pull(7, sha="head")
    jobs = [Job(log="prefix-split"), Job(name="other", log="", status="in_progress")]
    world.run(1, jobs, day=1, sha="head", branch=branch)


# JUnit files.


def junit_tells_more(world: World) -> None:
    """The step wrote pytest's output to a file, so only the JUnit file names the test."""
    world.expect("new-failures", "new")
    _job(world, "told-by-junit")
    world.junit(1, "test-results-test-1-111", "told-by-junit")


def junit_alone(world: World) -> None:
    """The log is missing; what the JUnit file says is used, and that is said."""
    world.expect("new-failures", "new")
    _job(world, "")
    world.junit(1, "test-results-test-1-111", "told-by-junit")


def junit_contradicts(world: World) -> None:
    """The replacement of a crashed worker passed the test; the JUnit file knows the crash only."""
    world.expect("flaky", "flaky proven")
    _job(world, "worker-replaced")
    world.junit(1, "test-results-test-1-111", "worker-replaced")


def junit_disagrees(world: World) -> None:
    """The log says that a test passed, the JUnit file that it failed: the log counts, and the
    contradiction is told.
    """
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    job = Job(log="upload-refused", failed_step="Upload Allure results")
    world.run(1, [job], day=1, sha="head", branch=branch)
    world.junit(1, "test-results-test-1-111", "told-by-junit")


def junit_of_an_earlier_attempt(world: World) -> None:
    """Artifacts belong to a run, and this one does not say which attempt it is of."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="head", branch=branch)
    world.junit(1, "test-results", "told-by-junit")


def junit_broken(world: World) -> None:
    """The JUnit file ends in the middle; the log is enough."""
    world.expect("new-failures", "new")
    _job(world, "prefix-split")
    world.junit(1, "test-results-test-1-111", "told-by-junit", cut=True)


def _job(world: World, log: str) -> None:
    """A pull request's run of one job."""
    branch = world.pull(7, sha="head")
    conclusion = "" if log else "failure"
    world.run(1, [Job(log=log, conclusion=conclusion)], day=1, sha="head", branch=branch)
