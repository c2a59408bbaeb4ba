"""Answers of GitHub are read within bounds, and redirects keep their query."""

from __future__ import annotations

import pytest
from tests.server.conftest import Connect
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault

from flakebot.errors import DoubtfulWriteError, GitHubError
from flakebot.forges.github import GitHubForge
from flakebot.github_objects import Repository


def test_an_answer_without_measure_is_not_read(
    fake: FakeGitHub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a read it is an error; of a create nobody knows what happened."""
    monkeypatch.setattr("flakebot.github_api.connection.ANSWER_BYTES", 1000)
    with pytest.raises(GitHubError, match="larger than 1000 bytes"):
        GitHubForge(connect(), fake.repository).repository()
    known = Repository(full_name=fake.repository)
    forge = GitHubForge(connect(), fake.repository, repository=known)
    with pytest.raises(DoubtfulWriteError, match="larger than 1000 bytes"):
        forge.create_issue("t", "b" * 2000, ())


def test_an_answer_that_is_put_off_is_not_waited_for_without_end(
    fake: FakeGitHub, connect: Connect, naps: list[float]
) -> None:
    """202 says that there is none yet."""
    fake.faults.add(Fault(kind="status", status=202, times=10**6))
    with pytest.raises(GitHubError, match="no answer yet"):
        GitHubForge(connect(), fake.repository).repository()
    assert len(naps) == 4


def test_an_answer_that_trickles_ends(
    fake: FakeGitHub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the server may go on."""
    monkeypatch.setattr("flakebot.github_api.connection.ANSWER_SECONDS", -1.0)
    with pytest.raises(GitHubError, match="longer than -1 s"):
        GitHubForge(connect(), fake.repository).repository()


def test_redirects_of_an_answer_in_a_circle_end(fake: FakeGitHub, connect: Connect) -> None:
    """Four requests a try."""
    here = {"Location": f"{fake.url}/repos/{fake.repository}"}
    fake.faults.add(Fault(kind="status", status=301, headers=here, times=10**6))
    with pytest.raises(GitHubError, match="in a circle"):
        GitHubForge(connect(), fake.repository).repository()
    assert len(fake.requests) == 20


def test_redirects_of_a_write_in_a_circle_end(fake: FakeGitHub, connect: Connect) -> None:
    """Four requests a try, whichever addresses they go round."""
    known = Repository(full_name=fake.repository)
    for number in range(40):
        there = {"Location": f"{fake.url}/repos/{fake.repository}/issues/{number}"}
        fake.faults.add(Fault(kind="status", status=301, method="PATCH", headers=there))
    with pytest.raises(GitHubError, match="in a circle"):
        GitHubForge(connect(), fake.repository, repository=known).update_issue(5, body="new")
    assert len(fake.requests) == 20


def test_a_list_under_a_former_name_is_the_whole_list(fake: FakeGitHub, connect: Connect) -> None:
    """With its label, and with the closed issues: else a second issue would be opened for one."""
    fake.state.former_names.add("acme/old")
    fake.state.add_issue(5, labels=["flaky-test"], state="closed")
    fake.state.add_issue(6, labels=["bug"])
    forge = GitHubForge(connect(), "acme/old")
    assert [issue.number for issue in forge.issues("flaky-test")] == [5]


def test_a_write_under_a_former_name_is_made_once(fake: FakeGitHub, connect: Connect) -> None:
    """307 keeps the method and the body."""
    fake.state.former_names.add("acme/old")
    fake.state.add_issue(5)
    comment = GitHubForge(connect(), "acme/old").create_comment(5, "hello")
    assert comment.body == "hello"
    assert [each["body"] for each in fake.state.comments[5].values()] == ["hello"]


def test_a_write_that_is_sent_elsewhere_is_refused(fake: FakeGitHub, connect: Connect) -> None:
    """The token and the text stay with GitHub."""
    fake.state.add_issue(5)
    away = {"Location": "http://localhost:1/repos/x/y"}
    fake.faults.add(Fault(kind="status", status=307, headers=away))
    with pytest.raises(GitHubError, match="answered 307"):
        GitHubForge(connect(), fake.repository).create_comment(5, "hello")
