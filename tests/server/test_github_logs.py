"""Logs of a run over real HTTP: from the archive, one by one, late, expired, cut off and oversize;
and the token stays at home.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.server.conftest import Connect
from tests.server.fake_github import FakeGitHub, Fault
from tests.server.faults import Kind

from flakebot.errors import GitHubError, PermissionMissingError
from flakebot.forges.github import GitHubForge
from flakebot.github_api import Api, Download, Task
from flakebot.github_objects import Repository, RunRef
from flakebot.model import JobLog, MissingLog
from flakebot.retrying import Patience

TASK = Task(doing="read the logs of a run", permission="actions: read")


def texts(forge: GitHubForge, *, attempt: int = 1, run_id: int = 7) -> dict[str, str]:
    """What each job's log says, or why there is none."""
    run, jobs = forge.run(RunRef(run_id=run_id)), forge.jobs(run_id, attempt)
    return {job.name: text_of(log) for job, log in forge.logs(run, attempt, jobs)}


def text_of(log: JobLog) -> str:
    return f"-- {log.reason}" if isinstance(log, MissingLog) else b"".join(log.chunks).decode()


def log_requests(fake: FakeGitHub) -> list[str]:
    """The paths below the repository that were asked for logs."""
    base = f"/repos/{fake.repository}/actions/"
    asked = fake.requests.of("GET", "/logs")
    return [one.path.removeprefix(base) for one in asked if one.origin == "api"]


@pytest.fixture
def known(fake: FakeGitHub, connect: Connect) -> GitHubForge:
    """A forge that need not ask for its repository."""
    return GitHubForge(
        connect(request_seconds=1.0),
        fake.repository,
        repository=Repository(full_name=fake.repository),
    )


@pytest.fixture
def names(fake: FakeGitHub) -> list[str]:
    """A finished run whose jobs have difficult names, each with a log of its own."""
    fake.state.add_run(7)
    given = [
        "build / test (arm64, cuda:12.8)",
        "build / test (arm64, cuda 12,8)",  # the same letters and digits
        "überprüfung",
        "x" * 120,
        "0",
    ]
    for name in given:
        fake.state.add_job(7, name=name, log=f"log of {name}\n".encode())
    return given


def test_archive_gives_every_log_in_one_request(
    fake: FakeGitHub, known: GitHubForge, names: list[str]
) -> None:
    """Each job gets its own log and no other's, from one archive, and the storage sees no token."""
    assert {name: f"log of {name}\n" for name in names} == texts(known)
    assert log_requests(fake) == ["runs/7/attempts/1/logs"]
    assert [one.origin for one in fake.requests if one.path.endswith(".zip")] == ["storage"]


def test_jobs_that_never_ran_are_not_asked_for(fake: FakeGitHub, known: GitHubForge) -> None:
    """Skipped, waiting, never started, or of another attempt: a reason, and no request."""
    fake.state.add_run(7)
    fake.state.add_job(7, name="a", conclusion="skipped")
    fake.state.add_job(7, name="b", status="queued", conclusion=None)
    fake.state.add_job(7, name="c", conclusion="cancelled", steps=[], runner_name=None)
    fake.state.add_job(7, name="d", run_attempt=3)
    assert texts(known) == {
        "a": "-- the job was skipped",
        "b": "-- the job has not finished (queued)",
        "c": "-- the job was cancelled before it started",
        "d": "-- the job ran in attempt 3, not in attempt 1",
    }
    assert log_requests(fake) == []


def test_running_run_is_read_job_by_job(fake: FakeGitHub, known: GitHubForge) -> None:
    """Inside a run there is no archive, but finished siblings have their logs."""
    fake.state.add_run(7, status="in_progress", conclusion=None)
    fake.state.add_job(7, name="a", log=b"one")
    fake.state.add_job(7, name="b", conclusion="failure", log=b"two")
    fake.state.add_job(7, name="me", status="in_progress", conclusion=None)
    expected = {"a": "one", "b": "two", "me": "-- the job has not finished (in_progress)"}
    assert expected == texts(known)
    assert len(log_requests(fake)) == 2


def test_earlier_attempt_of_running_run_has_an_archive(
    fake: FakeGitHub, known: GitHubForge
) -> None:
    """A later attempt that is going on does not hide the archive of the one before."""
    fake.state.add_run(7)
    fake.state.add_job(7, name="a", log=b"one")
    fake.state.add_job(7, name="b", log=b"two")
    fake.state.add_run(7, attempt=2, status="in_progress", conclusion=None)
    assert texts(known) == {"a": "one", "b": "two"}
    assert log_requests(fake) == ["runs/7/attempts/1/logs"]


def test_log_the_archive_lacks_is_asked_for_by_itself(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """Two requests for what is missing, and about a minute of patience while it is uploaded."""
    fake.state.add_run(7)
    fake.state.add_job(7, name="a", log=b"one")
    late = fake.state.add_job(7, 99, name="late")
    logs = known.logs(known.run(RunRef(run_id=7)), 1, known.jobs(7, 1))
    assert text_of(next(logs)[1]) == "one"
    fake.faults.add(Fault(kind="status", status=404, path="/jobs/99/logs", times=2))
    fake.state.logs[late["id"]] = b"two"
    assert text_of(next(logs)[1]) == "two"
    assert naps == [1.0, 2.0]


def test_log_that_never_comes_is_given_up_within_a_minute(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """One minute for all logs that are missing together, then a reason."""
    fake.state.add_run(7)
    for name in "abc":
        fake.state.add_job(7, name=name)
    reason = "-- log unavailable: GitHub has none though the job has finished"
    assert dict.fromkeys("abc", reason) == texts(known)
    assert 30 < sum(naps) <= 60


def test_log_that_comes_empty_is_asked_for_again(fake: FakeGitHub, known: GitHubForge) -> None:
    """An answer without a byte is no log: read as one, its tests would be taken for unseen."""
    fake.state.add_run(7)
    fake.state.add_job(7, 99, name="a", log=b"one")
    fake.faults.add(Fault(kind="empty", origin="storage", times=2))
    assert texts(known) == {"a": "one"}
    fake.state.logs[99] = b""
    assert "log unavailable" in texts(known)["a"]


@pytest.mark.usefixtures("names")
def test_expired_logs_say_so(fake: FakeGitHub, known: GitHubForge) -> None:
    """After the archive has said 410 twice, nothing more is asked."""
    fake.state.expired_logs.update(fake.state.logs)
    reasons = set(texts(known).values())
    assert {"-- GitHub has deleted the log: it is older than the repository keeps"} == reasons
    assert log_requests(fake) == ["runs/7/attempts/1/logs"] * 2


def test_single_expired_log_says_so(fake: FakeGitHub, known: GitHubForge) -> None:
    """A run of one job is asked for that job's log alone."""
    fake.state.add_run(7)
    fake.state.add_job(7, 99, name="a", log=b"one")
    fake.state.expired_logs.add(99)
    assert "has deleted the log" in texts(known)["a"]
    assert log_requests(fake) == ["jobs/99/logs"]


def test_missing_permission_stops_the_reading(fake: FakeGitHub, known: GitHubForge) -> None:
    """Without `actions: read` no log can come, so the first refusal is raised."""
    fake.state.add_run(7)
    fake.state.add_job(7, name="a", log=b"one")
    run, jobs = known.run(RunRef(run_id=7)), known.jobs(7, 1)
    fake.state.repository["private"], fake.permissions = True, {}
    with pytest.raises(PermissionMissingError, match="actions: read"):
        list(known.logs(run, 1, jobs))


@pytest.mark.parametrize("kind", ["status", "reset", "slow", "truncated"])
@pytest.mark.parametrize("origin", ["api", "storage"])
def test_broken_download_begins_again_at_github(
    fake: FakeGitHub,
    known: GitHubForge,
    names: list[str],
    kind: Kind,
    origin: Literal["api", "storage"],
) -> None:
    """Storage or API may fail: the next try asks for a new address, as the old one dies soon."""
    fake.faults.add(Fault(kind=kind, path="/logs", origin=origin))
    expected = {name: f"log of {name}\n" for name in names}
    assert expected == texts(known)
    assert fake.faults.pending == 0


@pytest.mark.usefixtures("names")
def test_expired_address_is_replaced(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """The storage's refusal of an old address is answered by asking GitHub for a new one."""
    fake.faults.add(Fault(kind="status", status=403, origin="storage"))
    assert texts(known)["0"] == "log of 0\n"
    assert log_requests(fake) == ["runs/7/attempts/1/logs"] * 2
    assert naps == [1.0]


def test_archive_that_stays_away_leaves_single_logs(
    fake: FakeGitHub, known: GitHubForge, names: list[str]
) -> None:
    """When the archive cannot be had, each log is asked for by itself."""
    fake.faults.add(Fault(kind="status", path="attempts/1/logs", times=9))
    assert {name: f"log of {name}\n" for name in names} == texts(known)


def corrupt_archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue().replace(b"hello", b"jello")  # the checksum stays


@pytest.mark.parametrize(
    "body", [b"", b"PK", b"<html>", corrupt_archive(**{"0_a.txt": b"hello", "1_b.txt": b"hello"})]
)
def test_damaged_archive_leaves_single_logs(
    fake: FakeGitHub, known: GitHubForge, body: bytes
) -> None:
    """What is no zip file, or fails its checksum, is not believed."""
    fake.state.add_run(7)
    for name in "ab":
        fake.state.add_job(7, name=name, log=name.encode())
    fake.faults.add(Fault(kind="status", status=200, body=body, origin="storage"))
    assert texts(known) == {"a": "a", "b": "b"}


def test_archive_with_too_many_entries_leaves_single_logs(
    known: GitHubForge, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive with more members than GitHub would ever make is not believed."""
    monkeypatch.setattr("flakebot.forges.github_archive.ENTRIES", 3)
    assert texts(known) == {name: f"log of {name}\n" for name in names}


def test_many_damaged_logs_are_not_all_asked_for(
    fake: FakeGitHub, known: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged members are asked for one by one up to a bound."""
    monkeypatch.setattr("flakebot.forges.github_logs.SINGLE_LOGS", 1)
    fake.state.add_run(7)
    for name in "ab":
        fake.state.add_job(7, name=name, log=name.encode())
    body = corrupt_archive(**{"0_a.txt": b"hello", "1_b.txt": b"hello"})
    fake.faults.add(Fault(kind="status", status=200, body=body, origin="storage"))
    found = texts(known)
    assert found["a"] == "a"
    assert "one by one" in found["b"]


def test_logs_behind_a_damaged_archive_may_be_readable_later(
    fake: FakeGitHub, known: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing is recorded of a run of which most could not be read."""
    monkeypatch.setattr("flakebot.forges.github_logs.SINGLE_LOGS", 1)
    fake.state.add_run(7)
    for name in "ab":
        fake.state.add_job(7, name=name, log=name.encode())
    fake.faults.add(Fault(kind="status", status=200, body=b"PK", origin="storage"))
    run = known.run(RunRef(run_id=7))
    logs = [log for _, log in known.logs(run, 1, known.jobs(7, 1)) if isinstance(log, MissingLog)]
    assert [log.passing for log in logs] == [True]


def test_oversize_archive_leaves_single_logs(fake: FakeGitHub, connect: Connect) -> None:
    """An archive beyond the cap is not read; of the single logs, failed jobs come first and the
    rest is said.
    """
    fake.state.add_run(7)
    for number in range(27):
        conclusion = "failure" if number == 26 else "success"
        fake.state.add_job(7, name=f"j{number}", log=b"x" * 9, conclusion=conclusion)
    found = texts(GitHubForge(connect(archive_bytes=100), fake.repository))
    assert len(log_requests(fake)) == 26
    assert "x" * 9 == found["j26"] == found["j23"]
    assert "one by one" in found["j24"]
    assert "one by one" in found["j25"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_oversize_log_is_cut_one_byte_late(fake: FakeGitHub, connect: Connect, jobs: int) -> None:
    """The reader gets one byte over the limit, so that it can say what is left out."""
    fake.state.add_run(7)
    for number in range(jobs):
        fake.state.add_job(7, name=f"j{number}", log=b"x" * 5_000_000)
    found = texts(GitHubForge(connect(log_bytes=1000), fake.repository))
    assert [1001] * jobs == [len(text) for text in found.values()]


@pytest.mark.usefixtures("names")
def test_log_is_closed_when_the_next_is_asked_for(known: GitHubForge) -> None:
    """A log is readable until then and never after, so nothing piles up."""
    logs = known.logs(known.run(RunRef(run_id=7)), 1, known.jobs(7, 1))
    first = next(logs)[1]
    next(logs)
    assert not isinstance(first, MissingLog)
    with pytest.raises(ValueError, match="closed file"):
        next(iter(first.chunks))


@pytest.fixture
def api(connect: Connect) -> Api:
    """A connection that gives up on silence early."""
    return connect(request_seconds=1.0)


def download(api: Api, fake: FakeGitHub, limit: int = 10**6) -> Download:
    """A download whose first answer a test scripts."""
    return api.download(f"/repos/{fake.repository}/actions/runs/7/logs", TASK, limit=limit)


def redirect(fake: FakeGitHub, location: str, times: int = 1) -> None:
    headers = {"Location": location}
    fake.faults.add(Fault(kind="status", status=302, headers=headers, times=times))


@pytest.mark.parametrize(
    "location", ["", "ftp://x/y", "file:///etc/passwd", "http://[", "https:///x"]
)
def test_redirect_to_no_usable_address_is_refused(
    fake: FakeGitHub, api: Api, location: str
) -> None:
    """Only addresses of the web are followed."""
    redirect(fake, location, times=9)
    with pytest.raises(GitHubError, match="no usable address"):
        download(api, fake)


def test_password_in_netrc_is_not_sent(
    fake: FakeGitHub, known: GitHubForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password for the storage's host that lies about on the machine is none of its business."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fake.state.add_run(7)
    fake.state.add_job(7, name="a", log=b"one")
    assert texts(known) == {"a": "one"}
    assert [one.origin for one in fake.requests if "authorization" not in one.headers] == [
        "storage"
    ]


def test_redirects_in_a_circle_end(fake: FakeGitHub, api: Api) -> None:
    """Three hops, then an error."""
    redirect(fake, "/repos/acme/widgets/x", times=99)
    with pytest.raises(GitHubError, match="circle"):
        download(api, fake)
    assert fake.requests.total() == 4


def test_redirect_within_github_keeps_the_token(fake: FakeGitHub, api: Api) -> None:
    """A renamed repository is at the same origin, which may know the token."""
    fake.state.add_run(7)
    fake.state.add_job(7, 1, log=b"hello")
    redirect(fake, f"/repos/{fake.repository}/actions/jobs/1/logs")
    with download(api, fake) as found:
        assert list(found.chunks()) == [b"hello"]
    assert ["authorization" in one.headers for one in fake.requests] == [True, True, False]


def test_trickle_of_bytes_ends(fake: FakeGitHub) -> None:
    """A download that goes on for longer than a quarter of an hour is given up."""
    hours: Iterator[float] = iter(range(0, 10**6, 3600))
    patience = Patience(120, sleep=lambda _: None, stopwatch=lambda: next(hours))
    api = Api(fake.token, base_url=fake.url, patience=patience)
    fake.faults.add(Fault(kind="status", status=200, body=b"x" * 1000))
    with pytest.raises(GitHubError, match="longer than 900 s"):
        download(api, fake)
    api.close()


def test_a_download_that_cannot_be_kept_is_a_sentence(
    fake: FakeGitHub, api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on a full disk, where what is larger than a megabyte is put."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    fake.faults.add(Fault(kind="status", status=200, body=b"x" * 2 * 1024 * 1024))
    with pytest.raises(GitHubError, match=r"cannot be kept.*No such file"):
        download(api, fake, limit=10**7)
