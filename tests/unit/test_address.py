"""Addresses of runs and jobs, as people paste them."""

from __future__ import annotations

import pytest

from flakebot.address import RunAddress, parse
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


def test_an_enterprise_server_has_its_own_api() -> None:
    """GitHub Enterprise Server's API lies below its own host."""
    assert (
        parse("https://git.example.com/a/b/actions/runs/1").api == "https://git.example.com/api/v3"
    )


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
