"""The JSON report and the outputs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from tests.unit import view_values as v

from flakebot.changes import OpenIssue, Plan, PostComment, Receipt, RequestRerun
from flakebot.model import TestId
from flakebot.report import Kind, Overall
from flakebot.sinks import job_summary, json_report

NAMES = {
    "verdict",
    "flaky-count",
    "new-failure-count",
    "external-count",
    "infra-count",
    "issues",
    "comment-url",
    "rerun-requested",
    "report",
}
OPEN = OpenIssue(key="k", title="t", body="b", labels=("l",), reason="r")
POST = PostComment(pull_request=7, body="b", reason="r")
RERUN = RequestRerun(run_id=9, attempt=1, reason="r")
REPORT = v.report(
    v.finding(issue=3),
    v.finding(Kind.NEW, "tests/a.py::t"),
    events=(v.outage(),),
    overall=Overall.NEW_FAILURES,
)
RECEIPTS = (
    Receipt(change=OPEN, done=True, url=f"{v.SITE}/issues/12"),
    Receipt(change=POST, done=True, url=f"{v.SITE}/issues/7#issuecomment-1"),
    Receipt(change=RERUN, done=False, reason="no permission"),
)


def test_flakes_of_one_event_are_counted() -> None:
    """A verdict of `flaky` with a count of none would contradict itself."""
    tests = (TestId("tests/a.py::t"), TestId("tests/a.py::u"))
    event = replace(v.outage(), kind=Kind.FLAKY, tests=tests)
    report = v.report(v.finding(test="tests/a.py::u"), v.finding(), events=(event, v.outage()))
    outputs = json_report.outputs(report, (), report_path="r.json")
    assert outputs["flaky-count"] == "3"


def test_outputs_have_the_contract_s_names_and_values() -> None:
    """All outputs are strings; the issues are a JSON list of addresses."""
    expected = {
        "verdict": "new-failures",
        "flaky-count": "1",
        "new-failure-count": "1",
        "external-count": "1",
        "infra-count": "0",
        "issues": json.dumps([f"{v.SITE}/issues/12", f"{v.SITE}/issues/3"]),
        "comment-url": f"{v.SITE}/issues/7#issuecomment-1",
        "rerun-requested": "false",
        "report": "flakebot-report.json",
    }
    assert expected == json_report.outputs(REPORT, RECEIPTS, report_path="flakebot-report.json")
    assert expected.keys() == NAMES


def test_a_command_in_a_comment_has_a_report_without_a_run() -> None:
    """What was done is listed, and nothing was analysed."""
    now = datetime(2026, 2, 3, tzinfo=UTC)
    made = json_report.answered("Closed #12.", Plan(changes=(OPEN,)), RECEIPTS[:1], now)
    assert made["nothing"] == "Closed #12."
    assert json.dumps(made).count("issues/12") >= 1
    assert "A command in a comment\n\nClosed." in job_summary.answered("Closed.")


def test_a_sweep_puts_out_the_issues_it_wrote() -> None:
    """Each once, and no verdict."""
    found = json_report.swept_outputs([*RECEIPTS, RECEIPTS[0]], report_path="r.json")
    assert found.keys() == NAMES
    assert found["issues"] == json.dumps([f"{v.SITE}/issues/12"])
    assert found["verdict"] == "unknown"


def test_a_requested_rerun_is_true() -> None:
    """Only one that GitHub accepted counts."""
    done = [Receipt(change=RERUN, done=True)]
    found = json_report.outputs(REPORT, done, report_path="r")
    assert (found["rerun-requested"], found["comment-url"]) == ("true", "")


def test_outputs_of_a_run_that_was_not_analysed() -> None:
    """The names are there whatever happens."""
    found = json_report.no_outputs(report_path="r")
    assert found.keys() == NAMES
    assert (found["verdict"], found["issues"], found["report"]) == ("unknown", "[]", "r")


def test_the_report_holds_everything() -> None:
    """It is JSON, says its schema, and each change says its type and what became of it."""
    plan = Plan(changes=(OPEN, POST, RERUN), held_back=("why",))
    made = json.loads(json.dumps(json_report.build(REPORT, plan, RECEIPTS)))
    assert (made["schema"], made["verdict"], made["held_back"]) == (1, "new-failures", ["why"])
    assert [each["type"] for each in made["plan"]] == ["OpenIssue", "PostComment", "RequestRerun"]
    assert [(each["done"], each["error"]) for each in made["receipts"]] == [
        (True, ""),
        (True, ""),
        (False, "no permission"),
    ]
    assert made["report"]["findings"][0]["test"] == v.ROUTER


def test_a_report_without_an_analysis_says_why() -> None:
    """A reader finds the same fields, and the sentence."""
    now = datetime(2026, 2, 1, tzinfo=UTC)
    failed = json_report.failure("No such run.", now)
    idle = json_report.nothing("Nothing to do.", now)
    assert (failed["error"], idle["nothing"]) == ("No such run.", "Nothing to do.")
    assert {"unknown"} == {failed["verdict"], idle["verdict"]}
