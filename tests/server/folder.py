"""Loads a folder in place of GitHub into the fake's state."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.server.answers import Json
from tests.server.shapes import merged
from tests.server.state import State

_NEVER_NULL = frozenset({"created_at", "updated_at", "started_at", "run_started_at", "user"})


def load(state: State, folder: Path) -> None:
    """Everything in a folder; what is missing is empty."""
    _repository(state, folder)
    for label in _read(folder / "labels.json", []):
        state.add_label(label["name"], label.get("color", "ededed"), label.get("description"))
    _git(state, folder)
    for path in sorted(folder.glob("runs/*/run.json")):
        load_run(state, path.parent)
    for path in _numbered(folder / "pulls"):
        _pull(state, path)
    for path in _numbered(folder / "issues"):
        _issue(state, path)


def _numbered(folder: Path) -> list[Path]:
    """`NUMBER.json`, without `NUMBER.files.json` and `NUMBER.comments.json`."""
    return sorted(path for path in folder.glob("*.json") if path.stem.isdecimal())


def _read(path: Path, default: object) -> Any:  # whatever the file holds
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else default


def _known(saved: Json, *nested: str) -> Json:
    """The fields worth keeping: no nulls where GitHub has none, no nested objects."""
    return {
        key: value
        for key, value in saved.items()
        if key not in nested and not (value is None and key in _NEVER_NULL)
    }


def _repository(state: State, folder: Path) -> None:
    saved = _read(folder / "repository.json", {})
    state.shapes = type(state.shapes)(state.shapes.api, saved["full_name"])
    made = state.shapes.repository(state.clock.now)
    state.repository = merged(made, _known(saved, "owner"))


def _git(state: State, folder: Path) -> None:
    """All commits hold the files of `contents`.

    The default branch ends at the newest one that is no pull request's head.
    """
    contents = folder / "contents"
    files = {
        path.relative_to(contents).as_posix(): path.read_bytes()
        for path in sorted(contents.rglob("*"))
        if path.is_file()
    }
    commits = _read(folder / "commits.json", [])
    for saved in commits:
        state.add_commit(
            saved["sha"],
            parents=saved.get("parents", ()),
            files=files,
            date=datetime.fromisoformat(saved["date"]),
            message=saved.get("message", ""),
        )
    branch = state.repository["default_branch"]
    if commits:
        heads = {_read(path, {})["head"]["sha"] for path in _numbered(folder / "pulls")}
        own = [saved for saved in commits if saved["sha"] not in heads] or commits
        newest = max(own, key=lambda saved: datetime.fromisoformat(saved["date"]))
        state.git.refs[f"refs/heads/{branch}"] = newest["sha"]
    else:
        state.add_commit(files=files, message="Files", branch=branch)


def load_run(state: State, folder: Path) -> None:
    """A run at each attempt there are jobs for; `run.json` shows the attempt it names."""
    saved = _read(folder / "run.json", {})
    last = int(saved.get("run_attempt", 1))
    fields = _known(saved, "repository", "head_repository", "actor", "triggering_actor", "id")
    head = (saved.get("head_repository") or {}).get("full_name", "")
    fields["head_repository"] = state.shapes.minimal_repository(head)
    fields["pull_requests"] = [
        _run_pull(state, pull, saved) for pull in saved.get("pull_requests") or []
    ]
    for attempt in range(1, last + 1):
        run_id = int(saved["id"])
        before = {} if attempt == last else {"status": "completed", "conclusion": "failure"}
        state.add_run(run_id, attempt=attempt, **(fields | before | {"run_attempt": attempt}))
        _jobs(state, folder / "attempts" / str(attempt), run_id, attempt)
    for artifact in sorted((folder / "artifacts").glob("*/")):
        state.add_artifact(int(saved["id"]), artifact.name, _zipped(artifact))


def _run_pull(state: State, pull: Json, run: Json) -> Json:
    repository = state.shapes.minimal_repository()
    own = {key: repository[key] for key in ("id", "name", "url")}
    branch = state.repository["default_branch"]
    base: Json = {"ref": branch, "sha": "0" * 40, "repo": own}
    head: Json = {"ref": run.get("head_branch") or "", "sha": run["head_sha"], "repo": own}
    url = f"{state.shapes.base}/pulls/{pull['number']}"
    made = {"id": 700000 + pull["number"], "url": url, "head": head, "base": base}
    return merged(made, _known(pull, "head", "base"))


def _jobs(state: State, folder: Path, run_id: int, attempt: int) -> None:
    for saved in _read(folder / "jobs.json", {"jobs": []})["jobs"]:
        log = folder / "logs" / f"{saved['id']}.log"
        fields = _known(saved, "id", "run_id")
        fields.setdefault("run_attempt", attempt)
        state.add_job(run_id, saved["id"], attempt=attempt, **fields)
        if log.is_file():
            state.logs[saved["id"]] = log.read_bytes()


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
    return buffer.getvalue()


def _pull(state: State, path: Path) -> None:
    saved = _read(path, {})
    ends = [
        state.shapes.branch(end["ref"], end["sha"], ((end.get("repo") or {}).get("full_name", "")))
        for end in (saved["head"], saved["base"])
    ]
    state.add_pull(
        saved["number"],
        head=ends[0],
        base=ends[1],
        files=_read(path.with_suffix(".files.json"), []),
        author=(saved.get("user") or {}).get("login", "ada"),
        **_known(saved, "number", "head", "base", "user", "labels", "_links"),
    )
    _comments(state, path.parents[1] / "issues" / f"{path.stem}.comments.json", saved["number"])


def _issue(state: State, path: Path) -> None:
    saved = _read(path, {})
    if saved.get("pull_request"):
        return
    state.add_issue(
        saved["number"],
        author=(saved.get("user") or {}).get("login", ""),
        labels=[_label(state, label) for label in saved.get("labels", [])],
        **_known(saved, "number", "user", "labels", "closed_by"),
    )
    _comments(state, path.with_suffix(".comments.json"), saved["number"])


def _label(state: State, label: Json | str) -> str:
    if isinstance(label, str):
        return label
    state.add_label(label["name"], label.get("color", "ededed"), label.get("description"))
    return str(label["name"])


def _comments(state: State, path: Path, number: int) -> None:
    for saved in _read(path, []):
        state.add_comment(
            number,
            saved.get("body") or "",
            author=(saved.get("user") or {}).get("login", ""),
            comment_id=saved["id"],
            **_known(saved, "id", "body", "user"),
        )
