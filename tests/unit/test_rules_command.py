"""`flakebot rules`: what it lists, what it finds wrong, and the page made of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools import rules_page

from flakebot import cli, rules_command
from flakebot.errors import InputError, SettingsError
from flakebot.log_text import lines as log_lines
from flakebot.model import Category, LogReading
from flakebot.reading import classify, rules
from flakebot.reading.rule_faults import faults_of
from flakebot.settings import Limits

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rules.md"
RECORDED = sorted((ROOT / "tests" / "fixtures" / "rules").glob("*/*.log"))

BUILT_IN = rules_command.listed(rules.builtin())

SOUND = """
# Beats nothing.
[[rule]]
id = "mine"
category = "lint"
pattern = 'my tool failed'
match = ['my tool failed']
no_match = ['my tool passed']
"""


def test_the_list_is_in_order_of_precedence() -> None:
    """All rules in the order of the file, between the two causes that need none."""
    ids = [entry.id for entry in BUILT_IN]
    own = [rule.id for rule in rules.builtin().rules]
    assert ["silence-before-the-end", *own, "no-report"] == ids


def test_the_list_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The names the contract fixes, of every entry."""
    assert cli.main(["rules", "list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert len(entries) == len(rules.builtin().rules) + 2
    first = next(entry for entry in entries if entry["id"] == "disk-full")
    told = (first["category"], first["owner"], first["severity"])
    assert told == ("disk-full", "infra", "medium")
    assert first["pattern"].startswith("(?i)no space left on device")
    assert {"match", "no_match", "scope", "needs", "note"} < first.keys()


def test_the_list_is_printed_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each: id, category, owner, and what it must beat."""
    assert cli.main(["rules", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rules.builtin().rules) + 2
    row = next(line for line in lines if line.startswith("exit-137 "))
    assert row.split()[1:3] == ["oom-kill", "infra"]


def test_there_are_rules_for_every_category() -> None:
    """At least 150 rules, and none of the categories goes without one."""
    entries = BUILT_IN
    assert len(entries) >= 150
    assert set(Category) - {entry.category for entry in entries} == set()


@pytest.mark.parametrize("entry", BUILT_IN, ids=lambda entry: entry.id)
def test_every_rule_says_what_it_must_beat(entry: rules_command.Entry) -> None:
    """A comment of at least one sentence stands above each rule."""
    assert entry.note.endswith((".", ")"))
    assert len(entry.note) > 6


def test_the_built_in_rules_keep_their_examples(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rules check` without a file checks what comes with flakebot, wherever it runs."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["rules", "check"]) == 0
    count = len(rules.builtin().rules)
    assert capsys.readouterr().out == f"resources/rules.toml: {count} rules, 0 faults\n"


def test_a_sound_file_is_found_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A project's rules are checked by themselves."""
    path = tmp_path / "rules.toml"
    path.write_text(SOUND)
    assert cli.main(["rules", "check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 1 rule, 0 faults\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("match = ['my tool failed']", "match = []", "`match`: needs an example; "),
        (
            "match = ['my tool failed']",
            "match = ['it failed']",
            "`match`: does not match 'it failed'",
        ),
        ("no_match = ['my", "no_match = ['my tool failed', 'my", "`no_match`: matches 'my tool f"),
        ("match = ['my", "match = ['WARNING my tool failed', 'my", "`match`: 'WARNING my tool fai"),
    ],
)
def test_a_rule_that_breaks_its_word_is_named(
    old: str, new: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence for each fault, and exit code 1."""
    path = tmp_path / "rules.toml"
    path.write_text(SOUND.replace(old, new, 1))
    assert cli.main(["rules", "check", str(path)]) == 1
    assert f"{path}, rule `mine`, {fault}" in capsys.readouterr().out


def test_a_rule_that_is_never_asked_is_named() -> None:
    """A rule whose first example goes to another is of no use."""
    both = SOUND.replace('"mine"', '"wide"').replace("'my tool failed'\n", "'my tool'\n", 1) + SOUND
    found = rules.RuleSet(rules.parse(both, "rules.toml"))
    *_, fault = faults_of(found)
    reason = "the first example goes to `wide`, which is asked before it"
    assert str(fault) == f"rule `mine`, `match`: {reason}"


def test_what_another_rule_needs_hides_no_rule() -> None:
    """A rule that asks for more than the line may stand before one that does not."""
    wide = SOUND.replace('"mine"', '"wide"').replace("pattern", "needs = 'hub'\npattern", 1)
    found = rules.RuleSet(rules.parse(wide + SOUND, "rules.toml"))
    assert list(faults_of(found)) == []


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Missing, no text, no TOML, and no list of rules."""
    path = tmp_path / "rules.toml"
    with pytest.raises(InputError, match="There is no file"):
        cli.main(["rules", "check", str(path)])
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="utf-8"):
        cli.main(["rules", "check", str(path)])
    path.write_text("[[rule")
    with pytest.raises(SettingsError, match="is not TOML"):
        cli.main(["rules", "check", str(path)])
    path.write_text("rule = 3")
    assert cli.main(["rules", "check", str(path)]) == 1


def test_the_page_is_what_the_rules_say() -> None:
    """`docs/rules.md` is generated: run with BLESS=1 after a change of the rules."""
    if os.environ.get("BLESS"):  # noqa: TID251  # re-blessing is asked for in the environment
        PAGE.write_text(rules_page.page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == rules_page.page()


# ------------------------------------------------------------------------------------------
# A project's own


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a settings file, which is the current one."""
    path = tmp_path / ".github" / "flakebot.toml"
    path.parent.mkdir()
    path.write_text(f"max-new-issues = 1\n{SOUND}")
    monkeypatch.chdir(tmp_path)
    return path


def test_the_rules_of_a_project_are_listed_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are marked, in the table and in the JSON, and only where their file is."""
    assert cli.main(["rules", "list"]) == 0
    assert (
        "mine                    lint                code      (project)"
        in (capsys.readouterr().out.splitlines()[1])
    )
    assert cli.main(["rules", "list", "--json"]) == 0
    origins = {each["id"]: each["origin"] for each in json.loads(capsys.readouterr().out)}
    assert (origins["mine"], origins["disk-full"]) == ("project", "built-in")
    project.unlink()
    assert cli.main(["rules", "list"]) == 0
    assert "(project)" not in capsys.readouterr().out


def test_the_rules_of_a_project_are_checked_with_the_others(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault is said and exits with 1; elsewhere it is said and the others hold."""
    assert cli.main(["rules", "check"]) == 0
    assert ".github/flakebot.toml: 1 rule, 0 faults" in capsys.readouterr().out
    project.write_text(SOUND.replace("lint", "lnt"))
    sentence = "`category`: 'lnt' does not fit (did you mean `lint`?); the rule is left out."
    assert cli.main(["rules", "check"]) == 1
    assert f".github/flakebot.toml, rule `mine`, {sentence}" in capsys.readouterr().out
    assert cli.main(["rules", "list"]) == 0
    assert sentence in capsys.readouterr().err


def test_a_rule_of_a_project_tells_a_log(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`flakebot classify` takes the rules of the current folder, or of the file it is given."""
    log = project.parents[1] / "job.log"
    log.write_text("my tool failed\n##[error]Process completed with exit code 1.\n")
    assert cli.main(["classify", str(log)]) == 0
    assert "rule mine" in capsys.readouterr().out
    assert cli.main(["classify", str(log), "--config", os.devnull]) == 0
    assert "rule mine" not in capsys.readouterr().out
    with pytest.raises(InputError, match="There is no file nowhere"):
        cli.main(["classify", str(log), "--config", "nowhere"])


def test_the_logs_of_a_project_must_be_told_by_their_rules(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log of another cause, of a rule that is not there, and none where one is asked for."""
    logs = project.parent / "logs"
    for name in ("mine/a.log", "gone/a.log"):
        (logs / name).parent.mkdir(parents=True)
        (logs / name).write_text(
            "No space left on device\n##[error]Process completed with exit code 1.\n"
        )
    assert cli.main(["rules", "check", "--logs", str(logs)]) == 1
    told = capsys.readouterr().out.splitlines()[2:]
    assert [line.removeprefix(f"{logs}/") for line in told[:2]] == [
        "gone/a.log: there is no rule `gone`.",
        "mine/a.log: told by `disk-full`, not by `mine`.",
    ]
    (logs / "gone" / "a.log").unlink()
    (logs / "mine" / "a.log").write_text("my tool failed\n")
    assert cli.main(["rules", "check", "--logs", str(logs)]) == 0
    (logs / "mine" / "a.log").unlink()
    assert cli.main(["rules", "check", "--logs", str(logs)]) == 0
    assert "none yet of mine" in capsys.readouterr().out
    (logs / "without-log.txt").write_text("# Rules without a log.\n\nother  needs a GPU\n")
    assert cli.main(["rules", "check", "--logs", str(logs)]) == 1
    assert "rule `mine` has no real log." in capsys.readouterr().out
    for absent in ("nowhere", "n" * 300):  # the system refuses to look for the second
        with pytest.raises(InputError, match="there is no folder"):
            cli.main(["rules", "check", "--logs", absent])


# ------------------------------------------------------------------------------------------
# Logs of real tools


def _read(path: Path) -> LogReading:
    return classify.read_log(path.name, [path.read_bytes()], rules.builtin(), Limits())


def _of_category(paths: Sequence[Path]) -> set[str]:
    return {path.parent.name for path in paths}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_log_is_told_by_its_rule(path: Path) -> None:
    """The folder is named for the rule that must win: its match is the first cause."""
    reading = _read(path)
    assert path.parent.name == reading.causes[0].rule, log_lines([reading], [])


def test_the_recorded_logs_stay_small() -> None:
    """Many rules have a real log; no log is large, and none names a folder without a rule."""
    assert len(RECORDED) >= 60
    assert max(path.stat().st_size for path in RECORDED) <= 15_000
    assert _of_category(RECORDED) <= {entry.id for entry in BUILT_IN}
