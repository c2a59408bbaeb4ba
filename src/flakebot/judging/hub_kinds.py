"""How Hugging Face failed, told from a cause's own words. Pure.

Told when it is shown and not when it is recorded, so that what was recorded by an earlier version
counts under the same names.
"""

from __future__ import annotations

from enum import StrEnum

import re2

from flakebot.records import CauseEntry


class HubKind(StrEnum):
    """The ways in which a fetch from Hugging Face fails, as the tracking issue names them."""

    RATE_LIMIT = "429"
    SERVER = "5xx"
    TIMEOUT = "time-out"
    DNS = "DNS"
    TLS = "TLS"
    XET = "Xet"
    CONNECTION = "connection"
    OTHER = "other"


_PATTERNS = tuple(
    (kind, re2.compile("(?i)" + pattern))
    for kind, pattern in (
        # A limit is told by its number in whatever wraps it, Xet's token address included.
        (
            HubKind.RATE_LIMIT,
            (
                r"\b429 (?:Client Error|Too Many)|error '429|error \(429|HTTP error: 429"
                r"|rate limit|rate-limit|Rate limited"
            ),
        ),
        (
            HubKind.XET,
            (
                r"xethub|\bxet|CAS (?:service|client) error|File reconstruction error"
                r"|Data (?:processing|integrity) error"
            ),
        ),
        (
            HubKind.SERVER,
            (
                r"\b50\d\b.{0,40}(?:Server Error|Bad Gateway|Service Unavailable|Gateway Time)"
                r"|Server error '5|server error \(5|HTTP error: 5"
            ),
        ),
        (
            HubKind.TIMEOUT,
            r"timed out|(?:Read|Connect|Pool)Timeout|TimeoutError|Request Time-?out|error '408",
        ),
        (
            HubKind.DNS,
            (
                r"NameResolution|Name or service not known|name resolution|dns error"
                r"|Failed to resolve|getaddrinfo|nodename nor servname"
            ),
        ),
        (HubKind.TLS, r"SSL|TLS|UNEXPECTED_EOF|certificate"),
        (
            HubKind.CONNECTION,
            (
                r"ConnectError|ConnectionError|Connection (?:aborted|refused|reset|closed|broken)"
                r"|RemoteDisconnected|RemoteProtocolError|Server disconnected|IncompleteRead"
                r"|ChunkedEncoding|Max retries exceeded|error sending request"
                r"|Network is unreachable|NetworkError|Consistency check failed"
            ),
        ),
    )
)


_ANY = re2.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _PATTERNS))
"""One search where most of the text says nothing: the lines around a cause are thousands of
characters, in every record of three months."""


def kind_of(cause: CauseEntry) -> HubKind:
    """How the fetch failed: by the cause's own line, else by the lines around it."""
    around = "\n".join(cause.excerpt)
    text = next((text for text in (cause.text, around) if _ANY.search(text)), "")
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), HubKind.OTHER)


def small_quota(cause: CauseEntry) -> bool:
    """Whether a limit that was met is that of the API, a sixth of the resolver's
    (https://huggingface.co/docs/hub/rate-limits).
    """
    return bool(_API.search("\n".join((cause.text, *cause.excerpt))))


_API = re2.compile(
    r"your 'api' rate limit|huggingface\.co/api/(?:models|datasets|spaces)/|\"api\";r=0"
)
