"""The fake GitHub answers as GitHub does; every test ends with the check of its description."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from tests.server import openapi
from tests.server.fake_github import FakeGitHub

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(fake: FakeGitHub) -> Iterator[Ask]:
    """Asks the fake with its token; redirects are not followed."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fake.token}"

        def send(method: str, path: str, **more: Any) -> requests.Response:
            base = "" if path.startswith("/") else f"/repos/{fake.repository}/"
            address = fake.url + (base + path).rstrip("/")
            return session.request(method, address, allow_redirects=False, timeout=5, **more)

        yield send


def message(answer: requests.Response) -> str:
    text = answer.json()["message"]
    assert isinstance(text, str)
    return text


def failed_run(fake: FakeGitHub) -> None:
    """Run 5 with a failed job 7 and a job 8 that passed."""
    steps = [
        {"name": "Set up job", "number": 1, "started_at": "2026-01-01T00:00:00Z"},
        {"name": "Run tests/unit: all", "number": 2, "started_at": "2026-01-01T00:00:05Z"},
    ]
    full = [{"status": "completed", "conclusion": "success", **step} for step in steps]
    log = "2026-01-01T00:00:01.0000000Z hello\n2026-01-01T00:00:06.0000000Z E  broken\n"
    fake.state.add_run(5, created_at="2026-11-20T00:00:00Z")
    fake.state.add_job(5, 7, name="unit / py: 3", conclusion="failure", log=log, steps=full)
    fake.state.add_job(5, 8, name="lint", log="fine\n")


# -- the door ---------------------------------------------------------------------------------


def test_a_token_is_required_and_must_be_the_right_one(fake: FakeGitHub) -> None:
    """401 without a token and with a wrong one."""
    address = f"{fake.url}/repos/{fake.repository}"

    statuses = [
        requests.get(address, headers=headers, timeout=5).status_code
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"token {fake.token}"})
    ]

    assert statuses == [401, 401, 200]


def test_requests_are_recorded_with_their_status(fake: FakeGitHub, ask: Ask) -> None:
    """By origin, method, path, query and status."""
    ask("GET", "labels", params={"per_page": 1})
    ask("GET", "labels/none")

    assert [(one.method, one.path, one.query, one.status) for one in fake.requests] == [
        ("GET", "/repos/acme/widgets/labels", {"per_page": "1"}, 200),
        ("GET", "/repos/acme/widgets/labels/none", {}, 404),
    ]
    assert fake.requests.total(storage=False) == 2


def test_the_rate_limit_counts_and_refuses_when_it_is_used_up(fake: FakeGitHub, ask: Ask) -> None:
    """Asking for the limit and 304 are free."""
    fake.state.requests_left = 2
    first = ask("GET", "labels")
    again = ask("GET", "labels", headers={"If-None-Match": first.headers["ETag"]})
    ask("GET", "labels")
    refused = ask("GET", "labels")

    assert [first.headers["X-RateLimit-Remaining"], again.status_code] == ["1", 304]
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert ask("GET", "/rate_limit").json()["rate"]["remaining"] == 0


def test_a_former_name_leads_to_the_repository(fake: FakeGitHub, ask: Ask) -> None:
    """By its id, with the rest of the path and the query; the method is kept by a 307."""
    fake.state.former_names.add("old/name")
    fake.state.add_label("a")

    moved = ask("GET", "/repos/old/name/labels", params={"per_page": 1})
    kept = ask("POST", "/repos/old/name/labels", json={"name": "b"})

    assert (moved.status_code, kept.status_code) == (301, 307)
    path = moved.headers["Location"].removeprefix(fake.url)
    assert path.endswith("/labels?per_page=1")
    assert [label["name"] for label in ask("GET", path).json()] == ["a"]


def test_a_workflows_token_may_not_ask_who_it_is(fake: FakeGitHub, ask: Ask) -> None:
    """A person's may."""
    refused = ask("GET", "/user")
    fake.state.login = "ada"

    assert (refused.status_code, message(refused)) == (
        403,
        "Resource not accessible by integration",
    )
    assert ask("GET", "/user").json()["login"] == "ada"


@pytest.mark.parametrize(
    ("permissions", "on_issue", "on_pull"),
    [
        ({"issues": "write"}, 201, 201),
        ({"pull-requests": "write"}, 403, 201),
        ({"issues": "read", "contents": "write"}, 403, 403),
    ],
)
def test_a_missing_permission_is_named(
    fake: FakeGitHub, ask: Ask, permissions: dict[str, str], on_issue: int, on_pull: int
) -> None:
    """Either permission lets a token comment on a pull request, one only on an issue."""
    fake.state.add_issue(1)
    fake.state.add_pull(2, head=("topic", "1" * 40))
    fake.permissions = permissions

    answers = [ask("POST", f"issues/{n}/comments", json={"body": "hi"}) for n in (1, 2)]

    assert [answer.status_code for answer in answers] == [on_issue, on_pull]
    assert all(
        message(answer) == "Resource not accessible by integration"
        for answer in answers
        if answer.status_code == 403
    )


def test_a_private_repository_needs_read_permission(fake: FakeGitHub, ask: Ask) -> None:
    """Anybody reads a public one."""
    failed_run(fake)
    fake.permissions = {}
    public = ask("GET", "actions/runs/5").status_code
    fake.state.repository["private"] = True

    assert (public, ask("GET", "actions/runs/5").status_code) == (200, 403)


# -- runs -------------------------------------------------------------------------------------


def test_runs_attempts_and_jobs(fake: FakeGitHub, ask: Ask) -> None:
    """The run is the latest attempt; an attempt's jobs come in pages with their total."""
    failed_run(fake)

    page = ask("GET", "actions/runs/5/attempts/1/jobs", params={"per_page": 1})
    second = ask("GET", "actions/runs/5/attempts/1/jobs", params={"per_page": 1, "page": 2})

    assert ask("GET", "").json()["default_branch"] == "main"
    assert ask("GET", "actions/runs/5").json()["run_attempt"] == 1
    assert ask("GET", "actions/runs/5/attempts/1").json()["id"] == 5
    assert (page.json()["total_count"], [j["id"] for j in page.json()["jobs"]]) == (2, [7])
    assert page.links["next"]["url"].endswith("/jobs?per_page=1&page=2")
    assert [job["id"] for job in second.json()["jobs"]] == [8]
    assert ask("GET", "actions/jobs/8").json()["name"] == "lint"
    assert [
        ask("GET", path).status_code
        for path in ("actions/runs/6", "actions/runs/5/attempts/2", "actions/jobs/9")
    ] == [404, 404, 404]


def test_a_log_is_behind_a_short_lived_link_that_takes_no_token(fake: FakeGitHub, ask: Ask) -> None:
    """The storage refuses tokens and expired links, in XML."""
    failed_run(fake)
    link = ask("GET", "actions/jobs/7/logs").headers["Location"]

    served = requests.get(link, timeout=5)
    leaked = requests.get(link, headers={"Authorization": "Bearer x"}, timeout=5)
    fake.clock.advance(61)
    expired = requests.get(link, timeout=5)

    assert link.startswith(fake.storage_url)
    assert served.content.startswith(b"\xef\xbb\xbf2026-01-01T00:00:01.0000000Z hello\n")
    assert (leaked.status_code, expired.status_code) == (403, 403)
    assert "<Code>AuthenticationFailed</Code>" in leaked.text
    assert [fake.leaks.pop()] == ["GET /logs/jobs/7.txt"]


def test_a_job_in_progress_has_no_log_yet_and_an_old_one_no_more(
    fake: FakeGitHub, ask: Ask
) -> None:
    """`BlobNotFound` behind the redirect, 410 when expired, JSON 404 for an unknown job."""
    failed_run(fake)
    fake.state.jobs[7]["status"] = "in_progress"
    fake.state.expired_logs.add(8)

    pending = requests.get(ask("GET", "actions/jobs/7/logs").headers["Location"], timeout=5)

    assert (pending.status_code, "<Code>BlobNotFound</Code>" in pending.text) == (404, True)
    assert ask("GET", "actions/jobs/8/logs").status_code == 410
    assert message(ask("GET", "actions/jobs/9/logs")) == "Not Found"


def test_the_archive_of_logs_has_jobs_on_top_and_steps_in_folders(
    fake: FakeGitHub, ask: Ask
) -> None:
    """Names lose slashes and colons; there is none while the run is in progress."""
    failed_run(fake)
    link = ask("GET", "actions/runs/5/attempts/1/logs").headers["Location"]
    archive = zipfile.ZipFile(io.BytesIO(requests.get(link, timeout=5).content))
    fake.state.runs[5][1]["status"] = "in_progress"

    assert archive.namelist() == [
        "0_unit  py 3.txt",
        "unit  py 3/1_Set up job.txt",
        "unit  py 3/2_Run testsunit all.txt",
        "unit  py 3/system.txt",
        "1_lint.txt",
        "lint/system.txt",
    ]
    assert archive.read("0_unit  py 3.txt") == fake.state.logs[7]
    assert b"broken" in archive.read("unit  py 3/2_Run testsunit all.txt")
    assert b"broken" not in archive.read("unit  py 3/1_Set up job.txt")
    assert ask("GET", "actions/runs/5/logs").status_code == 404


def test_artifacts_are_listed_and_served_until_they_expire(fake: FakeGitHub, ask: Ask) -> None:
    """302 to the storage, 410 when expired."""
    failed_run(fake)
    artifact = fake.state.add_artifact(5, "junit", b"PK-zip")
    listed = ask("GET", "actions/runs/5/artifacts").json()
    link = ask("GET", f"actions/artifacts/{artifact['id']}/zip").headers["Location"]
    artifact["expired"] = True

    assert (listed["total_count"], listed["artifacts"][0]["name"]) == (1, "junit")
    assert ask("GET", "actions/runs/5/artifacts", params={"name": "x"}).json()["total_count"] == 0
    assert requests.get(link, timeout=5).content == b"PK-zip"
    assert ask("GET", f"actions/artifacts/{artifact['id']}/zip").status_code == 410


def test_a_rerun_starts_an_attempt_in_which_only_failed_jobs_are_new(
    fake: FakeGitHub, ask: Ask
) -> None:
    """Jobs that passed keep their id and their attempt; a run in progress is refused."""
    failed_run(fake)

    first = ask("POST", "actions/runs/5/rerun-failed-jobs")
    refused = ask("POST", "actions/runs/5/rerun-failed-jobs")
    jobs = ask("GET", "actions/runs/5/jobs").json()["jobs"]
    fake.state.finish_attempt(5, {"unit / py: 3": "success"})
    again = ask("POST", "actions/runs/5/rerun-failed-jobs")

    assert (first.status_code, first.json()) == (201, {})
    assert (refused.status_code, message(refused)) == (403, "This workflow is already running")
    assert [(j["name"], j["run_attempt"], j["status"]) for j in jobs] == [
        ("unit / py: 3", 2, "queued"),
        ("lint", 1, "completed"),
    ]
    assert ask("GET", "actions/runs/5").json()["conclusion"] == "success"
    assert ask("GET", "actions/runs/5/attempts/1").json()["conclusion"] == "failure"
    assert message(again) == "This workflow run cannot be retried"
    assert ask("GET", "actions/runs/5/jobs", params={"filter": "all"}).json()["total_count"] == 3


def test_a_rerun_is_refused_after_a_month_and_after_too_many(fake: FakeGitHub, ask: Ask) -> None:
    """In GitHub's words."""
    failed_run(fake)
    fake.state.limits.reruns = 0
    often = message(ask("POST", "actions/runs/5/rerun-failed-jobs"))
    fake.clock.advance(31 * 24 * 3600)
    late = message(ask("POST", "actions/runs/5/rerun-failed-jobs"))

    assert often == "This workflow run cannot be retried"
    assert late.startswith("Unable to retry this workflow run because it was created over a month")


# -- issues -----------------------------------------------------------------------------------


def test_issues_are_listed_by_label_state_and_author_with_pull_requests(
    fake: FakeGitHub, ask: Ask
) -> None:
    """All labels must be there; newest first unless asked otherwise."""
    fake.state.add_issue(1, labels=["Flaky", "ci"])
    fake.state.add_issue(2, labels=["flaky"], author="ada", state="closed")
    pull = fake.state.add_pull(3, head=("topic", "1" * 40))
    pull["labels"] = [fake.state.labels["flaky"]]

    def numbers(**query: object) -> list[int]:
        return [issue["number"] for issue in ask("GET", "issues", params=query).json()]

    assert numbers(labels="flaky", state="all") == [3, 2, 1]
    assert numbers(labels="flaky", state="all", direction="asc", sort="created") == [1, 2, 3]
    assert numbers(labels="flaky,ci", state="all") == [1]
    assert numbers() == [3, 1]
    assert numbers(state="closed", creator="ada") == [2]
    assert "pull_request" in ask("GET", "issues/3").json()


def test_every_page_of_a_list_is_linked(fake: FakeGitHub, ask: Ask) -> None:
    """`next` and `last` lead on, `prev` and `first` back."""
    for number in range(1, 6):
        fake.state.add_issue(number)
    answer = ask("GET", "issues", params={"per_page": 2, "state": "all"})
    pages = [answer]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fake.token}"
        while "next" in pages[-1].links:
            pages.append(session.get(pages[-1].links["next"]["url"], timeout=5))

    assert [[issue["number"] for issue in page.json()] for page in pages] == [[5, 4], [3, 2], [1]]
    assert [sorted(page.links) for page in pages] == [
        ["last", "next"],
        ["first", "last", "next", "prev"],
        ["first", "prev"],
    ]


def test_an_issue_is_created_edited_closed_and_reopened(ask: Ask) -> None:
    """With labels made on the way, and events of its states."""
    created = ask("POST", "issues", json={"title": "t", "body": "b", "labels": ["new"]})
    number = created.json()["number"]
    closed = ask("PATCH", f"issues/{number}", json={"state": "closed", "state_reason": "completed"})
    opened = ask("PATCH", f"issues/{number}", json={"state": "open", "body": "c", "labels": []})
    events = ask("GET", f"issues/{number}/events").json()

    assert (created.status_code, created.json()["user"]["login"]) == (201, "github-actions[bot]")
    assert [label["name"] for label in ask("GET", "labels").json()] == ["new"]
    assert (closed.json()["state"], closed.json()["state_reason"]) == ("closed", "completed")
    assert opened.json() | {"state_reason": "reopened", "body": "c", "labels": []} == opened.json()
    assert [event["event"] for event in events] == ["closed", "reopened"]
    assert created.json()["updated_at"] < closed.json()["updated_at"] < opened.json()["updated_at"]


def test_a_body_over_the_limit_is_refused_but_silently_dropped_by_an_edit(
    fake: FakeGitHub, ask: Ask
) -> None:
    """65536 characters; an edit answers 200 and keeps the old body."""
    fake.state.add_issue(1, body="old")
    comment = fake.state.add_comment(1, "old")
    body = {"body": "x" * 65537}

    refused = [
        ask("POST", "issues", json={"title": "t", **body}),
        ask("POST", "issues/1/comments", json=body),
        ask("PATCH", f"issues/comments/{comment['id']}", json=body),
    ]
    dropped = ask("PATCH", "issues/1", json=body)
    kept = ask("PATCH", "issues/1", json={"body": "x" * 65536})

    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert all("body is too long" in answer.text for answer in refused)
    assert (dropped.status_code, dropped.json()["body"]) == (200, "old")
    assert len(kept.json()["body"]) == 65536


def test_titles_labels_and_disabled_issues_are_refused(fake: FakeGitHub, ask: Ask) -> None:
    """256 characters for a title, 50 for a label's name, 100 for its description, 410."""
    fake.state.add_label("there")
    refusals = [
        ask("POST", "issues", json={"title": "x" * 257}),
        ask("POST", "labels", json={"name": "x" * 51}),
        ask("POST", "labels", json={"name": "x", "description": "x" * 101}),
        ask("POST", "labels", json={"name": "x", "color": "#ffffff"}),
        ask("POST", "labels", json={"name": "There"}),
        ask("POST", "issues", json={"title": "t", "labels": [f"l{n}" for n in range(101)]}),
    ]
    fake.state.repository["has_issues"] = False

    assert [answer.status_code for answer in refusals] == [422] * 6
    assert refusals[4].json()["errors"] == [
        {"resource": "Label", "code": "already_exists", "field": "name"}
    ]
    assert ask("POST", "issues", json={"title": "t"}).status_code == 410


def test_comments_are_created_listed_edited_and_deleted(fake: FakeGitHub, ask: Ask) -> None:
    """Oldest first; a locked issue takes none."""
    fake.state.add_issue(1)
    fake.state.add_issue(2, locked=True)
    ids = [ask("POST", "issues/1/comments", json={"body": b}).json()["id"] for b in "ab"]
    ask("PATCH", f"issues/comments/{ids[0]}", json={"body": "c"})
    listed = [comment["body"] for comment in ask("GET", "issues/1/comments").json()]
    deleted = ask("DELETE", f"issues/comments/{ids[1]}").status_code

    assert (listed, deleted) == (["c", "b"], 204)
    assert ask("GET", f"issues/comments/{ids[1]}").status_code == 404
    assert ask("GET", "issues/1").json()["comments"] == 1
    assert message(ask("POST", "issues/2/comments", json={"body": "x"})) == (
        "Unable to create comment because issue is locked."
    )


def test_labels_are_created_found_whatever_their_case_and_added(fake: FakeGitHub, ask: Ask) -> None:
    """Adding one that is there changes nothing."""
    fake.state.add_issue(1, labels=["a"])
    made = ask("POST", "labels", json={"name": "Flaky test", "color": "ABCDEF"})
    added = ask("POST", "issues/1/labels", json={"labels": ["A", "flaky test"]})

    assert (made.status_code, made.json()["color"]) == (201, "abcdef")
    assert ask("GET", "labels/flaky%20test").json()["name"] == "Flaky test"
    assert [label["name"] for label in added.json()] == ["a", "Flaky test"]


# -- pull requests and git --------------------------------------------------------------------


def test_pull_requests_are_found_by_their_head(fake: FakeGitHub, ask: Ask) -> None:
    """A fork's by `owner:branch`; a commit's only when it is in this repository."""
    fake.state.add_pull(1, head=("topic", "1" * 40), fork="bob/widgets", files=["a.py", "b.py"])
    fake.state.add_pull(2, head=("topic", "2" * 40))

    def numbers(path: str, **query: object) -> list[int]:
        return [pull["number"] for pull in ask("GET", path, params=query).json()]

    assert numbers("pulls", head="bob:topic", state="open") == [1]
    assert numbers("pulls", head="topic") == [2, 1]
    assert numbers(f"commits/{'2' * 40}/pulls") == [2]
    assert numbers(f"commits/{'1' * 40}/pulls") == []
    assert message(ask("GET", f"commits/{'3' * 40}/pulls")).startswith("No commit found for SHA")
    assert ask("GET", "pulls/1").json()["head"]["repo"]["full_name"] == "bob/widgets"
    files = ask("GET", "pulls/1/files", params={"per_page": 1})
    assert (files.json()[0]["filename"], "next" in files.links) == ("a.py", True)


def test_commits_are_listed_and_compared_by_ancestry(fake: FakeGitHub, ask: Ask) -> None:
    """Ahead, behind, diverged, identical; unrelated and unknown ones are not found."""
    root = fake.state.add_commit(message="root", branch="old").sha
    main = fake.state.add_commit(parents=[root], message="main", branch="main").sha
    topic = fake.state.add_commit(parents=[root], message="topic", branch="topic/x").sha
    other = fake.state.add_commit(message="other").sha

    def status(base: str, head: str) -> str:
        answer = ask("GET", f"compare/{base}...{head}").json()
        return str(answer.get("status") if "commits" in answer else answer["message"])

    pairs = [(root, main), (main, root), (main, "topic/x"), (topic, topic)]
    assert [status(*pair) for pair in pairs] == ["ahead", "behind", "diverged", "identical"]
    assert status(main, other).startswith("No common ancestor")
    assert status(main, "f" * 40) == "Not Found"
    listed = ask("GET", "commits", params={"sha": "main"}).json()
    assert [commit["sha"] for commit in listed] == [main, root]
    until = listed[1]["commit"]["committer"]["date"]
    assert [c["sha"] for c in ask("GET", "commits", params={"until": until}).json()] == [root]


def test_contents_are_served_as_json_and_raw(fake: FakeGitHub, ask: Ask) -> None:
    """From the default branch or another one; JSON leaves out what is over 1 MB."""
    files = {".github/a b.toml": b"x = 1\n", "big": b"x" * 1_000_001}
    fake.state.add_commit(files=files, branch="main")
    fake.state.add_commit(files={"only": b"here"}, branch="data")
    raw = {"Accept": "application/vnd.github.raw+json"}

    file = ask("GET", "contents/.github/a%20b.toml").json()
    big = ask("GET", "contents/big")

    assert base64.b64decode(file["content"]) == b"x = 1\n"
    assert ask("GET", "contents/.github/a%20b.toml", headers=raw).content == b"x = 1\n"
    assert (big.json()["encoding"], big.json()["content"]) == ("none", "")
    assert len(ask("GET", "contents/big", headers=raw).content) == 1_000_001
    assert ask("GET", "contents/only", params={"ref": "data"}, headers=raw).text == "here"
    assert [entry["path"] for entry in ask("GET", "contents/.github").json()] == [
        ".github/a b.toml"
    ]
    assert ask("GET", "contents/none").status_code == 404


def test_a_branch_is_written_through_git_data_forward_only(fake: FakeGitHub, ask: Ask) -> None:
    """Trees from content or blobs, over a base or not; a reference that is not ahead is refused."""
    fake.state.add_commit(files={"a": b"a"}, branch="main")

    def sha(path: str, **fields: object) -> str:
        answer = ask("POST", path, json=fields)
        assert answer.status_code == 201
        return str(answer.json()["sha"])

    def entry(path: str, **content: object) -> dict[str, object]:
        return {"path": path, "mode": "100644", "type": "blob", **content}

    blob = sha("git/blobs", content=base64.b64encode(b"\xff").decode(), encoding="base64")
    tree = sha("git/trees", tree=[entry("l/1.jsonl", content="é\n"), entry("bin", sha=blob)])
    first = sha("git/commits", message="m", tree=tree, parents=[])
    made = ask("POST", "git/refs", json={"ref": "refs/heads/data/x", "sha": first})
    over = sha(
        "git/trees", base_tree=tree, tree=[entry("two", content="2"), entry("bin", sha=None)]
    )
    second = sha("git/commits", message="m", tree=over, parents=[first])
    rival = sha("git/commits", message="rival", tree=tree, parents=[first])
    moved = ask("PATCH", "git/refs/heads/data/x", json={"sha": second, "force": False})
    lost = ask("PATCH", "git/refs/heads/data/x", json={"sha": rival})
    listed = ask("GET", f"git/trees/{over}", params={"recursive": 1}).json()["tree"]

    assert (made.status_code, moved.status_code, lost.status_code) == (201, 200, 422)
    assert message(lost) == "Update is not a fast forward"
    assert [item["path"] for item in listed] == ["l/1.jsonl", "two"]
    assert ask("GET", "git/ref/heads/data/x").json()["object"]["sha"] == second
    assert ask("GET", f"git/commits/{second}").json()["parents"][0]["sha"] == first
    assert base64.b64decode(ask("GET", f"git/blobs/{blob}").json()["content"]) == b"\xff"
    assert message(ask("POST", "git/refs", json={"ref": "refs/heads/main", "sha": first})) == (
        "Reference already exists"
    )
    assert message(ask("PATCH", "git/refs/heads/none", json={"sha": first})) == (
        "Reference does not exist"
    )


def test_object_names_are_those_of_git(fake: FakeGitHub, ask: Ask) -> None:
    """As `git hash-object` and `git mktree` name them."""
    content = {"path": "a", "mode": "100644", "type": "blob", "content": "hello\n"}
    fake.state.add_commit(branch="main")
    tree = ask("POST", "git/trees", json={"tree": [content]}).json()

    assert tree["tree"][0]["sha"] == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert tree["sha"] == "0976950c1fdbcb52435a433913017bf044b3a58f"


def test_a_branch_is_read_in_one_archive(fake: FakeGitHub, ask: Ask) -> None:
    """Below `owner-repo-sha`, the commit in the comment; no such branch is told by the archive."""
    commit = fake.state.add_commit(files={"l/1.jsonl": b"{}\n"}, branch="data")
    link = ask("GET", "zipball/refs/heads/data").headers["Location"]
    archive = zipfile.ZipFile(io.BytesIO(requests.get(link, timeout=5).content))
    missing = ask("GET", "zipball/none").headers["Location"]

    assert archive.comment.decode() == commit.sha
    assert archive.read(f"acme-widgets-{commit.sha[:7]}/l/1.jsonl") == b"{}\n"
    assert requests.get(missing, timeout=5).status_code == 404


# -- the description --------------------------------------------------------------------------


@pytest.mark.npm
@pytest.mark.skipif(not openapi.available(), reason=openapi.MISSING)
@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("POST", "issues", {"json": {"body": "x"}}, "'title' is a required property"),
        ("PATCH", "issues/1", {"json": {"state": "banana"}}, "'banana' is not one of"),
        ("GET", "issues", {"params": {"state": "banana"}}, "'banana' is not one of"),
        ("GET", "issues", {"params": {"label": "x"}}, "parameter label is not documented"),
        ("GET", "issues/1", {}, "'one' is not of type 'integer'"),
        ("GET", "nothing", {}, "the fake has no GET"),
    ],
)
def test_what_departs_from_the_description_is_found(
    fake: FakeGitHub, ask: Ask, method: str, path: str, more: dict[str, Any], expected: str
) -> None:
    """Bodies, queries and paths of requests, and the fake's own answers."""
    fake.state.add_issue(1)
    fake.state.issues[1]["number"] = "one" if method == "GET" else 1

    ask(method, path, **more)

    assert any(expected in violation for violation in fake.violations)
    fake.violations.clear()
