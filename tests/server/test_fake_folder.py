"""The fake GitHub serves a folder in place of GitHub, in this process and in another one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.server.fake_github import FakeGitHub

ROOT = Path(__file__).resolve().parents[2]
SHAS = {name: digit * 40 for name, digit in {"root": "1", "main": "2", "topic": "3"}.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of a pull request in two attempts, with everything a folder may hold."""
    job = {"name": "unit", "conclusion": "failure", "labels": ["x"], "started_at": None}
    head = {"ref": "topic", "sha": SHAS["topic"], "repo": {"full_name": "bob/app"}}
    author = {"login": "bob", "type": "User"}
    issue = {"number": 3, "title": "Flaky", "labels": [{"name": "flaky-test", "color": "ff0000"}]}
    files: dict[str, Any] = {
        "repository.json": {"full_name": "ai/app", "default_branch": "trunk", "html_url": "h"},
        "runs/5/run.json": {
            "id": 5,
            "run_attempt": 2,
            "head_sha": SHAS["topic"],
            "head_branch": "topic",
            "conclusion": "failure",
            "event": "pull_request",
            "pull_requests": [{"number": 9}],
            "url": "https://api.github.com/repos/ai/app/actions/runs/5",
        },
        "runs/5/attempts/1/jobs.json": {"total_count": 1, "jobs": [{**job, "id": 70}]},
        "runs/5/attempts/2/jobs.json": {"total_count": 1, "jobs": [{**job, "id": 71}]},
        "pulls/9.json": {
            "number": 9,
            "head": head,
            "base": {"ref": "trunk", "sha": "2" * 40},
            "user": author,
        },
        "pulls/9.files.json": [{"filename": "a.py", "status": "added"}],
        "issues/3.json": {**issue, "user": {"login": "github-actions[bot]"}, "closed_at": None},
        "issues/3.comments.json": [{"id": 31, "body": "hello", "user": author}],
        "issues/9.comments.json": [{"id": 91, "body": "on the pull request"}],
        "labels.json": [{"name": "flaky-test", "color": "ff0000", "description": "d"}],
        "commits.json": [
            {"sha": SHAS["topic"], "parents": [SHAS["root"]], "date": "2026-03-01T00:00:00Z"},
            {"sha": SHAS["main"], "parents": [SHAS["root"]], "date": "2026-02-01T00:00:00Z"},
            {"sha": SHAS["root"], "parents": [], "date": "2026-01-01T00:00:00Z"},
        ],
    }
    texts = {name: json.dumps(content) for name, content in files.items()}
    texts |= {
        "runs/5/attempts/2/logs/71.log": "\ufefflog\n",
        "runs/5/artifacts/junit/a/report.xml": "<testsuite/>",
        "contents/.github/CODEOWNERS": "* @ai/team\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_everything_in_a_folder_is_served(folder: Path) -> None:
    """With addresses of the fake, and nothing GitHub's description forbids."""
    with FakeGitHub.from_folder(folder) as fake, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fake.token}"

        def get(path: str) -> Any:
            answer = session.get(f"{fake.url}/repos/ai/app{path}", timeout=5)
            assert answer.status_code == 200, answer.text
            return answer.json()

        artifact = get("/actions/runs/5/artifacts")["artifacts"][0]
        zipped = requests.get(
            session.get(artifact["archive_download_url"], allow_redirects=False, timeout=5).headers[
                "Location"
            ],
            timeout=5,
        )
        log = session.get(
            f"{fake.url}/repos/ai/app/actions/jobs/71/logs", allow_redirects=False, timeout=5
        ).headers["Location"]

        assert get("")["default_branch"] == "trunk"
        assert get("/actions/runs/5")["pull_requests"][0]["number"] == 9
        assert get("/actions/runs/5")["url"].startswith(fake.url)
        assert [get(f"/actions/runs/5/attempts/{n}/jobs")["jobs"][0]["id"] for n in (1, 2)] == [
            70,
            71,
        ]
        assert requests.get(log, timeout=5).content == b"\xef\xbb\xbflog\n"
        assert zipfile.ZipFile(io.BytesIO(zipped.content)).namelist() == ["a/report.xml"]
        assert get("/pulls/9")["head"]["label"] == "bob:topic"
        assert get("/pulls/9/files")[0]["status"] == "added"
        assert get("/issues/3")["labels"][0]["description"] == "d"
        assert [comment["id"] for comment in get("/issues/3/comments")] == [31]
        assert [comment["id"] for comment in get("/issues/9/comments")] == [91]
        assert get("/git/ref/heads/trunk")["object"]["sha"] == SHAS["main"]
        assert get(f"/compare/{SHAS['main']}...{SHAS['topic']}")["status"] == "diverged"
        assert get("/contents/.github/CODEOWNERS")["size"] == 11
        assert fake.violations == []


def test_a_folder_with_one_run_is_enough(tmp_path: Path) -> None:
    """What is missing is empty."""
    (tmp_path / "runs/5").mkdir(parents=True)
    (tmp_path / "repository.json").write_text('{"full_name": "ai/app"}')
    (tmp_path / "runs/5/run.json").write_text(json.dumps({"id": 5, "head_sha": "1" * 40}))

    with FakeGitHub(tmp_path) as fake:
        answer = requests.get(
            f"{fake.url}/repos/ai/app/actions/runs/5/jobs",
            headers={"Authorization": f"Bearer {fake.token}"},
            timeout=5,
        )
        assert answer.json() == {"total_count": 0, "jobs": []}
        assert fake.violations == []


def test_a_folder_is_served_by_another_process(folder: Path) -> None:
    """It prints where it is, and tells afterwards what was asked and what it knows."""
    command = [sys.executable, "-m", "tests.server.serve", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            url, headers = told["url"], {"Authorization": f"Bearer {told['token']}"}
            body = {"body": "new"}
            address = f"{url}/repos/ai/app/issues/3/comments"
            requests.post(address, json=body, headers=headers, timeout=5)
            state = requests.get(f"{url}/_fake/state", timeout=5).json()
            asked = requests.get(f"{url}/_fake/requests", timeout=5).json()
            found = requests.get(f"{url}/_fake/violations", timeout=5).json()
        finally:
            process.terminate()
            process.wait(timeout=10)

    assert [comment["body"] for comment in state["comments"]["3"]] == ["hello", "new"]
    assert [(one["method"], one["status"]) for one in asked] == [("POST", 201)]
    assert found == {"violations": [], "leaks": []}
    assert process.returncode == 0
