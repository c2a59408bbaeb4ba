"""Issues, comments, labels and events of the fake GitHub, with GitHub's limits."""

from __future__ import annotations

import string

from tests.server.answers import (
    Answer,
    Json,
    RefusalError,
    Request,
    invalid,
    not_found,
    page,
)
from tests.server.routing import Router
from tests.server.shapes import stamp
from tests.server.state import State

router = Router()
READ, WRITE = "issues:read", "issues:write"
EITHER_READ = ("issues:read", "pull-requests:read")
EITHER_WRITE = ("issues:write", "pull-requests:write")


# -- issues ---------------------------------------------------------------------------------


def _issue(state: State, request: Request) -> Json:
    """The issue, or the pull request as an issue, that a path names."""
    number = request.number("issue_number")
    if number in state.issues:
        return state.issues[number]
    if number in state.pulls:
        return state.shapes.pull_as_issue(state.pulls[number])
    raise not_found()


def _need_issues(state: State) -> None:
    if not state.repository["has_issues"]:
        raise RefusalError(410, "Issues are disabled for this repo")


@router.route("GET", "/issues", needs=READ)
def list_issues(state: State, request: Request) -> Answer:
    """Pull requests are listed as well; names in `labels` must all be there."""
    query = request.query
    everything = [
        *state.issues.values(),
        *(state.shapes.pull_as_issue(pull) for pull in state.pulls.values()),
    ]
    wanted = {name.casefold() for name in query.get("labels", "").split(",") if name}
    wanted_state, creator = query.get("state", "open"), query.get("creator")
    since = query.get("since", "")
    found = [
        issue
        for issue in everything
        if wanted <= {label["name"].casefold() for label in issue["labels"]}
        and wanted_state in {"all", issue["state"]}
        and creator in {None, issue["user"]["login"]}
        and issue["updated_at"] >= since
    ]
    key = {"updated": "updated_at", "comments": "comments"}.get(query.get("sort", ""), "created_at")
    found.sort(
        key=lambda issue: (issue[key], issue["number"]), reverse=query.get("direction") != "asc"
    )
    return page(request, found, state.shapes.api)


@router.route("POST", "/issues", needs=WRITE)
def create_issue(state: State, request: Request) -> Answer:
    _need_issues(state)
    fields = request.json()
    title, body, names = fields.get("title"), fields.get("body"), _names(fields)
    if not isinstance(title, str) or not title.strip():
        raise invalid("Issue", "missing_field", "title")
    _check_title(state, title)
    _check_body(state, "Issue", body)
    _check_labels(state, names)
    issue = state.add_issue(labels=names, title=title, body=body)
    return Answer(status=201, body=issue, headers={"Location": issue["url"]})


def _names(fields: Json) -> list[str]:
    labels = fields.get("labels") or []
    return [label["name"] if isinstance(label, dict) else label for label in labels]


def _check_title(state: State, title: str) -> None:
    limit = state.limits.title
    if len(title) > limit:
        message = f"title is too long (maximum is {limit} characters)"
        raise invalid("Issue", "custom", "title", message)


def _check_body(state: State, resource: str, body: object) -> None:
    if _too_long(state, body):
        message = f"body is too long (maximum is {state.limits.body} characters)"
        raise invalid(resource, "custom", "body", message)


def _too_long(state: State, body: object) -> bool:
    return isinstance(body, str) and len(body) > state.limits.body


def _check_labels(state: State, names: list[str]) -> None:
    if len(names) > state.limits.labels_per_issue:
        raise RefusalError(422, "Issues cannot have more than 100 labels")
    for name in names:
        _check_label_name(state, name)


@router.route("GET", "/issues/{issue_number}", needs=EITHER_READ)
def get_issue(state: State, request: Request) -> Answer:
    return Answer(body=_issue(state, request))


@router.route("PATCH", "/issues/{issue_number}", needs=WRITE)
def update_issue(state: State, request: Request) -> Answer:
    """A body over the limit is answered 200 and not stored (objectstack#18793, #18826)."""
    issue, fields = _issue(state, request), request.json()
    number = issue["number"]
    if number not in state.issues:
        raise not_found()  # pull requests are not edited here
    if isinstance(fields.get("title"), str):
        _check_title(state, fields["title"])
        issue["title"] = fields["title"]
    if "body" in fields and not _too_long(state, fields["body"]):
        issue["body"] = fields["body"]
    if "labels" in fields:
        names = _names(fields)
        _check_labels(state, names)
        issue["labels"] = [state.add_label(name) for name in names]
    wanted = str(fields.get("state", issue["state"]))
    if wanted != issue["state"]:
        state.set_issue_state(number, wanted, reason=fields.get("state_reason"))
    elif fields.get("state_reason") and wanted == "closed":
        issue["state_reason"] = fields["state_reason"]
    issue["updated_at"] = stamp(state.clock.tick())
    return Answer(body=issue)


@router.route("GET", "/issues/{issue_number}/events", needs=EITHER_READ)
def list_events(state: State, request: Request) -> Answer:
    events = state.events.get(_issue(state, request)["number"], [])
    return page(request, events, state.shapes.api)


# -- comments -------------------------------------------------------------------------------


@router.route("GET", "/issues/{issue_number}/comments", needs=EITHER_READ)
def list_comments(state: State, request: Request) -> Answer:
    number = _issue(state, request)["number"]
    since = request.query.get("since", "")
    comments = [
        comment
        for _, comment in sorted(state.comments.get(number, {}).items())
        if comment["updated_at"] >= since
    ]
    return page(request, comments, state.shapes.api)


@router.route("POST", "/issues/{issue_number}/comments", needs=EITHER_WRITE)
def create_comment(state: State, request: Request) -> Answer:
    issue, body = _issue(state, request), request.json().get("body")
    _need_comment_permission(state, issue["number"])
    if issue["locked"]:
        raise RefusalError(403, "Unable to create comment because issue is locked.")
    if not isinstance(body, str) or not body.strip():
        raise invalid("IssueComment", "missing_field", "body", "Body cannot be blank")
    _check_body(state, "IssueComment", body)
    comment = state.add_comment(issue["number"], body)
    return Answer(status=201, body=comment, headers={"Location": comment["url"]})


def _need_comment_permission(state: State, number: int) -> None:
    """On pull requests either permission is enough, on issues only that for issues."""
    if number in state.issues and state.permissions.get("issues") != "write":
        raise RefusalError(
            403,
            "Resource not accessible by integration",
            documentation="https://docs.github.com/rest/issues/comments#create-an-issue-comment",
        )


def _comment(state: State, request: Request) -> tuple[int, Json]:
    comment_id = request.number("comment_id")
    for number, comments in state.comments.items():
        if comment_id in comments:
            return number, comments[comment_id]
    raise not_found()


@router.route("GET", "/issues/comments/{comment_id}", needs=EITHER_READ)
def get_comment(state: State, request: Request) -> Answer:
    return Answer(body=_comment(state, request)[1])


@router.route("PATCH", "/issues/comments/{comment_id}", needs=EITHER_WRITE)
def update_comment(state: State, request: Request) -> Answer:
    number, comment = _comment(state, request)
    _need_comment_permission(state, number)
    body = request.json().get("body")
    _check_body(state, "IssueComment", body)
    comment |= {"body": body, "updated_at": stamp(state.clock.tick())}
    return Answer(body=comment)


@router.route("DELETE", "/issues/comments/{comment_id}", needs=EITHER_WRITE)
def delete_comment(state: State, request: Request) -> Answer:
    number, comment = _comment(state, request)
    _need_comment_permission(state, number)
    state.remove_comment(number, comment["id"])
    return Answer(status=204)


@router.route("GET", "/issues/comments/{comment_id}/reactions", needs=EITHER_READ)
def list_reactions(state: State, request: Request) -> Answer:
    reactions = state.reactions.get(_comment(state, request)[1]["id"], [])
    return page(request, reactions, state.shapes.api)


@router.route("POST", "/issues/comments/{comment_id}/reactions", needs=EITHER_WRITE)
def create_reaction(state: State, request: Request) -> Answer:
    """The same one by the same account a second time is answered with the first."""
    number, comment = _comment(state, request)
    _need_comment_permission(state, number)
    content = str(request.json().get("content"))
    reactions = state.reactions.setdefault(comment["id"], [])
    for each in reactions:
        if (each["content"], each["user"]["login"]) == (content, state.login):
            return Answer(body=each)
    moment = state.clock.tick()
    made = state.shapes.reaction(state.next_id(), content, moment, login=state.login)
    reactions.append(made)
    return Answer(status=201, body=made)


# -- labels ---------------------------------------------------------------------------------


@router.route("GET", "/labels", needs=EITHER_READ)
def list_labels(state: State, request: Request) -> Answer:
    labels = sorted(state.labels.values(), key=lambda label: label["name"].casefold())
    return page(request, labels, state.shapes.api)


@router.route("GET", "/labels/{name}", needs=EITHER_READ)
def get_label(state: State, request: Request) -> Answer:
    label = state.labels.get(request.params["name"].casefold())
    if label is None:
        raise not_found()
    return Answer(body=label)


@router.route("POST", "/labels", needs=EITHER_WRITE)
def create_label(state: State, request: Request) -> Answer:
    fields = request.json()
    name, color = fields.get("name", ""), fields.get("color") or "ededed"
    description = fields.get("description")
    _check_label_name(state, name)
    if name.casefold() in state.labels:
        raise invalid("Label", "already_exists", "name")
    if len(color) != 6 or not set(color) <= set(string.hexdigits):
        raise invalid("Label", "invalid", "color")
    limit = state.limits.label_description
    if description and len(description) > limit:
        message = f"description is too long (maximum is {limit} characters)"
        raise invalid("Label", "custom", "description", message)
    label = state.add_label(name, color.lower(), description)
    return Answer(status=201, body=label, headers={"Location": label["url"]})


def _check_label_name(state: State, name: str) -> None:
    limit = state.limits.label_name
    if not name.strip():
        raise invalid("Label", "missing_field", "name")
    if len(name) > limit:
        message = f"name is too long (maximum is {limit} characters)"
        raise invalid("Label", "custom", "name", message)


@router.route("POST", "/issues/{issue_number}/labels", needs=EITHER_WRITE)
def add_issue_labels(state: State, request: Request) -> Answer:
    issue = _issue(state, request)
    stored = state.issues.get(issue["number"]) or state.pulls[issue["number"]]
    names = _names(request.json())
    present = {label["name"].casefold() for label in stored["labels"]}
    fresh = [name for name in names if name.casefold() not in present]
    _check_labels(state, fresh)
    if len(present) + len(fresh) > state.limits.labels_per_issue:
        raise RefusalError(422, "Issues cannot have more than 100 labels")
    stored["labels"] += [state.add_label(name) for name in fresh]
    return Answer(body=stored["labels"])
