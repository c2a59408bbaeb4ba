"""The repository, the user and the rate limit of the fake GitHub."""

from __future__ import annotations

from tests.server.answers import Answer, Json, RefusalError, Request
from tests.server.routing import Router
from tests.server.shapes import BOT, stamp
from tests.server.state import State

router = Router()


@router.route("GET", "")
def get_repository(state: State, _request: Request) -> Answer:
    return Answer(body=state.repository)


@router.route("GET", "/user")
def get_user(state: State, _request: Request) -> Answer:
    if state.login == BOT:
        raise RefusalError(
            403,
            "Resource not accessible by integration",
            documentation="https://docs.github.com/rest/users/users#get-the-authenticated-user",
        )
    dates = dict.fromkeys(("created_at", "updated_at"), stamp(state.clock.now))
    texts = dict.fromkeys(("name", "company", "location", "email", "bio", "hireable"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return Answer(body=state.shapes.user(state.login) | texts | counts | dates | {"blog": ""})


@router.route("GET", "/rate_limit")
def get_rate_limit(state: State, _request: Request) -> Answer:
    rate: Json = {
        "limit": state.limits.requests,
        "remaining": max(0, state.requests_left),
        "used": max(0, state.limits.requests - state.requests_left),
        "reset": int(state.clock.now.timestamp()) + 3600,
    }
    return Answer(body={"resources": {"core": rate, "search": rate}, "rate": rate})
