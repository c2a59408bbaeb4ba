"""What people read, as golden files: re-bless with BLESS=1 and read the difference."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import MemoryForge

from flakebot import planner, sinks
from flakebot.changes import Plan, React, Receipt
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.report import Kind, Level, Report, Unread
from flakebot.sinks import Context, issues, job_summary, pr_comment
from flakebot.views import placeholders, render

GOLDEN = Path(__file__).parent / "golden"
KEYS = "tests/kv/test_keys.py::test_sorted[8]"
ASSERT = "AssertionError: assert 'decode_worker_id' in {'prefill_worker_id': 3}"

NEW = v.finding(
    Kind.NEW,
    KEYS,
    at=v.seen(
        category=Category.ASSERTION,
        text=ASSERT,
        outcomes=(Status.FAILED,),
        line=2044,
        excerpt=(
            "    def test_sorted(size):",
            "        reply = ask(size)",
            ">       assert 'decode_worker_id' in reply",
            f"E       {ASSERT}",
            "",
            "tests/kv/test_keys.py:31: AssertionError",
        ),
    ),
    reasons=("first seen here", "this pull request changes tests/kv/test_keys.py"),
)
BROKEN = v.finding(
    Kind.BROKEN,
    "tests/planner/test_scale.py::test_up",
    at=v.seen(job="test (arm64)", job_id=12, outcomes=(Status.FAILED,), line=310),
    reasons=("5 builds in a row failed on the default branch since 8c2f01a",),
)
KNOWN = v.finding(
    test=v.ROUTER,
    rated=v.rated(3, 41),
    level=Level.KNOWN,
    issue=12,
    reasons=("known: #12 lists this way of failing", "failed in 3 of 41 builds"),
)
LINT = v.finding(
    Kind.UNCLASSIFIED,
    "",
    at=v.seen(
        job="lint", job_id=13, outcomes=(), text="", excerpt=(), category=Category.UNKNOWN, line=0
    ),
    reasons=("no test failed; step Run tests failed, the log does not say why",),
)
JOBS = v.record(
    v.RUN_ID,
    v.failing_job(),
    v.job("test (arm64)", 12),
    v.job("lint", 13),
    v.job("docs", 14),
)
UNREAD = Unread(job="gpu", url=f"{v.SITE}/actions/runs/{v.RUN_ID}/job/15", reason="no log is kept")

REPORTS = {
    "not_yours": v.report(
        KNOWN, events=(v.outage(),), records=(v.record(v.RUN_ID, *JOBS.jobs[:2]),)
    ),
    "one_new": v.report(NEW),
    "everything": v.report(
        NEW,
        BROKEN,
        LINT,
        KNOWN,
        events=(v.outage(recovered=False),),
        records=(JOBS,),
        unread=(UNREAD,),
        problems=("JUnit report-arm64: the file is no XML.",),
    ),
    "green": v.report(
        v.finding(), records=(v.record(v.RUN_ID, v.failing_job(conclusion="success")),)
    ),
}


def tracking_plan(context: Context, forge: MemoryForge) -> Plan:
    """What is written with the issues that there are."""
    context = replace(context, listed=issues.list_ours(forge, context.settings))
    return issues.plan(context, issues.observe(context, forge))


def check(name: str, text: str) -> None:
    """Compare with the golden file, or write it."""
    path = GOLDEN / f"{name}.md"
    if os.environ.get("BLESS"):  # noqa: TID251  # re-blessing is asked for in the environment
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_comments(name: str) -> None:
    """The comment on a pull request."""
    check(f"comment_{name}", pr_comment.section(v.context(REPORTS[name])).text)


def test_job_summary() -> None:
    """The summary with what was done and what not."""
    report = REPORTS["everything"]
    context = v.context(report)
    forge = MemoryForge(pulls={v.RUN_ID: v.pull()})
    comment = pr_comment.plan(context, pr_comment.observe(context, forge))
    plans = [tracking_plan(context, forge), comment]
    changes = [change for plan in plans for change in plan.changes]
    plan = planner.make_plan(changes, context.settings, held_back=["No re-run: too late."])
    receipts = sinks.apply_all(plan, forge)
    check("summary_everything", job_summary.render(report, plan, receipts))


def test_a_run_of_the_default_branch_is_not_told_to_rebase() -> None:
    """There is no change that could be rebased."""
    report = replace(REPORTS["everything"], pull_request=0)
    text = job_summary.render(report, Plan(), ())
    assert "### Broken on the default branch" in text
    assert "Rebase" not in text
    assert "Rebase onto the default branch" in job_summary.render(REPORTS["everything"], Plan(), ())


@pytest.mark.parametrize("kind", [Kind.BROKEN, Kind.FLAKY])
def test_an_event_says_why_in_the_column_for_it(kind: Kind) -> None:
    """Since when it is broken, or why it is flaky; the message stands under the tests."""
    reasons = ("7 of 8 tests of job test failed", "first bad commit abcdef")
    event = replace(v.outage(category=Category.ASSERTION), kind=kind, reasons=reasons)
    text = pr_comment.section(v.context(v.report(events=(event,)))).text
    (row,) = [line for line in text.splitlines() if line.startswith("| `")]
    first, *_, last = row.strip("| ").split(" | ")
    assert first.endswith(f"::test_b`<br>`{event.text}`")
    assert last == "7 of 8 tests of job test failed; first bad commit abcdef"


def test_what_a_shortened_text_leaves_out_is_counted() -> None:
    """Of events as of findings: none vanishes without a word."""
    outages = tuple(replace(v.outage(), fingerprint=f"v1:hf-fetch:{n}") for n in range(5))
    flakes = tuple(v.finding(test=f"tests/a.py::test_{n}") for n in range(4))
    groups = tuple(replace(event, kind=Kind.FLAKY) for event in outages)
    text = render.markdown(
        "pr_section",
        render.STEPS[3],
        report=v.report(*flakes, events=(*outages, *groups)),
        opens=False,
        branch="main",
        red=True,
        rerun="",
        refused="",
    )
    assert text.count("… and 2 more.") == 2
    assert text.count("… and 1 more.") == 1


def test_job_summary_of_a_dry_run() -> None:
    """It says what would be done."""
    text = job_summary.render(REPORTS["one_new"], Plan(), ())
    assert "Nothing: everything is up to date." in text
    change = pr_comment.plan(v.context(REPORTS["one_new"]), pr_comment.State(head=v.HEAD))
    assert "### What flakebot would do" in job_summary.render(REPORTS["one_new"], change, ())


def test_job_summary_without_an_analysis() -> None:
    """One heading, one sentence, nothing active."""
    assert job_summary.failure("No run <b>5</b>.") == (
        "## flakebot could not finish\n\nNo run &lt;b&gt;5&lt;/b&gt;.\n"
    )
    assert job_summary.nothing("A push.").startswith("## Nothing to analyse\n")


def test_what_to_do_is_not_cut_out_of_a_sentence() -> None:
    """It may hold an address, a login and a setting, and each may be long."""
    told = f"One author {'x' * 300} is not known: set this in the settings {'y' * 300} and go on."
    swept = job_summary.swept(1, [told], Plan(held_back=(told,)), ())
    undone = Receipt(change=React(comment_id=9, content="+1", reason="r"), done=False, reason=told)
    applied = job_summary.swept(1, [], Plan(changes=(undone.change,)), (undone,))
    texts = (job_summary.failure(told), swept, applied)
    assert [text.count(told) for text in texts] == [1, 2, 1]


def flaky_history() -> tuple[RunRecord, ...]:
    """Two ways of failing, in two jobs, at two levels of parallelism, in two variants."""
    more = [
        v.record(
            600 + i,
            v.failing_job(
                v.ROUTER.replace("True-tcp", "False-nats"),
                category=Category.TEST_TIMEOUT,
                text="Failed: Timeout (>60.0s) from pytest-timeout.",
                outcomes=(Status.TIMEOUT,),
                name="test (arm64)",
                workers=4 * i,
            ),
            sha=f"{600 + i:040x}"[::-1],
            at=v.NOW - timedelta(days=2 * i, hours=5),
            trunk=i == 1,
            pull=60 + i,
        )
        for i in (1, 2, 3)
    ]
    return (*v.past(), *more)


def test_issue() -> None:
    """The issue of one test with all its tables."""
    forge = MemoryForge(files={".github/CODEOWNERS": "/tests/router/ @org/router @ann\n"})
    context = v.context(v.report(v.finding()), history=flaky_history())
    sinks.apply_all(tracking_plan(context, forge), forge)
    (issue,) = forge.listed.values()
    check("issue_flaky", issue.body or "")


def test_issue_of_a_broken_test_and_its_comment() -> None:
    """Four failures in a row on the default branch are a regression, told once."""
    forge = MemoryForge()
    context = v.context(v.report(v.finding()), history=flaky_history())
    sinks.apply_all(tracking_plan(context, forge), forge)
    streak = tuple(
        v.record(
            960 + i,
            v.failing_job(category=Category.ASSERTION, text=ASSERT, outcomes=(Status.FAILED,)),
            sha=f"{0xABC0 + i:040x}"[::-1],
            at=v.NOW + timedelta(hours=i + 1),
            trunk=True,
        )
        for i in range(4)
    )
    last = v.report(v.finding(Kind.BROKEN), records=streak[-1:], subject=replace(v.run(), id=963))
    later = v.context(last, history=(*flaky_history(), v.record(), *streak[:-1]))
    plan = planner.make_plan(tracking_plan(later, forge).changes, later.settings)
    sinks.apply_all(plan, forge)
    ((number, issue),) = forge.listed.items()
    check("issue_broken", issue.body or "")
    check("issue_note", forge.said[number][0].body or "")


def test_issue_of_hugging_face_and_digest() -> None:
    """The two issues that are not about one test."""
    fetches = v.outage(recovered=False).fetches
    job = v.failing_job(
        "tests/models/test_load.py::test_a",
        category=Category.HF_FETCH,
        text="ReadTimeoutError: HTTPSConnectionPool(host='huggingface.co', port=443)",
        outcomes=(Status.FAILED,),
    )
    other = v.failing_job("tests/a.py::test_1", job_id=12)
    report = v.report(
        v.finding(test="tests/a.py::test_1"),
        records=(v.record(v.RUN_ID, job, other, fetches=fetches),),
    )
    context = v.context(report)
    context = replace(context, settings=replace(context.settings, max_new_issues=1))
    forge = MemoryForge()
    sinks.apply_all(tracking_plan(context, forge), forge)
    outage, digest = forge.listed.values()
    check("issue_hugging_face", outage.body or "")
    check("issue_digest", digest.body or "")


@pytest.mark.parametrize("report", [*REPORTS.values()])
def test_no_view_holds_a_placeholder(report: Report) -> None:
    """What stands for a number is gone once it is written."""
    summary = job_summary.render(report, Plan(), ())
    assert "flakebot:number" not in summary
    section = placeholders.numbered(pr_comment.section(v.context(report)).text, {})
    assert "flakebot:number" not in section
