"""A tracking issue in a folder, as `flakebot reproduce --issue` reads it and writes its report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flakebot import demo, issue_source
from flakebot.errors import InputError, NotFoundError
from flakebot.reproduction.iterations import Level
from flakebot.sinks import reproduction_comment
from flakebot.views import markers
from flakebot.views.markers import Mark

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample run, its issues opened and its ledger written."""
    folder = tmp_path_factory.mktemp("reproduce") / "sample"
    demo.main(folder)
    return folder


def issue(sample: Path, title: str) -> Path:
    found = [
        path
        for path in sorted((sample / "issues").glob("*.json"))
        if title in path.read_text(encoding="utf-8") and not path.stem.endswith("comments")
    ]
    return found[-1].with_suffix("")


def test_test_level_fingerprint_and_rate_come_from_marker_and_ledger(sample: Path) -> None:
    """Months after the failures, whatever its text says now."""
    path = issue(sample, "Flaky test: tests/router/test_router_e2e_with_mockers.py::test_kv_push")
    file = path.with_suffix(".json")
    edited = json.loads(file.read_text(encoding="utf-8"))
    first, _, rest = edited["body"].partition("\n")
    edited["body"] = f"{first}\nSomebody wrote something else here.\n{rest[-10:]}"
    file.write_text(json.dumps(edited), encoding="utf-8")
    found = issue_source.read(str(path), {}, NOW)
    assert found.tests == ("tests/router/test_router_e2e_with_mockers.py",)
    assert found.level == Level(processes=8)
    assert found.target.fingerprint.startswith("v1:crash-sigabrt:")
    assert 0 < found.target.rate_low < found.target.rate <= 1
    assert found.target.issue == str(path)


def test_an_issue_of_somebody_else_is_none(sample: Path) -> None:
    """The sample's own issues were not written by flakebot."""
    with pytest.raises(NotFoundError, match="no tracking issue"):
        issue_source.read(str(sample / "issues" / "5640"), {}, NOW)


@pytest.mark.parametrize("target", ["issues/x", "nowhere/issues/5", "5732", "runs/5732", ""])
def test_what_names_no_issue_is_one_sentence(target: str) -> None:
    """Neither a folder's nor an address."""
    with pytest.raises(InputError, match="FOLDER/issues/NUMBER"):
        issue_source.read(target, {}, NOW)


def test_the_report_is_one_comment_in_the_folder_too(sample: Path) -> None:
    """Posted twice, there is one with the later text."""
    path = issue(sample, "Flaky test: tests/router/test_router_e2e_with_mockers.py::test_kv_push")
    mark = markers.mark(Mark.REPRODUCTION, reproduction_comment.KEY)
    for text in ("first", "second"):
        issue_source.post(str(path), f"{mark}\n{text}\n", {}, NOW)
    comments = json.loads(path.with_suffix(".comments.json").read_text(encoding="utf-8"))
    assert [each["body"] for each in comments] == [f"{mark}\nsecond\n"]
