"""Whatever a log says, the views stay within GitHub's limits and nothing in them is active."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.unit import view_values as v
from tests.unit.memory_forge import MemoryForge

from flakebot.changes import OpenIssue, Plan
from flakebot.judging.cofailures import Group, Meeting, Member, Pair
from flakebot.judging.history import History
from flakebot.model import Category, Status
from flakebot.report import Kind, Report, Unread
from flakebot.settings import Limits, Settings
from flakebot.sinks import annotations as notes
from flakebot.sinks import issues, job_summary, pr_comment
from flakebot.views import comment_sections, group_text, issue_text, markers, render
from flakebot.views.markers import (
    Companion,
    DigestRow,
    DigestState,
    GroupState,
    IssueState,
    Mark,
    Together,
)

HOSTILE = (
    "```\n# heading\n@org/team @ann fixes #12 GH-3 org/repo#4 "
    "<!-- flakebot:issue x --> --> <img src=https://evil.example/x> [a](https://evil.example) "
    "| a | b |\n::error::x ##[error]x \x1b[31m \u202e \U000e0041 <details> ![i](http://e) &#64;ann"
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from([HOSTILE, "`" * 300, "|" * 700, "&" * 700, "\U0001f600" * 700, "-->", "<!--"]),
)
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A run in which everything that a log can say is hostile or long."""
    kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=15))
    text = draw(TEXTS)
    name = draw(TEXTS)
    at = v.seen(
        job=name,
        text=text,
        excerpt=tuple(draw(st.lists(TEXTS, max_size=20))),
        category=draw(st.sampled_from(list(Category))),
        outcomes=(Status.FAILED,),
    )
    findings = tuple(
        v.finding(kind, f"tests/x.py::test_{i}[{name}]", at=at, reasons=(text, name))
        for i, kind in enumerate(kinds)
    )
    event = replace(v.outage(), text=text, excerpt=at.excerpt, jobs=(name,), reasons=(text,))
    unread = Unread(job=name, url=draw(TEXTS), reason=text)
    return v.report(
        *findings, events=(event,) * draw(st.integers(0, 5)), unread=(unread,), problems=(text,)
    )


PARSER = MarkdownIt("commonmark").enable("table")
TAGS = ("sub", "details", "summary", "code", "br")


def inert(text: str) -> None:
    """What a Markdown parser finds active in a text is ours: links, HTML and headings.

    Mentions are broken everywhere, because answers by e-mail quote code as plain text.
    """
    assert "@ann" not in text
    assert "@org/team" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    tokens = PARSER.parse(text)
    flat = [child for token in tokens for child in (token, *(token.children or ()))]
    assert "image" not in {token.type for token in flat}
    targets = [str(token.attrs["href"]) for token in flat if token.type == "link_open"]
    assert [target for target in targets if not target.startswith(v.SITE)] == []
    html = " ".join(token.content for token in flat if token.type.startswith("html"))
    for tag in TAGS:
        html = html.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    comments = html.split("<!-- ")
    assert "<" not in comments[0]
    assert all(each.startswith("flakebot:") and "<" not in each for each in comments[1:])
    headings = (tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "heading_open")
    assert "heading" not in headings
    prose = " ".join(token.content for token in flat if token.type == "text")
    assert "#12 " not in prose
    assert "GH-3" not in prose


@SLOW
@given(reports())
def test_a_comment_fits_and_is_inert(report: Report) -> None:
    """Three parts of any size share one comment."""
    context = v.context(report, settings=Settings(comment="always"))
    section = pr_comment.section(context)
    parts = [replace(section, workflow=name) for name in ("a", HOSTILE, "c")]
    text = comment_sections.join(parts, Limits())
    assert render.fits(text, Limits())
    assert markers.key_of(Mark.PULL_REQUEST, text) == ""
    inert(text)
    assert {s.workflow for s in comment_sections.split(text)} == {"a", HOSTILE, "c"}


@SLOW
@given(reports())
def test_a_summary_fits_and_is_inert(report: Report) -> None:
    """Below the runner's limit, whatever is in it."""
    text = job_summary.render(report, Plan(held_back=(HOSTILE,) * 60), ())
    assert len(text.encode()) < 1024 * 1024
    inert(text)


@SLOW
@given(reports())
def test_annotations_are_commands_of_ours_only(report: Report) -> None:
    """Ten of a type, one line each."""
    lines = notes.lines(report)
    assert len(lines) <= 30
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert not any("\n" in line or "##[" in line or "\x1b" in line for line in lines)


@SLOW
@given(test=TEXTS, text=TEXTS, category=st.sampled_from(list(Category)))
def test_an_issue_fits_and_is_inert(test: str, text: str, category: Category) -> None:
    """Also when ids, messages and history are as long as they get."""
    test = f"tests/x.py::test_{test[:900]}"
    names = [f"{test}[{i}{text}]" for i in range(30)]
    records = [
        v.record(
            600 + i,
            v.failing_job(name, category=category, text=text, name=f"{i} {text}", workers=i),
            sha=f"{600 + i:040x}",
        )
        for i, name in enumerate(names)
    ]
    context = v.context(v.report(v.finding(test=test)), history=tuple(records))
    context = replace(context, listed=())
    for change in issues.plan(context, issues.observe(context, MemoryForge())).changes:
        if isinstance(change, OpenIssue):
            assert render.fits(change.body, Limits())
            assert len(change.title) <= 200
            assert markers.key_of(Mark.ISSUE, change.body) == change.key
            assert markers.reveal(change.body, IssueState) is not None
            inert(change.body.split("\n", 1)[1])


def test_a_digest_shows_what_fits_and_remembers_that() -> None:
    """Five hundred of the longest keys."""
    rows = [DigestRow(key=f"pytest:{'x-' * 480}{i}", failures=1, builds=2) for i in range(500)]
    body = issue_text.digest_body(rows, Limits())
    state = markers.reveal(body, DigestState)
    assert render.fits(body, Limits())
    assert state is not None
    assert f"… and {500 - len(state.rows)} more, for which there is no room" in body


def test_forgetting_a_filter_is_safe() -> None:
    """What a template prints plainly is made inert."""
    text = render.markdown("job_failure", title="a\n# b", sentence=HOSTILE)
    inert(text)
    assert text.startswith("## a ")


def test_an_unusual_address_is_no_link() -> None:
    """Only addresses as GitHub makes them become links."""
    for url in ("javascript:alert(1)", "https://x/) [y](https://z", "", f"https://x/{'y' * 400}"):
        report = v.report(unread=(Unread(job="gpu", url=url, reason="r"),))
        assert "- `gpu`: r" in job_summary.render(report, Plan(), ())


def test_the_counts_are_left_when_nothing_else_fits() -> None:
    """Steps from full to counts; the last is used however small the limit."""
    tiny = Settings(limits=Limits(body_characters=300))
    shown = [
        pr_comment.section(v.context(v.report(v.finding(Kind.NEW)), settings=limited)).text
        for limited in (Settings(), tiny)
    ]
    assert [("```" in text) for text in shown] == [True, False]
    assert ["1 new failure, look at this first" in text for text in shown] == [True, True]


def test_the_least_important_part_is_left_out() -> None:
    """When the parts of one comment do not fit together, the worst stays."""
    parts = [
        comment_sections.Section(
            workflow=str(rank), sha=v.HEAD, rank=rank, text=f"**x**{'y' * 500}"
        )
        for rank in (2, 0, 1)
    ]
    texts = [
        comment_sections.join(parts, Limits(body_characters=most)) for most in (9000, 1650, 100)
    ]
    kept = [[part.rank for part in comment_sections.split(text)] for text in texts]
    assert kept == [[0, 1, 2], [0, 1], [0]]
    said = [text.partition("Left out for want of room: ")[2].strip() for text in texts]
    assert said == ["", "1 more workflow.", "2 more workflows."]


def test_text_before_the_first_part_belongs_to_none() -> None:
    """Only what stands under a head of ours is a part."""
    assert comment_sections.split(f"{markers.mark(Mark.PULL_REQUEST)}\nhand-made\n") == ()


@SLOW
@given(TEXTS, TEXTS)
def test_tests_that_fail_together_are_inert_in_both_issues(name: str, other: str) -> None:
    """In the title and the body of their own, and where the issue of each names the others."""
    keys = sorted({f"pytest:tests/x.py::{name}", f"jest:{other}"})
    members = tuple(Member(key=key, failed=3, together=3) for key in keys)
    met = Meeting(run_id=1, at=v.NOW, url=other, keys=tuple(keys), alike=True)
    pair = Pair(both=3, either=3, ran=9, chance=1e-9)
    group = Group(
        members=members, runs=3, together=3, alike=1, meetings=(met,), pairs={("a", "b"): pair}
    )
    rows = [group_text.Row(name=key, number=n, member=members[n]) for n, key in enumerate(keys)]
    body = group_text.body("together-1", group, rows, Settings())
    ended = group_text.ended_body("together-1", rows, GroupState(), "done", Settings())
    for text in (body, ended):
        inert(text)
        assert render.fits(text, Limits())
    assert "\n" not in group_text.title(group)
    shown = tuple(Companion(name=group_text.short_name(key, 120), number=7) for key in keys)
    state = IssueState(together=Together(shown=shown, more=1))
    summary = History(v.past()).summary("pytest:tests/x.py::test_a", v.NOW)
    text = issue_text.test_body(summary, state, owners=(), said=(), limits=Limits())
    inert(text)
    assert markers.reveal(text, IssueState) == state
