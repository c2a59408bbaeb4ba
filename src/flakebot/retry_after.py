"""How long a server asks to wait, from the headers of its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import re2

MAX_DIGITS = 9
"""No wait is as long."""


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What an answer asks to wait: `Retry-After`, `RateLimit` with nothing remaining, or Hugging
    Face's sentence.
    """
    for read in (_retry_after, _rate_limit, _sentence):
        if (seconds := read(headers)) is not None:
            return seconds
    return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, or a date, which is measured against the answer's own (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "")
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        until, sent = (parsedate_to_datetime(t) for t in (text, headers.get("Date", "")))
        return max((until - sent).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def _rate_limit(headers: Mapping[str, str]) -> float | None:
    """`RateLimit: "resolvers";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers-09)."""
    for limit in headers.get("RateLimit", "").split(","):
        pairs = (part.partition("=") for part in limit.split(";")[1:])
        fields = {key.strip(): text.strip() for key, _, text in pairs}
        if fields.get("r") == "0":
            return _number(fields.get("t", ""))
    return None


def _sentence(headers: Mapping[str, str]) -> float | None:
    """`Retry after 55 seconds`, which Hugging Face says in a header too."""
    found = re2.search(r"(?i)retry after (\d{1,9}) second", headers.get("X-Error-Message", ""))
    return float(found.group(1)) if found else None


def _number(text: str) -> float | None:
    digits = text.strip()
    return (
        float(digits)
        if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS
        else None
    )
