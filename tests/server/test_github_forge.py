"""GitHub's forge over real HTTP against the fake GitHub: what it reads and what it writes."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.server.conftest import Connect
from tests.server.fake_github import FakeGitHub, Fault

from flakebot.errors import GitHubError, InputError, NotFoundError, PermissionMissingError
from flakebot.forges.github import GitHubForge
from flakebot.github_objects import (
    Label,
    Repository,
    Run,
    RunBranch,
    RunPull,
    RunRef,
    RunRepository,
)
from flakebot.model import JUnitFile, MissingJUnit

SHA, OTHER = "a" * 40, "b" * 40


def run_of(fake: FakeGitHub, forge: GitHubForge, **fields: str) -> Run:
    """A run in the fake, as the forge reads it."""
    return forge.run(RunRef(run_id=fake.state.add_run(0, attempt=1, **fields)["id"]))


def zipped(method: int = zipfile.ZIP_DEFLATED, /, **files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_run_is_read_at_the_wanted_attempt(fake: FakeGitHub, forge: GitHubForge) -> None:
    """An attempt can be asked for; without one the latest comes."""
    fake.state.add_run(7, conclusion="failure")
    fake.state.add_run(7, attempt=2, conclusion="success")
    runs = [forge.run(RunRef(run_id=7, attempt=1)), forge.run(RunRef(run_id=7))]
    assert [(run.run_attempt, run.conclusion) for run in runs] == [(1, "failure"), (2, "success")]


def test_missing_run_is_not_found(forge: GitHubForge) -> None:
    """A run that is not there says so in a sentence."""
    with pytest.raises(NotFoundError, match=r"read workflow runs: .* \(404\)"):
        forge.run(RunRef(run_id=404))


def test_repository_is_asked_for_once(fake: FakeGitHub, forge: GitHubForge) -> None:
    """The repository costs one request, however often it is needed."""
    assert fake.repository == forge.repository().full_name == forge.repository().full_name
    assert len(fake.requests.of("GET", f"/repos/{fake.repository}")) == 1


def test_repository_of_an_event_costs_nothing(fake: FakeGitHub, connect: Connect) -> None:
    """What the event brought along is not asked for again."""
    known = Repository(full_name=fake.repository)
    assert known is GitHubForge(connect(), fake.repository, repository=known).repository()
    assert fake.requests.total() == 0


@pytest.mark.parametrize("name", ["acme", "acme/../x", "a/b/c", "acme/wid gets", "/x", "acme/?q"])
def test_name_that_is_no_repository_is_refused(connect: Connect, name: str) -> None:
    """What would lead to another address is no repository."""
    with pytest.raises(InputError):
        GitHubForge(connect(), name)


def test_jobs_come_from_all_pages(fake: FakeGitHub, forge: GitHubForge) -> None:
    """More than a hundred jobs are read over several pages, in order."""
    fake.state.add_run(7)
    ids = [fake.state.add_job(7, name=f"test ({n})")["id"] for n in range(230)]
    assert ids == [job.id for job in forge.jobs(7, 1)]
    assert len(fake.requests.of("GET", "/jobs")) == 3


def test_issues_leave_out_pull_requests(fake: FakeGitHub, forge: GitHubForge) -> None:
    """All issues with the label come, open and closed, oldest first, and no pull request."""
    fake.state.add_pull(1, head=("x", SHA), labels=[fake.state.add_label("flaky-test")])
    fake.state.add_issue(2, labels=["flaky-test"], title="one")
    fake.state.add_issue(3, labels=["bug"], title="two")
    fake.state.add_issue(4, labels=["flaky-test"], title="three")
    fake.state.set_issue_state(4, "closed", reason="not_planned")
    found = [(i.number, i.state, i.state_reason) for i in forge.issues("flaky-test")]
    assert found == [(2, "open", None), (4, "closed", "not_planned")]


def test_a_label_without_a_colour_costs_no_issue(fake: FakeGitHub, forge: GitHubForge) -> None:
    """GitHub's description lets it be null."""
    forge.repository()
    label = {"id": 1, "name": "flaky-test", "color": None, "description": None}
    body = json.dumps([{"number": 5, "labels": [label]}]).encode()
    fake.faults.add(Fault(kind="status", status=200, body=body))
    assert [issue.number for issue in forge.issues("flaky-test")] == [5]


def test_comments_come_from_all_pages(fake: FakeGitHub, forge: GitHubForge) -> None:
    """All comments come, oldest first, with their authors."""
    fake.state.add_issue(5)
    for number in range(101):
        fake.state.add_comment(5, f"comment {number}", author="ada")
    comments = forge.comments(5)
    assert [f"comment {n}" for n in range(101)] == [comment.body for comment in comments]
    assert {"ada"} == {comment.user.login for comment in comments if comment.user}


def test_comments_changed_since_are_asked_for(fake: FakeGitHub, forge: GitHubForge) -> None:
    """In one page, whatever came before."""
    fake.state.add_issue(5)
    for number in range(101):
        fake.state.add_comment(5, f"comment {number}")
    fake.clock.advance(3600)
    since = fake.clock.now.astimezone(timezone(timedelta(hours=5)))
    fake.state.add_comment(5, "the newest")
    assert [comment.body for comment in forge.comments(5, since)] == ["the newest"]
    assert len(fake.requests.of("GET", "/comments")) == 1


@pytest.mark.parametrize(
    ("branch", "event", "head", "fork", "named", "expected"),
    [
        ("pull-request/8", "push", SHA, "eve/widgets", [], 8),
        ("pull-request/8", "push", OTHER, "eve/widgets", [], 8),
        ("pull-request/x", "push", SHA, "eve/widgets", [], None),
        ("main", "push", SHA, "", [], None),
        ("feature", "pull_request", SHA, "", [8], 8),
        ("feature", "pull_request", OTHER, "", [8], 8),
        ("another", "pull_request", SHA, "", [8], None),
        ("feature", "pull_request", SHA, "", [9], 8),
        ("feature", "pull_request", SHA, "", [8, 9], 8),
    ],
)
def test_pull_request_of_our_own_branch(
    fake: FakeGitHub,
    forge: GitHubForge,
    branch: str,
    event: str,
    head: str,
    fork: str,
    named: list[int],
    expected: int | None,
) -> None:
    """A mirroring branch counts at its commit only, a named one by its branch, trunk has none."""
    fake.state.add_pull(8, head=("feature", SHA), fork=fork)
    run = run_of(fake, forge, head_branch=branch, head_sha=head, event=event)
    pulls = tuple(RunPull(number=number) for number in named)
    found = forge.pull_request(replace(run, pull_requests=pulls))
    assert expected == (found and found.number)


@pytest.mark.parametrize(
    ("branch", "head", "count", "expected"),
    [
        ("feature", SHA, 1, 8),
        ("feature", OTHER, 1, None),
        ("pull-request/8", SHA, 1, None),
        ("feature", SHA, 2, None),
    ],
)
def test_pull_request_of_a_fork(
    fake: FakeGitHub, forge: GitHubForge, branch: str, head: str, count: int, expected: int | None
) -> None:
    """A fork's is found by head branch and commit, if it is the only one; its branch may be named
    like a mirror and means nothing.
    """
    for number in range(8, 8 + count):
        fake.state.add_pull(number, head=("feature", SHA), fork="eve/widgets")
    fork = fake.state.shapes.minimal_repository("eve/widgets")
    run = run_of(fake, forge, head_branch=branch, head_sha=head, event="pull_request")
    fake.state.runs[run.id][1]["head_repository"] = fork
    found = forge.pull_request(forge.run(RunRef(run_id=run.id)))
    assert expected == (found and found.number)


def ended(number: int, base: str = "https://host/api/v3/repos/Acme/Widgets") -> RunPull:
    """A pull request as a run names it, with both ends."""
    ours = RunRepository(url="https://host/api/v3/repos/acme/widgets")
    return RunPull(
        number=number,
        head=RunBranch(ref="feature", sha=OTHER, repo=ours),
        base=RunBranch(ref="main", sha=SHA, repo=RunRepository(url=base) if base else None),
    )


@pytest.mark.parametrize(
    ("branch", "named", "head", "requests"),
    [
        ("feature", ended(8), OTHER, 0),
        ("feature", RunPull(number=8), SHA, 1),
        ("feature", replace(ended(8), base=None), SHA, 1),
        ("feature", ended(8, base="https://host/repos/eve/widgets"), SHA, 1),
        ("feature", ended(8, base="https://host/elsewhere"), SHA, 1),
        ("feature", ended(8, base=""), SHA, 1),
        ("another", ended(8), None, 1),
        ("main", ended(8), None, 0),
    ],
)
def test_a_run_may_name_its_pull_request_whole(
    fake: FakeGitHub,
    forge: GitHubForge,
    branch: str,
    named: RunPull,
    head: str | None,
    requests: int,
) -> None:
    """Then its word costs no request, where that is enough; else GitHub has the last."""
    fake.state.add_pull(8, head=("feature", SHA))
    run = replace(run_of(fake, forge, head_branch=branch), pull_requests=(named,))
    forge.repository()
    since = len(fake.requests)
    found = forge.pull_request(run, as_named=True)
    assert head == (found and found.head.sha)
    assert len(fake.requests) - since == requests
    now = forge.pull_request(run)
    assert (now and now.head.sha) == (head and SHA)


def test_changed_files_are_listed(fake: FakeGitHub, forge: GitHubForge) -> None:
    """All files of a pull request come."""
    names = [f"src/file_{n:03}.py" for n in range(150)]
    fake.state.add_pull(8, head=("x", SHA), files=names)
    assert names == [file.filename for file in forge.changed_files(8)]


def test_contents_come_from_the_default_branch(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A file is read as it is on the default branch; one that only a pull request has is none."""
    fake.state.add_commit(files={".github/flakebot.toml": "a = 'ä'\n".encode()}, branch="main")
    fake.state.add_commit(files={"evil.toml": b"x"}, branch="feature")
    assert forge.contents(".github/flakebot.toml") == "a = 'ä'\n"
    assert forge.contents("evil.toml") is None


@pytest.mark.parametrize("there", [b"", b"dry-run = true"])
def test_a_file_that_comes_empty_must_be_empty(
    fake: FakeGitHub, forge: GitHubForge, there: bytes
) -> None:
    """No settings at all would let flakebot do what the file forbids."""
    fake.state.add_commit(files={"f.toml": there}, branch="main")
    fake.faults.add(Fault(kind="empty", path="/contents/"))
    if there:
        with pytest.raises(GitHubError, match=r"f\.toml came without a byte"):
            forge.contents("f.toml")
    else:
        assert forge.contents("f.toml") == ""


def test_contents_that_are_no_text_are_refused(fake: FakeGitHub, forge: GitHubForge) -> None:
    """Bytes that are no UTF-8, or a path that leads elsewhere, end in a sentence."""
    fake.state.add_commit(files={"CODEOWNERS": b"\xff\xfe"}, branch="main")
    with pytest.raises(InputError, match="not UTF-8"):
        forge.contents("CODEOWNERS")
    with pytest.raises(InputError, match="no path inside"):
        forge.contents("../../../user")


def test_ancestry_is_compared(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A commit contains itself and its ancestors, not its children; unknown ones are unknown."""
    first = fake.state.add_commit(branch="main", message="1").sha
    second = fake.state.add_commit(parents=[first], branch="main", message="2").sha
    side = fake.state.add_commit(parents=[first], branch="side", message="3").sha
    pairs = [(second, first), (first, first), (first, second), (second, side), (second, OTHER)]
    assert [forge.contains(*pair) for pair in pairs] == [True, True, False, False, None]


def test_closing_commit_is_the_events(fake: FakeGitHub, forge: GitHubForge) -> None:
    """The commit that closed an issue is known from its last closing event."""
    sha = fake.state.add_commit(branch="main").sha
    fake.state.add_issue(5)
    fake.state.set_issue_state(5, "closed", commit=OTHER)
    fake.state.set_issue_state(5, "open")
    fake.state.set_issue_state(5, "closed", commit=sha)
    assert sha == forge.closing_commit(forge.update_issue(5, body="x"))


def test_closing_commit_falls_back_to_the_newest_by_then(
    fake: FakeGitHub, forge: GitHubForge
) -> None:
    """Closed by hand: the default branch's newest commit by that time; open: none."""
    early = fake.state.add_commit(branch="main", date=datetime(2026, 11, 1, tzinfo=UTC)).sha
    fake.state.add_issue(5)
    assert forge.closing_commit(forge.update_issue(5, body="x")) is None
    fake.state.set_issue_state(5, "closed")
    late = datetime(2026, 12, 24, tzinfo=UTC)
    fake.state.add_commit(parents=[early], branch="main", date=late)
    assert early == forge.closing_commit(forge.update_issue(5, body="x"))


def test_labels_are_read_and_made(forge: GitHubForge) -> None:
    """A label can be made twice; one that is missing is none."""
    label = Label(name="flaky test/1", color="d4c5f9", description="fails now and then")
    forge.create_label(label)
    forge.create_label(label)
    assert [label] == list(forge.labels())
    assert label == forge.label("flaky test/1")
    assert forge.label("nothing") is None


def test_issues_and_comments_are_written(forge: GitHubForge) -> None:
    """What was written is there and comes back as GitHub has it."""
    issue = forge.create_issue("title", "body", ["flaky-test"])
    edited = forge.update_issue(issue.number, body="new", state="closed", state_reason="completed")
    comment = forge.create_comment(issue.number, "hello")
    changed = forge.update_comment(issue.number, comment.id, "bye")
    assert (issue.title, [label.name for label in issue.labels]) == ("title", ["flaky-test"])
    assert (edited.body, edited.state, edited.state_reason) == ("new", "closed", "completed")
    assert ["bye"] == [changed.body] == [c.body for c in forge.comments(issue.number)]
    forge.delete_comment(issue.number, comment.id)
    forge.delete_comment(issue.number, comment.id)
    assert list(forge.comments(issue.number)) == []


def test_writes_are_a_second_apart(forge: GitHubForge, naps: list[float]) -> None:
    """GitHub asks for a pause between writes; the first needs none."""
    for title in ("one", "two", "three"):
        forge.create_issue(title, "", [])
    assert naps == [1.0, 1.0]


def test_oversize_update_is_shown_by_the_answer(fake: FakeGitHub, forge: GitHubForge) -> None:
    """GitHub says 200 and keeps the old body: the returned issue tells."""
    fake.state.add_issue(5, body="old")
    assert forge.update_issue(5, body="x" * 70_000).body == "old"


def test_refused_title_is_a_sentence(forge: GitHubForge) -> None:
    """A refusal of the content carries GitHub's own words."""
    with pytest.raises(GitHubError, match="422: Validation Failed") as caught:
        forge.create_issue("x" * 300, "", [])
    assert caught.value.status == 422


def test_switched_off_issues_are_a_sentence(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A repository without issues says so."""
    fake.state.repository["has_issues"] = False
    with pytest.raises(GitHubError, match="410"):
        forge.create_issue("title", "", [])


def test_rerun_starts_the_next_attempt(fake: FakeGitHub, forge: GitHubForge) -> None:
    """Failed jobs run again in a new attempt of the same run."""
    fake.state.add_run(7)
    fake.state.add_job(7, conclusion="failure")
    forge.rerun_failed_jobs(7)
    assert forge.run(RunRef(run_id=7)).run_attempt == 2


def test_refused_rerun_says_why(fake: FakeGitHub, forge: GitHubForge) -> None:
    """GitHub's own words are kept, as only they tell what to do."""
    fake.state.add_run(7, status="in_progress", conclusion=None)
    with pytest.raises(GitHubError, match="This workflow is already running"):
        forge.rerun_failed_jobs(7)


@pytest.mark.parametrize(
    ("lacking", "method", "arguments", "permission"),
    [
        ("issues", "create_issue", ("x", "", []), "issues: write"),
        ("issues", "update_issue", (5,), "issues: write"),
        ("issues", "create_label", (Label(name="x"),), "issues: write"),
        ("issues", "issues", ("x",), "issues: read"),
        ("actions", "rerun_failed_jobs", (7,), "actions: write"),
        ("actions", "jobs", (7, 1), "actions: read"),
        ("contents", "contents", ("CODEOWNERS",), "contents: read"),
        ("pull-requests", "changed_files", (8,), "pull-requests: read"),
    ],
)
def test_missing_permission_names_its_line(
    fake: FakeGitHub,
    connect: Connect,
    lacking: str,
    method: str,
    arguments: tuple[object, ...],
    permission: str,
) -> None:
    """Each act names the line that the workflow's `permissions:` lack."""
    fake.state.add_run(7)
    fake.state.add_issue(5)
    fake.state.add_pull(8, head=("x", SHA))
    fake.state.repository["private"] = True
    fake.permissions = {**fake.permissions, lacking: "none"}
    if lacking == "issues":  # either of the two would do for labels
        fake.permissions["pull-requests"] = "none"
    known = Repository(full_name=fake.repository)
    forge = GitHubForge(connect(), fake.repository, repository=known)
    with pytest.raises(PermissionMissingError) as caught:
        getattr(forge, method)(*arguments)
    assert permission == caught.value.permission


def test_comments_need_one_of_two_permissions(fake: FakeGitHub, forge: GitHubForge) -> None:
    """`pull-requests: write` alone lets flakebot comment on a pull request, `issues: write` on an
    issue; without either both lines are named, each with what it is for.
    """
    fake.state.add_pull(8, head=("x", SHA))
    fake.state.add_issue(5)
    fake.permissions = {"pull-requests": "write"}
    assert forge.create_comment(8, "hi").body == "hi"
    fake.permissions = {}
    for act in (lambda: forge.create_comment(5, "hi"), lambda: forge.react(1, "+1")):
        with pytest.raises(
            PermissionMissingError,
            match="add `issues: write`, on a pull request `pull-requests: write`, to the",
        ):
            act()


def test_refused_token_is_a_sentence(fake: FakeGitHub, connect: Connect) -> None:
    """A wrong token is named as such."""
    with pytest.raises(GitHubError, match="does not accept the token"):
        GitHubForge(connect("wrong"), fake.repository).repository()


def test_bot_of_a_workflow_is_known_without_asking(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A workflow's token writes as Actions' own bot."""
    assert forge.bot() == "github-actions[bot]"
    assert fake.requests.total() == 0


def test_bot_of_another_token_is_asked_for_once(fake: FakeGitHub, connect: Connect) -> None:
    """A person's token is asked whose it is; a given login is believed."""
    fake.token, fake.state.login = "ghp_" + "x" * 36, "ada"
    forge = GitHubForge(connect(), fake.repository)
    assert (forge.bot(), forge.bot()) == ("ada", "ada")
    assert fake.requests.total() == 1
    assert GitHubForge(connect(), "a/b", bot_login="flakebot[bot]").bot() == "flakebot[bot]"


def test_junit_comes_from_wanted_artifacts_first(fake: FakeGitHub, connect: Connect) -> None:
    """Artifacts with test results are read, those of wanted jobs first, at most as many as set."""
    fake.state.add_run(7)
    names = (
        "allure-report",
        "wheel",
        "test-results-a",
        "test-b2",
        "test-results-b",
        "pytest-gpu-1",
    )
    for name in names:
        fake.state.add_artifact(7, name, zipped(**{"r/junit.xml": name.encode(), "x.txt": b"-"}))
    forge = GitHubForge(connect(artifacts=2), fake.repository)
    found = list(forge.junit(forge.run(RunRef(run_id=7)), ["GPU (1)", "b"]))
    expected = [
        JUnitFile(artifact=name, name="r/junit.xml", content=name.encode())
        for name in ("pytest-gpu-1", "test-b2")
    ]
    left = MissingJUnit(
        artifact="artifacts",
        reason="1 more of failed jobs are left out: `artifacts` of `[limits]` is 2",
    )
    assert [*expected, left] == found


def test_junit_that_cannot_be_read_says_why(fake: FakeGitHub, connect: Connect) -> None:
    """Expired, oversize and broken artifacts are values with a reason."""
    fake.state.add_run(7)
    fake.state.add_artifact(7, "test-old", b"", expired=True)
    fake.state.add_artifact(7, "test-big", b"", size_in_bytes=10**9)
    fake.state.add_artifact(7, "test-broken", b"PK no zip")
    fake.state.add_artifact(7, "test-lzma", zipped(zipfile.ZIP_LZMA, **{"a.xml": b"<a/>"}))
    fake.state.add_artifact(7, "test-bomb", zipped(**{"a.xml": b"<a/>", "b.xml": b"0" * 3_000_000}))
    forge = GitHubForge(connect(artifact_bytes=1_000_000), fake.repository)
    found = list(forge.junit(forge.run(RunRef(run_id=7)), []))
    reasons = {one.artifact: one.reason for one in found if isinstance(one, MissingJUnit)}
    assert [one.name for one in found if isinstance(one, JUnitFile)] == ["a.xml"]
    assert "its time is over" in reasons["test-old"]
    assert "larger than 1000000" in reasons["test-big"]
    assert "no readable zip" in reasons["test-broken"]
    assert "packed as GitHub packs nothing" in reasons["test-lzma"]
    assert "larger than 1000000" in reasons["test-bomb"]


def test_former_name_of_a_repository_is_followed(fake: FakeGitHub, connect: Connect) -> None:
    """After a rename all further requests go to the present name, with their queries."""
    location = {"Location": f"{fake.url}/repos/{fake.repository}"}
    fake.faults.add(Fault(kind="status", path="acme/old", status=301, headers=location))
    fake.state.add_issue(5, labels=["flaky-test"])
    fake.state.add_issue(6, labels=["bug"])
    forge = GitHubForge(connect(), "acme/old")
    assert [issue.number for issue in forge.issues("flaky-test")] == [5]
    assert forge.repository().full_name == fake.repository


def test_redirect_to_another_host_is_refused(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A JSON call never leaves GitHub, and so neither does the token."""
    location = {"Location": "http://localhost:1/repos/x/y"}
    fake.faults.add(Fault(kind="status", status=301, headers=location))
    with pytest.raises(GitHubError, match="redirected from host"):
        forge.repository()


def test_large_file_is_refused(
    fake: FakeGitHub, forge: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A settings file without measure is not read."""
    monkeypatch.setattr("flakebot.forges.github.CONTENT_BYTES", 10)
    fake.state.add_commit(files={"CODEOWNERS": b"x" * 11}, branch="main")
    with pytest.raises(InputError, match="larger than 10 bytes"):
        forge.contents("CODEOWNERS")


def test_refused_label_is_a_sentence(forge: GitHubForge) -> None:
    """A name that is too long is no label that exists already."""
    with pytest.raises(GitHubError, match="422"):
        forge.create_label(Label(name="x" * 51))


def test_named_pull_request_that_is_gone_is_none(fake: FakeGitHub, forge: GitHubForge) -> None:
    """A number without a pull request is none."""
    run = replace(run_of(fake, forge), head_branch="x", pull_requests=(RunPull(number=404),))
    assert forge.pull_request(run) is None
    assert forge.pull_request(replace(run, head_repository=None)) is None


def test_artifact_that_lies_about_itself_is_cut(fake: FakeGitHub, connect: Connect) -> None:
    """One that is larger than it says, is gone, or has too many files, costs only itself."""
    fake.state.add_run(7)
    fake.state.add_artifact(7, "test-big", b"x" * 2000, size_in_bytes=1)
    gone = fake.state.add_artifact(7, "test-gone", b"")
    del fake.state.archives[gone["id"]]
    forge = GitHubForge(connect(artifact_bytes=1000), fake.repository)
    found = list(forge.junit(forge.run(RunRef(run_id=7)), []))
    reasons = [one.reason for one in found if isinstance(one, MissingJUnit)]
    assert ["larger than 1000" in reasons[0], "404" in reasons[1]] == [True, True]


def test_artifact_with_many_files_is_read_in_part(
    fake: FakeGitHub, forge: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was left out is said."""
    monkeypatch.setattr("flakebot.forges.github_junit.FILES", 2)
    fake.state.add_run(7)
    fake.state.add_artifact(7, "test", zipped(**{f"{n}.xml": b"<a/>" for n in range(3)}))
    *files, missing = forge.junit(forge.run(RunRef(run_id=7)), [])
    assert [file.name for file in files if isinstance(file, JUnitFile)] == ["0.xml", "1.xml"]
    assert isinstance(missing, MissingJUnit)
    assert missing.reason == "only 2 of its 3 XML files were read"
