"""Clocks that are wrong, days that are odd, and a repository that gets another name under way."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, Job, World, full
from tests.server.analysis import PULL, Seen, analyse, compose, ledger, seen
from tests.server.disturbed import SPENT
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault, Faults
from tests.server.inprocess import connected
from tests.server.looks import doubles, names, restore, saved

from flakebot.github_objects import RunRef

NOW = FIRST_DAY + timedelta(days=1, hours=2)


def opened(folder: Path) -> FakeGitHub:
    """GitHub with a pull request's run."""
    compose(folder)
    fake = FakeGitHub(folder)
    fake.state.pulls[PULL]["head"]["sha"] = full("head1")
    fake.state.requests_left = 10**6
    return fake


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """The same, answering without sockets."""
    with opened(tmp_path) as fake, connected(fake):
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


@pytest.mark.parametrize("hours", [-49, -1, 1, 49])
def test_a_runners_clock_that_is_wrong_loses_and_doubles_nothing(
    github: FakeGitHub, hours: int
) -> None:
    """A run may then lie in the future; its times are GitHub's own, and so is a limit's end."""
    given = saved(github)
    analyse(github, RunRef(run_id=1), now=NOW)
    wanted = names(seen(github))
    restore(github, given)
    naps: list[float] = []
    reset = {**SPENT, "X-RateLimit-Reset": str(int(NOW.timestamp()) + 20)}
    limit = b'{"message": "API rate limit exceeded"}'
    github.faults.add(Fault(kind="status", path="/issues$", status=403, headers=reset, body=limit))
    wrong = NOW + timedelta(hours=hours)
    analyse(github, RunRef(run_id=1), now=wrong, server_time=NOW, sleep=naps.append)
    assert names(seen(github)) == wanted
    assert doubles(github) == []
    assert 20 <= max(naps) <= 23
    analyse(github, RunRef(run_id=1), now=NOW)
    assert names(seen(github)) == wanted


def test_a_run_of_a_leap_day_is_recorded_and_counted(tmp_path: Path) -> None:
    """Just before its end, looked at on the day after and a year later."""
    day = (datetime(2028, 2, 29, 23, 30, tzinfo=FIRST_DAY.tzinfo) - FIRST_DAY) / timedelta(days=1)
    world = World(root=tmp_path)
    world.run(1, [Job(log="sigabrt")], [Job()], day=day, sha="a")
    world.run(2, [Job(log="sigabrt")], [Job()], day=day + 1, sha="b")
    with FakeGitHub(tmp_path) as fake, connected(fake):
        began = FIRST_DAY + timedelta(days=day)
        for run_id in (1, 2):
            now = began + timedelta(days=run_id - 1, hours=2)
            analyse(fake, RunRef(run_id=run_id), now=now)
        (issue,) = fake.state.issues.values()
        assert "First failure 2028-02-29" in issue["body"]
        assert "| total | 2 | 2 |" in issue["body"]
        assert [record.created_at.day for record in ledger(fake)] == [29, 29, 1, 1]
        analyse(fake, RunRef(run_id=2), now=began.replace(year=2029, day=28))
        assert len(ledger(fake)) == 4


@pytest.fixture
def in_new_york() -> Iterator[None]:
    """A runner whose clock is set back and forth."""
    before = os.environ.get("TZ")  # noqa: TID251  # the machine's own setting is under test
    os.environ["TZ"] = "America/New_York"  # noqa: TID251
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]  # noqa: TID251
    else:
        os.environ["TZ"] = before  # noqa: TID251
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("day", [datetime(2026, 3, 8), datetime(2026, 11, 1)])  # noqa: DTZ001
def test_an_hour_that_the_runners_zone_skips_or_repeats_changes_nothing(
    tmp_path: Path, day: datetime
) -> None:
    """Runs on both sides of it, looked at by that zone's clock and by UTC."""
    offset = (day.replace(tzinfo=FIRST_DAY.tzinfo, hour=5) - FIRST_DAY) / timedelta(days=1)
    world = World(root=tmp_path)
    hours = range(4)
    for n in hours:
        world.run(n + 1, [Job(log="sigabrt")], [Job()], day=offset + n / 24, sha=f"s{n}")
    told: list[Seen] = []
    with FakeGitHub(tmp_path) as fake, connected(fake):
        given = saved(fake)
        for local in (False, True):
            restore(fake, given)
            for n in hours:
                at = FIRST_DAY + timedelta(days=offset, hours=n + 2)
                analyse(fake, RunRef(run_id=n + 1), now=at.astimezone() if local else at)
            told.append(copy.deepcopy(seen(fake)))
    assert told[0] == told[1]
    assert "| total | 4 | 4 |" in told[0].issues[0][2]


def titles(there: Seen) -> list[tuple[object, ...]]:
    """Issues with their counts, and where comments stand: what holds under any name."""
    counts = [
        line for *_, body, _, _ in there.issues for line in body.splitlines() if "| total" in line
    ]
    return [
        *((number, title) for number, title, *_ in there.issues),
        *((line,) for line in counts),
        *((number, login) for number, login, _ in there.comments),
        *((label,) for label in there.labels),
    ]


class Renaming(Faults):
    """Gives the repository another name before its n-th request."""

    def __init__(self, fake: FakeGitHub, at: int) -> None:
        super().__init__()
        self._fake, self._left = fake, at

    def strike(self, origin: str, method: str, path: str) -> Fault | None:
        """No fault, but a new name."""
        if self._left == 0:
            state = self._fake.state
            state.former_names.add(state.repository["full_name"])
            state.repository["full_name"] = "org/renamed"
        self._left -= 1
        return super().strike(origin, method, path)


def test_a_repository_renamed_under_way_is_followed(github: FakeGitHub) -> None:
    """Before each request but the first once: reads and writes go to the new name, nothing stands
    twice, and a run that is analysed again under the new name is not counted again.
    """
    given = saved(github)
    said = analyse(github, RunRef(run_id=1), now=NOW).report.problems
    there, count = seen(github), len(github.requests)
    wanted = titles(there)
    github.checked = False
    wrong: list[str] = []
    for at in range(1, count):
        restore(github, given)
        github.state.former_names.clear()
        github.faults = Renaming(github, at)
        name = github.repository
        problems = analyse(github, RunRef(run_id=1), now=NOW).report.problems
        github.faults = Faults()
        if titles(seen(github)) != wanted or problems != said:
            wrong.append(f"before request {at}: {problems}")
        analyse(github, RunRef(run_id=1), now=NOW, repository=name)
        if doubles(github) or titles(seen(github)) != wanted:
            wrong.append(f"before request {at}: twice {doubles(github)}")
    assert wrong == []
