"""Fixtures cut out of logs: small, told by the same rule, without secrets, never over a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flakebot import cli
from flakebot.errors import FlakebotError, InputError
from flakebot.json_files import create
from flakebot.reading import cutting, rules
from flakebot.reading.classify import read_log
from flakebot.reading.trace import Trace
from flakebot.rule_logs import first_rule
from flakebot.settings import Limits

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
NAMES = ("xdist-aborts-once", "hang-cancel", "two-sessions", "internal-error", "cargo", "gradle")
STAMP = "2026-03-02T08:15:20.1145327Z "
TOKEN = "ghp_" + "a1B2" * 9
END = f"{STAMP}##[error]Process completed with exit code 1."


def _cut(text: str, number: int = 0) -> str:
    trace = Trace()
    reading = read_log("log", [text.encode()], rules.builtin(), Limits(), trace)
    lines = text.removesuffix("\n").split("\n")
    return cutting.cut(lines, reading.causes[number], trace, rules.builtin())


@pytest.mark.parametrize("name", NAMES)
def test_each_cause_of_a_log_is_cut_out(name: str) -> None:
    """What is left are lines of the log in their order, and its first cause is the same."""
    text = (LOGS / f"{name}.log").read_text(encoding="utf-8")
    causes = read_log("log", [text.encode()], rules.builtin(), Limits()).causes
    for number, cause in enumerate(causes):
        found = _cut(text, number)
        first = read_log("log", [found.encode()], rules.builtin(), Limits()).causes[0]
        assert (first.rule, first.category, first.text) == (cause.rule, cause.category, cause.text)
        assert len(found) < len(text)
        rest = iter(text.splitlines())
        assert all(line in rest for line in found.splitlines())


def _step(*rows: str) -> str:
    script = ["##[group]Run make", "\x1b[36;1mmake all\x1b[0m", "##[endgroup]"]
    return "\n".join([*(STAMP + row for row in (*script, *rows)), END])


def test_what_the_rule_must_beat_stays() -> None:
    """The neighbours, the script, the end of the step and the lines of other rules; no others."""
    noise = [f"compiling {number}" for number in range(5000)]
    text = _step("bash: x: command not found", *noise, "No space left on device", *noise)
    found = _cut(text)
    shown = [line.removeprefix(STAMP) for line in found.splitlines()]
    assert shown[:3] == ["##[group]Run make", "\x1b[36;1mmake all\x1b[0m", "##[endgroup]"]
    assert "bash: x: command not found" in shown
    assert shown[7:10] == ["compiling 4999", "No space left on device", "compiling 0"]
    assert (len(shown), shown[-1]) == (14, END.removeprefix(STAMP))


def test_secrets_are_masked_and_the_rest_keeps_its_form() -> None:
    """A line with a secret loses its colours, and not its stamp or that it is an echo."""
    text = _step(
        f"\x1b[31mtoken={TOKEN}\x1b[0m",
        f"{TOKEN[:9]}\x1b[0m{TOKEN[9:]} No space left on device",
        f"\x1b[36;1mexport TOKEN={TOKEN}\x1b[0m",
        f"##[error]{TOKEN}",
    )
    text = text.replace(END, f"{TOKEN}\n{END}")
    shown = _cut(text).split("\n")
    assert TOKEN[9:] not in "".join(shown)
    assert f"{STAMP}token=***" in shown
    assert f"{STAMP}*** No space left on device" in shown
    assert f"{STAMP}\x1b[36;1mexport TOKEN=***\x1b[0m" in shown
    assert "***" in shown


def test_a_cause_that_is_a_secret_itself_is_not_cut() -> None:
    """Without the secret there is nothing that the rule could match."""
    log = f"{STAMP}fatal: could not read Username for 'https://x'\n{END}"
    assert first_rule(_cut(log).encode(), rules.builtin())
    known = rules.RuleSet(
        [rules.Rule(id="mine", category=rules.builtin().rules[0].category, pattern=TOKEN)]
    )
    text = f"{STAMP}{TOKEN}\n{END}"
    trace = Trace()
    reading = read_log("log", [text.encode()], known, Limits(), trace)
    assert cutting.cut(text.split("\n"), reading.causes[0], trace, known) == ""


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be made small enough in time is no fixture."""
    monkeypatch.setattr(cutting, "_PATIENCE", 10)
    text = _step("No space left on device", *["x" * 100] * 300)
    assert _cut(text) == ""


# ------------------------------------------------------------------------------------------
# The command


@pytest.fixture(name="log")
def _log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "job.log"
    path.write_text(_step("No space left on device") + "\n")
    return path


def test_a_log_becomes_a_fixture(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where `rules check` looks for it, and what was written is said; the same again is not."""
    assert cli.main(["rules", "pull", str(log)]) == 0
    fixture = Path("tests/fixtures/rules/disk-full/job.log")
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{fixture}: 5 of 5 lines, told by `disk-full`"
    assert second.startswith("tests/fixtures/rules: no real log yet of ")
    assert first_rule(fixture.read_bytes(), rules.builtin()) == "disk-full"
    assert cli.main(["rules", "check"]) == 0
    assert "tests/fixtures/rules: 1 log of 1 rule; none yet of" in capsys.readouterr().out
    assert cli.main(["rules", "pull", str(log)]) == 0
    assert f"{fixture}: is there already" in capsys.readouterr().out
    assert [path.name for path in fixture.parent.iterdir()] == ["job.log"]


def test_no_file_is_written_over(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another log of the same name gets a number."""
    other = Path("out/disk-full/job.log")
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    assert cli.main(["rules", "pull", str(log), "--output", "out"]) == 0
    assert "out/disk-full/job-2.log: 5 of 5 lines" in capsys.readouterr().out
    assert other.read_text() == "mine"
    for number in range(2, 101):
        (other.parent / f"job-{number}.log").write_text("mine")
    with pytest.raises(InputError, match="has 100 logs named job already"):
        cli.main(["rules", "pull", str(log), "--output", "out"])


def test_only_the_wanted_rule_is_pulled(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that did not win is said; one that is not there is one sentence."""
    wanted = ["--rule", "disk-full", "--rule", "exit-code"]
    assert cli.main(["rules", "pull", str(log), *wanted]) == 0
    assert f"{log}: `exit-code` did not win; `flakebot explain` says why" in capsys.readouterr().out
    with pytest.raises(FlakebotError, match="No log was told by a rule that is wanted"):
        cli.main(["rules", "pull", str(log), "--rule", "exit-code"])
    with pytest.raises(InputError, match="no rule 'disk-ful'; did you mean `disk-full`"):
        cli.main(["rules", "pull", str(log), "--rule", "disk-ful"])
    with pytest.raises(InputError, match=r"there is no rule '\.\./x'"):
        cli.main(["rules", "pull", str(log), "--rule", "../x"])


def test_what_cannot_be_used_is_said(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing log, a cut one, and one whose cause needs too many lines."""
    log.with_name("bin.log").write_bytes(b"\0")
    log.with_name("long.log").write_text(f"No space left on device {'x' * 20_000}\n{END}")
    with pytest.raises(FlakebotError):
        cli.main(["rules", "pull", "nowhere.log", "bin.log", "long.log"])
    out = capsys.readouterr().out
    assert "nowhere.log: No such file or directory" in out
    assert "bin.log: The log is no text" in out
    assert "long.log: no excerpt below 15000 bytes is told by `disk-full` alone" in out


def test_a_folder_of_links_is_not_followed_out(log: Path) -> None:
    """A link in place of a rule's folder leads nowhere."""
    Path("out").mkdir()
    Path("elsewhere").mkdir()
    Path("out/disk-full").symlink_to(Path("elsewhere").resolve())
    with pytest.raises(InputError, match="leads out of the folder"):
        cli.main(["rules", "pull", str(log), "--output", "out"])


def test_a_project_is_told_which_of_its_rules_have_no_log(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own, when it has any."""
    table = '[[rule]]\nid="mine"\ncategory="lint"\npattern="oops"\nmatch=["oops"]\nno_match=["x"]\n'
    Path("f.toml").write_text(table)
    assert cli.main(["rules", "pull", str(log), "--config", "f.toml"]) == 0
    assert "no real log yet of mine" in capsys.readouterr().out
    log.write_text(_step("oops"))
    assert cli.main(["rules", "pull", str(log), "--config", "f.toml"]) == 0
    assert "tests/fixtures/rules: every rule has one" in capsys.readouterr().out


def test_a_file_is_created_whole_or_not_at_all(tmp_path: Path) -> None:
    """Nothing is left behind, neither when there is one nor when there cannot be one."""
    path = tmp_path / "new" / "a.log"
    assert create(path, b"one")
    assert not create(path, b"two")
    assert (path.read_bytes(), os.listdir(path.parent)) == (b"one", ["a.log"])  # noqa: PTH208  names
    with pytest.raises(InputError, match="cannot be written"):
        create(path / "below", b"x")
