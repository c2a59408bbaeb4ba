"""The reusable workflow: what it is asked is checked, and never becomes a command."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flakebot.cli import app

WORKFLOW: dict[str, Any] = YAML(typ="safe").load(
    Path(__file__).parents[2] / ".github" / "workflows" / "reproduce.yml"
)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
CHECK = WORKFLOW["jobs"]["check"]["steps"][0]
DEFAULTS = {
    name: str(given["default"]) for name, given in WORKFLOW["on"]["workflow_call"]["inputs"].items()
}


def check(tmp_path: Path, **given: str) -> tuple[int, str]:
    """Run the step that checks, as the runner does; its exit code and outputs."""
    named = {**DEFAULTS, **{name.replace("_", "-"): text for name, text in given.items()}}
    environ = {
        name: named[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, expression in CHECK["env"].items()
    }
    output = tmp_path / "output"
    output.touch()
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", CHECK["run"]],
        check=False,
        env={"PATH": os.defpath, "GITHUB_OUTPUT": str(output), **environ},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    return done.returncode, output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "shards"),
    [
        ({"tests": "tests/router"}, "[1,2,3,4]"),
        ({"issue": "71", "shards": "1"}, "[1]"),
        ({"tests": "a.py::b[x y|'$(z)]\nc.py", "levels": "serial,4,16"}, "[1,2,3,4]"),
        ({"tests": "a.py", "iterations": "100", "image": "ghcr.io/x/y:dev"}, "[1,2,3,4]"),
    ],
)
def test_plain_wishes_are_granted(tmp_path: Path, given: dict[str, str], shards: str) -> None:
    """And the machines numbered."""
    assert check(tmp_path, **given) == (0, f"shards={shards}\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests", ""),
        ("tests", "--rootdir=/"),
        ("tests", "a.py\n-p evil"),
        ("tests", "/etc/passwd"),
        ("tests", "a.py\x1b[31m"),
        ("issue", "71; id"),
        ("issue", "71\nshards=[1]"),
        ("issue", "https://github.com/x/y/issues/1"),
        ("levels", "serial;id"),
        ("levels", "0"),
        ("iterations", "$(id)"),
        ("shards", "51"),
        ("shards", "0"),
        ("shards", "4\nx"),
        ("timeout", "-1"),
        ("requirements", "-r evil"),
        ("requirements", "https://evil.example/x"),
        ("image", "--privileged x"),
        ("python_version", "3.13; id"),
        ("flakebot_ref", "--upload-pack=id"),
    ],
)
def test_strange_wishes_are_refused(tmp_path: Path, name: str, text: str) -> None:
    """Before anything is checked out or run, and nothing is given out."""
    given = {name: text} if name == "tests" else {"tests": "a.py", name: text}
    assert check(tmp_path, **given) == (1, "")
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


def test_no_expression_stands_in_a_script() -> None:
    """Everything comes as a variable."""
    assert not [step["run"] for step in STEPS if "${{" in step.get("run", "")]


def test_both_ways_to_start_it_ask_the_same() -> None:
    """Called, or by hand."""
    assert WORKFLOW["on"]["workflow_call"] == WORKFLOW["on"]["workflow_dispatch"]


def test_only_the_job_that_runs_no_tests_may_write() -> None:
    """The least that each job needs."""
    assert WORKFLOW["permissions"] == {}
    granted = {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()}
    assert granted == {
        "check": {},
        "run": {"contents": "read", "issues": "read"},
        "report": {"contents": "read", "issues": "write"},
    }


def test_its_options_are_those_of_the_command() -> None:
    """An option that is renamed is renamed here too."""
    (command,) = [
        c for c in app.registered_commands if c.callback and c.callback.__name__ == "reproduce"
    ]
    source = Path(str(command.callback.__code__.co_filename)).read_text(encoding="utf-8")  # type: ignore[union-attr]
    scripts = "\n".join(
        step["run"] for step in STEPS if "flakebot reproduce" in step.get("run", "")
    )
    used = set(re.findall(r"(?<![=\w-])--([a-z][a-z-]+)", scripts))
    pips = {"quiet", "require-hashes", "no-deps", "no-build-isolation"}
    others = {"forked", "workdir"}
    for option in used - pips - others:
        assert option.replace("-", "_") in source, option
