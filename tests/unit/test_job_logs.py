"""Which jobs of an attempt are read, and what is said of those left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flakebot import config
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import Repository, Run
from flakebot.hugging_face.scripted import ScriptedHub
from flakebot.ledgers.memory import MemoryLedger
from flakebot.pipeline import job_logs
from flakebot.pipeline.tools import Subject, Tools
from flakebot.settings import Limits, Settings

NOW = datetime(2026, 2, 10, tzinfo=UTC)
JOBS = [
    {"id": 1, "name": "test (arm64)"},
    {"id": 2, "name": "lint"},
    {"id": 3, "name": "docs", "conclusion": "skipped"},
    {"id": 4, "name": "ci-status-check"},
    {"id": 5, "name": "build", "run_attempt": 1},
]


def read(root: Path, settings: Settings, *names: str) -> tuple[list[int], list[str], list[str]]:
    """The ids of the jobs of attempt 2 that are read, the problems and the progress."""
    (root / "runs/7/attempts/2").mkdir(parents=True)
    jobs = [job for job in JOBS if not names or job["name"] in names]
    (root / "runs/7/attempts/2/jobs.json").write_text(json.dumps({"jobs": jobs}))
    said: list[str] = []
    problems: list[str] = []
    tools = Tools(
        forge=FolderForge(root, now=NOW, limits=Limits()),
        ledger=MemoryLedger(),
        hub=ScriptedHub(root / "hugging_face.json", settings),
        rules=config.rules_from(None).rules,
        say=said.append,
    )
    repository = Repository(full_name="acme/widgets")
    run = Run(id=7, head_sha="a", run_attempt=2)
    subject = Subject(repository=repository, run=run, pull=None, inside=False)
    found = job_logs.read(subject, 2, tools, settings, problems)
    *hints, _ = said
    return [one.job.id for one in found], problems, hints


@pytest.mark.parametrize(
    ("jobs", "skip_jobs", "names", "read_ids", "problem", "hints"),
    [
        (("*",), ("*-status-check",), (), [1, 2], False, []),
        (("*",), ("*-status-check",), ("lint",), [2], False, []),
        (("*",), ("*-status-check",), ("ci-status-check",), [], True, []),
        (("*",), ("*-status-check",), ("docs", "build"), [], False, []),
        (("test*", "build"), (), (), [1], False, []),
        (("tset*", "lint"), ("*-check", "doc?"), (), [2], False, ["tset*"]),
        (("*",), ("benchmark*",), (), [1, 2, 4], False, ["benchmark*"]),
        (("tset*",), ("*-status-check",), (), [], True, ["tset*"]),
    ],
)
def test_what_is_given_and_names_no_job_is_told(  # a table
    tmp_path: Path,
    jobs: tuple[str, ...],
    skip_jobs: tuple[str, ...],
    names: tuple[str, ...],
    read_ids: list[int],
    problem: bool,  # noqa: FBT001
    hints: list[str],
) -> None:
    """In the step's log, as it may be meant for another workflow; where nothing is left to read,
    in the report.
    """
    found, problems, said = read(tmp_path, Settings(jobs=jobs, skip_jobs=skip_jobs), *names)
    assert found == read_ids
    assert problems == [
        f"No job of attempt 2 is read: `jobs` and `skip-jobs` leave out all {count}."
        for count in ([1] if names else [3])
        if problem
    ]
    assert said == [
        f"attempt 2: no job is named like {glob} (`jobs`, `skip-jobs`)" for glob in hints
    ]
