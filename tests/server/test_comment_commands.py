"""Commands in comments, over HTTP: who may, what each does, twice, and interrupted anywhere."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import BRANCH, PULL, SECONDS, analyse, compose, seen, writes
from tests.server.answers import Json
from tests.server.fake_github import FakeGitHub, Fault

from flakebot import cli, comment_step, event, wiring
from flakebot.errors import FlakebotError
from flakebot.github_objects import RunRef
from flakebot.ledgers import lines
from flakebot.pipeline.answering import DONE_BEFORE, NO_WRITER, Answered
from flakebot.retrying import Patience
from flakebot.views import markers
from flakebot.views.markers import IssueState

EXAMPLE = Path(__file__).parents[2] / "examples" / "reproduce.yml"
NOW = FIRST_DAY + timedelta(days=1, hours=2)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """GitHub after an analysis: a tracking issue, and a pull request with a failed run."""
    compose(tmp_path)
    with FakeGitHub(tmp_path) as fake:
        fake.state.pulls[PULL]["head"]["sha"] = full("head1")
        analyse(fake, RunRef(run_id=1), now=NOW)
        fake.state.writers["ada"] = "maintain"
        fake.clock.now = NOW + timedelta(hours=1)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def issue(fake: FakeGitHub) -> Json:
    """The tracking issue."""
    return min(fake.state.issues.values(), key=lambda each: int(each["number"]))


def say(fake: FakeGitHub, number: int, body: str, author: str = "ada") -> Json:
    """The event of a new comment."""
    comment = fake.state.add_comment(number, body, author=author)
    stored = fake.state.issues.get(number)
    about = stored or fake.state.shapes.pull_as_issue(fake.state.pulls[number])
    return {"action": "created", "comment": comment, "issue": about}


def deliver(fake: FakeGitHub, payload: Json, **given: object) -> Answered:
    """What flakebot does on the event."""
    task = event.find_task("issue_comment", payload)
    assert isinstance(task, event.AnswerComment)
    return comment_step.respond(
        wiring.Server(repository=fake.repository, token=fake.token, api_url=fake.url),
        task.asked,
        given=given,
        say=lambda _: None,
        patience=Patience(SECONDS, sleep=lambda _: None, uniform=lambda _, high: high),
    )


def reactions(fake: FakeGitHub, payload: Json) -> list[str]:
    """Of our own, on a comment."""
    return [each["content"] for each in fake.state.reactions.get(payload["comment"]["id"], [])]


def state_of(fake: FakeGitHub) -> tuple[str, str, list[str], str | None]:
    """What a command changes on the tracking issue."""
    each = issue(fake)
    hidden = markers.reveal(each["body"], IssueState)
    assert hidden
    labels = [label["name"] for label in each["labels"][1:]]
    return each["state"], str(each["state_reason"]), labels, hidden.closed_by


def short_commit(fake: FakeGitHub) -> tuple[str, str]:
    """A commit of the default branch, as a person names it, and whole."""
    sha = fake.state.add_commit(files={"a": b"fixed"}, branch="main").sha
    return sha[:9], sha


ON_ISSUE = [
    ("quiet", ("open", "None", ["flakebot: quiet"], None)),
    ("keep-open", ("open", "None", ["flakebot: keep-open"], None)),
    ("fixed", ("closed", "completed", [], None)),
    ("not-a-flake", ("closed", "not_planned", [], None)),
    ("flaky", ("open", "None", [], None)),
]


@pytest.mark.parametrize(("command", "expected"), ON_ISSUE)
def test_a_command_is_done_once_and_acknowledged(
    github: FakeGitHub, command: str, expected: tuple[str, str, list[str], str | None]
) -> None:
    """By a reaction alone; delivered again, nothing is written, whatever people did since."""
    payload = say(github, issue(github)["number"], f"Thanks\n\n/flakebot {command}")
    comments = len(seen(github).comments)
    deliver(github, payload)
    assert state_of(github) == expected
    assert reactions(github, payload) == ["+1"]
    assert len(seen(github).comments) == comments
    issue(github)["state"] = "open"
    since = len(github.requests)
    assert deliver(github, payload).sentence == DONE_BEFORE
    assert writes(github, since) == []


def words(fake: FakeGitHub) -> list[tuple[str, str, str]]:
    """Who said what of which test, as the ledger's branch has it."""
    tip = fake.state.git.commits[fake.state.git.refs[BRANCH]].tree
    files = fake.state.git.flat(tip).values()
    said = [each for one in files for each in lines.feedback_in(fake.state.git.blobs[one.sha])]
    return [(each.login, each.word, each.function) for each in said]


@pytest.mark.parametrize("command", ["flaky", "not-a-flake", "fixed"])
def test_a_word_on_a_test_is_kept_in_the_ledger(github: FakeGitHub, command: str) -> None:
    """Once, with its author and the test that the issue tracks; records stay as they are."""
    payload = say(github, issue(github)["number"], f"/flakebot {command}")
    before = seen(github).records
    for _ in range(2):
        deliver(github, payload)
    key = markers.key_of(markers.Mark.ISSUE, issue(github)["body"])
    assert words(github) == [("ada", command, key)]
    assert seen(github).records == before
    assert deliver(github, payload).sentence == DONE_BEFORE


def test_what_was_said_is_reported(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the verdict that it is on, from the branch, in three reads."""
    deliver(github, say(github, issue(github)["number"], "/flakebot flaky"))
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    monkeypatch.setenv("GITHUB_TOKEN", github.token)
    since = len(github.requests)
    now = (NOW + timedelta(days=1)).isoformat()
    assert cli.main(["report", github.repository, "--accuracy", "--json", "--now", now]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = {row["name"]: (row["judged"], row["held"]) for row in found["verdicts"]}
    assert (found["repository"], found["words"]) == (github.repository, 1)
    assert rows["flaky proven"] == (1, 1)
    assert writes(github, since) == []
    assert len([one for one in github.requests[since:] if one.origin == "api"]) == 3


@pytest.mark.parametrize(
    ("argument", "expected"), [("bindings", 1), ("", 0), ("test_zebra", 0)], ids=str
)
def test_a_word_on_a_pull_request_names_its_test(
    github: FakeGitHub, argument: str, expected: int
) -> None:
    """By a part of its id that only one has; else the answer says which tests there are."""
    payload = say(github, PULL, f"/flakebot not-a-flake {argument}")
    deliver(github, payload)
    assert len(words(github)) == expected
    assert reactions(github, payload) == ["+1" if expected else "confused"]
    assert issue(github)["state"] == "open"
    if not expected:
        assert "bindings" in seen(github).comments[-1][2]


def test_without_a_ledger_a_word_is_refused_and_a_fix_still_closes(github: FakeGitHub) -> None:
    """There is nowhere to keep it; what can be done is done."""
    payload = say(github, issue(github)["number"], "/flakebot flaky")
    deliver(github, payload, history="none")
    assert "There is no ledger" in seen(github).comments[-1][2]
    assert reactions(github, payload) == ["confused"]
    deliver(github, say(github, issue(github)["number"], "/flakebot fixed"), history="none")
    assert state_of(github)[:2] == ("closed", "completed")
    assert words(github) == []


@pytest.mark.parametrize("command", ["not-a-flake", "fixed"])
def test_a_ledger_that_cannot_be_written_is_said(github: FakeGitHub, command: str) -> None:
    """A word that cannot be kept is not acted on; what is fixed is closed all the same."""
    github.permissions = {"contents": "read", "issues": "write", "pull_requests": "write"}
    payload = say(github, issue(github)["number"], f"/flakebot {command}")
    deliver(github, payload)
    fixed = command == "fixed"
    assert reactions(github, payload) == ["+1" if fixed else "confused"]
    assert state_of(github)[0] == ("closed" if fixed else "open")
    assert any("contents: write" in text for _, _, text in seen(github).comments) == (not fixed)
    assert words(github) == []


def test_fixed_at_a_commit_is_remembered_for_reopening(github: FakeGitHub) -> None:
    """By its full hash, in the issue; its text stays."""
    short, whole = short_commit(github)
    before = issue(github)["body"]
    deliver(github, say(github, issue(github)["number"], f"/flakebot fixed {short}"))
    assert state_of(github) == ("closed", "completed", [], whole)
    assert before.rpartition("<!--")[0] == issue(github)["body"].rpartition("<!--")[0]


@pytest.mark.parametrize("contained", [True, False])
def test_a_failure_opens_it_again_only_on_a_commit_with_the_fix(
    github: FakeGitHub, *, contained: bool
) -> None:
    """By ancestry, whenever the run was; until then the issue remembers the commit."""
    _, fix = short_commit(github)
    parents = [fix] if contained else []
    github.state.add_commit(full("head2"), parents=parents, branch="topic")
    deliver(github, say(github, issue(github)["number"], f"/flakebot fixed {fix[:10]}"))
    analyse(github, RunRef(run_id=2), now=NOW + timedelta(days=1))
    opened: list[str] = ["open", "reopened"] if contained else ["closed", "completed"]
    assert state_of(github) == (*opened, [], None if contained else fix)


def test_merge_closes_as_a_duplicate_with_a_link(github: FakeGitHub) -> None:
    """Both must be flakebot's own."""
    number = issue(github)["number"]
    body = markers.mark(markers.Mark.ISSUE, "pytest:tests/other.py::test_other") + "\n"
    other = github.state.add_issue(labels=["flaky-test"], title="other", body=body)["number"]
    deliver(github, say(github, number, f"/flakebot merge #{other}"))
    assert state_of(github)[:2] == ("closed", "duplicate")
    assert any(
        f"tracked in #{other}" in body for n, _, body in seen(github).comments if n == number
    )


def test_retry_runs_the_failed_jobs_again(github: FakeGitHub) -> None:
    """Of the head commit's latest runs; once, also when the answer is lost before the reaction."""
    payload = say(github, PULL, "/flakebot retry")
    github.faults.add(Fault(kind="status", path="/reactions", method="POST", status=500, times=99))
    deliver(github, payload)
    assert (max(github.state.runs[1]), reactions(github, payload)) == (3, [])
    github.faults.clear()
    deliver(github, payload)
    assert (max(github.state.runs[1]), reactions(github, payload)) == (3, ["+1"])


@pytest.mark.parametrize(
    ("on_pull", "body", "words"),
    [
        (False, "/flakebot quite", "did you mean `/flakebot quiet`?"),
        (False, "/flakebot quiet\n/flakebot fixed", "more than one command"),
        (False, "/flakebot retry", "The command is for a pull request."),
        (True, "/flakebot quiet", "The command is for an issue that flakebot opened."),
        (False, "/flakebot fixed 0123456789", "The repository has no such commit."),
        (False, "/flakebot merge #999", "Not done: "),
        (False, f"/flakebot merge #{PULL + 1}", "is this one"),
    ],
)
def test_what_cannot_be_done_is_answered_once(
    github: FakeGitHub, *, on_pull: bool, body: str, words: str
) -> None:
    """In one comment, with a reaction; nothing else is written."""
    number = PULL if on_pull else issue(github)["number"]
    payload = say(github, number, body.replace(f"#{PULL + 1}", f"#{issue(github)['number']}"))
    before = state_of(github)
    for _ in range(2):
        deliver(github, payload)
    answers = [text for n, who, text in seen(github).comments if "note answer" in text]
    assert len(answers) == 1
    assert words in answers[0]
    assert reactions(github, payload) == ["confused"]
    assert state_of(github) == before


def test_githubs_refusal_is_told_in_its_words(github: FakeGitHub) -> None:
    """A run of more than a month ago cannot be run again."""
    github.clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    payload = say(github, PULL, "/flakebot retry")
    deliver(github, payload)
    assert "created over a month ago" in seen(github).comments[-1][2]
    assert reactions(github, payload) == ["confused"]


@pytest.mark.parametrize("role", ["none", "read", "triage"])
def test_who_may_not_write_has_no_effect(github: FakeGitHub, role: str) -> None:
    """Whatever the event says of its author; it is only read, and not answered."""
    github.state.writers["eve"] = role
    payload = say(github, issue(github)["number"], "/flakebot fixed", author="eve")
    payload["comment"]["author_association"] = "OWNER"
    since = len(github.requests)
    assert deliver(github, payload).sentence == NO_WRITER
    assert writes(github, since) == []


def test_a_strangers_issue_with_our_marker_is_not_ours(github: FakeGitHub) -> None:
    """Marker and author count together."""
    body = issue(github)["body"]
    fake = github.state.add_issue(author="eve", labels=["flaky-test"], title="x", body=body)
    deliver(github, say(github, fake["number"], "/flakebot fixed"))
    assert fake["state"] == "open"


def test_a_dry_run_writes_nothing(github: FakeGitHub) -> None:
    """The plan says what would be done."""
    payload = say(github, issue(github)["number"], "/flakebot fixed")
    since = len(github.requests)
    answered = deliver(github, payload, dry_run=True)
    assert [type(change).__name__ for change in answered.plan.changes] == ["UpdateIssue", "React"]
    assert writes(github, since) == []


@pytest.mark.parametrize("command", ["quiet", "fixed", "not-a-flake", "merge", "dance"])
def test_interrupted_anywhere_it_ends_the_same(github: FakeGitHub, command: str) -> None:
    """GitHub is gone after the k-th request, for every k; then the event is delivered again."""
    first = issue(github)
    body = markers.mark(markers.Mark.ISSUE, "pytest:tests/other.py::test_other") + "\n"
    other = github.state.add_issue(labels=["flaky-test"], title="other", body=body)["number"]
    text = f"/flakebot {command}" + (f" #{other}" if command == "merge" else "")
    for requests in range(30):
        first |= {"state": "open", "state_reason": None, "labels": first["labels"][:1]}
        github.state.comments[first["number"]].clear()
        payload = say(github, first["number"], text)
        github.faults.add(Fault(kind="status", path=".", skip=requests, times=10**6))
        with suppress(FlakebotError):
            deliver(github, payload)
        cut = github.state.reactions.get(payload["comment"]["id"]) is None
        github.faults.clear()
        deliver(github, payload)
        own = [one for number, _, one in seen(github).comments if number == first["number"]][1:]
        assert len(own) == (command in {"merge", "dance"})
        assert reactions(github, payload) == ["confused" if command == "dance" else "+1"]
        if not cut:
            return
    pytest.fail("never done")


# ------------------------------------------------------------------------------------------
# explain and reproduce


@pytest.mark.parametrize("on_pull", [False, True])
def test_explain_answers_with_the_reasons(github: FakeGitHub, *, on_pull: bool) -> None:
    """Of the last run in which the issue's test failed, or of the pull request's; once."""
    number = PULL if on_pull else issue(github)["number"]
    payload = say(github, number, "/flakebot explain")
    before = state_of(github)
    for _ in range(2):
        deliver(github, payload)
    (answer,) = [text for n, _, text in seen(github).comments if "note answer" in text]
    assert "as it was judged by what was on record when it began" in answer
    assert "**flaky proven**: `tests/router/" in answer
    assert "| proven | yes, and decides |" in answer
    assert ("**new**" in answer) == on_pull
    assert reactions(github, payload) == ["+1"]
    assert state_of(github) == before


@pytest.mark.parametrize(
    ("on_pull", "words"),
    [(False, "No failure of what issue"), (True, "No run of this pull request is on record.")],
)
def test_explain_needs_a_record(github: FakeGitHub, *, on_pull: bool, words: str) -> None:
    """Without one there is a sentence."""
    del github.state.git.refs["refs/heads/flakebot-data"]
    payload = say(github, PULL if on_pull else issue(github)["number"], "/flakebot explain")
    deliver(github, payload)
    assert words in seen(github).comments[-1][2]
    assert reactions(github, payload) == ["confused"]


def dispatched(fake: FakeGitHub) -> list[Json]:
    """What the workflow was started with."""
    return [json.loads(one.body) for one in fake.requests.of("POST", "/dispatches")]


@pytest.fixture
def startable(github: FakeGitHub) -> FakeGitHub:
    """The repository has the workflow of examples/reproduce.yml."""
    example = YAML(typ="safe").load(EXAMPLE)
    github.state.workflows["reproduce.yml"] = example["on"]["workflow_dispatch"]["inputs"]
    github.state.add_commit(files={"README.md": b"# Widgets\n"}, branch="main")
    return github


def test_reproduce_starts_the_repositorys_own_workflow(startable: FakeGitHub) -> None:
    """Once, with the issue's number and checked numbers alone; also when the reaction is lost."""
    number = issue(startable)["number"]
    payload = say(startable, number, "Please\n\n/flakebot reproduce -n 16 --iterations 200")
    lost = Fault(kind="status", path="/reactions", method="POST", status=500, times=99)
    startable.faults.add(lost)
    deliver(startable, payload)
    startable.faults.clear()
    for _ in range(2):
        deliver(startable, payload)
    inputs = {"issue": str(number), "levels": "16", "iterations": "200"}
    assert dispatched(startable) == [{"ref": "main", "inputs": inputs}]
    assert reactions(startable, payload) == ["+1"]
    started = [run for run in startable.state.runs.values() if run[1]["event"] != "push"]
    assert [run[1]["path"] for run in started] == [".github/workflows/reproduce.yml"]


def test_a_later_comment_starts_it_again(startable: FakeGitHub) -> None:
    """Each is an order of its own."""
    number = issue(startable)["number"]
    for _ in range(2):
        deliver(startable, say(startable, number, "/flakebot reproduce"))
        startable.clock.advance(60)
    empty = {"issue": str(number), "levels": "", "iterations": ""}
    assert [one["inputs"] for one in dispatched(startable)] == [empty, empty]


@pytest.mark.parametrize(
    ("workflow", "actions", "words"),
    [
        ("missing", "write", "has no workflow `.github/workflows/reproduce.yml` on its default"),
        ("untriggered", "write", "does not have 'workflow_dispatch' trigger"),
        ("other", "write", 'Unexpected inputs provided: ["issue", "iterations", "levels"]'),
        ("there", "read", "actions: write"),
    ],
)
def test_reproduce_says_what_is_missing(
    startable: FakeGitHub, workflow: str, actions: str, words: str
) -> None:
    """The file, its trigger, its inputs or the permission, in one comment."""
    if workflow == "missing":
        startable.state.workflows.clear()
    elif workflow != "there":
        inputs: Json | None = None if workflow == "untriggered" else {"tests": {}}
        startable.state.workflows["reproduce.yml"] = inputs
    startable.permissions = {**startable.permissions, "actions": actions}
    payload = say(startable, issue(startable)["number"], "/flakebot reproduce")
    for _ in range(2):
        deliver(startable, payload)
    answers = [text for _, _, text in seen(startable).comments if "note answer" in text]
    assert len(answers) == 1
    assert words in html.unescape(answers[0]).replace("\\", "")
    assert reactions(startable, payload) == ["confused"]
