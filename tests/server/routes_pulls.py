"""Pull requests, commits and comparisons of the fake GitHub."""

from __future__ import annotations

from tests.server.answers import Answer, Json, RefusalError, Request, not_found, page
from tests.server.routing import Router
from tests.server.state import State

router = Router()
PULLS, CONTENTS = "pull-requests:read", "contents:read"


@router.route("GET", "/pulls", needs=PULLS)
def list_pulls(state: State, request: Request) -> Answer:
    """`head` is `owner:branch`; a head without an owner filters nothing, as on GitHub."""
    query = request.query
    head, base = query.get("head", ""), query.get("base")
    found = [
        pull
        for pull in state.pulls.values()
        if query.get("state", "open") in {"all", pull["state"]}
        and base in {None, pull["base"]["ref"]}
        and (":" not in head or pull["head"]["label"] == head)
    ]
    key = "updated_at" if query.get("sort") == "updated" else "created_at"
    found.sort(
        key=lambda pull: (pull[key], pull["number"]), reverse=query.get("direction") != "asc"
    )
    return page(request, found, state.shapes.api)


def _pull(state: State, request: Request) -> Json:
    pull = state.pulls.get(request.number("pull_number"))
    if pull is None:
        raise not_found()
    return pull


@router.route("GET", "/pulls/{pull_number}", needs=PULLS)
def get_pull(state: State, request: Request) -> Answer:
    pull = _pull(state, request)
    files = state.pull_files[pull["number"]]
    counts = dict.fromkeys(("additions", "deletions", "changed_files"), len(files))
    more: Json = {
        "mergeable": True,
        "mergeable_state": "clean",
        "merged": pull["merged_at"] is not None,
        "merged_by": None,
        "maintainer_can_modify": False,
        "comments": len(state.comments.get(pull["number"], {})),
        "review_comments": 0,
        "commits": 1,
    }
    return Answer(body=pull | counts | more)


@router.route("GET", "/pulls/{pull_number}/files", needs=PULLS)
def list_pull_files(state: State, request: Request) -> Answer:
    """GitHub lists 3000 files at most."""
    files = state.pull_files[_pull(state, request)["number"]]
    return page(request, files[:3000], state.shapes.api)


@router.route("GET", "/commits/{commit_sha}/pulls", needs=PULLS)
def list_commit_pulls(state: State, request: Request) -> Answer:
    """Nothing for the commits of forks, and 422 for unknown ones (platform contract, 2.4)."""
    sha = request.params["commit_sha"]
    pulls = [pull for pull in state.pulls.values() if pull["head"]["sha"] == sha]
    if not pulls and sha not in state.git.commits:
        raise RefusalError(422, f"No commit found for SHA: {sha}")
    own = state.repository["full_name"]
    ours = [pull for pull in pulls if pull["head"]["repo"]["full_name"] == own]
    return page(request, ours, state.shapes.api)


@router.route("GET", "/commits", needs=CONTENTS)
def list_commits(state: State, request: Request) -> Answer:
    if not state.git.refs:
        raise RefusalError(409, "Git Repository is empty.")
    query = request.query
    tip = state.git.resolve(query.get("sha") or state.repository["default_branch"])
    if tip is None:
        raise not_found()
    commits = [state.shapes.commit(c) for c in state.git.newest_first(state.git.ancestors(tip))]
    since, until = query.get("since", ""), query.get("until", "9")
    found = [c for c in commits if since <= c["commit"]["committer"]["date"] <= until]
    return page(request, found, state.shapes.api)


@router.route("GET", "/commits/{ref}", needs=CONTENTS, greedy="ref")
def get_commit(state: State, request: Request) -> Answer:
    """A commit by its hash, the beginning of it, or a branch."""
    name = request.params["ref"]
    starts = [sha for sha in state.git.commits if len(name) > 3 and sha.startswith(name)]
    sha = state.git.resolve(name) or (starts[0] if len(starts) == 1 else None)
    if sha is None:
        raise RefusalError(422, f"No commit found for SHA: {name}")
    return Answer(body=state.shapes.commit(state.git.commits[sha]))


@router.route("GET", "/compare/{basehead}", needs=CONTENTS, greedy="basehead")
def compare(state: State, request: Request) -> Answer:
    """Compare by ancestry; commits without a common ancestor are not found."""
    base_name, dots, head_name = request.params["basehead"].partition("...")
    base, head = state.git.resolve(base_name), state.git.resolve(head_name)
    if not dots or base is None or head is None:
        raise not_found()
    in_base, in_head = state.git.ancestors(base), state.git.ancestors(head)
    if not in_base & in_head:
        raise RefusalError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = in_head - in_base, in_base - in_head
    merge_base = state.git.newest_first(in_base & in_head)[0]
    commits = [state.shapes.commit(c) for c in reversed(state.git.newest_first(ahead))]
    address = f"{state.shapes.html}/compare/{base_name}...{head_name}"
    listed = page(request, commits[:250], state.shapes.api)
    body: Json = {
        "url": f"{state.shapes.base}/compare/{base_name}...{head_name}",
        "html_url": address,
        "permalink_url": address,
        "diff_url": f"{address}.diff",
        "patch_url": f"{address}.patch",
        "base_commit": state.shapes.commit(state.git.commits[base]),
        "merge_base_commit": state.shapes.commit(merge_base),
        "status": _status(ahead, behind),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": listed.body,
        "files": [],
    }
    return Answer(body=body, headers=listed.headers)


def _status(ahead: set[str], behind: set[str]) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"
