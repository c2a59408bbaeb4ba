"""`flakebot report --accuracy`: what a person and a program are told of how verdicts held."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.unit import record_builders as b
from tests.unit.test_accuracy import told, word

from flakebot import cli
from flakebot.errors import InputError
from flakebot.feedback import Feedback, Word
from flakebot.ledgers.folder import FolderLedger
from flakebot.records import RunRecord

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schemas" / "accuracy.schema.json").read_text(encoding="utf-8")
)
NOW = ["--now", b.NOW.isoformat()]
RECORDS = [
    told(1, "new"),
    *(told(n, "flaky known") for n in range(2, 8)),
    b.run(60, b.job(b.entry(b.TEST, b.FAILED, b.PASSED, fingerprint="v1:x")), pr=9),
    told(50, "new", fingerprint="v1:x"),
]


def folder_with(root: Path, records: list[RunRecord], *said: Feedback) -> str:
    """A folder in place of GitHub with that ledger."""
    (root / "repository.json").write_text(json.dumps({"full_name": b.REPOSITORY}))
    ledger = FolderLedger(root)
    ledger.append(records)
    ledger.append(said)
    return str(root)


def test_a_person_sees_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By kind and by rule, with intervals, and time's verdicts apart."""
    folder = folder_with(tmp_path, RECORDS, word(Word.FLAKY, 10, b.PRINT))
    assert cli.main(["report", folder, "--accuracy", *NOW]) == 0
    out = capsys.readouterr().out
    rows = {line.split("   ")[0].strip(): line.split() for line in out.splitlines()}
    assert "octo/repo  9 attempts of runs since 2026-08-22" in out
    assert "1 word of maintainers since the first verdict on record" in out
    agree = ["1", "of", "1", "(21", "%", "to", "100", "%)"]
    assert rows["flaky known"][2:] == ["6", "1", "0", "0", *agree, "0", "0", "0.90"]
    differ = ["0", "of", "1", "(0.0", "%", "to", "79", "%)"]
    assert rows["new"][1:] == ["2", "1", "0", "0", *differ, "0", "1", "0.70"]
    both = ["1", "of", "2", "(9.5", "%", "to", "91", "%)"]
    assert rows["rule"][1:] == ["8", "2", "0", "0", *both, "0", "1"]
    assert "No maintainer has had a word" not in out


def test_a_program_gets_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the schema has it; kinds that were never given are there as well."""
    folder = folder_with(tmp_path, RECORDS, word(Word.FLAKY, 10, b.PRINT))
    assert cli.main(["report", folder, "--accuracy", "--json", *NOW]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    kinds = {row["name"]: row for row in found["verdicts"]}
    assert len(kinds) == 8
    assert (kinds["new"]["judged"], kinds["new"]["held"]) == (1, 0)
    assert kinds["new"]["by_time"] == {"held": 0, "not": 1}
    assert kinds["infra"]["interval"] is None
    assert [row["name"] for row in found["rules"]] == ["rule"]


def test_without_a_word_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is measured then."""
    folder = folder_with(tmp_path, [told(1, "new")])
    assert cli.main(["report", folder, "--accuracy", *NOW]) == 0
    out = capsys.readouterr().out
    assert "No maintainer has had a word on these verdicts yet." in out
    assert "not a flake" in out


def test_without_a_verdict_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor of a line that cannot be read is anything hidden."""
    folder = folder_with(tmp_path, [b.failing(900)])
    path = next((tmp_path / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes() + b"{\n")
    assert cli.main(["report", folder, "--accuracy", *NOW]) == 0
    out = capsys.readouterr().out
    assert "No verdict is on record since then." in out
    assert f"Ledger, ledger/{path.name}:2: not a record of a run" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "."], "Name what to report: --accuracy."),
        (["report", "no/such/place/at-all", "--accuracy"], "no/such/place/at-all"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(arguments: list[str], words: str) -> None:
    """It is wrong use, and costs no request."""
    with pytest.raises(InputError, match=words):
        cli.main(arguments)
