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


@router.route("GET", "/collaborators/{username}/permission")
def get_permission(state: State, request: Request) -> Answer:
    """By role; `permission` knows no `maintain` and no `triage` (GitHub's REST documentation).

    A person outside a public repository may read it.
    """
    login = request.params["username"]
    role = state.writers.get(login.casefold(), "read")
    permission = {"maintain": "write", "triage": "read"}.get(role, role)
    user = state.shapes.user(login) | {"role_name": role}
    return Answer(body={"permission": permission, "role_name": role, "user": user})


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
