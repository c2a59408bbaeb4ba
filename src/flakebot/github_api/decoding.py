"""Answers of GitHub as values; what is none is an error that says why. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

import msgspec

from flakebot.errors import GitHubError
from flakebot.github_api.answers import Answer, Task
from flakebot.retrying import TryAgainError

_T = TypeVar("_T")


def decode(answer: Answer, kind: type[_T], task: Task) -> _T:
    """The answer as a value; what is no JSON at all may be a proxy's page or cut off, and is worth
    another try.
    """
    kind_of_answer = answer.headers.get("content-type", "no type")
    error: Exception | None = None
    if "json" in kind_of_answer:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.ValidationError as invalid:
            raise unreadable(task, f"which is not as documented ({invalid})") from invalid
        except (msgspec.DecodeError, RecursionError) as broken:
            error = broken
    reason = f"which is cut off or broken ({error})" if error else f"of type {kind_of_answer}"
    raise TryAgainError(unreadable(task, reason)) from error


def unreadable(task: Task, reason: str) -> GitHubError:
    """An answer that says yes, and of which the rest cannot be understood."""
    sentence = f"Could not {task.doing}: GitHub sent an answer {reason}."
    return GitHubError(sentence, status=HTTPStatus.OK)
