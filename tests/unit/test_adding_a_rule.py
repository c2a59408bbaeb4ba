"""`docs/adding-a-rule.md`, followed to the letter: one entry and one log are all it takes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
LOG, WRITTEN = [text for kind, text in BLOCKS if kind == "text"]
(ENTRY,) = [text for kind, text in BLOCKS if kind == "toml"]
(COMMANDS,) = [text.splitlines() for kind, text in BLOCKS if kind == "sh"]
(ID,) = re.findall(r'^id = "(.+)"$', ENTRY, re.MULTILINE)
(BEATS,) = re.findall(r"Beats (\S+)\.$", ENTRY, re.MULTILINE)


def _flakebot(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of the page, with the package of the folder if it has one."""
    program, *arguments = command.split()
    assert program == "flakebot"
    return subprocess.run(
        [sys.executable, "-m", "flakebot", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},  # noqa: TID251  of a subprocess
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def _rule(folder: Path) -> tuple[str, str]:
    """The rule that tells the page's log, and where it comes from."""
    done = _flakebot("flakebot explain job.log --json", folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    cause = found["logs"][0]["causes"][0]
    return cause["rule"], cause["origin"]


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A project with the page's log and without a rule."""
    (tmp_path / "job.log").write_text(LOG)
    (tmp_path / ".github").mkdir()
    return tmp_path


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """A copy of this repository as far as rules are concerned, with the page's log."""
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=leave_out)
    shutil.copytree(ROOT / "tests/fixtures/rules", tmp_path / "tests/fixtures/rules")
    (tmp_path / "job.log").write_text(LOG)
    return tmp_path


def _insert(checkout: Path, entry: str) -> None:
    """Put the entry above the rule that it must beat, with that rule's comment below it."""
    path = checkout / "src/flakebot/resources/rules.toml"
    text = path.read_text(encoding="utf-8")
    place = text.rindex("\n\n", 0, text.index(f'\nid = "{BEATS}"\n')) + 2
    path.write_text(f"{text[:place]}{entry}\n{text[place:]}", encoding="utf-8")


def test_the_page_makes_a_rule_for_a_project(project: Path) -> None:
    """Entry, pull, check: the rule wins on the log, and what is printed is what the page says."""
    assert _rule(project) == (BEATS, "built-in")
    (project / ".github" / "flakebot.toml").write_text(ENTRY)
    printed = ""
    for command in COMMANDS:
        done = _flakebot(command, project)
        assert (done.returncode, done.stderr) == (0, "")
        printed += done.stdout
    assert WRITTEN in printed
    assert ".github/flakebot.toml: 1 rule, 0 faults" in printed
    assert "tests/fixtures/rules: 1 log of 1 rule\n" in printed
    assert _rule(project) == (ID, "project")


@pytest.mark.timeout(300)
def test_the_page_makes_a_rule_for_everybody(checkout: Path) -> None:
    """The same entry among the built-in ones; it takes the entry and the log, and no less."""
    _insert(checkout, ENTRY)
    without = _flakebot("flakebot rules check", checkout)
    assert without.returncode == 1
    assert f"rule `{ID}` has no real log." in without.stdout
    for command in COMMANDS:
        done = _flakebot(command, checkout)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert _rule(checkout) == (ID, "built-in")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("'gpu-check: 0 of 8 GPUs answer'", "'gpu-check: no GPU'", "`match`: does not match"),
        ("'gpu-check: all 8", "'gpu-check: 8 of 8", "`no_match`: matches"),
        ('"gpu-error"', '"gpu-errors"', "`category`: 'gpu-errors' does not fit (did you mean"),
        ("scope", "scopes", "`scopes`: is no key of a rule (did you mean `scope`?)"),
        ("'^gpu", "'(^gpu", "`pattern`: RE2 cannot read it: missing )"),
    ],
)
def test_an_entry_that_breaks_its_word_fails_the_check(
    old: str, new: str, fault: str, project: Path
) -> None:
    """A miss of an example, and everything else that the page lists."""
    assert ENTRY.count(old) == 1
    (project / ".github" / "flakebot.toml").write_text(ENTRY.replace(old, new))
    done = _flakebot("flakebot rules check", project)
    assert done.returncode == 1
    assert f".github/flakebot.toml, rule `{ID}`, {fault}" in done.stdout


def test_a_log_of_something_else_fails_the_check(project: Path) -> None:
    """The log must be told by the rule whose folder it is in."""
    (project / ".github" / "flakebot.toml").write_text(ENTRY)
    folder = project / "tests/fixtures/rules" / ID
    folder.mkdir(parents=True)
    (folder / "job.log").write_text(LOG.replace("GPUs answer", "GPUs"))
    done = _flakebot("flakebot rules check", project)
    assert done.returncode == 1
    assert f"{ID}/job.log: told by `{BEATS}`, not by `{ID}`." in done.stdout
