"""Tracking issues: one per test, whatever happens in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import BOT, MemoryForge

from flakebot import planner, sinks
from flakebot.changes import CommentOnIssue, CreateLabel, Plan, Receipt, RequestRerun, UpdateIssue
from flakebot.errors import PartialReadError, UnsafePlanError
from flakebot.github_objects import Account, Comment, Issue, Label
from flakebot.hugging_face.hub import HuggingFace
from flakebot.keys import HUGGING_FACE
from flakebot.ledgers.memory import MemoryLedger
from flakebot.model import Category, Status, TestId
from flakebot.pipeline import Tools, writing
from flakebot.reading.rules import builtin
from flakebot.records import OPENING_LASTS, Opening, RunRecord
from flakebot.report import Finding, Kind, KnownIssue
from flakebot.settings import Limits, Settings
from flakebot.sinks import Context, issue_digest, issues, upkeep
from flakebot.sinks.upkeep import OWNERS_CHARACTERS
from flakebot.views import issue_text, markers, tracking
from flakebot.views.markers import DIGEST, DigestState, IssueState, Mark
from flakebot.views.tracking import KEEP_OPEN, QUIET, Tracked

KEY = "pytest:tests/router/test_router.py::test_bindings"
FLAKY = v.finding(rated=v.rated(3, 41))
LABEL = Label(name="flaky-test")


def planned(context: Context, forge: MemoryForge) -> Plan:
    context = replace(context, listed=issues.list_ours(forge, context.settings))
    proposed = issues.plan(context, issues.observe(context, forge))
    return planner.make_plan(proposed.changes, context.settings, held_back=proposed.held_back)


def applied(context: Context, forge: MemoryForge) -> tuple[Receipt, ...]:
    """Plan and apply; afterwards nothing is left to do."""
    receipts = sinks.apply_all(planned(context, forge), forge)
    assert planned(context, forge).changes == ()
    return receipts


def tracked(forge: MemoryForge, **changed: object) -> int:
    """Open the issue of the test, then change it as people would; its number."""
    applied(v.context(v.report(FLAKY)), forge)
    number = max(forge.listed)
    forge.listed[number] = replace(forge.listed[number], **changed)  # type: ignore[arg-type]  # any field
    forge.requests.clear()
    return number


def later(*findings: Finding, category: Category = Category.ASSERTION) -> Context:
    """Another run, in which the test fails in another way on the default branch."""
    run = replace(v.run(), id=950, html_url=f"{v.SITE}/actions/runs/950")
    job = v.failing_job(
        category=category, text="AssertionError: assert 1 == 2", outcomes=(Status.FAILED,)
    )
    records = (v.record(950, job, sha="e" * 40, at=v.NOW + timedelta(hours=1), trunk=True),)
    report = v.report(*(findings or (FLAKY,)), records=records, subject=run)
    return v.context(report, history=(*v.past(), v.record()))


def many(count: int) -> tuple[tuple[Finding, ...], tuple[RunRecord, ...]]:
    """As many flaky tests, the later the more often they failed."""
    names = [TestId(f"tests/t.py::test_{i:02}") for i in range(count)]
    records = [
        v.record(
            700 + 100 * i + j,
            v.failing_job(name),
            sha=f"{7000 + 100 * i + j:040x}",
            at=v.NOW - timedelta(hours=i + j + 1),
        )
        for i, name in enumerate(names)
        for j in range(i + 1)
    ]
    return tuple(v.finding(test=name) for name in names), tuple(records)


def test_the_first_proven_flake_opens_an_issue() -> None:
    """With its label, its marker, its counts and owners as text."""
    forge = MemoryForge(files={"CODEOWNERS": "* @org/all\n/tests/router/ @alice\n"})
    applied(v.context(v.report(FLAKY)), forge)
    (issue,) = forge.listed.values()
    assert issue.title == "Flaky test: tests/router/test_router.py::test_bindings"
    assert markers.key_of(Mark.ISSUE, issue.body) == KEY
    assert [label.name for label in issue.labels] == ["flaky-test"]
    assert [label.name for label in forge.names] == ["flaky-test"]
    body = issue.body or ""
    assert "| total | 3 | 41 | 7.3 % | 2.5 % to 19 % |" in body
    assert "--forked" in body
    assert "@alice" not in body
    assert "alice" in body


@pytest.mark.parametrize(
    ("rules", "asked", "shown"),
    [
        ("* @first\n", 0, "`@\u200bfirst`"),
        ("elsewhere/ @first\n", 1, "`@\u200bsecond`"),
        (f"* {'@first-' + 'x' * OWNERS_CHARACTERS}\n", 1, "`@\u200bsecond`"),
    ],
)
def test_owners_are_read_for_an_issue_that_has_none(rules: str, asked: int, shown: str) -> None:
    """Every request counts; one that remembers its owners keeps them until a sweep looks again."""
    forge = MemoryForge(files={".github/CODEOWNERS": rules})
    number = tracked(forge)
    forge.files[".github/CODEOWNERS"] = "* @second\n"
    context = later()
    (update,) = (
        change for change in planned(context, forge).changes if isinstance(change, UpdateIssue)
    )
    assert forge.requests.count("contents") == asked
    assert update.number == number
    assert f"Owners by `CODEOWNERS`: {shown}\n" in (update.body or "")


def test_a_label_in_use_is_not_asked_for() -> None:
    """Every request counts."""
    forge = MemoryForge(listed={1: Issue(number=1, labels=(LABEL,))})
    changes = planned(v.context(v.report(FLAKY)), forge).changes
    assert not any(isinstance(change, CreateLabel) for change in changes)
    assert "label" not in forge.requests


@pytest.mark.parametrize(
    "finding",
    [
        v.finding(Kind.NEW),
        v.finding(Kind.BROKEN),
        v.finding(Kind.UNCLASSIFIED),
        v.finding(Kind.EXTERNAL),
        v.finding(counted=False),
        v.finding(test=""),
    ],
)
def test_only_a_counted_flake_opens_an_issue(finding: Finding) -> None:
    """What may be its author's, an outage's or a job's opens none."""
    assert planned(v.context(v.report(finding)), MemoryForge()) == Plan()


def test_a_clean_run_reads_nothing() -> None:
    """No finding, no request beside the list."""
    forge = MemoryForge()
    assert planned(v.context(v.report(records=(v.record(v.RUN_ID, v.job()),))), forge) == Plan()
    assert forge.requests == ["issues"]


@pytest.mark.parametrize(
    ("settings", "has_issues", "held_back"),
    [
        (Settings(issues=False), True, ()),
        (Settings(), False, ("The repository has no issues, so no test is tracked.",)),
    ],
)
def test_issues_can_be_off(
    settings: Settings,
    has_issues: bool,  # noqa: FBT001  # a table
    held_back: tuple[str, ...],
) -> None:
    """By setting without a word, by the repository with a sentence; nothing more is read."""
    forge = MemoryForge()
    context = v.context(
        v.report(FLAKY),
        settings=settings,
        repository=replace(v.REPOSITORY, has_issues=has_issues),
    )
    assert planned(context, forge) == Plan(held_back=held_back)
    assert forge.requests == ["issues"]


def test_a_partial_list_stops_everything() -> None:
    """What is not on a short list is not new (golang/go#72731)."""
    forge = MemoryForge(failures={"issues": PartialReadError("only 30 of 90 issues came")})
    with pytest.raises(PartialReadError):
        planned(v.context(v.report(FLAKY)), forge)


def test_a_stranger_s_issue_with_our_marker_is_not_ours() -> None:
    """Author and marker together make an issue ours."""
    body = f"{markers.mark(Mark.ISSUE, KEY)}\nnice try"
    stranger = Issue(number=1, body=body, user=Account(login="mallory"), labels=(LABEL,))
    forge = MemoryForge(listed={1: stranger})
    applied(v.context(v.report(FLAKY)), forge)
    assert len(forge.listed) == 2
    assert forge.listed[1] == stranger


def test_a_second_run_edits_the_counts_and_says_nothing() -> None:
    """A failure is never a comment, and a title that people edited stays."""
    forge = MemoryForge()
    number = tracked(forge, title="Router aborts under load")
    context = later(category=Category.CRASH_SIGABRT)
    (change,) = planned(context, forge).changes
    assert isinstance(change, UpdateIssue)
    applied(context, forge)
    assert forge.said == {}
    assert forge.listed[number].title == "Router aborts under load"
    assert "| total | 4 | 42 |" in (forge.listed[number].body or "")


def test_a_lost_body_is_restored() -> None:
    """The ledger is the truth; a body edited by people is drawn anew, without a comment."""
    forge = MemoryForge()
    number = tracked(forge)
    before = forge.listed[number].body
    kept = markers.mark(Mark.ISSUE, KEY)
    forge.listed[number] = replace(forge.listed[number], body=f"{kept}\nI removed all of it")
    applied(v.context(v.report(FLAKY)), forge)
    assert forge.listed[number].body == before
    assert forge.said == {}


def test_a_new_way_of_failing_is_one_comment() -> None:
    """Said once, also when the same run is looked at again or was interrupted in between."""
    forge = MemoryForge()
    number = tracked(forge)
    context = later()
    note, update = planned(context, forge).changes
    assert isinstance(note, CommentOnIssue)
    assert isinstance(update, UpdateIssue)
    sinks.apply(note, forge)  # and here the runner is lost
    assert planned(context, forge).changes == (update,)
    applied(context, forge)
    (comment,) = forge.said[number]
    assert "in a way not seen before" in (comment.body or "")
    assert "`assertion`" in (comment.body or "")


def test_a_stranger_s_note_does_not_silence_ours() -> None:
    """Only our own comment tells that something was told."""
    forge = MemoryForge()
    number = tracked(forge)
    note, _ = planned(later(), forge).changes
    assert isinstance(note, CommentOnIssue)
    forge.said[number] = [Comment(id=1, body=note.body, user=Account(login="mallory"))]
    applied(later(), forge)
    assert [c.user for c in forge.said[number]] == [Account(login="mallory"), BOT]


@pytest.mark.parametrize(
    "people", [{"labels": (LABEL, Label(name=QUIET))}, {"labels": (LABEL,), "locked": True}]
)
def test_people_can_ask_for_quiet(people: dict[str, object]) -> None:
    """The counts go on, without a comment, and labels stay."""
    forge = MemoryForge()
    number = tracked(forge, **people)
    applied(later(), forge)
    assert forge.said == {}
    assert forge.listed[number].labels == people["labels"]
    assert "assertion" in (forge.listed[number].body or "")


def test_closed_as_not_planned_stays_as_it_is() -> None:
    """People win: no write, no second issue."""
    forge = MemoryForge()
    tracked(forge, state="closed", state_reason="not_planned")
    assert planned(later(), forge).changes == ()


@pytest.mark.parametrize(
    ("parents", "state"),
    [({"5f": set()}, "closed"), ({v.HEAD: {"fix"}}, "open"), ({v.HEAD: set()}, "closed")],
)
def test_reopened_only_when_the_failing_commit_contains_the_fix(
    parents: dict[str, set[str]], state: str
) -> None:
    """Ancestry, not time: a branch without the fix counts in silence."""
    forge = MemoryForge(parents=parents)
    number = tracked(forge, state="closed", state_reason="completed")
    forge.closing[number] = "fix"
    applied(later(), forge)
    assert forge.listed[number].state == state
    assert bool(forge.said) == (state == "open")
    assert "| total | 4 | 42 |" in (forge.listed[number].body or "")


def test_an_unknown_fix_reopens_nothing() -> None:
    """When nobody knows which commit closed it, it stays closed."""
    forge = MemoryForge(parents={v.HEAD: {"fix"}})
    number = tracked(forge, state="closed", state_reason="completed")
    applied(later(), forge)
    assert forge.listed[number].state == "closed"


def test_a_failure_of_the_author_s_reopens_nothing() -> None:
    """A change that breaks a test again is no flake."""
    forge = MemoryForge(parents={v.HEAD: {"fix"}})
    number = tracked(forge, state="closed", state_reason="completed")
    forge.closing[number] = "fix"
    applied(later(v.finding(Kind.NEW)), forge)
    assert forge.listed[number].state == "closed"
    assert "contains" not in forge.requests


@pytest.mark.parametrize("keep", [False, True])
def test_the_oldest_of_two_is_canonical(keep: bool) -> None:  # noqa: FBT001  # a table
    """The other is closed with a link, unless people keep it open."""
    forge = MemoryForge()
    number = tracked(forge)
    labels = (LABEL, Label(name=KEEP_OPEN)) if keep else (LABEL,)
    forge.listed[number + 50] = replace(forge.listed[number], number=number + 50, labels=labels)
    applied(v.context(v.report(FLAKY)), forge)
    extra = forge.listed[number + 50]
    assert (extra.state, extra.state_reason) == (
        ("open", None) if keep else ("closed", "duplicate")
    )
    bodies = [comment.body or "" for comment in forge.said.get(number + 50, [])]
    assert [f"The same test is tracked in #{number}." in body for body in bodies] == (
        [] if keep else [True]
    )


def test_a_duplicate_closed_before_it_was_told_is_told_once() -> None:
    """The comment comes first, so an interrupted plan says it once."""
    forge = MemoryForge()
    number = tracked(forge)
    forge.listed[number + 50] = replace(forge.listed[number], number=number + 50)
    context = v.context(v.report(FLAKY))
    sinks.apply(planned(context, forge).changes[0], forge)
    applied(context, forge)
    assert len(forge.said[number + 50]) == 1


def test_the_rest_goes_into_a_digest() -> None:
    """The worst get their issue, and looking at the same run again opens no more."""
    findings, records = many(8)
    forge = MemoryForge()
    context = v.context(v.report(*findings), history=records)
    assert planned(context, forge).held_back == (
        "3 more flaky tests have no issue of their own yet: one run opens at most 5 new issues.",
    )
    applied(context, forge)
    titles = [issue.title for issue in forge.listed.values()]
    opened = [f"Flaky test: tests/t.py::test_{i:02}" for i in (7, 6, 5, 4, 3)]
    assert titles == [*opened, issue_text.DIGEST_TITLE]
    digest = next(i for i in forge.listed.values() if i.title == issue_text.DIGEST_TITLE)
    state = markers.reveal(digest.body, DigestState)
    assert state is not None
    assert [row.failures for row in state.rows] == [3, 2, 1]


@pytest.mark.parametrize("crash", range(1, 7))
def test_an_interrupted_run_ends_in_the_same_state(crash: int) -> None:
    """After the k-th write, for every k."""
    findings, records = many(8)
    context = v.context(v.report(*findings), history=records)
    whole, broken = MemoryForge(), MemoryForge()
    applied(context, whole)
    for change in planned(context, broken).changes[:crash]:
        sinks.apply(change, broken)
    applied(context, broken)
    assert [(i.title, i.body) for i in broken.listed.values()] == [
        (i.title, i.body) for i in whole.listed.values()
    ]


def test_the_next_run_empties_the_digest() -> None:
    """A test leaves the list with its own issue; what still waits stays on it."""
    findings, records = many(8)
    forge = MemoryForge()
    applied(v.context(v.report(*findings), history=records), forge)
    again = replace(v.run(), id=990)
    settings = Settings(max_new_issues=1)
    second = v.report(*findings[:2], subject=again)
    applied(v.context(second, history=records, settings=settings), forge)
    digest = next(i for i in forge.listed.values() if i.title == issue_text.DIGEST_TITLE)
    state = markers.reveal(digest.body, DigestState)
    assert state is not None
    assert [row.key[-2:] for row in state.rows] == ["02", "00"]


def test_a_sweep_counts_the_tests_of_the_digest_anew() -> None:
    """Nothing is written while the counts hold; a test that no longer fails leaves the list."""
    findings, records = many(8)
    forge = MemoryForge()
    full = v.context(v.report(*findings), history=records)
    applied(full, forge)
    ours = tracking.by_key(tracking.ours(list(forge.listed.values()), forge.bot()))
    assert list(issue_digest.pruned(ours, full)) == []
    (change,) = issue_digest.pruned(ours, v.context(v.report(*findings), history=records[:1]))
    assert isinstance(change, UpdateIssue)
    state = markers.reveal(change.body or "", DigestState)
    assert state is not None
    assert len(state.rows) < 3
    assert all(row.failures == 1 for row in state.rows)
    doubt = replace(v.context(v.report(*findings), history=records[:1]), doubt=full.now)
    assert list(issue_digest.pruned(ours, doubt)) == []


def test_an_empty_digest_is_closed() -> None:
    """When every test on it has its own issue it has nothing left to say."""
    findings, records = many(6)
    forge = MemoryForge()
    applied(v.context(v.report(*findings), history=records), forge)
    number = next(n for n, i in forge.listed.items() if i.title == issue_text.DIGEST_TITLE)
    run = replace(v.run(), id=990)
    applied(v.context(v.report(findings[0], subject=run), history=records), forge)
    assert forge.listed[number].state == "closed"
    assert len(forge.listed) == 7


@pytest.mark.parametrize(("reason", "state"), [("completed", "open"), ("not_planned", "closed")])
def test_a_closed_digest(reason: str, state: str) -> None:
    """It comes back when there is more to list, unless people do not want it."""
    findings, records = many(7)
    forge = MemoryForge()
    applied(v.context(v.report(*findings), history=records), forge)
    number = next(n for n, i in forge.listed.items() if i.title == issue_text.DIGEST_TITLE)
    forge.listed[number] = replace(forge.listed[number], state="closed", state_reason=reason)
    more, all_records = many(9)
    run = replace(v.run(), id=990)
    settings = Settings(max_new_issues=0)
    applied(v.context(v.report(*more, subject=run), history=all_records, settings=settings), forge)
    assert forge.listed[number].state == state


def test_a_closed_digest_stays_closed_when_a_test_leaves_it() -> None:
    """Nothing new waits there, so there is no reason to open it again."""
    findings, records = many(8)
    forge = MemoryForge()
    applied(v.context(v.report(*findings), history=records), forge)
    number = next(n for n, i in forge.listed.items() if i.title == issue_text.DIGEST_TITLE)
    closed = replace(forge.listed[number], state="closed", state_reason="completed")
    forge.listed[number] = closed
    run = replace(v.run(), id=990)
    applied(v.context(v.report(findings[0], subject=run), history=records), forge)
    assert len(forge.listed) == 7
    assert forge.listed[number] == closed


def test_no_outage_waits_in_the_digest() -> None:
    """It lists tests with their builds, and an outage has neither."""
    context = replace(outage_context(recovered=False), settings=Settings(max_new_issues=0))
    assert planned(context, MemoryForge()) == Plan(
        held_back=(
            "The outage of Hugging Face has no issue yet: one run opens at most 0 new issues.",
        )
    )
    assert issues.opening(replace(context, listed=()), BOT.login) == ()


def test_a_flood_is_refused() -> None:
    """An empty list of issues and many flakes look the same."""
    findings, records = many(4)
    settings = Settings(limits=Limits(new_issues_abort=3))
    context = v.context(v.report(*findings), history=records, settings=settings)
    with pytest.raises(UnsafePlanError, match="golang/go#72731"):
        planned(context, MemoryForge())


def test_a_flood_stops_the_whole_plan() -> None:
    """Also what other sinks would write: nobody knows what else the list of issues lacks."""
    findings, records = many(4)
    settings = Settings(limits=Limits(new_issues_abort=3))
    context = v.context(v.report(*findings), history=records, settings=settings)
    tools = Tools(
        forge=MemoryForge(pulls={v.RUN_ID: v.pull()}),
        ledger=MemoryLedger(),
        hub=HuggingFace(settings),
        rules=builtin(),
        say=lambda _: None,
    )
    again = Plan(changes=(RequestRerun(run_id=v.RUN_ID, attempt=1, reason="r"),))
    result = writing._planned_result(replace(context, listed=()), again, tools)
    assert (result.refused, result.plan.changes) == (True, ())
    assert "golang/go#72731" in result.plan.held_back[0]


def test_more_ways_of_failing_than_an_issue_remembers_are_no_news() -> None:
    """It would be told again by every run, as it is never remembered."""
    findings, records = many(1)
    context = v.context(v.report(*findings), history=records)
    names = tuple(f"v1:assertion:{n:08x}" for n in range(issue_text.FINGERPRINTS))
    issue = Issue(number=1)
    now = upkeep.summary(findings[0].function, context)
    for known, due in ((names, False), (names[1:], True)):
        state = IssueState(state=str(now.state), fingerprints=known)
        tracked = Tracked(issue=issue, key=findings[0].function, state=state)
        assert (upkeep._note(tracked, context) is not None) is due


def test_an_absurd_id_is_not_tracked() -> None:
    """Its marker would fill the body; the sentence says so."""
    test = f"tests/x.py::test_{'y' * 2000}"
    finding = v.finding(test=test)
    (sentence,) = planned(v.context(v.report(finding)), MemoryForge()).held_back
    assert "is not tracked" in sentence


def outage_context(*, recovered: bool) -> Context:
    fetches = v.outage(recovered=recovered).fetches
    job = v.failing_job(
        "tests/models/test_load.py::test_a",
        category=Category.HF_FETCH,
        text="ReadTimeoutError: huggingface.co",
        outcomes=(Status.FAILED,),
    )
    report = v.report(
        events=(v.outage(recovered=recovered),), records=(v.record(v.RUN_ID, job, fetches=fetches),)
    )
    return v.context(report)


def test_hugging_face_has_one_issue() -> None:
    """An outage that lasts is counted there, and never in the issues of the tests it hit."""
    forge = MemoryForge()
    applied(outage_context(recovered=False), forge)
    (issue,) = forge.listed.values()
    assert (issue.title, markers.key_of(Mark.ISSUE, issue.body)) == (
        "Hugging Face fetch failures",
        HUGGING_FACE,
    )
    assert "failed 1 of 41 runs: 1 job, 1 test" in (issue.body or "")


def test_a_recovered_outage_is_not_counted() -> None:
    """Nothing is opened for what answered again."""
    assert planned(outage_context(recovered=True), MemoryForge()) == Plan()


def test_the_closed_issue_of_hugging_face_comes_back() -> None:
    """No commit ends an outage, so none is asked for."""
    forge = MemoryForge()
    applied(outage_context(recovered=False), forge)
    (number,) = forge.listed
    forge.listed[number] = replace(forge.listed[number], state="closed", state_reason="completed")
    applied(outage_context(recovered=False), forge)
    assert forge.listed[number].state == "open"
    assert "closing_commit" not in forge.requests


def known_issues(forge: MemoryForge, run_id: int = 0) -> Mapping[str, KnownIssue]:
    """The issues as the judge of a run sees them."""
    return tracking.known(issues.list_ours(forge, Settings()), forge.bot(), run_id)


def test_what_a_run_wrote_itself_is_no_evidence_for_it() -> None:
    """Neither the issue it opened nor the way of failing it added to another's issue."""
    forge = MemoryForge()
    tracked(forge)
    assert not known_issues(forge, v.RUN_ID)[KEY].testifies
    applied(later(), forge)
    again = later().report.run.id
    assert known_issues(forge, again)[KEY].testifies
    assert known_issues(forge, again)[KEY].fingerprints == {v.fingerprint(Category.CRASH_SIGABRT)}
    assert len(known_issues(forge)[KEY].fingerprints) == 2


def test_known_issues_for_the_judge() -> None:
    """Key, number, whether it is open, and the ways of failing it lists."""
    forge = MemoryForge()
    number = tracked(forge)
    known = known_issues(forge)
    assert {KEY} == known.keys()
    assert (known[KEY].number, known[KEY].open) == (number, True)
    assert known[KEY].fingerprints == {v.fingerprint(Category.CRASH_SIGABRT)}


def test_a_known_issue_without_its_state_lists_no_fingerprint() -> None:
    """What people removed is not guessed at."""
    body = markers.mark(Mark.ISSUE, KEY)
    issue = Issue(number=3, body=body, user=BOT, labels=(LABEL,), state="closed")
    known = known_issues(MemoryForge(listed={3: issue}))
    assert (known[KEY].fingerprints, known[KEY].open) == (frozenset(), False)


def test_the_state_remembers_what_was_told() -> None:
    """One comment, two ways of failing, one state."""
    forge = MemoryForge()
    number = tracked(forge)
    applied(later(), forge)
    expected = IssueState(
        opened=v.RUN_ID,
        added_by=later().report.run.id,
        added=(v.fingerprint(Category.ASSERTION),),
        told=1,
        state="flaky",
        fingerprints=(
            v.fingerprint(Category.ASSERTION),
            v.fingerprint(Category.CRASH_SIGABRT),
        ),
    )
    assert markers.reveal(forge.listed[number].body, IssueState) == expected
    assert DIGEST not in known_issues(forge)


# ------------------------------------------------------------------------------------------
# Other runs at the same moment


def claimed(*keys: str, by: int, at: timedelta = timedelta()) -> RunRecord:
    """Another run's record, which says that it opens these."""
    other = v.record(by, v.job(), sha="f" * 40, at=v.NOW)
    return replace(other, opening=Opening(keys=keys, at=v.NOW + at))


def test_a_run_says_what_it_opens_before_it_does() -> None:
    """As many as it may, worst first, and the digest of the rest; nothing that is tracked."""
    findings, records = many(4)
    context = v.context(v.report(*findings), history=records, settings=Settings(max_new_issues=2))
    context = replace(context, listed=())
    first, second, digest = issues.opening(context, BOT.login)
    assert [first[-7:], second[-7:], digest] == ["test_03", "test_02", DIGEST]
    forge = MemoryForge()
    sinks.apply_all(planned(context, forge), forge)
    again = replace(context, listed=tuple(forge.listed.values()))
    assert issues.opening(again, BOT.login) == ()
    assert not issues.awaited(again, BOT.login)


@pytest.mark.parametrize(
    ("record", "opened"),
    [
        (claimed(KEY, by=950), 0),
        (claimed(KEY, DIGEST, by=950), 0),
        (claimed(KEY, by=950, at=-OPENING_LASTS), 1),
        (claimed(KEY, by=v.RUN_ID), 1),
        (claimed("pytest:a::test_other", by=950), 1),
    ],
    ids=["just now", "its digest too", "long ago", "by this run", "another test"],
)
def test_what_another_run_opens_is_left_to_it(record: RunRecord, opened: int) -> None:
    """As the ledger has it; then our issues are worth another look."""
    context = v.context(v.report(FLAKY), history=(*v.past(), record))
    context = replace(context, listed=())
    assert issues.awaited(context, BOT.login) == (not opened)
    forge = MemoryForge()
    sinks.apply_all(planned(context, forge), forge)
    assert len(forge.listed) == opened


def test_a_digest_that_another_run_opens_is_left_to_it() -> None:
    """The tests in it come again."""
    findings, records = many(2)
    settings = Settings(max_new_issues=0)
    history = (*records, claimed(DIGEST, by=950))
    context = v.context(v.report(*findings), history=history, settings=settings)
    assert planned(context, MemoryForge()).changes == ()


def regress(forge: MemoryForge, *letters: str) -> list[str]:
    """What is said while the test breaks on the default branch, run by run; each run is looked at
    twice.
    """
    said: list[str] = []
    records = [*v.past(), v.record()]
    for n, letter in enumerate("".join(letters)):
        job = (
            v.failing_job(outcomes=(Status.FAILED,)) if letter == "F" else v.job(passed=(v.ROUTER,))
        )
        run = replace(v.run(), id=960 + n, html_url=f"{v.SITE}/actions/runs/{960 + n}")
        at = v.NOW + timedelta(hours=1 + n)
        records.append(v.record(960 + n, job, sha=f"{n:x}" * 40, at=at, trunk=True))
        report = v.report(FLAKY, records=(records[-1],), subject=run)
        receipts = applied(v.context(report, history=tuple(records[:-1])), forge)
        said += [r.change.body for r in receipts if isinstance(r.change, CommentOnIssue)]
    return [text.splitlines()[1] for text in said]


def test_each_change_of_state_is_one_comment() -> None:
    """Four failures in a row and two passes in a row; a pass and a failure in between say nothing,
    whatever is looked at again.
    """
    forge = MemoryForge()
    tracked(forge)
    broken, mended = regress(forge, "FFFFFF", ".F.F", "..")
    assert broken.startswith("**Broken**: fails in job `test (amd64)` of the default branch since")
    assert mended.startswith("**Flaky**: failed in")
    assert "It was broken before. 2026-02-02: passed 2 times in a row on the default" in mended
