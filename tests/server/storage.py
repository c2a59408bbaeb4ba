"""The second origin of the fake GitHub: short-lived links to logs, zips and archives.

GitHub redirects to Azure's blob storage, which refuses a request that carries an Authorization
header and answers in XML (KnpLabs/php-github-api#1156).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from tests.server.answers import Answer, Request

_XML = (
    '\ufeff<?xml version="1.0" encoding="utf-8"?>'
    "<Error><Code>{code}</Code><Message>{message}</Message></Error>"
)


def xml_error(status: int, code: str, message: str) -> Answer:
    """An error as the blob storage words it."""
    body = _XML.format(code=code, message=message).encode()
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    return Answer(status=status, body=body, headers=headers)


def blob_not_found() -> Answer:
    """The answer for a log that is not uploaded yet, or never will be."""
    return xml_error(404, "BlobNotFound", "The specified blob does not exist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a short-lived address leads to; the content is made when it is asked for."""

    content: Callable[[], bytes | None]
    content_type: str
    expires: datetime


class Storage:
    """Hands out links and serves them."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self.url = url
        self.leaks: list[str] = []
        self._now = now
        self._links: dict[str, Link] = {}

    def link(
        self, path: str, content: Callable[[], bytes | None], *, content_type: str, seconds: int
    ) -> str:
        """A new address for some content."""
        signature = f"{len(self._links) + 1:08x}"
        expires = self._now() + timedelta(seconds=seconds)
        self._links[signature] = Link(content=content, content_type=content_type, expires=expires)
        return f"{self.url}{quote(path)}?se={int(expires.timestamp())}&sp=r&sig={signature}"

    def forget(self) -> None:
        """Let all addresses expire."""
        self._links.clear()

    def serve(self, request: Request) -> Answer:
        """Answer a request to the storage."""
        if "authorization" in {name.lower() for name in request.headers}:
            self.leaks.append(f"{request.method} {request.path}")
            message = "Server failed to authenticate the request."
            return xml_error(403, "AuthenticationFailed", message)
        link = self._links.get(request.query.get("sig", ""))
        if link is None or link.expires < self._now():
            message = "Signature not valid in the specified time frame"
            return xml_error(403, "AuthenticationFailed", message)
        content = link.content()
        if content is None:
            return blob_not_found()
        return Answer(body=content, headers={"Content-Type": link.content_type})
