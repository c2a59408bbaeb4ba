"""One comment on a pull request, true and up to date, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import BOT, MemoryForge

from flakebot import planner, sinks
from flakebot.changes import DeleteComment, Plan, PostComment, Receipt, RequestRerun
from flakebot.errors import GitHubError
from flakebot.github_objects import Account, Comment
from flakebot.model import Category, Status
from flakebot.report import Kind, Overall, Report, Unread
from flakebot.settings import Limits, Settings
from flakebot.sinks import Context, applying, pr_comment
from flakebot.views import comment_sections, markers, placeholders
from flakebot.views.comment_sections import Section
from flakebot.views.markers import Mark

GREEN_JOB = v.failing_job(conclusion="success")


def forge(*said: Comment, head: str = v.HEAD) -> MemoryForge:
    return MemoryForge(pulls={v.RUN_ID: v.pull(head)}, said={7: list(said)})


def context(report: Report | None = None, **changed: object) -> Context:
    return v.context(report or v.report(v.finding(issue=3)), settings=Settings(**changed))  # type: ignore[arg-type]  # any setting


def green() -> Report:
    return v.report(v.finding(), records=(v.record(v.RUN_ID, GREEN_JOB),), overall=Overall.FLAKY)


def planned(it: Context, on: MemoryForge) -> Plan:
    proposed = pr_comment.plan(it, pr_comment.observe(it, on))
    return planner.make_plan(proposed.changes, it.settings, held_back=proposed.held_back)


def applied(it: Context, on: MemoryForge) -> list[str]:
    """Plan and apply; afterwards nothing is left to do. The comments' texts."""
    sinks.apply_all(planned(it, on), on)
    assert planned(it, on).changes == ()
    return [comment.body or "" for comment in on.said[7]]


def test_the_first_line_says_what_the_author_needs() -> None:
    """After the hidden lines comes the headline."""
    (text,) = applied(context(), forge())
    assert markers.key_of(Mark.PULL_REQUEST, text) == ""
    visible = [line for line in text.split("\n") if not line.startswith("<!--")]
    assert visible[0] == "**Nothing here is yours: 1 flaky test**"
    assert "`5f0c3de`, attempt 1 of" in text
    assert "| #3 |" in text


def test_a_comment_is_never_written_twice() -> None:
    """However many people's comments stand between."""
    on = forge(*(Comment(id=i, body="hi", user=Account(login="ann")) for i in range(40)))
    applied(context(), on)
    texts = applied(context(v.report(v.finding(Kind.NEW, issue=3))), on)
    ours = [text for text in texts if markers.key_of(Mark.PULL_REQUEST, text) == ""]
    assert ["1 new failure, look at this first" in text for text in ours] == [True]


def test_a_second_comment_of_ours_is_deleted() -> None:
    """The oldest stays."""
    on = forge()
    (text,) = applied(context(), on)
    on.said[7].append(Comment(id=999, body=text, user=BOT))
    (change,) = planned(context(), on).changes
    assert isinstance(change, DeleteComment)
    assert applied(context(), on) == [text]


def test_what_a_second_comment_of_ours_says_is_taken_over() -> None:
    """Unless that cannot be written now: then it stays."""
    on = forge()
    (text,) = applied(context(), on)
    docs = Section(workflow="Docs", sha=v.HEAD, rank=1, text="**Docs failed**")
    on.said[7].append(Comment(id=999, body=comment_sections.join([docs], Limits()), user=BOT))
    on.failures["update_comment"] = GitHubError("no", status=403)
    receipts = sinks.apply_all(planned(context(), on), on)
    assert [receipt.done for receipt in receipts] == [False, False]
    del on.failures["update_comment"]
    (both,) = applied(context(), on)
    assert {each.workflow for each in comment_sections.split(both)} == {
        "Docs",
        *(each.workflow for each in comment_sections.split(text)),
    }


def test_a_stranger_s_comment_with_our_marker_is_left_alone() -> None:
    """Author and marker together make it ours."""
    fake = Comment(id=1, body=markers.mark(Mark.PULL_REQUEST), user=Account(login="mallory"))
    texts = applied(context(), forge(fake))
    assert (len(texts), texts[0]) == (2, fake.body)


@pytest.mark.parametrize(
    ("mode", "report", "posted"),
    [
        ("on-failure", v.report(v.finding()), True),
        ("on-failure", green(), False),
        ("always", green(), True),
        ("never", v.report(v.finding()), False),
        ("on-failure", v.report(v.finding(), pull_request=0), False),
    ],
)
def test_when_a_comment_is_begun(mode: str, report: Report, posted: bool) -> None:  # noqa: FBT001  # table
    """A run that is green, with or without a retried flake, needs none."""
    changes = planned(context(report, comment=mode), forge()).changes
    assert [isinstance(change, PostComment) for change in changes] == [True] * posted


@pytest.mark.parametrize(
    ("it", "requests"),
    [(context(comment="never"), []), (context(v.report(pull_request=0)), [])],
)
def test_nothing_is_read_that_is_not_needed(it: Context, requests: list[str]) -> None:
    """No pull request, no comment, no request."""
    on = forge()
    assert planned(it, on) == Plan()
    assert on.requests == requests


def test_an_all_clear_is_one_folded_line() -> None:
    """The thread stays, and names what passed only after a retry."""
    on = forge()
    applied(context(), on)
    (text,) = applied(context(green()), on)
    assert "<details><summary>All green on <code>5f0c3de</code></summary>" in text
    assert "Passed only after a retry: `tests/router/test_router.py::test_bindings" in text


def test_an_all_clear_names_what_failed_in_a_green_job_and_what_was_not_read() -> None:
    """A step may have `continue-on-error`; what is not known is not called fine."""
    tolerated = v.failing_job(outcomes=(Status.FAILED,), conclusion="success")
    report = v.report(
        v.finding(kind=Kind.NEW),
        records=(v.record(v.RUN_ID, tolerated),),
        unread=(Unread(job="gpu", url="", reason="no log is kept"),),
    )
    on = forge()
    applied(context(), on)
    (text,) = applied(context(report), on)
    assert "Passed only after a retry" not in text
    assert "Failed all the same, in jobs that ended green: `tests/router/test_router.py" in text
    assert "`gpu`: no log is kept" in text


@pytest.mark.parametrize(
    ("report", "head", "sentence"),
    [
        (
            v.report(v.finding()),
            "f" * 40,
            "The pull request has moved on to fffffff; no comment is written.",
        ),
        (
            v.report(v.finding(), superseded=True),
            v.HEAD,
            "The pull request has moved on to 5f0c3de; no comment is written.",
        ),
    ],
)
def test_a_comment_never_speaks_of_an_old_commit(report: Report, head: str, sentence: str) -> None:
    """What a newer push made moot is not said."""
    assert planned(context(report), forge(head=head)) == Plan(held_back=(sentence,))


def test_a_run_that_lost_its_pull_request_writes_nothing() -> None:
    """Exactly one pull request, or none."""
    on = replace(forge(), pulls={})
    sentence = "The pull request has moved on; no comment is written."
    assert planned(context(), on) == Plan(held_back=(sentence,))


def other(report: Report, name: str = "Docs") -> Context:
    """The same commit in another workflow."""
    return context(replace(report, run=replace(report.run, name=name)))


def test_workflows_of_one_commit_share_the_comment() -> None:
    """Each keeps its part; what matters most comes first, and each is named."""
    on = forge()
    applied(context(), on)
    (both,) = applied(other(v.report(v.finding(Kind.NEW))), on)
    first, second = (both.index(f"**{name}: ") for name in ("Docs", "CI"))
    assert first < second
    (alone,) = applied(other(green()), on)
    assert "Docs" not in alone
    assert "**Nothing here is yours: 1 flaky test**" in alone


def test_a_green_workflow_does_not_hide_a_red_one() -> None:
    """And says nothing of itself beside it."""
    on = forge()
    (before,) = applied(context(), on)
    assert applied(other(green()), on) == [before]


RED, FLAKE, CALM = v.report(v.finding(Kind.NEW)), v.report(v.finding(issue=3)), green()


@pytest.mark.parametrize(
    ("reports", "parts"),
    [
        ((FLAKE, RED, FLAKE), ["Docs", "CI", "Lint"]),
        ((FLAKE, RED, CALM), ["Docs", "CI"]),
        ((CALM, RED, FLAKE), ["Docs", "Lint"]),
        ((RED, CALM, FLAKE), ["CI", "Lint"]),
    ],
)
def test_of_two_workflows_at_once_both_keep_their_part(
    reports: tuple[Report, Report, Report], parts: list[str]
) -> None:
    """Each planned before the other wrote."""
    on = forge()
    applied(context(), on)
    first, docs, lint = reports
    applied(context(first), on)
    plans = [planned(other(docs), on), planned(other(lint, "Lint"), on)]
    for plan in plans:
        sinks.apply_all(plan, on)
    (text,) = [comment.body for comment in on.said[7]]
    assert [part.workflow for part in comment_sections.split(text)] == parts


def test_a_push_and_its_pull_request_keep_a_part_each() -> None:
    """Both start a run of the workflow for the same commit, and either may fail alone."""
    on = forge()
    report = v.report(v.finding(Kind.NEW))
    pushed = replace(report, run=replace(report.run, event="push"))
    (red,) = applied(context(pushed), on)
    assert applied(context(green()), on) == [red]
    (both,) = applied(context(), on)
    first, second = (both.index(f"**{name}: ") for name in ("CI (push)", "CI"))
    assert first < second


def test_two_workflow_files_of_one_name_keep_a_part_each() -> None:
    """A name is a matter of taste; the file is what runs."""
    on = forge()
    report = v.report(v.finding(Kind.NEW))
    (red,) = applied(context(replace(report, run=replace(report.run, path="a.yml"))), on)
    assert applied(context(green()), on) == [red]
    (both,) = applied(context(), on)
    parts = comment_sections.split(both)
    assert [(part.workflow, part.file) for part in parts] == [
        ("CI", "a.yml"),
        ("CI", ".github/workflows/ci.yml"),
    ]


def test_a_part_that_does_not_know_its_file_is_replaced() -> None:
    """As older comments have it."""
    on = forge()
    report = v.report(v.finding(Kind.NEW))
    applied(context(replace(report, run=replace(report.run, path=""))), on)
    (text,) = applied(context(), on)
    assert [part.file for part in comment_sections.split(text)] == [".github/workflows/ci.yml"]


def test_a_new_commit_begins_a_new_comment_text() -> None:
    """Parts about older commits go."""
    on = forge()
    applied(other(v.report(v.finding(Kind.NEW))), on)
    old = on.said[7][0]
    on.said[7][0] = replace(old, body=(old.body or "").replace(v.HEAD, "0" * 40))
    (text,) = applied(context(), on)
    assert [s.workflow for s in comment_sections.split(text)] == ["CI"]


def test_the_rerun_is_said_before_and_after_it_is_requested() -> None:
    """The record remembers, so that a second look changes nothing."""
    record = v.record(v.RUN_ID, v.job("test (arm64)", 12))
    report = v.report(events=(v.outage(),), records=(record,))
    plain = context(report)
    asked = pr_comment.section(replace(plain, asking=True))
    noted = replace(report, records=(replace(record, rerun=True),))
    later = pr_comment.section(context(noted))
    assert f"recovered after 12 s; {placeholders.RERUN}" in asked.text
    assert asked.text.replace(placeholders.RERUN, "re-run requested") == later.text
    assert "re-run" not in pr_comment.section(plain).text.partition("<sub>Hugging")[0]


def test_the_comment_says_why_nothing_is_run_again() -> None:
    """Only where a re-run is asked for, is due, and was not requested."""
    out = v.failing_job(category=Category.HF_FETCH, outcomes=(Status.ERROR,))
    record = v.record(v.RUN_ID, out)
    report = v.report(events=(v.outage(),), records=(record,))
    said = "No re-run: Hugging Face does not answer again yet."
    asked = context(report, retry_hugging_face="rerun")
    noted = replace(asked, report=replace(report, records=(replace(record, rerun=True),)))
    texts = [
        pr_comment.section(each).text
        for each in (asked, context(report), replace(asked, asking=True), noted)
    ]
    assert [said in text for text in texts] == [True, False, False, False]


@pytest.mark.parametrize(
    ("done", "reason", "told"),
    [
        (True, "", "re-run requested"),
        (False, "The token may not re-run: add `actions: write`.", "not run again: The token may"),
    ],
)
def test_the_comment_says_what_became_of_the_rerun(done: bool, reason: str, told: str) -> None:  # noqa: FBT001  # table
    """It is written after the request, and a second look finds nothing to change in it."""
    record = v.record(v.RUN_ID, v.job("test (arm64)", 12))
    its = replace(context(v.report(events=(v.outage(),), records=(record,))), asking=True)
    on = forge()
    receipts = [
        Receipt(
            change=RequestRerun(run_id=v.RUN_ID, attempt=1, reason="x"), done=done, reason=reason
        )
    ]
    (change,) = pr_comment.plan(its, pr_comment.observe(its, on)).changes
    applying.apply(change, on, receipts)
    assert told in (on.said[7][0].body or "")
    assert pr_comment.plan(its, pr_comment.observe(its, on)).changes == ()
