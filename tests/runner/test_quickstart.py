"""The quickstart as a newcomer follows it: what the page says is done, and prints what it shows.

The tests on the page are run by pytest itself, the workflows' inputs and permissions are the ones
on the page, and GitHub is the fake one, over HTTP.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.runner.runner_double import ROOT, ActionRun
from tests.runner.widgets import RUN, act
from tests.server.fake_github import FakeGitHub

PAGE = ROOT / "docs" / "quickstart.md"
TRIES = 60
"""Of a test that fails every other time, until it did what is wanted."""

BLOCK = r"(?ms)^(`{3,})(\w+)\n(.*?)^\1$"


class Page:
    """The page's blocks, in order per language."""

    def __init__(self) -> None:
        self.text = PAGE.read_text(encoding="utf-8")
        self._blocks: dict[str, list[str]] = {}
        for _, language, body in re.findall(BLOCK, self.text):
            self._blocks.setdefault(language, []).append(body)

    def next(self, language: str) -> str:
        """The next block of a language."""
        return self._blocks[language].pop(0)

    def all(self, language: str) -> Sequence[str]:
        """All blocks of a language."""
        return self._blocks[language]

    def check(self, shown: Mapping[str, list[str]]) -> None:
        """Compare what was not taken yet, all of it, or write it anew with `BLESS=1`."""
        if os.environ.get("BLESS"):  # noqa: TID251  # as for all expected files
            left = {language: iter(texts) for language, texts in shown.items()}
            PAGE.write_text(
                re.sub(
                    BLOCK,
                    lambda m: f"{m[1]}{m[2]}\n{next(left[m[2]])}{m[1]}" if m[2] in left else m[0],
                    self.text,
                ),
                encoding="utf-8",
            )
        assert {name: self._blocks[name] for name in shown} == shown


@pytest.fixture
def page() -> Page:
    """The page as it stands in the documentation."""
    return Page()


@pytest.fixture
def tests_of_the_page(page: Page, tmp_path: Path) -> Callable[[str], str]:
    """Runs what the page's workflow runs, until its result is the wanted one, and returns the
    output.
    """
    workflow = YAML(typ="safe").load(page.next("yaml"))
    (command,) = [step["run"] for step in workflow["jobs"]["unit"]["steps"] if "run" in step]
    folder = tmp_path / "widgets"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "test_shop.py").write_text(page.next("python"))
    interpreter, *arguments = shlex.split(command)
    assert interpreter == "python"

    environ = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # noqa: TID251

    def run(wanted: str) -> str:
        output = ""
        for _ in range(TRIES):
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=folder, env=environ, check=False, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            output = done.stdout
            if done.returncode == {"success": 0, "failure": 1}[wanted]:
                return output
        raise AssertionError(f"no {wanted} in {TRIES} tries: {output}")

    return run


def _ended(fake: FakeGitHub, attempt: int, conclusion: str, output: str) -> str:
    """An attempt of the pull request's run, and its job's log."""
    sha = fake.state.git.refs["refs/heads/topic"]
    fake.state.add_run(
        RUN, attempt=attempt, head_sha=sha, head_branch="topic", event="pull_request",
        conclusion=conclusion, name="PR",
    )  # fmt: skip
    stamp = fake.clock.now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    error = ["##[error]Process completed with exit code 1."] * (conclusion == "failure")
    log = "".join(f"{stamp} {line}\n" for line in [*output.splitlines(), *error])
    job = {"name": "unit", "conclusion": conclusion, "log": log}
    fake.state.add_job(RUN, 70 + attempt, attempt=attempt, **job)
    return log


def _followed(fake: FakeGitHub, folder: Path, workflow: dict[str, Any], *, told: bool) -> ActionRun:
    """The page's step with the page's permissions, after the run that ended last."""
    job = workflow["jobs"]["flakebot"]
    fake.permissions = job["permissions"]
    (step,) = job["steps"]
    run = act(fake, folder, **(step["with"] if told else {}))
    assert not run.failed, run.stderr
    return run


def _plain(text: str, fake: FakeGitHub) -> str:
    """Without what differs from day to day: addresses, commits and dates."""
    text = text.replace(fake.url, "https://github.com")
    for sha in {
        *fake.state.git.refs.values(),
        *(r[1]["head_sha"] for r in fake.state.runs.values()),
    }:
        for length in (40, 10, 7):
            text = text.replace(sha[:length], "0123456789abcdef0123456789abcdef01234567"[:length])
    date = fake.clock.now.strftime("%Y-%m-%d")
    return text.replace(date, "2026-02-01")


def _log(run: ActionRun, fake: FakeGitHub) -> str:
    """The step's log as a person sees it, folds open."""
    lines = [
        line.removeprefix("::group::") if "::group::" in line else f"  {line}" if folded else line
        for line, folded in _folded(run.stdout)
    ]
    return _plain("\n".join(lines) + "\n", fake)


def _folded(text: str) -> Iterator[tuple[str, bool]]:
    """The lines that are shown, and whether each stands in a fold."""
    folded = False
    for line in text.splitlines():
        if line.startswith("::group::"):
            folded = True
            yield line, False
        elif line == "::endgroup::":
            folded = False
        elif not line.startswith("::"):
            yield line, folded


def _comment(fake: FakeGitHub) -> str:
    """The one comment, without its markers."""
    (comment,) = fake.state.comments[9].values()
    return _plain(re.sub(r"<!--.*?-->\n?", "", comment["body"]), fake).strip() + "\n"


def _shell(line: str, fake: FakeGitHub, folder: Path) -> str:
    """A command of the page, with its output."""
    command = line.splitlines()[0].removeprefix("$ ")
    name, *arguments = shlex.split(command)
    assert name == "flakebot"
    environ = {
        "PATH": os.environ["PATH"],  # noqa: TID251  # a shell has one
        "GITHUB_API_URL": fake.url,
        "GITHUB_TOKEN": fake.token,
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    done = subprocess.run(
        [sys.executable, "-m", "flakebot", *arguments],
        cwd=folder, env=environ, check=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60,
    )  # fmt: skip
    return _plain(f"$ {command}\n{done.stdout}", fake)


@pytest.mark.timeout(300)  # a dozen processes, one after the other
def test_the_quickstart_does_what_it_says(
    page: Page,
    tests_of_the_page: Callable[[str], str],
    github: FakeGitHub,
    tmp_path: Path,
) -> None:
    """From the first workflow to a proven flake, and the same run from a person's machine."""
    head = github.state.add_commit(files={"README.md": b"# Widgets, better\n"}, branch="topic")
    github.state.add_pull(9, head=("topic", head.sha), files=["README.md"])
    workflow = YAML(typ="safe").load(page.next("yaml"))
    log = _ended(github, 1, "failure", tests_of_the_page("failure"))
    (tmp_path / "job.log").write_text(log, encoding="utf-8")

    looked = _followed(github, tmp_path, workflow, told=True)
    assert (github.state.comments[9], github.state.issues) == ({}, {})
    wrote = _followed(github, tmp_path, workflow, told=False)
    first = _comment(github)
    assert github.state.issues == {}
    _ended(github, 2, "success", tests_of_the_page("success"))
    proved = _followed(github, tmp_path, workflow, told=False)
    assert len(github.state.issues) == 1

    logs = [_log(run, github) for run in (looked, wrote, proved)]
    begins = _comment(github).splitlines()[0] + "\n"
    shells = [_shell(block, github, tmp_path) for block in page.all("console")]
    page.check({"text": logs, "markdown": [first, begins], "console": shells})
