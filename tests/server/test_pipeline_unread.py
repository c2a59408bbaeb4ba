"""What could not be read of a run: told for good when it is lost, read later when it is not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import PULL, analyse, compose, ledger, seen, writes
from tests.server.fake_github import FakeGitHub, Fault

from flakebot import pipeline
from flakebot.github_objects import RunRef


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A pull request's run: a proven flake beside a new failure."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        fake.state.pulls[PULL]["head"]["sha"] = full("head1")
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def look(fake: FakeGitHub, **given: object) -> pipeline.Result:
    """Analyse the run."""
    now = FIRST_DAY + timedelta(days=1, hours=2)
    return analyse(fake, RunRef(run_id=1), now=now, given=given)


def comment(fake: FakeGitHub) -> str:
    """The one comment on the pull request."""
    (body,) = (body for number, _, body in seen(fake).comments if number == PULL)
    return body


def test_logs_that_an_outage_hides_are_read_later(github: FakeGitHub) -> None:
    """Nothing is recorded, for a pass counts only beside its failure; the comment says what is
    missing, and no issue is written.
    """
    outage = Fault(kind="status", path="/actions/(runs/1/attempts/1|jobs/11.)/logs", times=999)
    github.faults.add(outage)
    result = look(github)
    assert (ledger(github), github.state.issues) == ([], {})
    assert "run flakebot on this run again" in " ".join(result.plan.held_back)
    assert "GitHub answered 502" in comment(github)
    github.faults.clear()
    look(github)
    assert sorted(record.attempt for record in ledger(github)) == [1, 2]
    assert len(github.state.issues) == 1
    assert "502" not in comment(github)


def test_lost_log_is_recorded_as_lost(github: FakeGitHub) -> None:
    """GitHub has deleted it, so a later look has nothing to add."""
    github.state.expired_logs.add(112)
    look(github)
    assert [job.log for record in ledger(github) for job in record.jobs if job.log] != []
    since = len(github.requests)
    look(github)
    assert writes(github, since) == []


def test_logs_that_are_too_much_together_are_left_out(github: FakeGitHub) -> None:
    """Each log within its own limit: a small archive may unpack to any size."""
    now = FIRST_DAY + timedelta(days=1, hours=2)
    room = "[limits]\nrun-bytes = 9000\n"
    analyse(github, RunRef(run_id=1), now=now, config_text=room)
    first, other = ledger(github)[0].jobs
    assert first.problems == ("Only the first 9000 bytes were read.",)
    assert other.log == "not read: the run's logs are larger than 9000 bytes"
    assert "larger than 9000 bytes" in comment(github)


def test_a_junit_file_that_an_outage_hides_is_read_later(github: FakeGitHub) -> None:
    """As a log is; one that is broken is not."""
    github.faults.add(Fault(kind="status", path="/artifacts/", times=999))
    result = look(github)
    assert ledger(github) == []
    assert "run flakebot on this run again" in " ".join(result.plan.held_back)
    github.faults.clear()
    look(github)
    assert len(ledger(github)) == 2


@pytest.mark.parametrize("count", [1, 20, 21, 40])
def test_unusable_files_are_told_again_and_bounded(github: FakeGitHub, count: int) -> None:
    """A later look reads none of them and says the same, so the comment stands still."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.xml", "<testsuite")
    github.state.artifacts.clear()
    github.state.add_artifact(1, "junit-other", buffer.getvalue())
    first = look(github)
    assert len(first.report.problems) == min(count, 21)
    assert (f"{count - 20} more files" in first.report.problems[-1]) == (count > 20)
    since = len(github.requests)
    assert look(github).report.problems == first.report.problems
    assert writes(github, since) == []
    assert github.requests[since:] != []
