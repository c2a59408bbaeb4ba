"""What counts as a change when past runs are judged again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.unit import record_builders as b

from flakebot.judging import replaying, told
from flakebot.judging.replaying import NOTHING, UNKNOWN, Count, Replay, Tally, Then
from flakebot.records import RunRecord, Said
from flakebot.report import Kind, Level

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas" / "replay.schema.json").read_text(encoding="utf-8")
)
FLAKY = Said(about=b.TEST, kind="flaky", level="proven")
NEW = Said(about=b.TEST, kind="new")


def failed(*said: Said) -> RunRecord:
    """A run that failed for the first time, of which this was said."""
    return replace(b.failing(1, pr=7), url="https://github.com/octo/repo/actions/runs/1", said=said)


def tallied(last: RunRecord, then: Then | None = None) -> Tally:
    tally = Tally()
    tally.add(last, then or replaying.recorded(last), b.verdict_on(last))
    return tally


@pytest.mark.parametrize(
    ("last", "then", "changes"),
    [
        (failed(NEW), "new", 0),
        (failed(FLAKY), "flaky proven", 1),
        (failed(), NOTHING, 1),
        (replace(failed(), said=None), UNKNOWN, 0),
        (failed(*[Said(about=f"t{n}", kind="new") for n in range(told.MOST)]), UNKNOWN, told.MOST),
    ],
)
def test_a_verdict_of_then_is_held_against_that_of_now(
    last: RunRecord, then: str, changes: int
) -> None:
    """One that was not kept is counted, and is no change."""
    tally = tallied(last)
    assert Count(then=then, now="new", findings=1) in tally.verdicts
    assert (tally.runs, len(tally.changes)) == (1, changes)


def test_a_change_says_where_and_why() -> None:
    """The reason is that of now; of what nothing is said any more there is none."""
    gone = Said(about="job:build", kind="unclassified")
    change, silent = tallied(failed(FLAKY, gone)).changes
    assert (change.about, change.then, change.now) == (b.TEST, "flaky proven", "new")
    assert change.url.endswith("/runs/1")
    assert change.reason.startswith("first seen on pull request #7")
    assert (silent.about, silent.now, silent.reason) == ("job:build", NOTHING, "")


def test_another_judge_says_nothing_of_what_it_does_not_mention() -> None:
    """It has seen the whole run."""
    then = replaying.judged(b.verdict_on(b.passing(1)))
    assert tallied(failed(), then).verdicts == (Count(then=NOTHING, now="new", findings=1),)
    same = replaying.judged(b.verdict_on(failed()))
    assert tallied(failed(), same).changes == []


def test_all_changes_are_counted_and_so_many_are_kept() -> None:
    """What changed stands first, by how often."""
    tally = Tally()
    last = failed(FLAKY)
    report = b.verdict_on(last)
    for _ in range(replaying.MOST + 1):
        tally.add(last, replaying.recorded(last), report)
    tally.add(last, replaying.recorded(replace(last, said=None)), report)
    assert len(tally.changes) == replaying.MOST
    assert tally.verdicts[0] == Count(then="flaky proven", now="new", findings=replaying.MOST + 1)


def test_the_json_follows_its_schema() -> None:
    """And the schema knows every verdict there is."""
    tally = tallied(failed(FLAKY))
    replay = Replay(
        repository="octo/repo",
        since=b.NOW,
        then="the records",
        runs=1,
        reread=0,
        left_out=0,
        verdicts=tally.verdicts,
        changes=tuple(tally.changes),
    )
    told_ = json.loads(json.dumps(replaying.to_json(replay)))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(told_, SCHEMA)
    assert told_["changed"] == 1
    flaky = {f"flaky {level}".strip() for level in Level}
    assert set(SCHEMA["$defs"]["verdict"]["enum"]) == flaky | {*Kind, NOTHING, UNKNOWN}
