"""A stateful GitHub of our own over real HTTP on loopback, for one repository.

It knows runs, attempts, jobs, logs, artifacts, re-runs, issues, comments, labels, pull requests,
contents and Git data, with GitHub's limits, refusals and paging. Logs and archives are served by a
second origin that refuses tokens. Every request and every answer is held against GitHub's own
OpenAPI description when it is installed (`violations`). Tests script faults (`faults`), read what
was asked (`requests`) and read or change what GitHub knows (`state`).
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from tests.server import (
    openapi,
    routes_actions,
    routes_git,
    routes_issues,
    routes_pulls,
    routes_repository,
)
from tests.server.answers import Answer, RefusalError, Request
from tests.server.faults import Fault, Faults
from tests.server.folder import load
from tests.server.routing import Route
from tests.server.shapes import BOT, Shapes
from tests.server.state import START, Clock, State
from tests.server.storage import Storage
from tests.server.wire import Origin

__all__ = ["BOT", "FakeGitHub", "Fault", "Recorded"]

TOKEN = "ghs_" + "f" * 36
ROUTES: tuple[Route, ...] = tuple(
    route
    for module in (routes_repository, routes_actions, routes_issues, routes_pulls, routes_git)
    for route in module.router.routes
)
LEVELS = {"none": 0, "read": 1, "write": 2}
API_VERSIONS = frozenset({"2022-11-28", "2026-03-10"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request as it was answered; status 0 when it was not."""

    origin: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    status: int


class Requests(list[Recorded]):
    """All requests so far, oldest first."""

    def of(self, method: str = "", path: str = "") -> list[Recorded]:
        """Those with a method and a part of the path."""
        return [one for one in self if method in {"", one.method} and path in one.path]

    def total(self, *, storage: bool = True) -> int:
        """How many there were, with or without those to the storage."""
        return sum(storage or one.origin == "api" for one in self)


class FakeGitHub:
    """GitHub for one repository, up while its `with` block runs.

    With a folder it starts from the saved state in it. Its clock begins at
    `start`, which clients that read the real clock want to be now.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        full_name: str = "acme/widgets",
        port: int = 0,
        address: str = "127.0.0.1",
        start: datetime = START,
    ) -> None:
        self.clock = Clock(start)
        self.faults = Faults()
        self.requests = Requests()
        self.violations: list[str] = []
        self.token = TOKEN
        self.checked = openapi.available()
        self.closing = threading.Event()
        self._servers = [Origin(self, "api", port, address), Origin(self, "storage", 0, address)]
        self.url, self.storage_url = (server.url for server in self._servers)
        self._storage = Storage(self.storage_url, lambda: self.clock.now)
        shapes = Shapes(self.url, full_name)
        self.state = State(shapes=shapes, storage=self._storage, clock=self.clock)
        if folder is not None:
            load(self.state, folder)
        self._threads = [_thread(server) for server in self._servers]

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """GitHub as a folder has it."""
        return cls(folder)

    @property
    def repository(self) -> str:
        """The full name of the only repository."""
        return str(self.state.repository["full_name"])

    @property
    def leaks(self) -> list[str]:
        """Requests that took a token to the storage."""
        return self._storage.leaks

    @property
    def permissions(self) -> dict[str, str]:
        """What the token may do: `read` or `write` by permission, as in a workflow."""
        return self.state.permissions

    @permissions.setter
    def permissions(self, permissions: dict[str, str]) -> None:
        self.state.permissions = permissions

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)

    def forget(self) -> None:
        """Drop what was asked and what was linked to so far, so that a long service fits."""
        self.requests.clear()
        self._storage.forget()

    def record(self, origin: str, request: Request, status: int) -> None:
        """Remember a request."""
        self.requests.append(
            Recorded(
                origin=origin,
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                body=request.body,
                status=status,
            )
        )

    def answer(self, origin: str, request: Request) -> Answer:
        """Carry out a request."""
        with self.state.lock:
            if origin == "storage":
                return self._storage.serve(request)
            try:
                answer = self._api(request)
                # Now, as the next request may change what is answered.
                return answer if answer.body is None else replace(answer, body=answer.encoded())
            except RefusalError as refusal:
                return refusal.answer()
            except Exception:  # noqa: BLE001  # a bug of the fake fails the test that hit it
                self.violations.append(traceback.format_exc())
                return RefusalError(500, "The fake GitHub has a bug; see `violations`.").answer()

    def _api(self, request: Request) -> Answer:
        self._authenticate(request)
        route, params = self._find(request)
        found = Request(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=request.body,
            params=params,
        )
        documented = route.documented_path(params)
        if self.checked:
            self.violations += openapi.request_violations(found, route.template, documented)
        self._count(route)
        self._permit(route)
        answer = route.function(self.state, found)
        if self.checked:
            self.violations += openapi.answer_violations(found, answer, route.template, documented)
        return answer

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization")
        if given is None:
            raise RefusalError(401, "Requires authentication")
        if given.partition(" ")[2] != self.token:
            raise RefusalError(401, "Bad credentials")
        if not request.headers.get("user-agent"):
            raise RefusalError(403, "Request forbidden by administrative rules.")
        if request.headers.get("x-github-api-version", "2022-11-28") not in API_VERSIONS:
            raise RefusalError(400, "This API version is not supported.")

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        path = self._present_path(request)
        for route in ROUTES:
            params = route.match(request.method, path)
            if params is not None:
                name = f"{params.get('owner', '')}/{params.get('repo', '')}"
                if name != "/" and name.casefold() != self.repository.casefold():
                    raise RefusalError(404, "Not Found")
                return route, params
        self.violations.append(f"the fake has no {request.method} {request.path}")
        raise RefusalError(404, "Not Found")

    def _present_path(self, request: Request) -> str:
        """The path with the repository's present name.

        Under a former name GitHub redirects to the repository's id, with the method kept only by
        307 (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
        """
        by_id = f"/repositories/{self.state.repository['id']}"
        if request.path.startswith(by_id):
            return f"/repos/{self.repository}{request.path.removeprefix(by_id)}"
        for name in self.state.former_names:
            former = f"/repos/{name}"
            if request.path == former or request.path.startswith(f"{former}/"):
                rest = urlencode(request.query)
                target = by_id + request.path.removeprefix(former) + (f"?{rest}" if rest else "")
                status = 301 if request.method == "GET" else 307
                headers = {"Location": self.url + target}
                raise RefusalError(status, "Moved Permanently", headers=headers)
        return request.path

    def _count(self, route: Route) -> None:
        if route.template == "/rate_limit":
            return
        if self.state.requests_left <= 0:
            message = "API rate limit exceeded for installation."
            raise RefusalError(403, message, headers=self.rate_headers())
        self.state.requests_left -= 1

    def _permit(self, route: Route) -> None:
        """One of the permissions a route names is enough; anybody reads a public repository."""
        if not route.needs:
            return
        public = not self.state.repository["private"]
        for need in route.needs:
            name, _, level = need.partition(":")
            granted = self.state.permissions.get(name, "none")
            if LEVELS[granted] >= LEVELS[level] or (public and level == "read"):
                return
        raise RefusalError(
            403,
            "Resource not accessible by integration",
            documentation="https://docs.github.com/rest/overview/permissions-required-for-github-apps",
            headers={"X-Accepted-GitHub-Permissions": "; ".join(route.needs).replace(":", "=")},
        )

    def rate_headers(self) -> dict[str, str]:
        """The headers every answer of the API carries."""
        limit, left = self.state.limits.requests, max(0, self.state.requests_left)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used": str(limit - left),
            "X-RateLimit-Reset": str(int(self.clock.now.timestamp()) + 3600),
            "X-RateLimit-Resource": "core",
        }


def _thread(server: ThreadingHTTPServer) -> threading.Thread:
    return threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
