"""A repository with a thousand tracking issues, and a pull request people wrote a lot on."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, full
from tests.server.analysis import PULL, Seen, analyse, compose, seen, writes
from tests.server.fake_github import BOT, FakeGitHub
from tests.server.inprocess import connected

from flakebot.github_objects import RunRef
from flakebot.views import markers

ISSUES, COMMENTS = 1_000, 4_000
PAGE = 100


def look(fake: FakeGitHub, run_id: int) -> None:
    analyse(fake, RunRef(run_id=run_id), now=FIRST_DAY + timedelta(days=run_id, hours=2))


def crowd(fake: FakeGitHub) -> None:
    """Our issues on other tests, and other people's comments around our own."""
    ours = next(issue for issue in fake.state.issues.values() if issue["user"]["login"] == BOT)
    key = markers.key_of(markers.Mark.ISSUE, ours["body"])
    assert key is not None
    for number in range(1_000, 1_000 + ISSUES):
        test = f"pytest%3Atests%2Ftest_{number}.py%3A%3Atest_x"
        body = f"<!-- flakebot:issue {test} -->\n**Flaky**: failed once."
        fake.state.issues[number] = copy.deepcopy(ours) | {"number": number, "body": body}
    comments = fake.state.comments[PULL]
    [own] = [each for each in comments.values() if each["user"]["login"] == BOT]
    for number in range(10_000, 10_000 + COMMENTS):
        person = own["user"] | {"login": "someone", "type": "User"}
        comments[number] = copy.deepcopy(own) | {"id": number, "user": person}


def asked(fake: FakeGitHub, since: int) -> Counter[tuple[str, str]]:
    return Counter((one.method, one.path) for one in fake.requests[since:])


def played(folder: Path, *, crowded: bool) -> tuple[Counter[tuple[str, str]], list[str], Seen]:
    """What the second run asks and writes, and what people then see."""
    compose(folder)
    with FakeGitHub(folder) as fake, connected(fake):
        look(fake, 1)
        if crowded:
            crowd(fake)
        fake.state.pulls[PULL]["head"]["sha"] = full("head2")
        start = len(fake.requests)
        look(fake, 2)
        return asked(fake, start), writes(fake, start), seen(fake)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Mapping[bool, tuple[object, object, Seen]]:
    return {
        crowded: played(tmp_path_factory.mktemp("many"), crowded=crowded)
        for crowded in (False, True)
    }


def test_only_the_lists_cost_more(
    both: Mapping[bool, tuple[Counter[tuple[str, str]], object, Seen]],
) -> None:
    """A page of each list more for a hundred things; all else grows with what changed."""
    alone, crowded = both[False][0], both[True][0]
    more = crowded - alone
    assert alone - crowded == Counter()
    assert {
        path.rpartition("/repos/")[2].partition("/")[2].partition("/")[2] for _, path in more
    } == {
        "issues",
        f"issues/{PULL}/comments",
    }
    assert {method for method, _ in more} == {"GET"}
    lists = sum(
        count for (_, path), count in alone.items() if path.endswith(("issues", "comments"))
    )
    assert sum(more.values()) <= lists * (ISSUES + COMMENTS) // PAGE


def test_the_same_is_written(both: Mapping[bool, tuple[object, list[str], Seen]]) -> None:
    """No issue of another test is touched, and the one comment is found among all of them."""
    (_, wrote, alone), (_, written, crowded) = both[False], both[True]
    assert written == wrote
    assert [issue for issue in crowded.issues if issue[0] < ISSUES] == alone.issues
    ours = [comment for comment in crowded.comments if comment[1] == BOT]
    assert ours == [comment for comment in alone.comments if comment[1] == BOT]
    assert len(crowded.issues) == len(alone.issues) + ISSUES
    assert crowded.records == alone.records
