"""`flakebot replay`, as a person calls it on the sample run."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.unit.test_replaying import SCHEMA

from flakebot import cli, demo, replay_command
from flakebot.errors import InputError, SettingsError
from flakebot.ledgers.folder import FolderLedger

NOW = "2026-02-04"
SINCE = ["--since", "60d", "--now", NOW]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, as `flakebot demo` leaves it."""
    folder = tmp_path_factory.mktemp("replay") / "sample"
    demo.main(folder)
    return folder


@pytest.fixture
def sample(analysed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(analysed, tmp_path / "sample")


def replayed(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """What a replay says, which follows its schema."""
    capsys.readouterr()
    assert cli.main(["replay", str(folder), *SINCE, *options, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, SCHEMA)
    return told


def test_nothing_changes_while_neither_rules_nor_settings_do(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With all logs read again, and from the ledger alone, although issues came later."""
    before = {path: path.read_bytes() for path in sample.rglob("*") if path.is_file()}
    again = replayed(sample, capsys)
    assert (again["runs"], again["reread"], again["changed"]) == (16, 16, 0)
    kinds = {count["then"] for count in again["verdicts"]}
    assert {"external", "broken", "flaky proven", "flaky known", "flaky likely", "new"} <= kinds
    ledger = replayed(sample, capsys, "--logs", "0")
    assert (ledger["reread"], ledger["verdicts"]) == (0, again["verdicts"])
    after = {path: path.read_bytes() for path in sample.rglob("*") if path.is_file()}
    assert after == before


def test_logs_that_are_gone_are_judged_as_they_were_read(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run with one log missing counts as a whole."""
    for logs in list(sample.glob("runs/*/attempts/1/logs"))[:10]:
        shutil.rmtree(logs)
    shutil.rmtree(max(sample.glob("runs/*")))
    told = replayed(sample, capsys)
    assert 0 < told["reread"] < 7
    assert told["changed"] == 0


def test_another_settings_file_is_held_against_the_repositorys(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its thresholds from the ledger alone, its rules where logs are there."""
    file = tmp_path / "tried.toml"
    file.write_text("[thresholds]\nmin-builds = 40\n")
    told = replayed(sample, capsys, "--settings", str(file), "--logs", "0")
    assert (told["then"], told["changed"]) == ("the settings of the repository", 1)
    (change,) = told["changes"]
    assert (change["then"], change["now"]) == ("flaky likely", "unclassified")
    assert change["reason"].endswith("builds are on record and 40 are needed")
    file.write_text(
        '[[rule]]\nid = "burst"\ncategory = "network-dns"\npattern = "assert"\n'
        'assertions = true\nmatch = ["assert 1 == 2"]\nno_match = ["ok"]\n'
    )
    assert replayed(sample, capsys, "--settings", str(file), "--logs", "0")["changed"] == 0
    told = replayed(sample, capsys, "--settings", str(file))
    assert {(c["then"], c["now"]) for c in told["changes"]} >= {("broken", "external")}
    assert any(c["reason"].startswith("network-dns, rule burst") for c in told["changes"])


def test_a_person_sees_a_table_and_each_change(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the deciding reason and the run, and what was left out."""
    file = tmp_path / "tried.toml"
    file.write_text("[thresholds]\nmin-builds = 40\n")
    capsys.readouterr()
    options = ["--settings", str(file), "--limit", "4", "--logs", "1"]
    assert cli.main(["replay", str(sample), *SINCE, *options]) == 0
    out = capsys.readouterr().out
    assert "ai-dynamo/dynamo  4 runs since 2025-12-06, held against the settings of the" in out
    assert "the logs of 1 run were read again; the others are judged as they were read then" in out
    assert "12 older runs left out: --limit" in out
    assert "\nflaky likely   unclassified          1\n" in out
    assert "\n1. flaky likely → unclassified  tests/router/test_router_e2e" in out
    assert "\n   because  the same failure is on record in #5688, #5702; " in out
    assert "\n   run      https://github.com/ai-dynamo/dynamo/actions/runs/" in out
    assert "\x1b" not in out


def test_many_changes_are_cut_for_a_person(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records that say something else of every test, and one that says nothing."""
    paths = sorted((sample / "ledger").glob("*.jsonl"))
    for path in paths:
        path.write_text(path.read_text().replace('"kind":"external"', '"kind":"flaky"'))
    paths[0].write_text(paths[0].read_text().replace('"said":', '"unsaid":'))
    capsys.readouterr()
    assert cli.main(["replay", str(sample), *SINCE]) == 0
    out = capsys.readouterr().out
    assert "flaky          external" in out
    assert "\nnot recorded   " in out
    assert "more changes; --json has them all" in out


def test_nothing_on_record_and_a_damaged_ledger_are_said(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read costs nothing else."""
    capsys.readouterr()
    assert cli.main(["replay", str(sample), "--since", "2099-01-01"]) == 0
    assert "Nothing failed." in capsys.readouterr().out
    path = min((sample / "ledger").glob("*.jsonl"))
    path.write_text("{\n" + path.read_text())
    assert cli.main(["replay", str(sample), *SINCE]) == 0
    assert "not a record of a run" in capsys.readouterr().out
    assert FolderLedger(sample).read(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12h", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 1, 18, tzinfo=UTC)),
        ("99999w", replay_command.EARLIEST),
        ("0001-01-01", replay_command.EARLIEST),
        ("2026-01-30", datetime(2026, 1, 30, tzinfo=UTC)),
        ("2026-01-30T10:00+00:00", datetime(2026, 1, 30, 10, tzinfo=UTC)),
    ],
)
def test_since_is_a_span_or_a_time(text: str, wanted: datetime) -> None:
    """Counted back from now."""
    assert replay_command.since(text, datetime(2026, 2, 1, tzinfo=UTC)) == wanted


@pytest.mark.parametrize("text", ["", "d", "30", "30x", "-1d", "123456d"])
def test_another_since_is_one_sentence(text: str) -> None:
    """It says what is taken."""
    with pytest.raises(InputError, match=r"--since: .* as `30d`, `12h` or `4w`"):
        replay_command.since(text, datetime(2026, 2, 1, tzinfo=UTC))


def test_a_settings_file_that_is_not_there_or_wrong_is_one_sentence(
    sample: Path, tmp_path: Path
) -> None:
    """Nothing is judged by half a file."""
    file = tmp_path / "tried.toml"
    with pytest.raises(InputError, match="There is no file"):
        cli.main(["replay", str(sample), "--settings", str(file)])
    file.write_text("min-builds = 40\n")
    with pytest.raises(SettingsError, match="is no setting"):
        cli.main(["replay", str(sample), "--settings", str(file)])


def test_a_faulty_rule_is_said(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And left out, as everywhere."""
    file = tmp_path / "tried.toml"
    file.write_text('[[rule]]\nid = "x"\n')
    assert cli.main(["replay", str(sample), *SINCE, "--logs", "0", "--settings", str(file)]) == 0
    assert "rule" in capsys.readouterr().err
