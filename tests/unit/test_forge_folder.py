"""A folder in place of GitHub."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flakebot.errors import (
    FlakebotError,
    GitHubError,
    InputError,
    NotFoundError,
    PartialReadError,
)
from flakebot.forges import folder_runs
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import ACTIONS_BOT, ChangedFile, Issue, Job, Label, RunRef
from flakebot.model import JUnitFile, LogText, MissingJUnit, MissingLog
from flakebot.settings import Limits

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
RUN = {"id": 5, "head_sha": "c1", "status": "completed", "conclusion": "failure"}


def write(root: Path, name: str, data: object) -> None:
    """A JSON file of the folder, or a text when it is one."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data))


def read(root: Path, name: str) -> Any:  # JSON
    """A JSON file of the folder."""
    return json.loads((root / name).read_text())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The least a folder must hold."""
    write(tmp_path, "repository.json", {"full_name": "org/repo"})
    write(tmp_path, "runs/5/run.json", RUN)
    return tmp_path


def forge(root: Path, **limits: int) -> FolderForge:
    """The folder with these limits."""
    return FolderForge(root, now=NOW, limits=Limits(**limits))


def test_what_is_missing_is_empty(root: Path) -> None:
    """A repository and a run are enough."""
    saved = forge(root)
    run = saved.run(RunRef(run_id=5))
    assert saved.repository().full_name == "org/repo"
    assert saved.bot() == ACTIONS_BOT == "github-actions[bot]"
    assert run.run_attempt == 1
    assert saved.jobs(5, 1) == ()
    assert list(saved.logs(run, 1, [])) == []
    assert list(saved.junit(run, [])) == []
    assert saved.pull_request(run) is None
    assert saved.changed_files(7) == ()
    assert saved.contents("CODEOWNERS") is None
    assert saved.contains("c1", "c0") is None
    assert saved.closing_commit(Issue(number=1)) is None
    assert saved.labels() == ()
    assert saved.label("bug") is None
    assert saved.issues("flaky-test") == ()
    assert saved.comments(1) == ()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("repository.json", "{}", r"repository\.json cannot be read: .*full_name"),
        ("repository.json", "{", r"repository\.json cannot be read: "),
        ("runs/5/run.json", '{"id": "x", "head_sha": ""}', r"run\.json cannot be read: .*\$\.id"),
        (
            "runs/5/run.json",
            '{"id": 5, "head_sha": "", "created_at": "2026-02-03T10:00:00"}',
            r"run\.json cannot be read: .*timezone.*\$\.created_at",
        ),
        ("runs/5/run.json", "[" * 100_000, r"run\.json cannot be read: "),
        *(
            (
                "runs/5/run.json",
                json.dumps({"id": 5, "head_sha": "", "run_attempt": attempt}),
                r"run\.json cannot be read: .*\$\.run_attempt",
            )
            for attempt in (-1, 0, 10**9, 10**30)
        ),
        ("runs/5/run.json", b"\xff\xfe", r"run\.json cannot be read: "),
        ("runs/5/run.json", b'{"id": 5, "head_sha": "\xff"}', r"run\.json cannot be read: "),
    ],
)
def test_a_broken_file_is_named_with_its_field(
    root: Path, name: str, content: str | bytes, sentence: str
) -> None:
    """One sentence, whatever is wrong."""
    (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError, match=sentence):
        (forge(root).repository(), forge(root).run(RunRef(run_id=5)))


def test_a_folder_without_a_repository_is_none(tmp_path: Path) -> None:
    """The sentence names the folder and what is missing."""
    with pytest.raises(InputError, match=r"has no repository\.json"):
        forge(tmp_path).repository()


def test_a_file_that_is_a_folder_is_named(root: Path) -> None:
    """The system's own reason is passed on."""
    (root / "labels.json").mkdir()
    with pytest.raises(InputError, match=r"labels\.json cannot be read: Is a directory"):
        forge(root).labels()


def test_a_file_beyond_all_reason_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has a bound."""
    monkeypatch.setattr("flakebot.json_files.MAX_BYTES", 10)
    with pytest.raises(InputError, match="it is larger than 10 bytes"):
        forge(root).repository()


# -- runs ----------------------------------------------------------------------------------


def test_an_earlier_attempt_concludes_as_its_jobs_did(root: Path) -> None:
    """What `run.json` says is of the latest attempt."""
    write(root, "runs/5/run.json", RUN | {"run_attempt": 3, "conclusion": "success"})
    jobs = {"jobs": [{"id": 1, "name": "a", "conclusion": "success"}]}
    jobs["jobs"].append({"id": 2, "name": "b", "conclusion": "failure"})
    write(root, "runs/5/attempts/1/jobs.json", jobs)
    write(root, "runs/5/attempts/2/run.json", RUN | {"run_attempt": 2, "conclusion": "cancelled"})
    found = [forge(root).run(RunRef(run_id=5, attempt=n)) for n in (1, 2, 3)]
    assert [run.run_attempt for run in found] == [1, 2, 3]
    assert [run.conclusion for run in found] == ["failure", "cancelled", "success"]


@pytest.mark.parametrize("ref", [RunRef(run_id=6), RunRef(run_id=5, attempt=2)])
def test_a_run_or_attempt_that_is_not_there(root: Path, ref: RunRef) -> None:
    """One sentence that names it."""
    with pytest.raises(NotFoundError, match=r"Run 6 is not in|has no attempt 2: its latest is 1"):
        forge(root).run(ref)


def test_jobs_that_name_no_attempt_are_of_the_one_they_lie_in(root: Path) -> None:
    """GitHub's description lets it be left out; a job that was not run again names its own."""
    jobs = [{"id": 1, "name": "a"}, {"id": 2, "name": "b", "run_attempt": 1}]
    write(root, "runs/5/attempts/2/jobs.json", {"jobs": jobs})
    assert [job.run_attempt for job in forge(root).jobs(5, 2)] == [2, 1]


def test_a_short_list_of_jobs_is_partial(root: Path) -> None:
    """Fewer than counted are not all."""
    write(root, "runs/5/attempts/1/jobs.json", {"total_count": 2, "jobs": [{"id": 1, "name": "a"}]})
    with pytest.raises(PartialReadError, match=r"jobs\.json lists 1 of 2 jobs"):
        forge(root).jobs(5, 1)


def logs_of(root: Path, *jobs: Job, attempt: int = 1) -> list[bytes | str]:
    """Each job's log, or why there is none."""
    run = forge(root).run(RunRef(run_id=5))
    return [
        b"".join(log.chunks) if isinstance(log, LogText) else log.reason
        for _, log in forge(root).logs(run, attempt, jobs)
    ]


def test_logs_are_streamed_or_say_why_not(root: Path) -> None:
    """A missing, empty or unreadable log is a value with its reason."""
    big = "x" * (2 * 1024 * 1024 + 1)
    write(root, "runs/5/attempts/1/logs/1.log", big)
    write(root, "runs/5/attempts/1/logs/2.log", "")
    (root / "runs/5/attempts/1/logs/3.log").mkdir()
    old = datetime(2025, 11, 1, tzinfo=UTC)
    assert logs_of(
        root,
        Job(id=1, name="a"),
        Job(id=2, name="b"),
        Job(id=3, name="c"),
        Job(id=4, name="d"),
        Job(id=5, name="e", status="in_progress"),
        Job(id=6, name="f", completed_at=old),
    ) == [
        big.encode(),
        "the saved log is empty",
        "the log cannot be read: Is a directory",
        "no log was saved",
        "the job has not finished: it is in_progress",
        (
            "no log was saved, and the job ended on 2025-11-01, longer ago than GitHub keeps "
            "logs (90 days)"
        ),
    ]


def test_a_log_without_a_possible_name_is_a_missing_log(root: Path) -> None:
    """No file is named so."""
    (root / "runs/5/attempts/1/logs").mkdir(parents=True)
    [reason] = logs_of(root, Job(id=10**300, name="a"))
    assert reason == "the log cannot be read: File name too long"


def test_a_job_that_was_not_run_again_keeps_its_log(root: Path) -> None:
    """Its attempt is its own."""
    write(root, "runs/5/attempts/1/logs/1.log", "first")
    assert logs_of(root, Job(id=1, name="a", run_attempt=1), attempt=2) == [b"first"]


def test_a_link_out_of_the_folder_is_not_followed(root: Path) -> None:
    """A saved folder may come from a stranger."""
    logs = root / "runs/5/attempts/1/logs"
    logs.mkdir(parents=True)
    (logs / "1.log").symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="leads out of the folder"):
        logs_of(root, Job(id=1, name="a"))


def test_links_in_a_circle_end_in_a_sentence(root: Path) -> None:
    """A file that is its own link cannot be read."""
    (root / "labels.json").symlink_to("labels.json")
    with pytest.raises(
        InputError, match=r"labels\.json cannot be read: Too many levels of symbolic links"
    ):
        forge(root).labels()


def test_junit_files_come_most_wanted_first_and_bounded(root: Path) -> None:
    """Artifacts that name a failed job come first; what is left out is said."""
    for name in ("a-report", "b-report", "junit-test_vllm--1-"):
        write(root, f"runs/5/artifacts/{name}/junit.xml", f"<{name}/>")
    write(root, "runs/5/artifacts/wheels/x.whl", "no report")
    run = forge(root).run(RunRef(run_id=5))
    found = list(forge(root, artifacts=2).junit(run, ["test vllm (1)", "!"]))
    assert found == [
        JUnitFile(
            artifact="junit-test_vllm--1-",
            name="junit.xml",
            content=b"<junit-test_vllm--1-/>",
        ),
        JUnitFile(artifact="a-report", name="junit.xml", content=b"<a-report/>"),
        MissingJUnit(artifact="b-report", reason="only 2 artifacts with JUnit files are read"),
    ]


def test_junit_files_that_cannot_be_read_are_values(root: Path) -> None:
    """Too large, a folder in place of a file, a link to elsewhere."""
    write(root, "runs/5/artifacts/large/1.xml", "x" * 8)
    write(root, "runs/5/artifacts/large/2.xml", "x" * 3)
    (root / "runs/5/artifacts/folder/junit.xml").mkdir(parents=True)
    (root / "runs/5/artifacts/link").mkdir()
    (root / "runs/5/artifacts/link/x.xml").symlink_to("/etc/hostname")
    run = forge(root).run(RunRef(run_id=5))
    found = list(forge(root, artifact_bytes=10).junit(run, []))
    reasons = [f.reason if isinstance(f, MissingJUnit) else f.content.decode() for f in found]
    assert reasons[:3] == [
        "it cannot be read: Is a directory",
        "x" * 8,
        "it is larger than 10 bytes",
    ]
    assert "leads out of the folder" in reasons[3]


def test_a_requested_rerun_queues_the_next_attempt(root: Path) -> None:
    """As on GitHub: the run is no longer completed, and a second request is refused."""
    forge(root).rerun_failed_jobs(5)
    assert read(root, "runs/5/rerun.json") == {
        "attempt": 1,
        "requested_at": "2026-02-10T12:00:00Z",
    }
    latest = forge(root).run(RunRef(run_id=5))
    assert (latest.run_attempt, latest.status, latest.conclusion) == (2, "queued", None)
    assert forge(root).run(RunRef(run_id=5, attempt=1)).status == "completed"
    with pytest.raises(GitHubError, match="This workflow is already running"):
        forge(root).rerun_failed_jobs(5)
    write(root, "runs/5/run.json", RUN | {"run_attempt": 2})
    forge(root).rerun_failed_jobs(5)
    assert read(root, "runs/5/rerun.json")["attempt"] == 2


def test_no_workflow_runs_in_a_folder(root: Path) -> None:
    """Which is said."""
    with pytest.raises(InputError, match=r"the workflow a\.yml cannot run"):
        forge(root).start_workflow("a.yml", {})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "in_progress"}, "This workflow is already running"),
        ({"conclusion": "success"}, "This workflow run cannot be retried"),
        ({"run_attempt": 51}, "This workflow run cannot be retried"),
        ({"created_at": "2026-01-01T00:00:00Z"}, "it was created over a month ago"),
    ],
)
def test_a_rerun_is_refused_in_githubs_words(
    root: Path, fields: dict[str, object], sentence: str
) -> None:
    """Nothing is noted then."""
    write(root, "runs/5/run.json", RUN | fields)
    with pytest.raises(GitHubError, match=sentence) as refused:
        forge(root).rerun_failed_jobs(5)
    assert refused.value.status == 403
    assert not (root / "runs/5/rerun.json").exists()


# -- pull requests, files, commits ---------------------------------------------------------


def pull(number: int, sha: str, *, ref: str = "fix", state: str = "open") -> dict[str, object]:
    """GitHub's object of a pull request from a fork."""
    head = {"ref": ref, "sha": sha, "repo": {"full_name": "someone/repo"}}
    return {
        "number": number,
        "state": state,
        "head": head,
        "base": {"ref": "main", "sha": "b", "repo": {"full_name": "org/repo"}},
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"head_branch": "pull-request/7", "head_repository": {"full_name": "org/repo"}}, 7),
        ({"head_branch": "pull-request/99", "head_repository": {"full_name": "org/repo"}}, None),
        ({"head_branch": "pull-request/7", "head_repository": None}, None),
        ({"head_branch": "fix", "pull_requests": [{"number": 8}]}, 8),
        ({"head_branch": "fix", "head_repository": {"full_name": "someone/repo"}}, 7),
        ({"head_branch": "fix", "head_repository": {"full_name": "Someone/repo"}}, 7),
        ({"head_branch": "fix", "head_repository": {"full_name": "org/repo"}}, None),
        ({"head_branch": "fix"}, None),
        ({"head_branch": "old", "head_repository": {"full_name": "someone/repo"}}, None),
        ({"head_branch": "own", "head_repository": {"full_name": "org/repo"}}, 11),
        ({"head_branch": "own", "head_repository": None}, None),
        ({"head_branch": "main", "head_repository": {"full_name": "org/repo"}}, None),
    ],
)
def test_the_pull_request_of_a_run(
    root: Path, fields: dict[str, object], expected: int | None
) -> None:
    """By the mirroring branch, by name, by head, or none."""
    write(root, "pulls/7.json", pull(7, "c1"))
    write(root, "pulls/8.json", pull(8, "c2"))
    write(root, "pulls/9.json", pull(9, "c1", state="closed"))
    head = {"ref": "own", "sha": "c1", "repo": {"full_name": "org/repo"}}
    write(root, "pulls/11.json", pull(11, "c1") | {"head": head})
    write(root, "pulls/12.json", pull(12, "c1") | {"head": head | {"repo": None}})
    write(root, "pulls/8.files.json", [{"filename": "a.py", "status": "added"}])
    write(root, "runs/5/run.json", RUN | fields)
    found = forge(root).pull_request(forge(root).run(RunRef(run_id=5)))
    assert (found.number if found else None) == expected
    assert forge(root).changed_files(8) == (ChangedFile(filename="a.py", status="added"),)


def test_files_of_the_default_branch(root: Path) -> None:
    """Below `contents/` and nowhere else."""
    write(root, "contents/.github/flakebot.toml", "comment = 'never'")
    assert forge(root).contents(".github/flakebot.toml") == "comment = 'never'"
    assert forge(root).contents(".github") is None
    assert forge(root).contents("missing/file") is None


def test_a_file_of_the_default_branch_is_text_as_on_github(root: Path) -> None:
    """Without a byte order mark; what is no text, or no possible name, is said."""
    write(root, "contents/marked", "\ufeffa = 1")
    (root / "contents/binary").write_bytes(b"\xff\xfe")
    assert forge(root).contents("marked") == "a = 1"
    with pytest.raises(InputError, match="binary is not UTF-8 text"):
        forge(root).contents("binary")
    with pytest.raises(InputError, match="File name too long"):
        forge(root).contents("x" * 300)


@pytest.mark.parametrize("path", ["../repository.json", "/etc/hostname", "a/../../x", "link", "\0"])
def test_no_path_leads_out_of_contents(root: Path, path: str) -> None:
    """Neither dots nor roots nor links."""
    (root / "contents").mkdir()
    (root / "contents/link").symlink_to(root / "repository.json")
    with pytest.raises(InputError, match="leads out of the folder"):
        forge(root).contents(path)


def commits(*rows: tuple[str, list[str], int]) -> list[dict[str, object]]:
    """Commits of February 2026: sha, parents, day."""
    return [{"sha": s, "parents": p, "date": f"2026-02-{d:02d}T00:00:00Z"} for s, p, d in rows]


HISTORY = commits(
    ("c0", [], 1),
    ("c1", ["c0"], 2),
    ("c2", ["c1"], 3),
    ("side", ["c0"], 4),
    ("merge", ["c2", "side"], 5),
    ("cut", ["gone"], 6),
)


@pytest.mark.parametrize(
    ("commit", "ancestor", "expected"),
    [
        ("c2", "c0", True),
        ("merge", "side", True),
        ("merge", "c0", True),
        ("c1", "c1", True),
        ("c0", "c2", False),
        ("c2", "side", False),
        ("c2", "unknown", None),
        ("unknown", "c0", None),
        ("cut", "c0", None),
        ("unknown", "unknown", True),
    ],
)
def test_ancestry(root: Path, commit: str, ancestor: str, expected: bool | None) -> None:  # noqa: FBT001 # a table
    """By parents, unknown when a commit on the way is."""
    write(root, "commits.json", HISTORY)
    assert forge(root).contains(commit, ancestor) is expected


@pytest.mark.parametrize(
    ("events", "closed_at", "expected"),
    [
        ([{"event": "closed", "commit_id": "c1"}], 5, "c1"),
        ([{"event": "closed", "commit_id": "c1"}, {"event": "closed", "commit_id": "c2"}], 5, "c2"),
        ([{"event": "closed", "commit_id": None}, {"event": "labeled"}], 3, "c2"),
        (None, 3, "c2"),
        (None, 4, "c2"),
        (None, 5, "merge"),
        (None, None, None),
    ],
)
def test_the_commit_that_closed_an_issue(
    root: Path, events: object, closed_at: int | None, expected: str | None
) -> None:
    """By its event, else the newest of the default branch at that time."""
    write(root, "commits.json", HISTORY)
    write(root, "pulls/7.json", pull(7, "side"))
    if events is not None:
        write(root, "issues/1.events.json", events)
    moment = datetime(2026, 2, closed_at, tzinfo=UTC) if closed_at else None
    assert forge(root).closing_commit(Issue(number=1, closed_at=moment)) == expected


def test_a_time_before_all_commits_has_no_commit(root: Path) -> None:
    """None rather than a guess; a date without a zone is UTC."""
    write(root, "commits.json", [{"sha": "c0", "parents": [], "date": "2026-02-09T00:00:00"}])
    early, late = (Issue(number=1, closed_at=datetime(2026, 2, d, tzinfo=UTC)) for d in (1, 10))
    assert forge(root).closing_commit(early) is None
    assert forge(root).closing_commit(late) == "c0"


# -- labels, issues, comments --------------------------------------------------------------


def test_labels_are_created_once(root: Path) -> None:
    """Names are compared without case, unknown fields stay."""
    write(root, "labels.json", [{"name": "Bug", "color": "f00", "default": True}])
    forge(root).create_label(Label(name="bug"))
    forge(root).create_label(Label(name="flaky-test", color="ededed", description="flakes"))
    assert read(root, "labels.json") == [
        {"name": "Bug", "color": "f00", "default": True},
        {"name": "flaky-test", "color": "ededed", "description": "flakes"},
    ]
    assert forge(root).label("BUG") == Label(name="Bug", color="f00")


def test_labels_are_added_beside_those_there_are(root: Path) -> None:
    """Those the repository lacks are made; an issue that is not there is named."""
    write(root, "issues/3.json", {"number": 3, "labels": [{"name": "Bug"}]})
    forge(root).add_labels(3, ["bug", "flakebot: quiet"])
    assert [label.name for label in forge(root).labels()] == ["bug", "flakebot: quiet"]
    named = [label["name"] for label in read(root, "issues/3.json")["labels"]]
    assert named == ["Bug", "flakebot: quiet"]
    with pytest.raises(NotFoundError, match="Issue 4"):
        forge(root).add_labels(4, ["bug"])


def test_a_reaction_is_noted_once(root: Path) -> None:
    """In the comment; one that is not there is named."""
    write(root, "issues/3.json", {"number": 3})
    said = forge(root).create_comment(3, "hello")
    for _ in range(2):
        forge(root).react(said.id, "+1")
    assert read(root, "issues/3.comments.json")[0]["reactions"] == {"+1": 1}
    with pytest.raises(NotFoundError, match="Comment 99"):
        forge(root).react(99, "confused")


def test_a_new_issue_is_githubs_object_and_a_text(root: Path) -> None:
    """Its number is the next after all issues and pull requests; its labels exist afterwards."""
    write(root, "issues/3.json", {"number": 3})
    write(root, "pulls/7.json", pull(7, "c1"))
    issue = forge(root).create_issue("A test fails", "It does.", ["flaky-test"])
    assert issue.number == 8
    assert issue.user is not None
    assert (issue.user.login, issue.user.type) == (ACTIONS_BOT, "Bot")
    assert issue.created_at == NOW
    assert issue.html_url == "https://github.com/org/repo/issues/8"
    assert forge(root).issues("Flaky-Test") == (issue,)
    assert [label.name for label in forge(root).labels()] == ["flaky-test"]
    assert (root / "issues/8.md").read_text() == (
        "# A test fails\n\n#8 · open · flaky-test\n\n---\n\nIt does.\n"
    )


def test_an_update_keeps_what_it_does_not_know(root: Path) -> None:
    """Fields of GitHub's that flakebot does not use, and those it was not asked to change."""
    write(root, "issues/3.json", {"number": 3, "title": "T", "body": "old", "reactions": {"+1": 2}})
    forge(root).update_issue(3, body="new")
    assert read(root, "issues/3.json") == {
        "number": 3,
        "title": "T",
        "body": "new",
        "reactions": {"+1": 2},
        "updated_at": "2026-02-10T12:00:00Z",
    }


def test_closing_and_reopening(root: Path) -> None:
    """With GitHub's reasons and times."""
    forge(root).create_issue("T", "B", [])
    closed = forge(root).update_issue(1, state="closed", state_reason="duplicate")
    assert (closed.state, closed.state_reason, closed.closed_at) == ("closed", "duplicate", NOW)
    again = forge(root).update_issue(1, state="closed")
    assert (again.state_reason, again.closed_at) == ("duplicate", NOW)
    opened = forge(root).update_issue(1, state="open")
    assert (opened.state, opened.state_reason, opened.closed_at) == ("open", "reopened", None)
    assert forge(root).update_issue(1, state="closed").state_reason == "completed"
    assert "closed (completed)" in (root / "issues/1.md").read_text()


def test_an_oversize_update_is_silently_not_taken(root: Path) -> None:
    """As on GitHub: the answer holds the old body."""
    forge(root).create_issue("T", "old", [])
    assert forge(root).update_issue(1, body="x" * 65_537).body == "old"
    assert forge(root).update_issue(1, body="x" * 65_536).body == "x" * 65_536


def test_githubs_refusals(root: Path) -> None:
    """Each limit with its sentence and status."""
    saved = forge(root)
    saved.create_issue("t" * 256, "b" * 65_536, [])
    for call, sentence in (
        (lambda: saved.create_issue("t" * 257, "", []), "title is too long"),
        (lambda: saved.create_issue("t", "b" * 65_537, []), "body is too long"),
        (lambda: saved.create_issue("t", "b", ["x"] * 101), "more than 100 labels"),
        (lambda: saved.create_label(Label(name="l" * 51)), "name is too long"),
        (
            lambda: saved.create_label(Label(name="l", description="d" * 101)),
            "description is too long",
        ),
        (lambda: saved.create_comment(1, "b" * 65_537), "body is too long"),
        (lambda: saved.update_comment(1, 1, "b" * 65_537), "body is too long"),
    ):
        with pytest.raises(GitHubError, match=sentence) as refused:
            call()
        assert refused.value.status == 422


def test_disabled_issues_and_locked_conversations_are_refused(root: Path) -> None:
    """In GitHub's words."""
    write(root, "repository.json", {"full_name": "org/repo", "has_issues": False})
    with pytest.raises(GitHubError, match="Issues has been disabled") as refused:
        forge(root).create_issue("t", "b", [])
    assert refused.value.status == 410
    write(root, "issues/3.json", {"number": 3, "locked": True})
    write(root, "pulls/7.json", pull(7, "c1") | {"locked": True})
    for number in (3, 7):
        with pytest.raises(GitHubError, match="issue is locked") as locked:
            forge(root).create_comment(number, "hello")
        assert locked.value.status == 403


def test_comments_of_issues_and_pull_requests(root: Path) -> None:
    """Created, edited and deleted, each with its text; ids are unique over the repository."""
    write(root, "repository.json", {"full_name": "o/r", "html_url": "https://ghe.example/o/r"})
    write(root, "pulls/7.json", pull(7, "c1"))
    person = {"id": 40, "body": "hm", "user": {"login": "ann"}, "reactions": {"eyes": 1}}
    write(root, "issues/7.comments.json", [person])
    forge(root).create_issue("T", "B", [])
    first = forge(root).create_comment(7, "one")
    second = forge(root).create_comment(8, "two")
    assert (first.id, second.id) == (41, 42)
    assert first.html_url == "https://ghe.example/o/r/pull/7#issuecomment-41"
    assert second.html_url == "https://ghe.example/o/r/issues/8#issuecomment-42"
    assert forge(root).update_comment(7, 41, "three").body == "three"
    assert [comment.body for comment in forge(root).comments(7)] == ["hm", "three"]
    assert read(root, "issues/7.comments.json")[0] == person
    text = (root / "issues/7.comments/41.md").read_text()
    assert text == "Comment 41 on #7 by github-actions[bot]\n\n---\n\nthree\n"
    for _ in range(2):
        forge(root).delete_comment(7, 41)
    assert [comment.id for comment in forge(root).comments(7)] == [40]
    assert not (root / "issues/7.comments/41.md").exists()


def test_a_comment_without_an_author_has_a_text(root: Path) -> None:
    """A deleted account leaves none."""
    write(root, "issues/7.comments.json", [{"id": 4, "body": "x", "user": None}])
    forge(root).update_comment(7, 4, "y")
    assert (root / "issues/7.comments/4.md").read_text().startswith("Comment 4 on #7 by nobody")


def test_what_is_not_there_cannot_be_written(root: Path) -> None:
    """One sentence each."""
    saved = forge(root)
    for call in (
        lambda: saved.update_issue(9, body="x"),
        lambda: saved.create_comment(9, "x"),
        lambda: saved.update_comment(9, 1, "x"),
    ):
        with pytest.raises(NotFoundError, match="is not in"):
            call()


def test_one_unreadable_issue_makes_the_list_partial(root: Path) -> None:
    """Nothing may be written that rests on it."""
    forge(root).create_issue("T", "B", ["flaky-test"])
    write(root, "issues/2.json", '{"number": "two"}')
    write(root, "issues/2.comments.json", "[{}]")
    with pytest.raises(PartialReadError, match=r"issues could not all be read: .*2\.json"):
        forge(root).issues("flaky-test")
    with pytest.raises(PartialReadError, match=r"comments could not all be read: .*\$\[0\]"):
        forge(root).comments(2)
    with pytest.raises(InputError, match=r"2\.json cannot be read: Expected `int`"):
        forge(root).update_issue(2, body="x")


def test_other_labels_and_pull_requests_are_not_listed(root: Path) -> None:
    """GitHub lists pull requests among the issues; files with other names are no issues."""
    labels = [{"name": "flaky-test"}]
    write(root, "issues/1.json", {"number": 1, "labels": labels, "pull_request": {"url": ""}})
    write(root, "issues/2.json", {"number": 2, "labels": [{"name": "bug"}]})
    write(root, "issues/3.json", {"number": 3, "labels": labels, "state": "closed"})
    write(root, "issues/notes.json", {})
    assert [issue.number for issue in forge(root).issues("flaky-test")] == [3]


def test_a_write_that_fails_leaves_the_old_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one sentence."""
    forge(root).create_issue("T", "B", [])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FlakebotError, match=r"1\.md cannot be written: No space left on device"):
        forge(root).update_issue(1, body="new")
    assert read(root, "issues/1.json")["body"] == "B"
    assert sorted(path.name for path in (root / "issues").iterdir()) == ["1.json", "1.md"]


def test_no_log_is_a_missing_log(root: Path) -> None:
    """The type says that it is no pass."""
    run = forge(root).run(RunRef(run_id=5))
    [(_, log)] = forge(root).logs(run, 1, [Job(id=1, name="a")])
    assert log == MissingLog(reason="no log was saved")


class FailingDisk(io.BytesIO):
    """A file whose second read fails."""

    name = "1.log"

    def read(self, size: int | None = -1) -> bytes:
        """The first chunk only."""
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_log_that_breaks_off_while_it_is_read_ends_in_a_sentence() -> None:
    """What was read before is no complete log."""
    log = folder_runs._log(FailingDisk(b"x" * (folder_runs.CHUNK + 1)))
    assert isinstance(log, LogText)
    with pytest.raises(InputError, match=r"1\.log cannot be read: Input/output error"):
        list(log.chunks)
