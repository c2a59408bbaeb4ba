"""Details of issue bodies that the golden files do not show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit import view_values as v

from flakebot.feedback import Feedback, Word
from flakebot.judging.history import History
from flakebot.judging.summaries import TestSummary
from flakebot.model import Status, TestId
from flakebot.settings import Limits
from flakebot.views import issue_text
from flakebot.views.markers import IssueState

KEY = "pytest:tests/router/test_router.py::test_bindings"


def summary() -> TestSummary:
    return History([*v.past(), v.record()]).summary(KEY, v.NOW)


def body(it: TestSummary, *said: Feedback) -> str:
    return issue_text.test_body(it, IssueState(), owners=(), limits=Limits(), said=said)


def word(number: int, said: Word = Word.FLAKY, commit: str = "") -> Feedback:
    return Feedback(
        repository="org/repo",
        comment_id=number,
        created_at=v.NOW + timedelta(hours=number),
        login="ada|@eve",
        word=said,
        function=KEY,
        commit=commit,
    )


def test_what_maintainers_said_is_told_newest_first() -> None:
    """The last ten words, with who said them, mentioning nobody, and the commit of a fix."""
    assert "What maintainers said" not in body(summary())
    said = [word(n) for n in range(20)]
    text = body(summary(), *said, word(30, Word.NOT_A_FLAKE), word(40, Word.FIXED, "0123456789"))
    rows = text.partition("### What maintainers said")[2].partition("\n\n###")[0].splitlines()[4:]
    assert len(rows) == issue_text.WORDS
    assert rows[0] == "| 2026-02-03 04:00 | `ada\\|@\u200beve` | `fixed` 0123456 |"
    assert rows[1].endswith("| `not-a-flake` |")
    assert rows[-1].startswith("| 2026-02-02 00:00 |")


@pytest.mark.parametrize(
    ("test", "workers", "expected"),
    [
        ("a/b.py::t[x y]", 0, ["python -m pytest 'a/b.py::t[x y]'"]),
        (
            "a/b.py::t['; rm -rf ~ #]",
            4,
            [
                """python -m pytest 'a/b.py::t['"'"'; rm -rf ~ #]'""",
                "python -m pytest a/b.py -n 4  # under its usual load",
            ],
        ),
        ("../b.py::t", 4, ["python -m pytest ../b.py::t"]),
        ("a/b.py::t[a @x]", 0, ["python -m pytest 'a/b.py::t[a @''x]'"]),
        ("a/@x/b.py::t", 0, ["python -m pytest a/@''x/b.py::t"]),
        (f"a/b.py::t[{'x' * 900}]", 0, [f"python -m pytest 'a/b.py::t[{'x' * 900}]'"]),
        (f"a/b.py::t[{'x' * 1980}]", 4, ["python -m pytest a/b.py -n 4  # under its usual load"]),
        (f"a/b.py::t[{'x' * 1980}]", 0, [""]),
    ],
)
def test_commands_can_be_pasted(test: str, workers: int, expected: list[str]) -> None:
    """An id is quoted for a shell, and a file is only named when it is a plain path; a command
    stands there whole or not at all.
    """
    it = summary()
    seen = replace(
        it.occurrences[0],
        test=TestId(test),
        occurrence=replace(it.occurrences[0].occurrence, workers=workers),
    )
    text = body(replace(it, occurrences=(seen,)))
    commands = text.partition("### Reproduce\n\n```text\n")[2].partition("\n```")[0]
    assert commands.split("\n") == expected


def test_other_frameworks_have_their_own_command() -> None:
    """The key says which framework it is; only pytest has a load."""
    it = summary()
    occurrence = replace(it.occurrences[0].occurrence, workers=4)
    seen = replace(it.occurrences[0], test=TestId("TestA/b"), occurrence=occurrence)
    text = body(replace(it, key="go-test:TestA/b", occurrences=(seen,)))
    assert "go test ./... -count=1 '-run=^TestA$/^b$'" in text
    assert "python -m pytest" not in text
    unknown = body(replace(it, key="junit:TestA/b", occurrences=(seen,)))
    assert "go test" not in unknown


def test_another_framework_has_no_command_yet() -> None:
    """Better none than a wrong one."""
    assert "### Reproduce" not in body(replace(summary(), key="cargo:x::y"))


def test_a_summary_without_failures_is_drawn() -> None:
    """When all its failures turned out to be others'."""
    it = History([v.record(1, v.job(passed=(v.ROUTER,)))]).summary(KEY, v.NOW)
    assert "**Healthy**: none of 1 build on record failed." in body(it)


def test_what_was_told_is_kept() -> None:
    """Fingerprints are never forgotten below the limit, so that none is news twice."""
    before = IssueState(opened=5, told=2, state="broken", fingerprints=("v1:panic:1",))
    state = issue_text.state_of(summary(), before, run_id=9, told=3)
    expected = IssueState(
        opened=5,
        added_by=9,
        added=("v1:crash-sigabrt:2f6c0a91",),
        told=3,
        state="flaky",
        fingerprints=("v1:crash-sigabrt:2f6c0a91", "v1:panic:1"),
    )
    assert state == expected


def test_failures_of_one_pull_request_stand_apart() -> None:
    """They are listed, folded, and not counted."""
    own = v.record(1, v.failing_job(outcomes=(Status.FAILED,)), pull=9)
    it = History([own]).summary(KEY, v.NOW)
    text = body(it)
    assert "Seen in one pull request only, and not counted" in text
    assert "| total | 0 | 0 | — | — |" in text


QUIET = "." * 200
"""More than a week."""


def of(letters: str) -> TestSummary:
    """The summary of a story, see `record_builders.story`."""
    return History(b.story(letters)).summary(b.KEY, b.NOW)


@pytest.mark.parametrize(
    ("letters", "sentence"),
    [
        ("P...", "**Flaky**: failed in 1 of 4 builds (4.6 % to 70 %), and in 1 of them it also"),
        ("F........F", "of them on the default branch, with passes in between."),
        ("f--------f", "**Flaky**: failed in 2 of 10 builds (5.7 % to 51 %), in 2 pull requests."),
        ("F...", "**Suspected**: failed in 1 of 4 builds (4.6 % to 70 %), 1 of them"),
        (
            "....FFFF",
            "**Broken**: fails in job `test` of the default branch since commit `0000005`",
        ),
        (
            "....FFFF.",
            (
                "**Broken** since 2026-10-10: failed in 4 builds in a row of job test on the "
                "default branch, and has not passed twice in a row since."
            ),
        ),
        (
            "....FFFF..",
            (
                "**Fixed, and watched** since 2026-10-10: passed 2 times in a row on the default "
                "branch; one more failure makes it suspect again."
            ),
        ),
        (
            f"P{QUIET}",
            "no failure in 168 builds since 2026-10-09; one more failure makes it flaky again.",
        ),
        (
            f"F{QUIET}",
            "**Healthy** again since 2026-10-16: no failure in 168 builds since 2026-10-09.",
        ),
    ],
)
def test_the_first_sentence_tells_the_state(letters: str, sentence: str) -> None:
    """With the numbers that it rests on."""
    assert sentence in body(of(letters))


def test_what_was_before_a_change_of_the_rate_is_told() -> None:
    """The newest first; the first sentence has the numbers since."""
    text = body(of("." * 60 + "F" * 10 + "." * 60 + "P." * 10))
    assert "**Flaky**: failed in 10 of 20 builds since 2026-10-15 (30 % to 70 %)" in text
    assert (
        "Its rate has changed, and only what came after counts: before 2026-10-15 it failed in "
        "0 of 60 builds (0.0 % to 6.0 %); before 2026-10-12 it failed in 10 of 10 builds "
        "(72 % to 100 %); before 2026-10-12 it failed in 0 of 60 builds (0.0 % to 6.0 %)."
    ) in text
    assert "| total | 20 | 150 |" in text


def test_its_states_stand_in_a_table() -> None:
    """The newest first, each with the commit that brought it."""
    text = body(of("....FFFF.."))
    rows = [line for line in text.splitlines() if " → " in line]
    assert rows[0] == (
        "| 2026-10-10 06:00 | broken → fixed-watching | passed 2 times in a row on the default "
        "branch | 0000010 |"
    )
    assert [row.split(" | ")[1] for row in rows[1:]] == ["suspect → broken", "healthy → suspect"]


def test_a_comment_on_a_change_of_state_says_why() -> None:
    """With the commit, where the first sentence has none."""
    note = issue_text.note_body(
        "1 flaky", of("P..."), previous=IssueState(state="suspect"), new=(), limits=Limits()
    )
    assert note.endswith(
        "It was suspect before. 2026-10-09: failed and passed in job test of the default branch "
        "(commit 0000001).\n"
    )
