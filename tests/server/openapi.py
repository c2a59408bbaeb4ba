"""GitHub's own OpenAPI description, held against every request and every answer of the fake.

The description comes from the npm package `@octokit/openapi`. Its nullable enums lack null and its
type-less unions cannot be null, so real data of GitHub would violate it; and it calls `created` of
a list of runs a time, which its own words and GitHub's pages call a range
(https://docs.github.com/en/rest/actions/workflow-runs). These are put right first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from tests.server.answers import Answer, Json, Request
from werkzeug.datastructures import Headers, ImmutableMultiDict

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT / ".tools/npm/node_modules/@octokit/openapi/generated/api.github.com.json"
MISSING = "needs @octokit/openapi: npm install --prefix .tools/npm @octokit/openapi@23.0.2"
HOST = "https://api.github.com"


def available() -> bool:
    """Whether the description is installed."""
    return DESCRIPTION.is_file()


@dataclass(slots=True, kw_only=True)
class _Request:
    """A request as openapi-core wants it."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    """An answer as openapi-core wants it."""

    status_code: int
    content_type: str
    headers: Headers
    data: bytes


def request_violations(request: Request, template: str, path: str) -> Iterator[str]:
    """How a request departs from the description."""
    name = f"request {request.method} {request.path}"
    for error in _contract(template).iter_request_errors(_adapted(request, path)):
        yield f"{name}: {_sentence(error)}"
    operation = _slice(template)["paths"][template][request.method.lower()]
    known = {parameter["name"] for parameter in _parameters(template, operation)}
    for parameter in sorted(set(request.query) - known):
        yield f"{name}: the query parameter {parameter} is not documented"


def answer_violations(request: Request, answer: Answer, template: str, path: str) -> Iterator[str]:
    """How an answer departs from the description; error statuses need not be documented."""
    name = f"answer {answer.status} to {request.method} {request.path}"
    if answer.status >= 400:  # the error statuses of HTTP
        if not isinstance(answer.body, dict) or "message" not in answer.body:
            yield f"{name}: an error without a message"
        return
    if isinstance(answer.body, bytes):
        return
    response = _Response(
        status_code=answer.status,
        content_type="application/json",
        headers=Headers(dict(answer.headers)),
        data=answer.encoded(),
    )
    for error in _contract(template).iter_response_errors(_adapted(request, path), response):
        yield f"{name}: {_sentence(error)}"


def _adapted(request: Request, path: str) -> _Request:
    return _Request(
        host_url=HOST,
        path=path,
        method=request.method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(dict(request.query)), header=Headers(dict(request.headers))
        ),
        content_type="application/json" if request.body else "",
        body=request.body or None,
    )


def _sentence(error: BaseException) -> str:
    """An error with the schema errors that caused it."""
    parts = [(str(error) or type(error).__name__)[:200]]
    cause = error.__cause__ or error
    parts += [
        f"{'/'.join(map(str, item.absolute_path))}: {item.message[:300]}"
        for item in list(getattr(cause, "schema_errors", ()))[:3]
    ]
    return " | ".join(parts)


def _parameters(template: str, operation: Json) -> Iterator[Json]:
    shared = _slice(template)["components"].get("parameters", {})
    for parameter in operation.get("parameters", []):
        name = parameter.get("$ref", "").rpartition("/")[2]
        yield shared[name] if name else parameter


@cache
def _description() -> Json:
    """The whole description."""
    loaded: Json = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


@cache
def _contract(template: str) -> OpenAPI:
    """The validator of one path, with only the components it refers to."""
    unchecked: Any = None  # what we hold to is the traffic; the description itself is GitHub's
    return OpenAPI.from_dict(_slice(template), config=Config(spec_validator_cls=unchecked))


@cache
def _slice(template: str) -> Json:
    """One path and all components it leads to, put right."""
    whole = _description()
    components: Json = {}
    paths = {template: normalised(whole["paths"][template])}
    waiting = list(_references(paths))
    while waiting:
        kind, name = waiting.pop()
        if name not in components.setdefault(kind, {}):
            part = normalised(whole["components"][kind][name])
            components[kind][name] = part
            waiting += _references(part)
    return {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "servers": [{"url": HOST}],
        "paths": paths,
        "components": components,
    }


def _references(part: object) -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        target = part.get("$ref")
        if isinstance(target, str):
            _, _, kind, name = target.split("/")
            yield kind, name
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def normalised(part: object) -> object:
    """A part of the description with null allowed where it says `nullable`.

    Examples are dropped, and discriminators too: the one of contents names a property of a list.
    """
    if isinstance(part, list):
        return [normalised(value) for value in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: normalised(value)
        for key, value in part.items()
        if key not in {"example", "examples", "x-github", "discriminator"}
    }
    if kept.get("nullable") is True:
        _allow_null(kept)
    if kept.get("name") == "created" and "date-time range" in str(kept.get("description")):
        kept["schema"] = {"type": "string"}
    return kept


def _allow_null(schema: Json) -> None:
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    for union in ("oneOf", "anyOf"):
        if union in schema and "type" not in schema:
            null = {"type": "string", "nullable": True, "enum": [None]}
            schema[union] = [*schema[union], null]
            del schema["nullable"]
            return
