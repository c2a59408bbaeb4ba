"""Files of a repository and moments as text. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from flakebot.errors import InputError


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it, in whole seconds of UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def decoded(content: bytes, path: str) -> str:
    """The text of a file, without a byte order mark; raises `InputError` that names it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error.reason}).") from error
