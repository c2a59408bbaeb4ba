"""Names of repositories and addresses of the API, as they may be. Pure."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from flakebot.errors import InputError


def is_full_name(text: str) -> bool:
    """Whether a text may be `owner/name` of a repository."""
    parts = text.split("/")
    return len(parts) == 2 and all(_is_name(part) for part in parts)  # noqa: PLR2004


def base_address(base_url: str) -> str:
    """The address of an API without a slash at its end; raises `InputError` when it is none."""
    with suppress(ValueError):  # a host or a port that is none
        parts = urlsplit(base_url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return base_url.rstrip("/")
    raise InputError(f"{base_url!r} is no address of a GitHub API.")


def _is_name(text: str) -> bool:
    letters = text.replace("-", "").replace("_", "").replace(".", "")
    return letters.isascii() and letters.isalnum() and len(text) <= 100  # noqa: PLR2004
