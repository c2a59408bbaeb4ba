"""Which test a maintainer's word speaks of: the issue's, or the one meant on a pull request."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import BOT

from flakebot.commands import Asked, Command, Name
from flakebot.errors import InputError
from flakebot.feedback import Feedback, Word
from flakebot.github_objects import Issue
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.sinks import word
from flakebot.views.markers import IssueState
from flakebot.views.tracking import Tracked

OTHER = "tests/router/test_router.py::test_other"
JEST = "src/router.test.ts > router > keeps  the order"


def asked(name: Name, test: str = "", *, on_pull: bool = False) -> tuple[Asked, Command]:
    command = Command(name=name, test=test)
    comment = Asked(
        comment_id=9,
        author="ada",
        number=7 if on_pull else 5,
        on_pull_request=on_pull,
        created_at=b.NOW,
        said=command,
    )
    return comment, command


def said(word_: Word, function: str, *ways: str, number: int = 7, commit: str = "") -> Feedback:
    return Feedback(
        repository=b.REPOSITORY,
        comment_id=9,
        created_at=b.NOW,
        login="ada",
        word=word_,
        function=function,
        fingerprints=ways,
        number=number,
        commit=commit,
    )


def tracked(key: str = b.KEY, *ways: str) -> Tracked:
    issue = Issue(number=5, user=BOT)
    return Tracked(issue=issue, key=key, state=IssueState(fingerprints=ways) if ways else None)


@pytest.mark.parametrize(
    ("name", "test", "about", "expected"),
    [
        (Name.FLAKY, "", tracked(b.KEY, "v1:a"), said(Word.FLAKY, b.KEY, "v1:a", number=5)),
        (Name.NOT_A_FLAKE, "test_route", tracked(), said(Word.NOT_A_FLAKE, b.KEY, number=5)),
        (Name.NOT_A_FLAKE, b.TEST, tracked(), said(Word.NOT_A_FLAKE, b.KEY, number=5)),
        (Name.FIXED, "", tracked(), said(Word.FIXED, b.KEY, number=5, commit="abc")),
        (Name.FIXED, "", tracked(HUGGING_FACE), None),
        (Name.FIXED, "", tracked("digest"), None),
    ],
)
def test_on_an_issue_it_speaks_of_what_that_lists(
    name: Name, test: str, about: Tracked, expected: Feedback | None
) -> None:
    """An issue that lost its list speaks of every way of failing."""
    commit = "abc" if name is Name.FIXED else ""
    assert word.on_issue(*asked(name, test), about, b.REPOSITORY, commit) == expected


@pytest.mark.parametrize(
    ("key", "test", "words"),
    [
        (b.KEY, "test_other", "tracks another test"),
        (HUGGING_FACE, "", "tracks no test"),
        ("dashboard", "", "tracks no test"),
    ],
)
def test_on_an_issue_of_something_else_it_is_refused(key: str, test: str, words: str) -> None:
    """Nobody guesses what was meant."""
    with pytest.raises(InputError, match=words):
        word.on_issue(*asked(Name.FLAKY, test), tracked(key), b.REPOSITORY, "")


ALONE = (b.failing(1, pr=7, fingerprint="v1:old"), b.failing(2, pr=7), b.passing(3, pr=7))
TWO = (b.run(4, b.job(b.entry(), b.entry(OTHER, fingerprint="v1:x")), pr=7),)
VARIANTS = (
    b.run(
        5,
        b.job(
            b.entry(fingerprint="v1:b"),
            b.entry(b.TEST.replace("tcp", "nats"), fingerprint="v1:a"),
            b.entry("t.py::test_z", fingerprint=""),
        ),
        pr=7,
    ),
)


@pytest.mark.parametrize(
    ("records", "test", "expected"),
    [
        (ALONE, "", (b.KEY, b.PRINT)),
        (ALONE, "test_route", (b.KEY, b.PRINT)),
        ((*ALONE, *TWO), OTHER, (f"pytest:{OTHER}", "v1:x")),
        ((*TWO, b.failing(8, pr=8)), "test_route[tcp]", (b.KEY, b.PRINT)),
        (VARIANTS, "test_route", (b.KEY, "v1:a", "v1:b")),
        (VARIANTS, "test_route[nats]", (b.KEY, "v1:a")),
        (VARIANTS, "test_z", ("pytest:t.py::test_z",)),
        ((b.flaking(1, pr=7),), "", (b.KEY, b.PRINT)),
    ],
)
def test_on_a_pull_request_it_speaks_of_the_newest_failure(
    records: tuple[RunRecord, ...], test: str, expected: tuple[str, ...]
) -> None:
    """Of the test that is named, or of the only one; in the ways in which it failed there."""
    found = word.on_pull_request(
        *asked(Name.FLAKY, test, on_pull=True), records[::-1], b.REPOSITORY
    )
    assert found == said(Word.FLAKY, *expected)


def test_an_id_with_spaces_is_named_as_a_command_reads_it() -> None:
    """Its words parted by one space each; an id that is the name wins over one that holds it."""
    entries = (
        replace(b.entry(JEST), framework="jest"),
        replace(b.entry(f"{JEST} twice"), framework="jest"),
    )
    given = asked(Name.NOT_A_FLAKE, " ".join(JEST.split()), on_pull=True)
    found = word.on_pull_request(*given, [b.run(1, b.job(*entries), pr=7)], b.REPOSITORY)
    assert found.function == f"jest:{JEST}"


UNTOLD = (
    b.run(1, b.job(b.entry(category=Category.HF_FETCH)), pr=7),
    b.run(2, b.job(b.entry(b.TEST, Status.RERUN, Status.SKIPPED)), pr=7),
    b.run(3, b.job(b.entry(), conclusion="skipped"), pr=7),
    b.failing(4, pr=8),
)


@pytest.mark.parametrize(
    ("records", "test", "words"),
    [
        ((), "", "No failing test of this pull request is on record"),
        (UNTOLD, "", "No failing test of this pull request is on record"),
        (TWO, "", "It may be .*test_route.*, .*test_other: name the test"),
        (TWO, "test_", "It may be"),
        (TWO, "test_zebra", "No test test_zebra failed here; there are"),
    ],
)
def test_what_is_not_plain_is_refused(
    records: tuple[RunRecord, ...], test: str, words: str
) -> None:
    """With the tests there are, so that the next comment can name one."""
    with pytest.raises(InputError, match=words):
        word.on_pull_request(*asked(Name.FLAKY, test, on_pull=True), records, b.REPOSITORY)
