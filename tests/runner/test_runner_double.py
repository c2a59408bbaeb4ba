"""The double of the Actions runner keeps the runner's own rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.runner import command_files
from tests.runner.command_files import CommandFileError
from tests.runner.commands import Annotation, Command, Console, parse
from tests.runner.runner_double import (
    CONTAINER,
    ActionRun,
    Step,
    input_variables,
    podman_arguments,
    prepare,
    run_action,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("::error::broken", Command(name="error", data="broken")),
        ("  \t::error::broken", Command(name="error", data="broken")),
        ("::ERROR::broken", Command(name="error", data="broken")),
        ("text ::error::broken", None),
        ("::error:broken", None),
        ("::nonsense::broken", None),
        (
            "::warning file=a%2Cb.py,line=3,title=T%3A%25::a%0Ab%25",
            Command(
                name="warning",
                properties={"file": "a,b.py", "line": "3", "title": "T:%"},
                data="a\nb%",
            ),
        ),
        ("::notice title=,line=2::x", Command(name="notice", properties={"line": "2"}, data="x")),
        ("E  ##[error]broken", Command(name="error", data="broken")),
        ("##[add-mask]word", Command(name="add-mask", data="word")),
        (
            "x ##[warning file=a;line=2]say%5D%3B",
            Command(name="warning", properties={"file": "a", "line": "2"}, data="say];"),
        ),
        ("##[nonsense]x", None),
        ("##[error", None),
        ("##\u200b[error]broken", None),
        ("", None),
    ],
)
def test_a_line_is_read_as_the_runner_reads_it(line: str, expected: Command | None) -> None:
    """New syntax after white space only, old syntax anywhere, registered names only."""
    assert expected == parse(line)


def test_stopped_commands_are_shown_until_the_token_comes() -> None:
    """Between `stop-commands` and its token nothing is carried out, whatever the token's case."""
    console = Console()

    console.read("::stop-commands::AbC\n::error::hidden\n##[add-mask]x\n::abc::\n::error::seen\n")

    assert [Annotation(kind="error", message="seen")] == console.annotations
    assert console.shown == ["::error::hidden", "##[add-mask]x", ""]
    assert console.masks == []


@pytest.mark.parametrize("token", ["", "pause-logging", "error", "Stop-Commands"])
def test_a_token_that_is_a_command_fails_the_step(token: str) -> None:
    """A stop token must not be guessable or a command."""
    console = Console()

    console.read(f"::stop-commands::{token}\n::error::seen\n")

    assert len(console.errors) == 1
    assert [annotation.message for annotation in console.annotations] == ["seen"]


def test_only_ten_annotations_of_a_kind_are_kept_and_long_ones_are_cut() -> None:
    """The eleventh of a kind is dropped silently, and a message ends after 4096 characters."""
    console = Console()

    console.read("::error::" + "x" * 5000 + "\n" + "::error::e\n" * 11 + "::notice::n\n")

    assert len(console.annotations) == 11
    assert len(console.annotations[0].message) == 4096
    assert console.dropped == 2


@pytest.mark.parametrize("line", ["::set-env name=A::b", "##[add-path]/x", "::set-output::x"])
def test_refused_commands_fail_the_step(line: str) -> None:
    """Commands that change the environment are disabled, and an output needs a name."""
    console = Console()

    console.read(line)

    assert len(console.errors) == 1
    assert console.outputs == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=1\n\nb=x=y\n", {"a": "1", "b": "x=y"}),
        ("a=1\r\n", {"a": "1\r"}),
        ("a=1", {"a": "1"}),
        ("a=1\na=2\n", {"a": "2"}),
        ("\ufeffa=1\n", {"a": "1"}),
        ("a=x<<y\n", {"a": "x<<y"}),
        ("a<<E\nx\ny=z\nE\nb=1\n", {"a": "x\ny=z", "b": "1"}),
        ("a<<E\nE\n", {"a": ""}),
        ("a<<E\n\nE", {"a": ""}),
        ("a<<E\n E\nE\n", {"a": " E"}),
        ("a<<=\nx\n=\n", {"a": "x"}),
    ],
)
def test_pairs_are_read_as_the_runner_reads_them(text: str, expected: dict[str, str]) -> None:
    """The first of `=` and `<<` decides, and only LF ends a line."""
    assert expected == command_files.pairs(text)


@pytest.mark.parametrize(
    "text", ["a", "=1", "<<E\nE\n", "a<<\n", "a<<E\nx\n", "a<<E\nx", "a<<E\nx\r\nE\r\n"]
)
def test_pairs_the_runner_refuses(text: str) -> None:
    """Lines without a name, without a separator or without the end of a value fail the step."""
    with pytest.raises(CommandFileError):
        command_files.pairs(text)


def test_a_summary_of_one_mebibyte_is_shown_and_a_larger_one_is_not() -> None:
    """The limit counts bytes."""
    assert len(command_files.summary(b"x" * 1024 * 1024)) == 1024 * 1024
    with pytest.raises(CommandFileError, match="1024k"):
        command_files.summary("é".encode() * (512 * 1024) + b"x")


def test_inputs_keep_their_dashes_and_have_the_defaults_of_the_definition(tmp_path: Path) -> None:
    """`INPUT_` and the name in capitals, only spaces replaced, the token filled in."""
    definition = tmp_path / "action.yml"
    definition.write_text(
        'inputs:\n  a-b: {default: "1"}\n  c d: {}\n  token: {default: "${{ github.token }}"}\n'
    )

    variables = input_variables({"c d": "x"}, "secret", definition)

    assert variables == {"INPUT_A-B": "1", "INPUT_C_D": "x", "INPUT_TOKEN": "secret"}


def test_an_input_the_definition_lacks_is_an_error() -> None:
    """A test that misspells an input must not pass."""
    with pytest.raises(ValueError, match="tokn"):
        input_variables({"tokn": "x"})


SCRIPT = """
import json, os, sys
e = os.environ
open(e["GITHUB_OUTPUT"], "a").write("verdict=clean\\nlong<<E\\na\\nb\\nE\\n")
open(e["GITHUB_STEP_SUMMARY"], "a").write("# Summary\\n")
open(e["GITHUB_ENV"], "a").write("A=1\\n")
open(e["GITHUB_PATH"], "a").write("/x\\n")
open(e["GITHUB_STATE"], "a").write("s=t\\n")
print("::error file=a.py::no")
print("log ##[warning]careful", file=sys.stderr)
print(json.dumps({"names": sorted(e), "event": json.load(open(e["GITHUB_EVENT_PATH"])),
                  "cwd": os.getcwd(), "token": e["INPUT_TOKEN"], "globs": e["INPUT_SKIP-JOBS"]}))
sys.exit(3)
"""


def act(folder: Path, script: str, timeout: float = 30) -> ActionRun:
    return run_action(
        [sys.executable, "-c", script],
        inputs={"dry-run": "true"},
        event_name="workflow_run",
        event={"action": "completed"},
        api_url="http://127.0.0.1:9",
        workspace=folder / "workspace",
        timeout=timeout,
        token="t0ken",
    )


def test_a_command_is_run_and_read_as_a_step(tmp_path: Path) -> None:
    """Outputs, summary, annotations of both streams and changes of the environment come back."""
    run = act(tmp_path, SCRIPT)

    assert run.exit_code == 3
    assert run.failed
    assert run.outputs == {"verdict": "clean", "long": "a\nb"}
    assert run.summary == "# Summary\n"
    assert [(a.kind, a.message) for a in run.annotations] == [
        ("error", "no"),
        ("warning", "careful"),
    ]
    assert (run.env_changes, run.path_changes, run.state) == ({"A": "1"}, ["/x"], {"s": "t"})
    assert '"event": {"action": "completed"}' in run.stdout
    assert f'"cwd": "{tmp_path}/workspace"' in run.stdout
    assert '"token": "t0ken"' in run.stdout
    assert '"globs": "*-status-check"' in run.stdout
    assert "GITHUB_TOKEN" not in run.stdout
    assert "VIRTUAL_ENV" not in run.stdout


def test_a_broken_output_file_fails_a_step_that_ended_well(tmp_path: Path) -> None:
    """The runner fails the step when it cannot read a command file."""
    run = act(tmp_path, "import os; open(os.environ['GITHUB_OUTPUT'], 'w').write('nonsense\\n')")

    assert run.exit_code == 0
    assert run.failed
    assert run.errors == ["Unable to process file command successfully. Invalid format 'nonsense'"]


def test_a_summary_too_large_is_an_annotation_and_no_failure(tmp_path: Path) -> None:
    """The step's result is unchanged, and nothing is shown."""
    script = "import os; open(os.environ['GITHUB_STEP_SUMMARY'], 'w').write('x' * 1048577)"
    run = act(tmp_path, script)

    assert not run.failed
    assert run.summary == ""
    assert [annotation.kind for annotation in run.annotations] == ["error"]


def test_a_command_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """A time-out is an error of the test."""
    with pytest.raises(subprocess.TimeoutExpired):
        act(tmp_path, "import threading; threading.Event().wait(60)", timeout=0.5)


def test_a_container_gets_the_same_under_the_runners_paths(tmp_path: Path) -> None:
    """Every folder is mounted where the environment says; the workspace is where it starts."""
    step = Step(event_name="push", event={}, api_url="http://127.0.0.1:9", token="t0ken")
    place = prepare(tmp_path, tmp_path / "workspace", step)

    arguments = podman_arguments(step, {}, place, entrypoint="/opt/x")

    assert arguments[:3] == ["--workdir", "/github/workspace", "--rm"]
    assert "INPUT_TOKEN=t0ken" in arguments
    assert f"GITHUB_OUTPUT={CONTAINER.file('OUTPUT')}" in arguments
    assert "GITHUB_EVENT_PATH=/github/workflow/event.json" in arguments
    assert f"{tmp_path}/_temp/_runner_file_commands:/github/file_commands" in arguments
    assert arguments[arguments.index("--entrypoint") + 1] == "/opt/x"
