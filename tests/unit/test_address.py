"""Addresses of runs and jobs, as people paste them."""

from __future__ import annotations

import pytest

from flakebot.address import (
    IssueAddress,
    RepositoryAddress,
    RunAddress,
    parse,
    parse_issue,
    parse_repository,
)
from flakebot.errors import InputError

_RUN = "https://github.com/ai-dynamo/dynamo/actions/runs/21553857421"


@pytest.mark.parametrize(
    ("text", "attempt", "job_id"),
    [
        (_RUN, None, None),
        (f"{_RUN}/attempts/2", 2, None),
        (f"{_RUN}/job/62106847745?pr=1#step:3:4", None, 62106847745),
        (f" {_RUN}/attempts/2/jobs/7 ", 2, 7),
    ],
)
def test_the_shapes_a_browser_shows(text: str, attempt: int | None, job_id: int | None) -> None:
    """Runs, attempts and jobs are told apart."""
    expected = RunAddress(
        api="https://api.github.com",
        repository="ai-dynamo/dynamo",
        run_id=21553857421,
        attempt=attempt,
        job_id=job_id,
    )
    assert expected == parse(text)


@pytest.mark.parametrize(
    ("host", "api"),
    [
        ("git.example.com", "https://git.example.com/api/v3"),
        ("api.example.com", "https://api.example.com/api/v3"),
        ("octocorp.ghe.com", "https://api.octocorp.ghe.com"),
        ("OctoCorp.GHE.com", "https://api.octocorp.ghe.com"),
        ("notghe.com", "https://notghe.com/api/v3"),
    ],
)
def test_a_server_of_a_company_has_its_own_api(host: str, api: str) -> None:
    """An Enterprise Server's lies below its own host, that of a tenant of ghe.com beside it."""
    assert parse(f"https://{host}/a/b/actions/runs/1").api == api


@pytest.mark.parametrize(
    "text",
    [
        "",
        "github.com/a/b/actions/runs/1",
        "http://github.com/a/b/actions/runs/1",
        "https://user@github.com/a/b/actions/runs/1",
        "https://github.com:8080/a/b/actions/runs/1",
        "https://github.com:x/a/b/actions/runs/1",
        "https://github.com/a/b/pull/1",
        "https://github.com/a/b/actions/runs/one",
        f"{_RUN}/attempts",
        f"{_RUN}/steps/1",
        f"{_RUN}/job/²",
    ],
)
def test_anything_else_is_one_sentence(text: str) -> None:
    """What is no address of a run is said to be none."""
    with pytest.raises(InputError, match="is no address"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("https://github.com/ai-dynamo/dynamo/issues/71", "https://api.github.com"),
        (
            "https://ghe.example.com/ai-dynamo/dynamo/issues/71#c-1",
            "https://ghe.example.com/api/v3",
        ),
    ],
)
def test_address_of_an_issue(text: str, api: str) -> None:
    """As a browser shows it, also with the anchor of a comment."""
    expected = IssueAddress(api=api, repository="ai-dynamo/dynamo", number=71)
    assert parse_issue(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/ai-dynamo/dynamo/pull/71",
        "https://github.com/ai-dynamo/dynamo/issues",
        "https://github.com/ai-dynamo/dynamo/issues/71/more",
        "https://github.com/ai-dynamo/dynamo/issues/x",
        "http://github.com/ai-dynamo/dynamo/issues/71",
        "https://github.com:99999999/ai-dynamo/dynamo/issues/71",
    ],
)
def test_no_address_of_an_issue(text: str) -> None:
    """Anything else is an error that names the text."""
    with pytest.raises(InputError, match="is no address"):
        parse_issue(text)


@pytest.mark.parametrize(
    "text",
    [
        "ai-dynamo/dynamo",
        "https://github.com/ai-dynamo/dynamo",
        "https://github.com/ai-dynamo/dynamo/",
    ],
)
def test_a_repository_has_a_name_or_an_address(text: str) -> None:
    """Both mean the same."""
    api, repository = "https://api.github.com", "ai-dynamo/dynamo"
    assert parse_repository(text) == RepositoryAddress(api=api, repository=repository)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dynamo",
        "a/b/c",
        "/a",
        "a/..",
        "a b/c",
        "http://github.com/a/b",
        f"{_RUN}",
        "https://github.com/a",
    ],
)
def test_what_is_no_repository_is_said(text: str) -> None:
    """With the shapes that are."""
    with pytest.raises(InputError, match="is neither a saved repository nor one on GitHub"):
        parse_repository(text)
