"""The ledger on a branch over real HTTP: one download to read, one commit to write, and nothing is
lost when others write too or answers do not come.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.server.conftest import Connect
from tests.server.fake_github import FakeGitHub, Fault
from tests.server.faults import Kind

from flakebot.errors import LedgerError
from flakebot.feedback import Feedback, Word
from flakebot.ledgers.branch import APPEND_SECONDS, TRIES, BranchLedger
from flakebot.records import Opening, RunRecord

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WEEK = "ledger/2026-W48.jsonl"
BRANCH = "flakebot-data"


def record(run_id: int, created_at: datetime = MONDAY, attempt: int = 1) -> RunRecord:
    return RunRecord(
        repository="acme/widgets",
        run_id=run_id,
        attempt=attempt,
        workflow="CI",
        event="push",
        branch="main",
        head_sha="a" * 40,
        created_at=created_at,
    )


def files(fake: FakeGitHub) -> dict[str, bytes]:
    """What is on the branch."""
    store = fake.state.git
    tree = store.commits[store.refs[f"refs/heads/{BRANCH}"]].tree
    return {path: store.blobs[entry.sha] for path, entry in store.flat(tree).items()}


def asked(fake: FakeGitHub) -> list[str]:
    """Methods and ends of the paths asked of the API, oldest first."""
    return [
        f"{one.method} {one.path.split('/', 4)[4]}" for one in fake.requests if one.origin == "api"
    ]


@pytest.fixture
def ledger(fake: FakeGitHub, connect: Connect) -> BranchLedger:
    """A ledger on a branch that is not there yet, in a repository that has code."""
    fake.state.add_commit(files={"README.md": b"# Widgets\n"}, branch="main")
    return BranchLedger(connect(request_seconds=1.0), fake.repository, BRANCH)


@pytest.fixture
def begun(fake: FakeGitHub, ledger: BranchLedger, connect: Connect) -> BranchLedger:
    """A ledger with one record, as a later run finds it."""
    ledger.append([record(1)])
    fake.requests.clear()
    return BranchLedger(connect(request_seconds=1.0), fake.repository, BRANCH)


def word(comment_id: int) -> Feedback:
    return Feedback(
        repository="acme/widgets",
        comment_id=comment_id,
        created_at=MONDAY,
        login="ada",
        word=Word.NOT_A_FLAKE,
        function="pytest:t.py::x",
    )


def rival(fake: FakeGitHub, connect: Connect) -> BranchLedger:
    """The same ledger in another run."""
    return BranchLedger(connect(), fake.repository, BRANCH)


def test_branch_that_is_not_there_is_an_empty_ledger(ledger: BranchLedger) -> None:
    """The first run of all finds no history, which is no error."""
    assert list(ledger.read(LONG_AGO)) == []


def test_first_record_makes_a_branch_without_history(
    fake: FakeGitHub, ledger: BranchLedger
) -> None:
    """The branch begins with a commit of its own and holds none of the code."""
    assert list(ledger.append([record(1)])) == [record(1).key]
    assert list(files(fake)) == [WEEK]
    assert fake.state.git.commits[fake.state.git.refs[f"refs/heads/{BRANCH}"]].parents == ()
    assert list(ledger.read(LONG_AGO)) == [record(1)]


def test_reading_and_writing_take_four_requests(fake: FakeGitHub, begun: BranchLedger) -> None:
    """One download serves both; a write is a tree, a commit and the branch."""
    assert list(begun.read(LONG_AGO)) == [record(1)]
    assert list(begun.append([record(2)])) == [record(2).key]
    assert asked(fake) == [
        f"GET zipball/{BRANCH}",
        "POST git/trees",
        "POST git/commits",
        f"PATCH git/refs/heads/{BRANCH}",
    ]


def test_what_is_there_is_not_written_again(fake: FakeGitHub, begun: BranchLedger) -> None:
    """The same attempt analysed again adds nothing and writes nothing; a new attempt does."""
    assert list(begun.append([record(1), record(1)])) == []
    assert asked(fake) == [f"GET zipball/{BRANCH}"]
    assert list(begun.append([record(1, attempt=2), record(1)])) == [record(1, attempt=2).key]


def test_words_are_kept_beside_the_records(
    fake: FakeGitHub, begun: BranchLedger, connect: Connect
) -> None:
    """In one commit each, once, also when another run writes too; one download reads both."""
    rival(fake, connect).append([record(2)])
    assert begun.append([word(7)]) == [word(7).key]
    rival(fake, connect).append([word(8)])
    assert begun.append([word(7), word(8)]) == []
    store = fake.state.git
    messages = [commit.message for commit in store.commits.values()]
    assert "Record what comment 7 says of a test" in messages
    fresh = rival(fake, connect)
    fake.requests.clear()
    assert [found.run_id for found in fresh.read(LONG_AGO)] == [1, 2]
    assert fresh.feedback() == [word(7), word(8)]
    assert asked(fake) == [f"GET zipball/{BRANCH}"]


def test_records_go_into_their_weeks(fake: FakeGitHub, begun: BranchLedger) -> None:
    """A record belongs to the ISO week of its creation; the others' files stay as they are."""
    sunday = MONDAY - timedelta(hours=1)
    begun.append([record(2, sunday), record(3), record(4, datetime(2027, 1, 1, tzinfo=UTC))])
    counts = {path: content.count(b"\n") for path, content in files(fake).items()}
    assert counts == {"ledger/2026-W47.jsonl": 1, WEEK: 2, "ledger/2026-W53.jsonl": 1}


def test_reading_begins_where_it_is_asked_to(begun: BranchLedger) -> None:
    """Records before the window are left out, to the minute; the rest comes oldest first."""
    begun.append([record(9, MONDAY + timedelta(days=9)), record(2, MONDAY - timedelta(days=9))])
    begun.append([record(3, MONDAY - timedelta(minutes=1))])
    assert [found.run_id for found in begun.read(MONDAY)] == [1, 9]
    assert [found.run_id for found in begun.read(LONG_AGO)] == [2, 3, 1, 9]


def test_broken_lines_cost_no_others_and_stay(fake: FakeGitHub, begun: BranchLedger) -> None:
    """Lines of a newer version, cut off or of no sense are passed over, told, and kept."""
    old = files(fake)[WEEK]
    newer = json.dumps({**json.loads(old), "schema": 99}).encode()
    damaged = old + newer + b"\n{half a li\n\xff\xfe\n" + b'{"cut": '
    tip = fake.state.git.refs[f"refs/heads/{BRANCH}"]
    fake.state.add_commit(files={WEEK: damaged}, parents=[tip], branch=BRANCH)
    assert list(begun.append([record(2)])) == [record(2).key]
    assert files(fake)[WEEK].startswith(damaged + b"\n")
    assert list(begun.read(LONG_AGO)) == [record(1), record(2)]
    assert [problem.source for problem in begun.problems] == [f"{WEEK}:{n}" for n in (2, 3, 4, 5)]
    assert "newer flakebot (schema 99" in begun.problems[0].reason


def test_whether_others_wrote_takes_one_request(
    fake: FakeGitHub, connect: Connect, begun: BranchLedger
) -> None:
    """And only then the next read downloads again, by the commit."""
    begun.read(LONG_AGO)
    fake.requests.clear()
    assert not begun.moved()
    assert asked(fake) == [f"GET git/ref/heads/{BRANCH}"]
    rival(fake, connect).append([record(2)])
    assert begun.moved()
    assert [found.run_id for found in begun.read(LONG_AGO)] == [1, 2]
    assert not begun.moved()
    del fake.state.git.refs[f"refs/heads/{BRANCH}"]
    assert begun.moved()
    assert list(begun.read(LONG_AGO)) == []
    assert not begun.moved()


def test_whether_others_wrote_may_stay_unknown(fake: FakeGitHub, begun: BranchLedger) -> None:
    """Which is said."""
    fake.faults.add(Fault(kind="status", status=500, path="/git/ref", times=99))
    with pytest.raises(LedgerError, match="cannot be read"):
        begun.moved()


def test_a_write_is_one_though_it_takes_three_requests(
    begun: BranchLedger, naps: list[float]
) -> None:
    """Between them nobody waits, as others may be writing too."""
    for run_id in (2, 3):
        begun.append([record(run_id)])
    assert naps == [1.0]


def test_an_issue_is_opened_by_the_run_that_was_first_recorded(
    fake: FakeGitHub, connect: Connect, begun: BranchLedger
) -> None:
    """Though both read the same; it is known when the second is written on top of the first."""
    opening = Opening(keys=("pytest:a::test_b",), at=MONDAY)
    begun.read(LONG_AGO)
    rival(fake, connect).append([replace(record(3), opening=opening)])
    begun.append([replace(record(2), opening=opening)])
    assert [found.opening for found in begun.read(LONG_AGO)] == [None, None, opening]


def test_other_files_of_the_branch_stay(fake: FakeGitHub, begun: BranchLedger) -> None:
    """People may put a README beside the ledger."""
    tip = fake.state.git.refs[f"refs/heads/{BRANCH}"]
    kept = {"README.md": "Größe\n".encode(), "docs/a b.bin": bytes(range(256))}
    fake.state.add_commit(files={**files(fake), **kept}, parents=[tip], branch=BRANCH)
    begun.append([record(2)])
    assert files(fake).items() >= kept.items()


def test_files_an_archive_would_hide_stay(fake: FakeGitHub, begun: BranchLedger) -> None:
    """With `.gitattributes` an archive may lack files, so the new tree builds on the old one."""
    store, tip = fake.state.git, fake.state.git.refs[f"refs/heads/{BRANCH}"]
    kept = {**files(fake), ".gitattributes": b"x export-ignore\n", "x": b"hidden"}
    fake.state.add_commit(files=kept, parents=[tip], branch=BRANCH)
    begun.append([record(2)])
    tree = json.loads(fake.requests.of("POST", "/git/trees")[-1].body)
    assert [entry["path"] for entry in tree["tree"]] == [WEEK]
    assert files(fake).keys() == kept.keys()
    assert store.commits[store.refs[f"refs/heads/{BRANCH}"]].parents


def test_somebody_faster_is_built_upon(
    fake: FakeGitHub, connect: Connect, begun: BranchLedger, naps: list[float]
) -> None:
    """Two runs that read the same state both get their records in."""
    begun.read(LONG_AGO)
    rival(fake, connect).append([record(2)])
    naps.clear()
    assert list(begun.append([record(3), record(2)])) == [record(3).key]
    assert [found.run_id for found in begun.read(LONG_AGO)] == [1, 2, 3]
    assert 1.0 in naps  # the pause before the second try
    sought = [one for one in asked(fake) if one.startswith("GET")]
    assert sought.index(f"GET git/ref/heads/{BRANCH}") == 2  # then the archive of that very commit


def test_nothing_is_lost_between_many_writers(
    fake: FakeGitHub, connect: Connect, begun: BranchLedger
) -> None:
    """Three runs write at the same time, record by record: all are there, each once."""

    def write(first: int) -> None:
        ledger = rival(fake, connect)
        for run_id in (first, first + 1):
            assert list(ledger.append([record(run_id)])) == [record(run_id).key]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, [10, 20, 30]))
    assert [found.run_id for found in begun.read(LONG_AGO)] == [1, 10, 11, 20, 21, 30, 31]
    assert files(fake)[WEEK].count(b"\n") == 7


def test_somebody_faster_with_the_first_record_is_built_upon(
    fake: FakeGitHub, connect: Connect, ledger: BranchLedger
) -> None:
    """Two runs that both find no branch: the second one's reference exists already."""
    ledger.read(LONG_AGO)
    rival(fake, connect).append([record(1)])
    assert list(ledger.append([record(2)])) == [record(2).key]
    assert [found.run_id for found in ledger.read(LONG_AGO)] == [1, 2]


def test_branch_deleted_in_between_is_made_anew(fake: FakeGitHub, begun: BranchLedger) -> None:
    """Without its branch the ledger begins again."""
    begun.read(LONG_AGO)
    del fake.state.git.refs[f"refs/heads/{BRANCH}"]
    assert list(begun.append([record(2)])) == [record(2).key]
    assert list(begun.read(LONG_AGO)) == [record(2)]


def test_lost_races_come_to_an_end(
    fake: FakeGitHub, begun: BranchLedger, naps: list[float]
) -> None:
    """A branch that never holds still ends in a sentence, within a budget of its own."""
    body = b'{"message": "Update is not a fast forward"}'
    fake.faults.add(Fault(kind="status", method="PATCH", status=422, body=body, times=99))
    with pytest.raises(LedgerError, match=r"cannot be written: .*fast forward"):
        begun.append([record(2)])
    assert 8 < len(fake.requests.of("PATCH")) <= TRIES
    assert 120 < sum(naps) < APPEND_SECONDS


@pytest.mark.parametrize("path", ["/git/trees", "/git/commits", "/git/refs", "/zipball"])
@pytest.mark.parametrize("kind", ["status", "after-status", "after-reset", "truncated", "html"])
def test_fault_in_between_writes_the_record_once(
    fake: FakeGitHub, begun: BranchLedger, path: str, kind: Kind
) -> None:
    """Whatever fails once, before or after it happened: the record is there once, and is ours."""
    fake.faults.add(Fault(kind=kind, path=path))
    assert list(begun.append([record(2)])) == [record(2).key]
    assert files(fake)[WEEK].count(b"\n") == 2
    assert fake.faults.pending == 0


@pytest.mark.parametrize("kind", ["after-status", "after-reset"])
def test_doubtful_first_reference_writes_the_record_once(
    fake: FakeGitHub, ledger: BranchLedger, kind: Kind
) -> None:
    """The branch was made and the answer got lost: looking again shows it."""
    fake.faults.add(Fault(kind=kind, method="POST", path="/git/refs"))
    assert list(ledger.append([record(1)])) == [record(1).key]
    assert files(fake)[WEEK].count(b"\n") == 1


def test_missing_permission_is_said(fake: FakeGitHub, begun: BranchLedger) -> None:
    """Without `contents: write` the ledger can be read, and the line that lacks is named."""
    fake.permissions = {"contents": "read"}
    assert len(begun.read(LONG_AGO)) == 1
    with pytest.raises(LedgerError, match="contents: write"):
        begun.append([record(2)])


def test_rules_of_the_repository_are_said(fake: FakeGitHub, begun: BranchLedger) -> None:
    """A protected branch is not tried again."""
    body = b'{"message": "Repository rule violations found"}'
    fake.faults.add(Fault(kind="status", method="PATCH", status=422, body=body))
    with pytest.raises(LedgerError, match="Repository rule violations found"):
        begun.append([record(2)])
    assert len(fake.requests.of("PATCH")) == 1


@pytest.mark.parametrize("body", [b"", b"PK", b"<html>"])
def test_archive_that_is_none_is_an_error(
    fake: FakeGitHub, begun: BranchLedger, body: bytes
) -> None:
    """A broken archive is never taken for an empty ledger."""
    fake.faults.add(Fault(kind="status", status=200, body=body, origin="storage"))
    with pytest.raises(LedgerError, match="no readable zip"):
        begun.read(LONG_AGO)


def test_oversize_archive_is_an_error(
    fake: FakeGitHub, connect: Connect, begun: BranchLedger
) -> None:
    """A ledger beyond the cap is said, not cut, as downloaded and as unpacked."""
    assert begun.read(LONG_AGO)
    for limit in (50, 600):
        small = BranchLedger(connect(archive_bytes=limit), fake.repository, BRANCH)
        fake.state.add_commit(files={WEEK: b"\n" * 5000}, branch=BRANCH)
        with pytest.raises(LedgerError, match=f"larger than {limit} bytes"):
            small.read(LONG_AGO)


def test_a_branch_that_is_there_is_never_taken_for_an_empty_ledger(
    fake: FakeGitHub, begun: BranchLedger
) -> None:
    """The archive of a commit that was just named may be late: asked for once more, then an
    error.
    """
    late = Fault(kind="status", status=404, path="/zipball/")
    fake.faults.add(replace(late, times=2))
    assert [found.run_id for found in begun.read(LONG_AGO)] == [1]
    fake.state.add_commit(files={"README.md": b"x"}, branch=BRANCH)
    assert begun.moved()
    fake.faults.add(replace(late, times=2))
    with pytest.raises(LedgerError, match=r"cannot be read: .* \(404\)"):
        begun.read(LONG_AGO)


def test_archive_that_names_no_commit_is_asked_about(
    fake: FakeGitHub, begun: BranchLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the commit in the archive's comment the reference is asked, and then the archive of
    that very commit, since another may have written in between.
    """
    monkeypatch.setattr("flakebot.ledgers.branch_snapshot._SHA_LETTERS", 0)
    tip = fake.state.git.refs[f"refs/heads/{BRANCH}"]
    assert list(begun.append([record(2)])) == [record(2).key]
    sought = asked(fake)
    assert sought.index(f"GET git/ref/heads/{BRANCH}") < sought.index(f"GET zipball/{tip}")


def test_changed_record_of_a_known_key_is_not_added(begun: BranchLedger) -> None:
    """The first record of a key counts."""
    assert list(begun.append([replace(record(1), workflow="other")])) == []
    assert [found.workflow for found in begun.read(LONG_AGO)] == ["CI"]
