from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.reproduction_values import ABORT, BINDINGS, FILE, N16, N32, SERIAL, campaign

from flakebot.errors import InputError, NotFoundError
from flakebot.github_objects import Account, Issue
from flakebot.judging.history import History
from flakebot.model import Category, Status, TestId
from flakebot.records import JobEntry, RunRecord, TestEntry
from flakebot.reproduction import tracked
from flakebot.reproduction.iterations import Level, Target
from flakebot.reproduction.tracked import Tracked
from flakebot.views import markers
from flakebot.views.markers import Mark

FUNCTION = BINDINGS.partition("[")[0]
KEY = f"pytest:{FUNCTION}"
ISSUE = "https://github.com/ai-dynamo/dynamo/issues/71"
RACE = "v1:assertion:22222222"


def record(
    number: int,
    fingerprints: Sequence[str] = (),
    *,
    workers: int = 16,
    test: TestId = BINDINGS,
    framework: str = "pytest",
) -> RunRecord:
    """A commit of the default branch, one job, the test failed so or passed."""
    entries = tuple(
        TestEntry(
            id=test,
            framework=framework,
            outcomes=(Status.CRASHED,),
            category=Category.CRASH_SIGABRT,
            fingerprint=fingerprint,
            worker="gw1",
        )
        for fingerprint in fingerprints
    )
    job = JobEntry(
        id=number,
        name=f"test n{workers}",
        conclusion="failure" if entries else "success",
        workers=workers,
        tests=entries,
        passed=() if entries else (test,),
    )
    return RunRecord(
        repository="ai-dynamo/dynamo",
        run_id=number,
        attempt=1,
        workflow="PR",
        event="push",
        branch="main",
        head_sha=f"{number:040x}",
        created_at=datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=number),
        trunk=True,
        jobs=(job,),
    )


def history(*records: RunRecord) -> History:
    return History(records)


def test_the_most_frequent_failure_at_the_level_where_it_surely_fails_most() -> None:
    """Six of twenty builds at 16 processes, one of twenty at 32; the race is rarer."""
    many = [record(n, [ABORT] if n % 4 == 1 else (), workers=16) for n in range(1, 22)]
    few = [record(n, [ABORT] if n == 40 else (), workers=32) for n in range(30, 50)]
    race = [record(60, [RACE])]
    found = tracked.tracked(KEY, history(*many, *few, *race), ISSUE)
    assert found.tests == (FILE,)
    assert found.level == N16
    target = found.target
    assert (target.test, target.fingerprint, target.level) == (FUNCTION, ABORT, "n16")
    assert (target.rate, round(target.rate_low, 4)) == (6 / 21, 0.1381)
    assert target.issue == ISSUE


def test_the_silence_since_the_last_failure_is_not_counted() -> None:
    """It may be the fix's: a hundred passes later the old rate is still one half."""
    failing = [record(n, [ABORT] if n % 2 == 0 else ()) for n in range(1, 11)]
    silent = [record(n) for n in range(11, 111)]
    assert tracked.tracked(KEY, history(*failing, *silent), ISSUE).target.rate == 0.5


def test_of_two_equally_frequent_failures_the_last_counts() -> None:
    """It is the one that people see now."""
    found = tracked.tracked(KEY, history(record(1, [RACE]), record(2, [ABORT])), ISSUE)
    assert found.target.fingerprint == ABORT


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        ("external:hugging-face", InputError, "Only tests of pytest can be reproduced"),
        ("pytest:tests/x.py::test_never_seen", NotFoundError, "holds no failure"),
        ("pytest:--rootdir=x.py::test_y", InputError, "names no file"),
        ("pytest:../x.py::test_y", InputError, "names no file"),
        ("pytest:@file.py::test_y", InputError, "names no file"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(key: str, error: type[Exception], words: str) -> None:
    """Test ids come from logs: none may become an option of pytest's or leave the folder."""
    name = TestId(key.partition(":")[2])
    known = [record(1, [ABORT], test=name)] if "never" not in key else []
    with pytest.raises(error, match=words):
        tracked.tracked(key, history(*known), ISSUE)


FOUND = Tracked(
    tests=(FILE,),
    level=N16,
    target=Target(test=TestId(FUNCTION), fingerprint=ABORT, level="n16", rate=0.3, rate_low=0.1),
)


def test_a_campaign_is_planned_so_that_silence_means_something() -> None:
    """The file at its level, 29 iterations for a flake of at least 10 %."""
    base = replace(campaign(SERIAL), setup=replace(campaign(SERIAL).setup, tests=()))
    found = tracked.campaign(base, FOUND, iterations=None, levels=False)
    assert (found.setup.tests, found.levels, found.iterations) == ((FILE,), (N16,), 29)
    assert found.target == FOUND.target


def test_the_level_of_the_issue_is_shuffled_and_loaded_as_was_asked() -> None:
    """`--issue` names the processes, not the load and the order."""
    base = campaign(Level(load=8, random_order=True))
    found = tracked.campaign(base, FOUND, iterations=None, levels=False)
    (level,) = found.levels
    assert (level.processes, level.load, level.random_order) == (16, 8, True)
    assert found.target.level == level.name or not found.target.level


@pytest.mark.parametrize(
    ("levels", "level"), [((SERIAL, N16), "n16"), ((N32,), ""), ((Level(processes=8),), "")]
)
def test_what_the_command_line_names_wins(levels: tuple[Level, ...], level: str) -> None:
    """Without the issue's level among them, all of them count."""
    base = campaign(*levels)
    named = replace(base, setup=replace(base.setup, tests=("tests/other.py",)))
    found = tracked.campaign(named, FOUND, iterations=7, levels=True)
    assert (found.setup.tests, found.levels, found.iterations) == (("tests/other.py",), levels, 7)
    assert found.target.level == level


def test_only_our_own_issues_name_a_test() -> None:
    """Anybody can write a marker."""
    body = markers.mark(Mark.ISSUE, KEY)
    bot, other = Account(login="github-actions[bot]", type="Bot"), Account(login="mallory")
    issues = [Issue(number=70, body=body, user=other), Issue(number=71, body=body, user=bot)]
    logins = ["octocat", bot.login]
    assert tracked.key_of(issues, logins, 71) == KEY
    for number in (70, 72):
        with pytest.raises(NotFoundError, match=f"Issue #{number} is no tracking issue"):
            tracked.key_of(issues, logins, number)
