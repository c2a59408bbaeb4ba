"""Requests, answers and refusals of the fake GitHub, and its paging. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived; `params` are the parts of the path a route names."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """A part of the path as a number; what is no number is not found."""
        text = self.params[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def json(self) -> Json:
        """The body as a JSON object; an empty one is an empty object."""
        if not self.body:
            return {}
        try:
            decoded = json.loads(self.body)
        except ValueError:
            raise RefusalError(400, "Problems parsing JSON") from None
        if not isinstance(decoded, dict):
            raise RefusalError(400, "Body should be a JSON object")
        return decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; bytes are sent as they are, None is no body, everything else becomes JSON."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()

    def content_type(self) -> str:
        """The declared type, JSON unless a header says otherwise."""
        return self.headers.get("Content-Type", "application/json; charset=utf-8")


class RefusalError(Exception):
    """GitHub's refusal of a request, in the shape of `basic-error` or `validation-error`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[object] = (),
        documentation: str = DOCUMENTATION,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = list(errors)
        self.documentation = documentation
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """The refusal as an answer."""
        body: Json = {"message": str(self), "documentation_url": self.documentation}
        if self.errors:
            body["errors"] = self.errors
        body["status"] = str(self.status)
        return Answer(status=self.status, body=body, headers=self.headers)


def not_found() -> RefusalError:
    """GitHub's 404."""
    return RefusalError(404, "Not Found")


def invalid(resource: str, code: str, name: str, message: str = "") -> RefusalError:
    """GitHub's 422 for one field."""
    error = {"resource": resource, "code": code, "field": name}
    if message:
        error["message"] = message
    return RefusalError(422, "Validation Failed", errors=[error])


def redirect(location: str) -> Answer:
    """A redirect to the storage."""
    return Answer(status=302, headers={"Location": location, "Content-Type": "text/html"})


def page(request: Request, items: Sequence[object], base: str, *, key: str | None = None) -> Answer:
    """One page of a list with its Link header.

    With `key`, an object with `total_count` in place of a bare list, as the Actions API answers.
    """
    size = _bounded(request.query.get("per_page"), default=30, most=100)
    number = _bounded(request.query.get("page"), default=1, most=10**6)
    last = max(1, -(-len(items) // size))
    wanted = list(items[(number - 1) * size : number * size])
    body: object = wanted if key is None else {"total_count": len(items), key: wanted}
    links = [
        f'<{base}{request.path}?{urlencode({**request.query, "page": target})}>; rel="{rel}"'
        for rel, target in _links(number, last)
    ]
    return Answer(body=body, headers={"Link": ", ".join(links)} if links else {})


def _links(number: int, last: int) -> list[tuple[str, int]]:
    links = []
    if number > 1:
        links.append(("prev", min(number - 1, last)))
    if number < last:
        links += [("next", number + 1), ("last", last)]
    if number > 1:
        links.append(("first", 1))
    return links


def _bounded(text: str | None, *, default: int, most: int) -> int:
    if text is None or not text.isdecimal():
        return default
    return max(1, min(int(text), most))
