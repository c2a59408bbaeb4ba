"""A GitHub that nobody here wrote, `emulate` from npm, as a second opinion.

It knows repositories, issues, labels and comments, and has no limits; runs and logs it has not.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from github import Auth, Github

from flakebot.forges.github import GitHubForge
from flakebot.github_api import Api
from flakebot.github_objects import Label
from flakebot.retrying import Patience
from flakebot.settings import Limits

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".tools/npm/node_modules/emulate/dist/index.js"
TOKEN = "test-token"
OWNER = "acme"
SEED = {
    "tokens": {TOKEN: {"login": OWNER, "scopes": ["repo"]}},
    "github": {
        "users": [{"login": OWNER, "name": "Acme"}],
        "repos": [
            {"owner": OWNER, "name": name, "auto_init": True} for name in ("widgets", "gadgets")
        ],
    },
}

pytestmark = [
    pytest.mark.npm,
    pytest.mark.xdist_group("emulate"),  # one server for all
    pytest.mark.skipif(
        shutil.which("node") is None or not PROGRAM.is_file(),
        reason="needs node and emulate: npm install --prefix .tools/npm emulate@0.11.0",
    ),
]


@pytest.fixture(scope="module")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `emulate`; it is ended at the end of the module."""
    folder = tmp_path_factory.mktemp("emulate")
    seed = folder / "seed.json"
    seed.write_text(json.dumps(SEED), encoding="utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--service", "github", "--port", str(port), "--base-url", url, "--seed", str(seed)]
    command = ["node", str(PROGRAM), "start", *options]
    output = folder / "output.txt"
    with (
        output.open("w") as file,
        subprocess.Popen(command, cwd=folder, stdout=file, stderr=file) as process,
    ):
        try:
            await_answer(process, url)
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def await_answer(process: subprocess.Popen[bytes], url: str) -> None:
    """Ask until it answers, ends, or twenty seconds are over."""
    for _ in range(200):
        with suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"emulate ended with exit code {process.wait(timeout=0.1)}")
    pytest.fail("emulate did not answer")


@pytest.fixture
def forge(emulate: str) -> Iterator[GitHubForge]:
    """The real forge on it; it pauses between writes for no time, and nothing is tried again."""
    patience = Patience(0.0, sleep=lambda _: None)
    api = Api(TOKEN, base_url=emulate, limits=Limits(request_seconds=5), patience=patience)
    yield GitHubForge(api, f"{OWNER}/widgets")
    api.close()


def test_it_is_a_github_to_the_client_library(emulate: str) -> None:
    """Labels, issues and comments are made and listed by PyGithub."""
    with Github(
        auth=Auth.Token(TOKEN),
        base_url=emulate,
        timeout=5,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    ) as client:
        repository = client.get_repo(f"{OWNER}/gadgets")
        repository.create_label("flaky-test", "ededed")
        issue = repository.create_issue("title", body="body", labels=["flaky-test"])
        issue.create_comment("comment")

        found = list(repository.get_issues(state="all", labels=["flaky-test"]))

    assert [one.title for one in found] == ["title"]
    assert [comment.body for comment in found[0].get_comments()] == ["comment"]


def test_the_forge_knows_whose_token_it_has(forge: GitHubForge) -> None:
    """And the repository."""
    assert forge.bot() == OWNER
    assert forge.repository().full_name == f"{OWNER}/widgets"
    assert forge.repository().default_branch == "main"


def test_the_forge_makes_and_finds_labels(forge: GitHubForge) -> None:
    """A label that is missing is none.

    A second try is not made here: the refusal lacks GitHub's code `already_exists`.
    """
    label = Label(name="flaky: a/b", color="d93f0b", description="Fails now and then")

    forge.create_label(label)

    assert forge.label("flaky: a/b") == label
    assert [one for one in forge.labels() if one.name == label.name] == [label]
    assert forge.label("no such label") is None


def test_the_forge_opens_closes_and_reopens_issues(forge: GitHubForge) -> None:
    """What it lists with the label is what it wrote, oldest first."""
    forge.create_label(Label(name="tracked"))
    first, second = (forge.create_issue(title, "body", ["tracked"]) for title in ("a", "b"))
    forge.create_issue("c", "body", [])

    closed = forge.update_issue(first.number, state="closed", state_reason="completed")
    edited = forge.update_issue(second.number, body="edited")
    opened = forge.update_issue(first.number, state="open")

    assert (closed.state, closed.closed_at is None) == ("closed", False)
    assert (edited.state, edited.body) == ("open", "edited")
    assert (opened.state, opened.closed_at) == ("open", None)
    assert [issue.number for issue in forge.issues("tracked")] == [first.number, second.number]


def test_the_forge_reads_more_than_a_page(forge: GitHubForge) -> None:
    """Lists are complete beyond a hundred."""
    number = forge.create_issue("busy", "body", []).number
    for index in range(101):
        forge.create_comment(number, str(index))

    assert [comment.body for comment in forge.comments(number)] == [str(n) for n in range(101)]


def test_the_forge_writes_edits_and_deletes_comments(forge: GitHubForge) -> None:
    """Deleting twice is no error."""
    number = forge.create_issue("issue", "body", []).number
    kept, gone = (forge.create_comment(number, body) for body in "ab")

    forge.update_comment(number, kept.id, "edited")
    forge.delete_comment(number, gone.id)
    forge.delete_comment(number, gone.id)

    comments = forge.comments(number)
    assert [(comment.id, comment.body) for comment in comments] == [(kept.id, "edited")]
    assert comments[0].user is not None
    assert comments[0].user.login == OWNER
