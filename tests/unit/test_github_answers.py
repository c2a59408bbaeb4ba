"""What an answer of GitHub means, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from requests.structures import CaseInsensitiveDict

from flakebot.errors import (
    GitHubError,
    NotFoundError,
    PermissionMissingError,
    TokenMissingError,
)
from flakebot.github_api.answers import Answer, Task, check, message
from flakebot.retrying import TryAgainError

TASK = Task(doing="list the issues", permission="issues: read")
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"
NOON = 1795176000  # the same moment, as GitHub writes resets


def answer(status: int, body: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status=status, headers=CaseInsensitiveDict(named), body=body)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_yes_is_fine(status: int) -> None:
    """An answer of the class 2xx raises nothing."""
    check(answer(status), TASK)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (answer(429, retry_after="7"), 7.0),
        (answer(429, retry_after="Fri, 20 Nov 2026 12:00:07 GMT", date=DATE), 7.0),
        (answer(429, retry_after="Fri, 20 Nov 2026 11:00:00 GMT", date=DATE), 0.0),
        (answer(429, retry_after="Fri, 20 Nov 2026 12:00:07 GMT"), 60.0),
        (answer(429, retry_after="-7"), 60.0),
        (answer(429), 60.0),
        (answer(403, retry_after="7"), 7.0),
        (answer(403, '{"message": "You have exceeded a secondary rate limit"}'), 60.0),
        (answer(403, '{"message": "You have triggered an abuse detection mechanism"}'), 60.0),
        (
            answer(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOON + 30), date=DATE),
            31.0,
        ),
        (
            answer(
                403,
                '{"message": "API rate limit exceeded for installation ID 5."}',
                x_ratelimit_remaining="0",
                x_ratelimit_reset=str(NOON + 30),
                date=DATE,
            ),
            31.0,
        ),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOON - 9), date=DATE), 1.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOON + 30)), 60.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="soon", date=DATE), 60.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="9" * 400, date=DATE), 60.0),
        (
            answer(
                403,
                x_ratelimit_remaining="0",
                x_ratelimit_reset=str(NOON),
                date=f"Fri, 20 Nov {'9' * 20} 12:00:00 GMT",
            ),
            60.0,
        ),
    ],
)
def test_limit_says_how_long_to_wait(given: Answer, seconds: float) -> None:
    """`Retry-After` first, then the reset by GitHub's own clock, else a minute."""
    with pytest.raises(TryAgainError) as caught:
        check(given, TASK)
    assert seconds == caught.value.after
    assert f"another {seconds:.0f} s" in str(caught.value)


def test_failing_server_leaves_the_pause_to_us() -> None:
    """Without a `Retry-After` a 5xx says nothing about when to come back."""
    with pytest.raises(TryAgainError) as caught:
        check(answer(502), TASK)
    assert caught.value.after is None


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        (answer(401, '{"message": "Bad credentials"}'), GitHubError, "Bad credentials"),
        (answer(404), NotFoundError, "list the issues"),
        (
            answer(410, '{"message": "Issues are disabled"}'),
            GitHubError,
            "410: Issues are disabled",
        ),
        (answer(301), GitHubError, "301"),
        (answer(403, '{"message": "Blocked"}'), GitHubError, "403: Blocked"),
        (
            answer(403, '{"message": "Blocked"}', x_ratelimit_remaining="0"),
            GitHubError,
            "403: Blocked",
        ),
        (
            answer(403, '{"message": "Resource not accessible by integration"}', retry_after="1"),
            PermissionMissingError,
            "`issues: read`",
        ),
        (
            answer(403, '{"message": "Must have admin rights to Repository."}'),
            PermissionMissingError,
            "`issues: read`",
        ),
    ],
)
def test_refusal_is_an_error_at_once(given: Answer, kind: type[Exception], sentence: str) -> None:
    """What another try cannot heal is the error it stands for."""
    with pytest.raises(kind, match=sentence):
        check(given, TASK)


@pytest.mark.parametrize(
    "given",
    [
        answer(403, '{"message": "Must have admin rights to Repository."}'),
        answer(401, '{"message": "Requires authentication"}'),
    ],
)
def test_what_nobody_sees_without_a_token_asks_for_one(given: Answer) -> None:
    """No permission of a workflow would help there."""
    with pytest.raises(TokenMissingError, match=r"list the issues.* set GITHUB_TOKEN or GH_TOKEN"):
        check(given, TASK, anonymous=True)


@pytest.mark.parametrize(("status", "tries"), [(404, True), (410, True), (422, True), (401, False)])
def test_what_github_just_named_is_denied_twice(status: int, tries: bool) -> None:  # noqa: FBT001
    """Another try may heal what is said of a thing that is there; a token stays refused."""
    named = replace(TASK, named=True)
    with pytest.raises((TryAgainError, GitHubError)) as caught:
        check(answer(status), named)
    assert (isinstance(caught.value, TryAgainError) and caught.value.once) is tries


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ""),
        ("<html>", ""),
        ("[]", ""),
        ('{"x": ' + "[" * 100_000, ""),
        ('{"message": "No", "errors": {"title": ["too long"]}}', "No: title"),
        ('{"message": "a\\nb"}', "a b"),
        ('{"message": "No", "errors": "why"}', "No: why"),
        (
            '{"message": "No", "errors": ["one", {"code": "two"}, {"message": "three"}, {}]}',
            "No: one, two, three",
        ),
        ('{"errors": null, "message": "' + "x" * 999 + '"}', "x" * 300),
    ],
)
def test_message_is_one_bounded_line(body: str, expected: str) -> None:
    """GitHub's words with their details, whatever shape the errors have."""
    assert expected == message(answer(422, body))
