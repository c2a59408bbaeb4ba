"""The default branch's last runs are read where nothing of them is on record."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit.record_builders import entry, job, run

from flakebot.errors import GitHubError, LedgerError
from flakebot.github_objects import Branch, PullRequest, Repository, Run
from flakebot.model import Category, Status
from flakebot.pipeline import trunk
from flakebot.pipeline.tools import Subject, Tools
from flakebot.records import RunRecord
from flakebot.settings import Settings

NOW = datetime.fromisoformat("2026-02-10T00:00:00+00:00")
WORKFLOW = run(1).workflow


def listed(number: int, **fields: object) -> Run:
    given = {
        "id": number,
        "head_sha": f"{number:040x}",
        "name": WORKFLOW,
        "head_branch": "main",
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "created_at": NOW - timedelta(days=number),
    }
    return Run(**given | fields)  # type: ignore[arg-type]  # fields by name


class Outer:
    """A forge whose every run has no job, and a ledger; both may be out of order."""

    def __init__(self, runs: Sequence[Run] = (), *, broken: str = "") -> None:
        self.runs, self.broken = runs, broken
        self.asked: list[int] = []
        self.listed = 0
        self.kept: list[RunRecord] = []
        self.said: list[str] = []

    def finished_runs(self, since: datetime, until: datetime, *, branch: str) -> Iterator[Run]:
        """The runs, of the default branch."""
        assert branch == "main"
        if self.broken == "list":
            raise GitHubError("no list", status=500)
        for each in self.runs:
            self.listed += 1
            if each.created_at and since <= each.created_at <= until:
                yield each

    def jobs(self, run_id: int, _attempt: int) -> Sequence[object]:
        """None; that it was asked is written down."""
        self.asked.append(run_id)
        if self.broken == "jobs":
            raise GitHubError("no jobs", status=500)
        return ()

    def logs(self, *_: object) -> Sequence[object]:
        """None."""
        return ()

    def append(self, entries: Sequence[RunRecord]) -> Sequence[object]:
        """Keep what is to be recorded."""
        if self.broken == "ledger":
            raise LedgerError("no ledger")
        self.kept += entries
        return ()


FAILING = run(50, job(entry("t.py::a")), pr=7)


def read(
    outer: Outer,
    record: RunRecord = FAILING,
    past: Sequence[RunRecord] = (),
    settings: Settings | None = None,
    base: str = "",
) -> list[int]:
    """The runs that are read."""
    pull = PullRequest(number=7, head=Branch(ref="b", sha="h"), base=Branch(ref="main", sha=base))
    subject = Subject(
        repository=Repository(full_name="org/repo", default_branch="main"),
        run=listed(50, created_at=NOW, head_branch="fix"),
        pull=pull if base else None,
        inside=False,
    )
    tools = Tools(
        forge=outer,  # type: ignore[arg-type]  # all that is used of one
        ledger=outer,  # type: ignore[arg-type]  # as above
        hub=outer,  # type: ignore[arg-type]  # not asked at all
        rules=None,  # type: ignore[arg-type]  # there is no log to be read
        say=outer.said.append,
    )
    found = trunk.read(subject, past, [record], tools, settings or Settings(), NOW)
    return [each.run_id for each in found]


def test_the_newest_runs_are_read_and_kept() -> None:
    """Three of them, of the default branch, over and not cancelled, before this one began."""
    outer = Outer([listed(number) for number in range(1, 6)])
    assert read(outer) == [1, 2, 3]
    assert [record.run_id for record in outer.kept] == [1, 2, 3]
    assert outer.said[-1] == "default branch: nothing on record, 3 attempts read"


def test_no_more_runs_are_listed_than_needed() -> None:
    """A request each hundred, up to the third that counts, and three hundred at most."""
    others = [listed(1, name="Docs")] * 150
    outer = Outer([*others, listed(2), listed(3), listed(4), *others])
    assert (read(outer), outer.listed) == ([2, 3, 4], 153)
    outer = Outer([*others, *others, listed(2)])
    assert (read(outer), outer.listed) == ([], 300)


@pytest.mark.parametrize(
    "fields",
    [
        {"head_branch": "fix"},
        {"event": "pull_request"},
        {"conclusion": "cancelled"},
        {"name": "Docs"},
        {"created_at": NOW + timedelta(hours=1)},
    ],
)
def test_other_runs_tell_nothing(fields: dict[str, object]) -> None:
    """Only what a failure here can be compared with."""
    assert read(Outer([listed(1, **fields), listed(2)])) == [2]


def test_the_base_of_the_pull_request_is_read_whatever_its_workflow() -> None:
    """A project may run its tests by another workflow after the merge."""
    assert read(
        Outer([listed(1, name="Post-Merge"), listed(2, name="Docs")]), base=f"{1:040x}"
    ) == [1]


@pytest.mark.parametrize(
    ("record", "past"),
    [
        (run(50, job(entry("t.py::a")), trunk=True), []),
        (run(50, job(entry("t.py::a", category=Category.HF_FETCH)), pr=7), []),
        (run(50, job(entry("t.py::a", Status.FAILED, Status.PASSED)), pr=7), []),
        (FAILING, [run(1, trunk=True)]),
    ],
)
def test_nothing_is_asked_where_it_would_tell_nothing(
    record: RunRecord, past: list[RunRecord]
) -> None:
    """On the default branch, for somebody else's fault, and where it is on record."""
    outer = Outer([listed(1)])
    assert read(outer, record, past) == []
    assert (outer.asked, outer.said) == ([], [])


def test_a_dry_run_keeps_nothing() -> None:
    """It reads all the same, to judge as it would."""
    outer = Outer([listed(1)])
    assert read(outer, settings=dataclasses.replace(Settings(), dry_run=True)) == [1]
    assert outer.kept == []


@pytest.mark.parametrize(
    ("broken", "found", "says"),
    [("list", [], "no list"), ("jobs", [], "no jobs"), ("ledger", [1], "no ledger")],
)
def test_what_cannot_be_had_costs_nothing_else(broken: str, found: list[int], says: str) -> None:
    """The run is judged without it."""
    outer = Outer([listed(1)], broken=broken)
    assert read(outer) == found
    assert says in outer.said
