"""Contents, Git data and archives of the fake GitHub."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from datetime import datetime

from tests.server.answers import (
    Answer,
    Json,
    RefusalError,
    Request,
    invalid,
    not_found,
    page,
    redirect,
)
from tests.server.git_store import Entry, GitCommit
from tests.server.routing import Router
from tests.server.shapes import node
from tests.server.state import State

router = Router()
READ, WRITE = "contents:read", "contents:write"
MODES = frozenset({"100644", "100755", "040000", "160000", "120000"})


def _not_empty(state: State) -> None:
    if not state.git.refs:
        raise RefusalError(409, "Git Repository is empty.")


@router.route("GET", "/contents/{path}", needs=READ, greedy="path")
def get_contents(state: State, request: Request) -> Answer:
    """A file as JSON or raw; JSON has no content over 1 MB."""
    ref = request.query.get("ref") or state.repository["default_branch"]
    tip, path = state.git.resolve(ref), request.params["path"]
    if tip is None:
        raise RefusalError(
            404,
            f"No commit found for the ref {ref}" if state.git.refs else "This repository is empty.",
        )
    files = state.git.flat(state.git.commits[tip].tree)
    if path not in files:
        return _folder(state, path, files, ref)
    blob = state.git.blobs[files[path].sha]
    if "raw" in request.headers.get("accept", ""):
        return Answer(body=blob, headers={"Content-Type": "application/vnd.github.raw+json"})
    small = len(blob) <= 1_000_000
    more = {
        "content": base64.encodebytes(blob).decode() if small else "",
        "encoding": "base64" if small else "none",
    }
    return Answer(body=_file(state, path, files[path].sha, ref) | more)


def _folder(state: State, path: str, files: dict[str, Entry], ref: str) -> Answer:
    prefix = path.rstrip("/") + "/" if path else ""
    below = sorted(
        name for name in files if name.startswith(prefix) and "/" not in name[len(prefix) :]
    )
    if not below:
        raise not_found()
    return Answer(body=[_file(state, name, files[name].sha, ref) for name in below])


def _file(state: State, path: str, sha: str, ref: str) -> Json:
    url = f"{state.shapes.base}/contents/{path}?ref={ref}"
    html = f"{state.shapes.html}/blob/{ref}/{path}"
    git = f"{state.shapes.base}/git/blobs/{sha}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(state.git.blobs[sha]),
        "type": "file",
        "url": url,
        "html_url": html,
        "git_url": git,
        "download_url": f"https://raw.githubusercontent.com/{state.shapes.full_name}/{ref}/{path}",
        "_links": {"self": url, "git": git, "html": html},
    }


# -- references -----------------------------------------------------------------------------


def _ref(state: State, name: str) -> Json:
    sha = state.git.refs[name]
    return {
        "ref": name,
        "node_id": node("Ref", int(sha[:8], 16)),
        "url": f"{state.shapes.base}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{state.shapes.base}/git/commits/{sha}"},
    }


@router.route("GET", "/git/ref/{ref}", needs=READ, greedy="ref")
def get_ref(state: State, request: Request) -> Answer:
    _not_empty(state)
    name = f"refs/{request.params['ref']}"
    if name not in state.git.refs:
        raise not_found()
    return Answer(body=_ref(state, name))


@router.route("GET", "/git/matching-refs/{ref}", needs=READ, greedy="ref")
def list_matching_refs(state: State, request: Request) -> Answer:
    prefix = f"refs/{request.params['ref']}"
    refs = [_ref(state, name) for name in sorted(state.git.refs) if name.startswith(prefix)]
    return page(request, refs, state.shapes.api)


@router.route("POST", "/git/refs", needs=WRITE)
def create_ref(state: State, request: Request) -> Answer:
    fields = request.json()
    name, sha = fields.get("ref", ""), fields.get("sha", "")
    _not_empty(state)
    if not name.startswith("refs/") or name.count("/") < 2:
        raise RefusalError(422, f"{name} is not a valid ref name.")
    if name in state.git.refs:
        raise RefusalError(422, "Reference already exists")
    if sha not in state.git.commits:
        raise RefusalError(422, "Object does not exist")
    state.git.refs[name] = sha
    return Answer(status=201, body=_ref(state, name))


@router.route("PATCH", "/git/refs/{ref}", needs=WRITE, greedy="ref")
def update_ref(state: State, request: Request) -> Answer:
    """Move a reference, forward only unless forced."""
    fields, name = request.json(), f"refs/{request.params['ref']}"
    sha = fields.get("sha", "")
    if name not in state.git.refs:
        raise RefusalError(422, "Reference does not exist")
    if sha not in state.git.commits:
        raise RefusalError(422, "Object does not exist")
    if not fields.get("force") and state.git.refs[name] not in state.git.ancestors(sha):
        raise RefusalError(422, "Update is not a fast forward")
    state.git.refs[name] = sha
    return Answer(body=_ref(state, name))


# -- blobs, trees, commits ------------------------------------------------------------------


@router.route("POST", "/git/blobs", needs=WRITE)
def create_blob(state: State, request: Request) -> Answer:
    fields = request.json()
    content = fields.get("content", "")
    if fields.get("encoding") == "base64":
        try:
            data = base64.b64decode(content)
        except binascii.Error:
            raise RefusalError(422, "content is not valid Base64") from None
    else:
        data = content.encode()
    sha = state.git.put_blob(data)
    return Answer(status=201, body={"sha": sha, "url": f"{state.shapes.base}/git/blobs/{sha}"})


@router.route("GET", "/git/blobs/{file_sha}", needs=READ)
def get_blob(state: State, request: Request) -> Answer:
    sha = request.params["file_sha"]
    if sha not in state.git.blobs:
        raise not_found()
    data = state.git.blobs[sha]
    if "raw" in request.headers.get("accept", ""):
        return Answer(body=data, headers={"Content-Type": "application/vnd.github.raw"})
    return Answer(
        body={
            "sha": sha,
            "node_id": node("Blob", int(sha[:8], 16)),
            "size": len(data),
            "url": f"{state.shapes.base}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


@router.route("POST", "/git/trees", needs=WRITE)
def create_tree(state: State, request: Request) -> Answer:
    """A tree of the given entries, laid over `base_tree` if there is one; a null sha deletes."""
    fields = request.json()
    base, files = fields.get("base_tree"), {}
    if base is not None:
        if base not in state.git.trees:
            raise not_found()
        files = state.git.flat(base)
    for item in fields["tree"]:
        path = item.get("path", "")
        if not path or path.startswith("/") or item.get("mode") not in MODES:
            raise invalid("Tree", "invalid", "tree")
        if "sha" in item and item["sha"] is None:
            files.pop(path, None)
        elif item.get("type") == "tree":
            sub = state.git.flat(item["sha"], f"{path}/")
            files = {p: e for p, e in files.items() if not p.startswith(f"{path}/")} | sub
        else:
            files[path] = Entry(mode=item["mode"], type="blob", sha=_entry_blob(state, item))
    sha = state.git.put_tree(files)
    return Answer(status=201, body=_tree(state, sha))


def _entry_blob(state: State, item: Json) -> str:
    if "content" in item:
        return state.git.put_blob(item["content"].encode())
    sha = str(item.get("sha"))
    if sha not in state.git.blobs:
        raise RefusalError(422, f"tree.sha {sha} is not a valid blob")
    return sha


def _tree(state: State, sha: str, *, recursive: bool = False) -> Json:
    entries = state.git.flat(sha) if recursive else state.git.trees[sha]
    tree: list[Json] = []
    for path, entry in entries.items():
        kind = "trees" if entry.type == "tree" else "blobs"
        url = f"{state.shapes.base}/git/{kind}/{entry.sha}"
        made: Json = {
            "path": path,
            "mode": entry.mode,
            "type": entry.type,
            "sha": entry.sha,
            "url": url,
        }
        if entry.type == "blob":
            made |= {"size": len(state.git.blobs[entry.sha])}
        tree.append(made)
    return {
        "sha": sha,
        "url": f"{state.shapes.base}/git/trees/{sha}",
        "tree": tree,
        "truncated": False,
    }


@router.route("GET", "/git/trees/{tree_sha}", needs=READ, greedy="tree_sha")
def get_tree(state: State, request: Request) -> Answer:
    """A tree by its own name or by what names a commit; any value of `recursive` is true."""
    name = request.params["tree_sha"]
    if name not in state.git.trees:
        tip = state.git.resolve(name)
        if tip is None:
            raise not_found()
        name = state.git.commits[tip].tree
    return Answer(body=_tree(state, name, recursive="recursive" in request.query))


@router.route("POST", "/git/commits", needs=WRITE)
def create_commit(state: State, request: Request) -> Answer:
    fields = request.json()
    parents = fields.get("parents") or []
    if fields.get("tree") not in state.git.trees:
        raise RefusalError(422, "Tree SHA does not exist")
    for sha in parents:
        if sha not in state.git.commits:
            raise RefusalError(422, "Parent SHA does not exist or is not a commit object")
    author = fields.get("author") or {
        "name": state.login,
        "email": f"{state.login}@users.noreply.github.com",
    }
    date = datetime.fromisoformat(author["date"]) if author.get("date") else state.clock.tick()
    commit = state.git.commit(
        fields["tree"],
        parents=parents,
        message=fields["message"],
        date=date,
        author=(author["name"], author["email"]),
    )
    return Answer(status=201, body=state.shapes.git_commit(commit))


@router.route("GET", "/git/commits/{commit_sha}", needs=READ)
def get_commit(state: State, request: Request) -> Answer:
    sha = request.params["commit_sha"]
    if sha not in state.git.commits:
        raise not_found()
    return Answer(body=state.shapes.git_commit(state.git.commits[sha]))


# -- archives -------------------------------------------------------------------------------


@router.route("GET", "/zipball/{ref}", needs=READ, greedy="ref")
def get_zipball(state: State, request: Request) -> Answer:
    """A redirect for whatever reference: the archive's own host says that there is none."""
    tip = state.git.resolve(request.params["ref"])
    full_name = state.repository["full_name"]
    path = f"/codeload/{full_name}/legacy.zip/{request.params['ref']}"

    def content() -> bytes | None:
        return None if tip is None else archive(state, state.git.commits[tip])

    seconds = state.limits.link_seconds
    link = state.storage.link(path, content, content_type="application/zip", seconds=seconds)
    return redirect(link)


def archive(state: State, commit: GitCommit) -> bytes:
    """A commit's files below `owner-repo-sha`; the comment is the commit, as git archive does."""
    top = f"{state.repository['full_name'].replace('/', '-')}-{commit.sha[:7]}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = commit.sha.encode()
        file.writestr(f"{top}/", b"")
        for path, entry in state.git.flat(commit.tree).items():
            file.writestr(f"{top}/{path}", state.git.blobs[entry.sha])
    return buffer.getvalue()
