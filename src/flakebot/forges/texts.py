"""A file of a repository as text. Pure."""

from __future__ import annotations

from flakebot.errors import InputError


def decoded(content: bytes, path: str) -> str:
    """The text of a file, without a byte order mark; raises `InputError` that names it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error.reason}).") from error
