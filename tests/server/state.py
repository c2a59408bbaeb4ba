"""What the fake GitHub knows: GitHub's own JSON objects, and how tests put them there.

Everything is a plain dict as GitHub sends it, open to be read and changed by a test. Callers hold
`lock` while requests are served; the methods here take it themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.server.answers import Json
from tests.server.git_store import GitCommit, GitStore
from tests.server.shapes import BOT, Shapes, merged, stamp
from tests.server.storage import Storage

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still but for a second per write, and when a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def tick(self) -> datetime:
        """The moment of the next write."""
        self.now += timedelta(seconds=1)
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True, kw_only=True)
class Limits:
    """GitHub's limits (platform contract, 1.5); smaller ones make short tests."""

    body: int = 65536
    title: int = 256
    label_name: int = 50
    label_description: int = 100
    labels_per_issue: int = 100
    reruns: int = 50
    rerun_days: int = 30
    requests: int = 1000
    link_seconds: int = 60


@dataclass(slots=True, kw_only=True)
class State:
    """One repository with everything flakebot reads or writes."""

    shapes: Shapes
    storage: Storage
    clock: Clock
    login: str = BOT
    limits: Limits = field(default_factory=Limits)
    permissions: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(
            ("actions", "checks", "contents", "issues", "pull-requests"), "write"
        )
    )
    repository: Json = field(default_factory=dict)
    former_names: set[str] = field(default_factory=set)
    runs: dict[int, dict[int, Json]] = field(default_factory=dict)
    jobs: dict[int, Json] = field(default_factory=dict)
    attempts: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    logs: dict[int, bytes] = field(default_factory=dict)
    expired_logs: set[int] = field(default_factory=set)
    artifacts: dict[int, Json] = field(default_factory=dict)
    archives: dict[int, bytes] = field(default_factory=dict)
    labels: dict[str, Json] = field(default_factory=dict)
    issues: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, dict[int, Json]] = field(default_factory=dict)
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    workflows: dict[str, Json | None] = field(default_factory=dict)
    """By file, the inputs of `workflow_dispatch`; None has no such trigger."""
    writers: dict[str, str] = field(default_factory=dict)
    events: dict[int, list[Json]] = field(default_factory=dict)
    pulls: dict[int, Json] = field(default_factory=dict)
    pull_files: dict[int, list[Json]] = field(default_factory=dict)
    git: GitStore = field(default_factory=GitStore)
    requests_left: int = 10**9
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_id: int = 1_000_000

    def __post_init__(self) -> None:
        self.repository = self.shapes.repository(self.clock.now)
        self.requests_left = self.limits.requests

    def next_id(self) -> int:
        """An id nothing has."""
        self.last_id += 1
        return self.last_id

    def next_number(self) -> int:
        """The number of the next issue or pull request."""
        return max([0, *self.issues, *self.pulls]) + 1

    # -- runs ---------------------------------------------------------------------------

    def add_run(self, run_id: int = 0, *, attempt: int = 1, **fields: object) -> Json:
        """A workflow run at one of its attempts; the highest attempt is the latest."""
        with self.lock:
            run_id = run_id or self.next_id()
            made = self.shapes.run(run_id, self.clock.tick(), attempt=attempt)
            run = merged(made, fields) | {"id": run_id, "run_attempt": attempt}
            self.runs.setdefault(run_id, {})[attempt] = run
            self.attempts.setdefault((run_id, attempt), [])
            return run

    def add_job(
        self,
        run_id: int,
        job_id: int = 0,
        *,
        attempt: int = 1,
        log: bytes | str | None = None,
        **fields: object,
    ) -> Json:
        """A job of an attempt; the log is stored as given, with a BOM when it is text."""
        with self.lock:
            job_id = job_id or self.next_id()
            run = self.runs[run_id][attempt]
            made = self.shapes.job(job_id, run_id, self.clock.tick(), attempt=attempt)
            made |= {key: run[key] for key in ("head_sha", "head_branch")}
            self.jobs[job_id] = merged(made, fields) | {"id": job_id, "run_id": run_id}
            listed = self.attempts[run_id, attempt]
            if job_id not in listed:
                listed.append(job_id)
            if log is not None:
                self.logs[job_id] = ("\ufeff" + log).encode() if isinstance(log, str) else log
            return self.jobs[job_id]

    def add_artifact(self, run_id: int, name: str, archive: bytes, **fields: object) -> Json:
        """An artifact of a run; the archive is the zip as uploaded."""
        with self.lock:
            number = self.next_id()
            made = self.shapes.artifact(number, run_id, name, len(archive), self.clock.tick())
            self.artifacts[number] = merged(made, fields) | {"id": number}
            self.archives[number] = archive
            return self.artifacts[number]

    def finish_attempt(
        self, run_id: int, conclusions: Mapping[str, str], logs: Mapping[str, str] | None = None
    ) -> Json:
        """End the latest attempt: conclusions and logs by job name, `success` for the rest."""
        with self.lock:
            attempt = max(self.runs[run_id])
            moment = stamp(self.clock.tick())
            jobs = [self.jobs[job_id] for job_id in self.attempts[run_id, attempt]]
            for job in jobs:
                if job["status"] != "completed":
                    conclusion = conclusions.get(job["name"], "success")
                    job |= {"status": "completed", "conclusion": conclusion, "completed_at": moment}
                    text = (logs or {}).get(job["name"], "")
                    self.logs[job["id"]] = ("\ufeff" + text).encode()
            failed = any(job["conclusion"] not in {"success", "skipped"} for job in jobs)
            run = self.runs[run_id][attempt]
            conclusion = "failure" if failed else "success"
            run |= {"status": "completed", "conclusion": conclusion, "updated_at": moment}
            return run

    # -- issues -------------------------------------------------------------------------

    def add_label(self, name: str, color: str = "ededed", description: str | None = None) -> Json:
        """A label of the repository, made when missing; names differ by more than case."""
        with self.lock:
            made = self.shapes.label(name, color, description)
            return self.labels.setdefault(name.casefold(), made)

    def add_issue(
        self, number: int = 0, *, author: str = "", labels: Iterable[str] = (), **fields: object
    ) -> Json:
        """An issue; labels are made when missing, as GitHub does for those who may push."""
        with self.lock:
            number = number or self.next_number()
            made = self.shapes.issue(number, self.clock.tick(), author=author or self.login)
            made["labels"] = [self.add_label(name) for name in labels]
            self.issues[number] = merged(made, fields) | {"number": number}
            self.comments.setdefault(number, {})
            self.events.setdefault(number, [])
            return self.issues[number]

    def add_comment(
        self, number: int, body: str, *, author: str = "", comment_id: int = 0, **fields: object
    ) -> Json:
        """A comment on an issue or pull request."""
        with self.lock:
            comment_id = comment_id or self.next_id()
            author = author or self.login
            made = self.shapes.comment(comment_id, number, self.clock.tick(), author=author)
            comment = merged(made, fields) | {"id": comment_id, "body": body}
            self.comments.setdefault(number, {})[comment_id] = comment
            self._count_comments(number)
            return comment

    def remove_comment(self, number: int, comment_id: int) -> None:
        """Delete a comment."""
        with self.lock:
            del self.comments[number][comment_id]
            self._count_comments(number)

    def _count_comments(self, number: int) -> None:
        for objects in (self.issues, self.pulls):
            if number in objects:
                objects[number]["comments"] = len(self.comments[number])

    def add_event(self, number: int, name: str, *, actor: str = "", **more: object) -> Json:
        """An event of an issue."""
        with self.lock:
            event = self.shapes.event(
                self.next_id(), name, self.clock.now, actor=actor or self.login, **more
            )
            self.events.setdefault(number, []).append(event)
            return event

    def set_issue_state(
        self,
        number: int,
        state: str,
        *,
        reason: str | None = None,
        actor: str = "",
        commit: str = "",
    ) -> Json:
        """Close or reopen an issue as a person or a commit does, with its event."""
        with self.lock:
            issue, moment = self.issues[number], stamp(self.clock.tick())
            actor = actor or self.login
            if state == "closed":
                closed = {"closed_at": moment, "closed_by": self.shapes.user(actor)}
                issue |= {"state": state, "state_reason": reason or "completed", **closed}
            else:
                issue |= {"state": state, "state_reason": "reopened", "closed_at": None}
                issue["closed_by"] = None
            issue["updated_at"] = moment
            address = f"{self.shapes.base}/commits/{commit}" if commit else None
            name = "closed" if state == "closed" else "reopened"
            self.add_event(number, name, actor=actor, commit_id=commit or None, commit_url=address)
            return issue

    # -- pull requests and git ----------------------------------------------------------

    def add_pull(
        self,
        number: int = 0,
        *,
        head: tuple[str, str] | Json,
        base: tuple[str, str] | Json = ("main", "0" * 40),
        fork: str = "",
        files: Sequence[str | Json] = (),
        author: str = "ada",
        **fields: object,
    ) -> Json:
        """A pull request; `head` and `base` are branch and commit, `fork` the head's repository."""
        with self.lock:
            number = number or self.next_number()
            ends = [
                end if isinstance(end, dict) else self.shapes.branch(*end, full_name)
                for end, full_name in ((head, fork), (base, ""))
            ]
            moment = self.clock.tick()
            made = self.shapes.pull(number, ends[0], ends[1], moment, author=author)
            self.pulls[number] = merged(made, fields) | {"number": number}
            self.pull_files[number] = [
                self.shapes.changed_file(file)
                if isinstance(file, str)
                else merged(self.shapes.changed_file(file["filename"]), file)
                for file in files
            ]
            self.comments.setdefault(number, {})
            return self.pulls[number]

    def add_commit(
        self,
        sha: str = "",
        *,
        parents: Iterable[str] = (),
        files: Mapping[str, bytes] | None = None,
        date: datetime | None = None,
        message: str = "",
        branch: str = "",
    ) -> GitCommit:
        """A commit with all its files, named as given or by its content; `branch` ends there."""
        with self.lock:
            tree = self.git.put_files(files or {})
            date = date or self.clock.tick()
            parents = tuple(parents)
            if sha:
                commit = GitCommit(sha=sha, tree=tree, parents=parents, message=message, date=date)
                self.git.put_commit(commit)
            else:
                commit = self.git.commit(tree, parents=parents, message=message, date=date)
            if branch:
                self.git.refs[f"refs/heads/{branch}"] = commit.sha
            return commit

    def as_json(self) -> Json:
        """The state as one JSON object, for tests in another process."""
        with self.lock:
            numbers = sorted({*self.issues, *self.pulls})
            return {
                "repository": self.repository,
                "runs": [run for attempts in self.runs.values() for run in attempts.values()],
                "jobs": list(self.jobs.values()),
                "issues": list(self.issues.values()),
                "pulls": list(self.pulls.values()),
                "comments": {n: list(self.comments.get(n, {}).values()) for n in numbers},
                "events": self.events,
                "labels": list(self.labels.values()),
                "artifacts": list(self.artifacts.values()),
                "refs": self.git.refs,
                "files": {ref: self._files(sha) for ref, sha in self.git.refs.items()},
            }

    def _files(self, sha: str) -> dict[str, str]:
        flat = self.git.flat(self.git.commits[sha].tree)
        return {
            path: self.git.blobs[entry.sha].decode(errors="replace") for path, entry in flat.items()
        }
