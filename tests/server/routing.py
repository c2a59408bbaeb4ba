"""Which function of the fake GitHub answers which request, and the permission it needs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from tests.server.answers import Answer, Request
from tests.server.state import State

Function = Callable[[State, Request], Answer]

REPOSITORY = "/repos/{owner}/{repo}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation.

    `template` is the path of GitHub's OpenAPI description; a parameter in `greedy` may hold
    slashes. `needs` lists permissions one of which is enough, as `issues:write`.
    """

    method: str
    template: str
    function: Function
    needs: Sequence[str] = ()
    greedy: str = ""

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The parameters, decoded, when this route answers the request."""
        if method != self.method:
            return None
        wanted, given = self.template.split("/"), path.split("/")
        if self.greedy:
            index = wanted.index("{" + self.greedy + "}")
            given = [*given[:index], "/".join(given[index:])]
        if len(wanted) != len(given):
            return None
        params = {}
        for pattern, part in zip(wanted, given, strict=True):
            if pattern.startswith("{"):
                params[pattern[1:-1]] = unquote(part)
            elif pattern != part:
                return None
        return params

    def documented_path(self, params: dict[str, str]) -> str:
        """The path as the OpenAPI description can match it: slashes in parameters encoded."""
        path = self.template
        for name, text in params.items():
            path = path.replace("{" + name + "}", quote(text, safe=""))
        return path


class Router:
    """The routes of one family of endpoints."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(
        self, method: str, template: str, *, needs: Sequence[str] | str = (), greedy: str = ""
    ) -> Callable[[Function], Function]:
        """Register a function; templates beginning with `/repos` are written without it."""
        permissions = (needs,) if isinstance(needs, str) else needs

        def register(function: Function) -> Function:
            self.routes.append(
                Route(
                    method=method,
                    template=template if template in OUTSIDE else REPOSITORY + template,
                    function=function,
                    needs=permissions,
                    greedy=greedy,
                )
            )
            return function

        return register


OUTSIDE = frozenset({"/user", "/rate_limit"})
"""Operations that belong to no repository."""
