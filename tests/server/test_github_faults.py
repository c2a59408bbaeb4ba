"""GitHub's forge when the wire or GitHub fails: what is tried again, what is not, and what is said.

Every fault is scripted in the fake GitHub and happens on a real connection; nothing really waits.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import requests
from tests.server.conftest import Connect
from tests.server.fake_github import FakeGitHub, Fault
from tests.server.faults import Kind

from flakebot.errors import (
    DoubtfulWriteError,
    GitHubError,
    InputError,
    PartialReadError,
    PermissionMissingError,
    TokenMissingError,
)
from flakebot.forges.github import GitHubForge
from flakebot.github_api import Api
from flakebot.github_api.doubt import is_undone
from flakebot.github_objects import Issue, Label, Repository
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Limits

USED_UP = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}  # long ago
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
PRIMARY = b'{"message": "API rate limit exceeded for installation."}'


@pytest.fixture
def known(fake: FakeGitHub, connect: Connect) -> GitHubForge:
    """A forge that need not ask for its repository, and gives up on a connection early."""
    api = connect(request_seconds=1.0)
    return GitHubForge(api, fake.repository, repository=Repository(full_name=fake.repository))


def edit(forge: GitHubForge) -> Issue:
    """An idempotent write."""
    return forge.update_issue(5, body="new")


def read(forge: GitHubForge) -> list[int]:
    """A read of a list."""
    return [issue.number for issue in forge.issues("flaky-test")]


@pytest.mark.parametrize("act", [edit, read])
@pytest.mark.parametrize(
    "kind", ["status", "after-status", "reset", "after-reset", "truncated", "html", "wrong-type"]
)
def test_passing_fault_is_outlasted(
    fake: FakeGitHub, known: GitHubForge, naps: list[float], act: Callable[..., object], kind: Kind
) -> None:
    """Reads and edits are repeated after each kind of fault, with growing pauses."""
    fake.state.add_issue(5, labels=["flaky-test"], body="old")
    fake.faults.add(Fault(kind=kind, path="/issues", times=2))
    act(known)
    assert (fake.faults.pending, naps) == (0, [1.0, 2.0])


def test_silence_is_outlasted(fake: FakeGitHub, known: GitHubForge) -> None:
    """A request that is not answered in time is sent again."""
    fake.state.add_issue(5, labels=["flaky-test"])
    fake.faults.add(Fault(kind="slow", path="/issues"))
    assert read(known) == [5]


@pytest.mark.parametrize("act", [edit, read])
def test_lasting_fault_ends_in_a_sentence(
    fake: FakeGitHub, known: GitHubForge, naps: list[float], act: Callable[..., object]
) -> None:
    """Five tries, then GitHub's error; never without an end."""
    fake.state.add_issue(5, labels=["flaky-test"])
    fake.faults.add(Fault(kind="status", path="/issues", times=99, status=503))
    with pytest.raises(
        GitHubError, match=r"(list the|write) issues: GitHub answered 503: Server Error"
    ):
        act(known)
    assert (len(fake.requests.of(path="/issues")), naps) == (5, [1.0, 2.0, 4.0, 8.0])


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (429, {"Retry-After": "7"}, b"{}", 8.0),
        (429, {}, b"not json", 61.0),
        (429, {"Retry-After": "soon"}, b"{}", 61.0),
        (403, {"Retry-After": "7"}, SECONDARY, 8.0),
        (403, {}, SECONDARY, 61.0),
        (403, USED_UP, PRIMARY, 2.0),
        (503, {"Retry-After": "7"}, b"{}", 8.0),
    ],
)
@pytest.mark.parametrize("act", [edit, read])
def test_rate_limit_is_waited_for(
    fake: FakeGitHub,
    known: GitHubForge,
    naps: list[float],
    act: Callable[..., object],
    status: int,
    headers: dict[str, str],
    body: bytes,
    expected: float,
) -> None:
    """As long as GitHub asks, by its own clock, and up to a second more; a minute if it does not
    say.
    """
    fake.state.add_issue(5, labels=["flaky-test"])
    fake.faults.add(Fault(kind="status", path="/issues", status=status, headers=headers, body=body))
    act(known)
    assert [expected] == naps


def test_limit_beyond_the_budget_is_a_sentence(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """What would take longer than flakebot may wait is said at once, with how long it would be."""
    headers = {"Retry-After": "1800"}
    fake.faults.add(Fault(kind="status", status=403, headers=headers, body=PRIMARY))
    with pytest.raises(GitHubError, match="for another 1800 s, longer than it may wait"):
        read(known)
    assert naps == []


def test_budget_is_for_all_waiting_together(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """Two waits of 50 s fit into 120 s, a third does not."""
    fake.faults.add(Fault(kind="status", status=429, headers={"Retry-After": "50"}, times=9))
    with pytest.raises(GitHubError, match="rate limit"):
        read(known)
    assert naps == [51.0, 51.0]


def test_create_that_was_refused_by_a_limit_is_sent_again(
    fake: FakeGitHub, known: GitHubForge
) -> None:
    """A limit refuses before anything happens, so a create may be repeated after it."""
    fake.faults.add(Fault(kind="status", status=403, headers={"Retry-After": "1"}, body=SECONDARY))
    fake.faults.add(Fault(kind="status", status=429, headers={"Retry-After": "1"}))
    known.create_issue("title", "", [])
    assert [issue["title"] for issue in fake.state.issues.values()] == ["title"]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("status", 0),
        ("reset", 0),
        ("slow", 0),
        ("after-status", 1),
        ("after-reset", 1),
        ("after-slow", 1),
        ("truncated", 1),
        ("wrong-type", 1),
        ("html", 0),
        ("empty", 0),
    ],
)
def test_doubtful_create_is_never_sent_twice(
    fake: FakeGitHub, known: GitHubForge, naps: list[float], kind: Kind, count: int
) -> None:
    """Without a readable answer nobody knows: one request, and an error that says so."""
    fake.faults.add(Fault(kind=kind, method="POST"))
    with pytest.raises(DoubtfulWriteError, match="It may have happened all the same"):
        known.create_issue("title", "", [])
    assert len(fake.state.issues) == count
    assert (len(fake.requests.of("POST")), naps) == (1, [])


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (201, {}, b'{"well-formed": "and no issue"}'),
        (301, {"Location": "http://localhost:1/elsewhere"}, b"{}"),
    ],
)
def test_create_with_senseless_answer_is_doubtful(
    fake: FakeGitHub, known: GitHubForge, status: int, headers: dict[str, str], body: bytes
) -> None:
    """What GitHub says is no refusal and no issue, so nobody knows."""
    fake.faults.add(Fault(kind="status", status=status, headers=headers, body=body))
    with pytest.raises(DoubtfulWriteError):
        known.create_issue("title", "", [])


def test_create_that_never_connected_did_not_happen() -> None:
    """A time-out while connecting comes before anything is sent."""
    failure = TryAgainError(GitHubError("no answer"))
    failure.__cause__ = requests.ConnectTimeout()
    assert is_undone(failure)
    failure.__cause__ = requests.ReadTimeout()
    assert not is_undone(failure)


def test_no_token_is_a_sentence(fake: FakeGitHub) -> None:
    """Without a token none is sent, neither with calls nor with downloads."""
    api = Api("", base_url=fake.url)
    forge = GitHubForge(api, fake.repository, repository=Repository(full_name=fake.repository))
    for act in (forge.labels, lambda: forge.contents("CODEOWNERS")):
        with pytest.raises(TokenMissingError, match="set GITHUB_TOKEN or GH_TOKEN"):
            act()
    assert not any("authorization" in request.headers for request in fake.requests)
    api.close()


def test_doubtful_rerun_is_not_sent_twice(fake: FakeGitHub, known: GitHubForge) -> None:
    """A re-run whose answer got lost has happened once."""
    fake.state.add_run(7)
    fake.state.add_job(7, conclusion="failure")
    fake.faults.add(Fault(kind="after-status", method="POST"))
    with pytest.raises(DoubtfulWriteError):
        known.rerun_failed_jobs(7)
    assert max(fake.state.runs[7]) == 2


def test_label_may_be_made_twice(fake: FakeGitHub, known: GitHubForge) -> None:
    """A second try finds the label there, which is no error."""
    fake.faults.add(Fault(kind="after-status", method="POST"))
    known.create_label(Label(name="flaky-test"))
    assert list(fake.state.labels) == ["flaky-test"]


@pytest.mark.parametrize("name", ["flaky-test", "Flaky-Test"])
def test_refused_label_that_is_there_is_no_error(
    fake: FakeGitHub, known: GitHubForge, name: str
) -> None:
    """However GitHub words its refusal, and whatever the case of the name."""
    fake.state.add_label("flaky-test")
    body = b'{"message": "Validation Failed", "errors": ["Name has been taken"]}'
    fake.faults.add(Fault(kind="status", method="POST", status=422, body=body))
    known.create_label(Label(name=name))
    assert list(fake.state.labels) == ["flaky-test"]


def test_refused_label_that_is_not_there_is_an_error(known: GitHubForge) -> None:
    """A name that GitHub does not take is said in its words."""
    with pytest.raises(GitHubError, match=r"create a label: .*name is too long"):
        known.create_label(Label(name="x" * 51))


def test_unreachable_server_is_tried_again_for_creates_too(naps: list[float]) -> None:
    """Nothing was sent when nobody listens, so nothing can have happened."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        patience = Patience(120, sleep=naps.append, uniform=lambda _, high: high)
        api = Api("x", base_url=url, patience=patience)
        forge = GitHubForge(api, "a/b", repository=Repository(full_name="a/b"))
        with pytest.raises(GitHubError, match="Connection refused") as caught:
            forge.create_issue("title", "", [])
        api.close()
    assert not isinstance(caught.value, DoubtfulWriteError)
    assert naps == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("kind", ["status", "reset", "html", "empty", "truncated"])
def test_list_that_breaks_off_is_partial(fake: FakeGitHub, known: GitHubForge, kind: Kind) -> None:
    """A second page that does not come makes the whole list worthless."""
    for _ in range(150):
        fake.state.add_issue(labels=["flaky-test"])
    fake.faults.add(Fault(kind=kind, path="/issues", skip=1, times=9))
    with pytest.raises(PartialReadError, match="list the issues to the end"):
        read(known)


@pytest.mark.parametrize("body", [b'{"message": "hm"}', b'["x"]', b"null", b'[{"title": "x"}]'])
def test_page_that_is_no_list_is_partial(fake: FakeGitHub, known: GitHubForge, body: bytes) -> None:
    """A first page that is well-formed and no list of issues is not taken for an empty one."""
    fake.faults.add(Fault(kind="status", status=200, body=body))
    with pytest.raises(PartialReadError, match="not as documented"):
        read(known)


def test_jobs_short_of_the_count_are_partial(fake: FakeGitHub, known: GitHubForge) -> None:
    """GitHub's own count shows that a page lacks a job."""
    fake.state.add_run(7)
    for number in range(3):
        fake.state.add_job(7, name=f"test {number}")
    fake.faults.add(Fault(kind="short-list", path="/jobs"))
    with pytest.raises(PartialReadError, match=r"counts 3 jobs .* sent 2"):
        known.jobs(7, 1)


def test_list_without_an_end_is_partial(
    fake: FakeGitHub, known: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list whose next page is always another one ends at a bound."""
    monkeypatch.setattr("flakebot.github_api.api.PAGES", 3)
    link = f'<{fake.url}/repos/{fake.repository}/labels?page=2>; rel="next"'
    fake.faults.add(Fault(kind="status", status=200, body=b"[]", headers={"Link": link}, times=9))
    with pytest.raises(PartialReadError, match="more than 3 pages"):
        known.labels()
    assert fake.requests.total() == 3


def test_next_page_elsewhere_gets_no_token(fake: FakeGitHub, known: GitHubForge) -> None:
    """Whatever host a Link header names, the request goes to GitHub."""
    fake.state.add_label("second")
    link = f'<{fake.storage_url}/repos/{fake.repository}/labels?page=1>; rel="next"'
    fake.faults.add(Fault(kind="status", status=200, body=b"[]", headers={"Link": link}))
    assert [label.name for label in known.labels()] == ["second"]
    assert [request.origin for request in fake.requests] == ["api", "api"]


def test_last_allowed_request_that_lacks_a_permission_is_not_waited_for(
    fake: FakeGitHub, known: GitHubForge, naps: list[float]
) -> None:
    """A used-up limit beside a missing permission changes nothing about the permission."""
    body = b'{"message": "Resource not accessible by integration"}'
    fake.faults.add(Fault(kind="status", status=403, headers=USED_UP, body=body))
    with pytest.raises(PermissionMissingError):
        known.create_issue("title", "", [])
    assert naps == []


def test_numbers_without_an_end_are_a_sentence(fake: FakeGitHub, known: GitHubForge) -> None:
    """What a proxy writes into headers costs a sentence, no more."""
    fake.faults.add(Fault(kind="status", status=200, headers={"X-RateLimit-Reset": "9" * 400}))
    with pytest.raises(GitHubError, match="makes no sense"):
        known.create_label(Label(name="x"))


def test_a_reader_without_a_token_looks_for_what_actions_wrote(fake: FakeGitHub) -> None:
    """There is nobody to ask for, and public issues can be read all the same."""
    api = Api("", base_url=fake.url)
    assert GitHubForge(api, fake.repository).bot() == "github-actions[bot]"
    assert fake.requests.total() == 0
    api.close()


def test_bot_is_actions_when_the_token_may_not_ask(fake: FakeGitHub, connect: Connect) -> None:
    """An app's token has no user: then it is Actions' own; an outage is an outage."""
    fake.token = "ghp_x"
    body = b'{"message": "Resource not accessible by integration"}'
    fake.faults.add(Fault(kind="status", path="/user", status=403, body=body))
    assert GitHubForge(connect(), fake.repository).bot() == "github-actions[bot]"
    fake.faults.add(Fault(kind="status", path="/user", times=9))
    with pytest.raises(GitHubError, match="502"):
        GitHubForge(connect(), fake.repository).bot()


def test_new_limits_begin_a_new_budget(
    fake: FakeGitHub, connect: Connect, naps: list[float]
) -> None:
    """Limits read from the settings file count from then on."""
    api = connect()
    api.limits = Limits(wait_seconds=5.0)
    fake.faults.add(Fault(kind="status", status=503, times=9))
    with pytest.raises(GitHubError, match="503"):
        GitHubForge(api, fake.repository).repository()
    assert (api.limits.request_seconds, naps) == (30.0, [1.0, 2.0])


@pytest.mark.parametrize(
    "url", ["ftp://x", "api.github.com", "http://", "http://[", "http://x:port"]
)
def test_base_address_that_is_none_is_refused(url: str) -> None:
    """A wrong `GITHUB_API_URL` is said in a sentence."""
    with pytest.raises(InputError, match="no address of a GitHub API"):
        Api("x", base_url=url)
