"""Scripted faults of the fake GitHub strike where and as often as they are told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from tests.server.fake_github import FakeGitHub, Fault
from tests.server.faults import Kind

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(fake: FakeGitHub) -> Iterator[Ask]:
    """Asks the fake with its token."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fake.token}"

        def send(method: str, path: str, **more: Any) -> requests.Response:
            address = f"{fake.url}/repos/{fake.repository}/{path}"
            return session.request(method, address, **{"timeout": 5, **more})

        yield send


def test_a_fault_strikes_its_requests_only_and_is_used_up(fake: FakeGitHub, ask: Ask) -> None:
    """By method and path, after those it lets through, as often as it says."""
    fault = Fault(kind="status", status=503, method="GET", path="/labels$", skip=1, times=2)
    fake.faults.add(fault)

    statuses = [ask("GET", path).status_code for path in ("issues", *["labels"] * 4)]

    assert statuses == [200, 200, 503, 503, 200]
    assert fake.faults.pending == 0
    assert [request.status for request in fake.requests] == statuses


def test_a_fault_strikes_at_intervals(fake: FakeGitHub, ask: Ask) -> None:
    """Each third request, say, beginning with the second."""
    fake.faults.add(Fault(kind="status", status=502, skip=1, every=3, times=2))
    statuses = [ask("GET", "labels").status_code for _ in range(8)]
    assert statuses == [200, 502, 200, 200, 502, 200, 200, 200]


def test_a_status_carries_its_headers_and_body(fake: FakeGitHub, ask: Ask) -> None:
    """As a secondary rate limit does."""
    headers = {"Retry-After": "60", "X-RateLimit-Remaining": "0"}
    body = b'{"message": "You have exceeded a secondary rate limit."}'
    fake.faults.add(Fault(kind="status", status=429, headers=headers, body=body))

    answer = ask("GET", "labels")

    assert (answer.status_code, answer.content) == (429, body)
    assert {name: answer.headers[name] for name in headers} == headers


@pytest.mark.parametrize(
    ("kind", "happened"),
    [
        ("status", False),
        ("reset", False),
        ("slow", False),
        ("html", False),
        ("empty", False),
        ("after-status", True),
        ("after-reset", True),
        ("after-slow", True),
        ("truncated", True),
        ("wrong-type", True),
    ],
)
def test_a_write_happens_or_not_behind_a_fault(
    fake: FakeGitHub, ask: Ask, kind: Kind, *, happened: bool
) -> None:
    """What the client sees does not say which."""
    ask("POST", "labels", json={"name": "other"})  # so that the next one takes no time
    fake.faults.add(Fault(kind=kind))

    try:
        ask("POST", "labels", json={"name": "flaky"}, timeout=0.3 if "slow" in kind else 30)
    except requests.RequestException as error:
        assert kind in {"reset", "after-reset", "slow", "after-slow", "truncated"}, error  # noqa: PT017  # only some kinds raise
    else:
        assert kind in {"status", "after-status", "html", "empty", "wrong-type"}

    assert ("flaky" in fake.state.labels) is happened


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", requests.ConnectionError),
        ("slow", requests.ReadTimeout),
        ("truncated", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_faults_on_the_wire_are_real(
    fake: FakeGitHub, ask: Ask, kind: Kind, error: type[Exception]
) -> None:
    """A reset, a silence and a body cut short reach the client as such."""
    fake.faults.add(Fault(kind=kind))

    with pytest.raises(error):
        ask("GET", "labels", timeout=0.3 if kind == "slow" else 30)
    assert ask("GET", "labels").status_code == 200


@pytest.mark.parametrize(
    ("kind", "content_type", "start"),
    [
        ("html", "text/html", b"<!DOCTYPE"),
        ("empty", "json", b""),
        ("wrong-type", "text/plain", b"["),
    ],
)
def test_odd_answers_come_with_status_200(
    fake: FakeGitHub, ask: Ask, kind: Kind, content_type: str, start: bytes
) -> None:
    """As a proxy or an outage serves them."""
    fake.faults.add(Fault(kind=kind))

    answer = ask("GET", "labels")

    assert answer.status_code == 200
    assert content_type in answer.headers["Content-Type"]
    assert answer.content[:1] == start[:1]


def test_a_short_list_says_the_same_total(fake: FakeGitHub, ask: Ask) -> None:
    """The last item of the page is missing, in objects as in bare lists."""
    fake.state.add_run(5)
    for name in "ab":
        fake.state.add_job(5, name=name)
        fake.state.add_label(name)
    fake.faults.add(Fault(kind="short-list", times=2))

    jobs = ask("GET", "actions/runs/5/jobs").json()
    labels = ask("GET", "labels").json()

    assert (jobs["total_count"], [job["name"] for job in jobs["jobs"]]) == (2, ["a"])
    assert [label["name"] for label in labels] == ["a"]


def test_the_storage_has_faults_of_its_own(fake: FakeGitHub, ask: Ask) -> None:
    """The redirect is fine, what it leads to is not."""
    fake.state.add_run(5)
    fake.state.add_job(5, 7, log="fine\n")
    fake.faults.add(Fault(kind="status", origin="storage", path="^/logs/", status=500))

    statuses = [ask("GET", "actions/jobs/7/logs").status_code for _ in range(2)]

    assert statuses == [500, 200]
