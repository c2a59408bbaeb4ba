"""The entry points give the exit codes and words that the contract promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flakebot import __main__ as entry
from flakebot import __version__, errors
from flakebot.errors import InputError

SAMPLE = Path(entry.__file__).parent / "resources" / "sample"

LOG = """\
============================= test session starts =============================
tests/test_a.py::test_one FAILED [ 50%]
tests/test_a.py::test_two PASSED [100%]
=================================== FAILURES ===================================
___________________________________ test_one ___________________________________
E       assert 1 == 2
tests/test_a.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_a.py::test_one - assert 1 == 2
========================= 1 failed, 1 passed in 0.01s ==========================
"""


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """`flakebot --version` prints it."""
    assert entry.main(["--version"]) == 0
    assert f"flakebot {__version__}\n" == capsys.readouterr().out


def test_wrong_usage_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown option is said on standard error."""
    assert entry.main(["classify", "--no-such-option"]) == 2
    out, err = capsys.readouterr()
    assert (out, True) == ("", "--no-such-option" in err)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["clasify"], "No such command 'clasify'. Did you mean 'classify'?\n`flakebot --help`"),
        (["explain"], "Missing argument 'target'.\n`flakebot explain --help`"),
        (["rules", "show"], "No such command 'show'.\n`flakebot rules --help`"),
    ],
)
def test_wrong_usage_says_where_help_is(
    given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the command that was asked for."""
    assert entry.main(given) == 2
    assert capsys.readouterr().err == f"flakebot: {told} says what it takes.\n"


@pytest.mark.parametrize(
    ("wanted", "colours"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_there_where_they_are_wanted(
    wanted: dict[str, str], *, colours: bool, tmp_path: Path
) -> None:
    """Not in a file or a pipe, and nowhere with NO_COLOR (https://no-color.org)."""
    command = [sys.executable, "-m", "flakebot", "demo", "--output", str(tmp_path / "demo")]
    shown = subprocess.run(command, env=wanted, check=True, capture_output=True, text=True)
    coloured = re.search(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d", shown.stdout)
    assert bool(coloured) == colours


@pytest.mark.parametrize("given", [[], ["rules"]])
def test_a_command_of_commands_answers_with_its_help(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And with nothing else."""
    assert entry.main(given) == 2
    out, err = capsys.readouterr()
    assert err.startswith("Usage: flakebot ")
    assert "says what it takes" not in out + err


def test_a_sign_that_the_terminal_lacks_is_no_bug() -> None:
    """Where the locale has no UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "flakebot", "explain", "-"],
        input=LOG.encode(),
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"   ? assert 1 == 2" in done.stdout


def test_an_expected_error_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A target of the wrong shape ends with exit code 1 and no traceback."""
    assert entry.main(["run", "nowhere"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "flakebot: 'nowhere' is neither FOLDER/runs/RUN_ID nor the address of a run.\n"


def test_a_bug_is_exit_code_3_with_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody expected ends with a report to paste, in which secrets are masked."""

    def broken() -> int:
        raise ValueError("ghp_" + "a" * 36)

    assert entry._guarded(broken) == errors.BUG
    report = capsys.readouterr().err
    assert "https://github.com/ai-dynamo/flakebot/issues" in report
    assert "ValueError" in report
    assert "ghp_aaaa" not in report


def test_an_interrupt_is_exit_code_130() -> None:
    """As shells expect."""

    def interrupted() -> int:
        raise KeyboardInterrupt

    assert entry._guarded(interrupted) == errors.INTERRUPTED


def test_an_interrupted_command_says_so(tmp_path: Path) -> None:
    """It is interrupted while it waits for the rest of its input, of which it has read a part."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # A shell's job in the background ignores the signal, and so would what it starts.
    listening = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code = listening + "from flakebot.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "classify", str(pipe)]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running,
        pipe.open("w"),  # which waits until it is read
    ):
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=60)[1]
    assert (running.returncode, said) == (errors.INTERRUPTED, "flakebot: interrupted\n")


def test_an_expected_error_inside_is_exit_code_1() -> None:
    """All of `FlakebotError` is expected."""

    def failing() -> int:
        raise InputError("no")

    assert entry._guarded(failing) == errors.EXPECTED


def test_classify_prints_one_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that cannot be read are problems; the others are classified; the exit code is 0."""
    log = tmp_path / "job.log"
    log.write_text(LOG)
    empty = tmp_path / "empty.log"
    empty.touch()
    assert entry.main(["classify", "--json", str(log), str(empty), str(tmp_path / "no.log")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1
    assert [str(log)] == [one["source"] for one in answer["logs"]]
    assert [test["id"] for test in answer["logs"][0]["tests"]] == ["tests/test_a.py::test_one"]
    assert [str(empty), str(tmp_path / "no.log")] == [p["source"] for p in answer["problems"]]


def test_classify_without_any_log_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing readable at all is an expected error, and the JSON still says why."""
    assert entry.main(["classify", "--json", str(tmp_path)]) == 1
    assert json.loads(capsys.readouterr().out)["logs"] == []


def test_classify_reads_standard_input() -> None:
    """`-` is a log too."""
    done = subprocess.run(
        [sys.executable, "-m", "flakebot", "classify", "-"],
        input=LOG,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "assertion (test, medium)" in done.stdout
    assert "tests/test_a.py::test_one: failed" in done.stdout


@pytest.mark.parametrize("command", ["classify", "run", "demo", "action"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`flakebot COMMAND --help` explains it."""
    assert entry.main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_a_time_of_the_wrong_shape_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """`--now` takes ISO 8601."""
    assert entry.main(["run", "x/runs/1", "--now", "yesterday"]) == 1
    assert "--now: 'yesterday' is no ISO 8601 time." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "bar", "last", "said"),
    [
        ("classify one.log", "reading", "23/23 bytes", "one.log: nothing failed"),
        ("run sample/runs/21553857421", "attempt 2: logs", "100%", "new-failures: "),
    ],
)
@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_shows_how_far_the_reading_is(
    tmp_path: Path, command: str, bar: str, last: str, said: str, *, terminal: bool
) -> None:
    """A bar on standard error, so that what is read can be piped; elsewhere not a byte of it."""
    (tmp_path / "one.log").write_text("=== 1 passed in 1s ===\n")
    (tmp_path / "sample").symlink_to(SAMPLE)
    done, shown = _on_terminal(command.split(), tmp_path, terminal=terminal)
    assert (bar in shown, last in shown, "\x1b[" in shown) == (terminal,) * 3
    assert done.startswith(said)


def _on_terminal(arguments: list[str], folder: Path, *, terminal: bool) -> tuple[str, str]:
    """What a command writes to standard output, and to a terminal or pipe as standard error."""
    reader, writer = os.openpty() if terminal else os.pipe()
    command = [sys.executable, "-m", "flakebot", *arguments]
    environ = {"PATH": os.defpath, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=writer
    ) as process:
        os.close(writer)
        shown = b"".join(_until_closed(reader))
        os.close(reader)
        out, _ = process.communicate(timeout=60)
    return out.decode(), shown.decode()


def _until_closed(reader: int) -> Iterator[bytes]:
    with suppress(OSError):  # how a terminal ends
        yield from iter(lambda: os.read(reader, 65536), b"")


def test_a_time_far_away_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A window before or after it would be no date."""
    assert entry.main(["sweep", str(tmp_path), "--now", "0001-01-02"]) == 1
    assert "is not between 2000 and 9000" in capsys.readouterr().err


def test_logs_that_cannot_be_read_for_one_reason_are_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The names stand above it; a folder may hold thousands."""
    for name in ("a.log", "b.log"):
        (tmp_path / name).touch()
    assert entry.main(["classify", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "flakebot: Nothing could be read: The log is empty.\n"


@pytest.mark.parametrize("name", ["x" * 300, "/proc/self/mem"])
def test_a_log_that_cannot_be_read_is_one_sentence(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is too long, or a file that opens and cannot be read."""
    assert entry.main(["classify", name]) == 1
    out, err = capsys.readouterr()
    assert "flakebot: Nothing could be read: " in out + err
    assert "Traceback" not in out + err


def test_a_demo_goes_into_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither into a file nor into the current folder."""
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    for output in ("file", "."):
        assert entry.main(["demo", "--output", output]) == 1
        assert f"{output} is no folder of its own" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["/proc/flakebot-demo", "x" * 5000])
def test_a_demo_that_cannot_be_written_is_one_sentence(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a folder that may only be read."""
    assert entry.main(["demo", "--output", folder]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"flakebot: {folder} cannot be written (")
    assert "name another with --output" in told


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["run", "{}/runs/5"], "is no folder."),
        (["explain", "{}/runs/5"], "is no folder."),
        (["sweep", "{}"], "is neither a saved repository nor one on GitHub"),
        (["report", "--accuracy", "{}"], "is neither a saved repository nor one on GitHub"),
        (["replay", "{}"], "is neither a saved repository nor one on GitHub"),
    ],
    ids=lambda given: given[0],
)
@pytest.mark.parametrize("name", ["x" * 5000, "."], ids=["long", "here"])
def test_a_name_of_no_saved_repository_is_one_sentence(
    command: list[str], told: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that the file system refuses."""
    assert entry.main([part.format(name) for part in command]) == 1
    assert told in capsys.readouterr().err


def test_a_folder_called_like_a_log_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among the logs of rules."""
    (tmp_path / "disk-full" / "x.log").mkdir(parents=True)
    assert entry.main(["rules", "check", "--logs", str(tmp_path)]) == 1
    assert "x.log cannot be read: Is a directory." in capsys.readouterr().err


def test_a_bug_in_a_step_still_leaves_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Summary, outputs and report are written whatever happens, and the traceback follows."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("flakebot.event.find_task", broken)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    monkeypatch.setattr(sys, "argv", ["flakebot-action"])
    assert entry.main_action() == 3
    assert "This is a bug of flakebot (ZeroDivisionError)" in (tmp_path / "summary").read_text()
    assert "verdict" in (tmp_path / "outputs").read_text()
    assert (tmp_path / "flakebot-report.json").is_file()
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_hides_no_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are written, and why the step failed is said."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "none.json"))
    monkeypatch.setattr(sys, "argv", ["flakebot-action"])
    assert entry.main_action() == 1
    out = capsys.readouterr().out
    assert "The outputs cannot be written: Is a directory." in out
    assert "The event at GITHUB_EVENT_PATH cannot be read" in out
    assert (tmp_path / "summary").is_file()
    assert (tmp_path / "flakebot-report.json").is_file()


def test_a_plan_that_is_refused_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that goes on by the exit code does not go on."""
    sample = tmp_path / "sample"
    shutil.copytree(SAMPLE, sample)
    settings = tmp_path / "flakebot.toml"
    settings.write_text("[limits]\nnew-issues-abort = 1\n")
    run = ["run", str(sample / "runs" / "21553857421"), "--now", "2026-02-03T11:00:00Z"]
    assert entry.main([*run, "--apply", "--config", str(settings)]) == 1
    assert "would open 3 issues, more than 1" in capsys.readouterr().out
    assert entry.main([*run, "--apply"]) == 0


@pytest.mark.parametrize(
    "command", [["run"], ["explain"], ["sweep"], ["report", "--accuracy"]], ids=lambda c: c[0]
)
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xef\xbb\xbfmin-builds = 3\n", "own.toml, line 1: `min-builds` is no setting"),
        (b"\xff", "own.toml cannot be read: "),
        (None, "There is no file "),
    ],
    ids=["wrong", "no-text", "none"],
)
def test_a_settings_file_that_was_named_is_named(
    command: list[str],
    content: bytes | None,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And not that of the repository, which is another; a byte order mark is none of its text."""
    sample = Path(entry.__file__).parent / "resources" / "sample"
    target = str(sample / "runs" / "21553857421" if command[0] in {"run", "explain"} else sample)
    settings = tmp_path / "own.toml"
    if content is not None:
        settings.write_bytes(content)
    assert entry.main([*command, target, "--config", str(settings)]) == 1
    err = capsys.readouterr().err
    assert told in err
    assert str(settings) in err


def test_json_of_rules_holds_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A step's runner looks for `##[` anywhere in a line; the text is the same when it is read."""
    monkeypatch.chdir(tmp_path)
    assert entry.main(["rules", "list", "--json"]) == 0
    out = capsys.readouterr().out
    assert "##[" not in out
    assert any("##[error]" in line for rule in json.loads(out) for line in rule["match"])
