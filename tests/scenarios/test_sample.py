"""The sample run of the demo: every verdict of the policy occurs, and the pages that show it are
current.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scenarios.test_scenarios import BLESS

from flakebot import demo
from flakebot.pipeline import Result

ROOT = Path(__file__).parents[2]
CANCELLATION = "tests/fault_tolerance/test_request_cancellation.py"
ROUTER = "tests/router/test_router_e2e_with_mockers.py"
PAGES = {"example-comment.md": "issues/5731.comments", "example-issue.md": "issues"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample."""
    return demo._fresh_copy(tmp_path_factory.mktemp("demo") / "sample")


@pytest.fixture(scope="module")
def earlier(folder: Path) -> dict[int, Result]:
    """The earlier runs, each analysed and applied when it was the newest."""
    runs = demo._runs(folder)[0]
    return {run.id: demo._analyse(folder, run, apply=True) for run in runs}


@pytest.fixture(scope="module")
def result(folder: Path, earlier: dict[int, Result]) -> Result:
    """The main run, applied after them."""
    assert earlier
    return demo._analyse(folder, demo._runs(folder)[1], apply=True)


@pytest.mark.parametrize(
    ("test", "kind", "level"),
    [
        (f"{ROUTER}::test_kv_push_router_bindings[True-tcp]", "flaky", "proven"),
        (f"{ROUTER}::test_mocker_kv_router[tcp]", "flaky", "proven"),
        (f"{ROUTER}::test_router_decisions[jetstream-nats]", "flaky", "known"),
        (f"{ROUTER}::test_indexers_sync[file]", "flaky", "likely"),
        (
            f"{CANCELLATION}::test_request_cancellation[remote_prefill]",
            "flaky",
            "proven",
        ),
        ("tests/mocker/test_trace_replay.py::test_replay_token_counts[burst]", "broken", ""),
        (
            "tests/frontend/test_completion.py::test_truncated_completion_keeps_reason[stream]",
            "new",
            "",
        ),
        ("", "new", ""),
    ],
)
def test_the_verdicts_of_the_main_run(result: Result, test: str, kind: str, level: str) -> None:
    """Each failing test of the investigation's run gets the verdict that its story deserves."""
    verdicts = {f.test: (f.verdict.kind, f.verdict.level) for f in result.report.findings}
    assert (kind, level) == verdicts[test]  # type: ignore[index]  # a plain string is no TestId


@pytest.mark.parametrize(
    ("category", "kind", "tests", "told"),
    [
        ("hf-fetch", "external", 12, "recovered after 3 s"),
        ("artifact-transfer", "external", 0, ""),
        ("hang", "infra", 1, ""),
    ],
)
def test_the_events_of_the_main_run(
    result: Result, category: str, kind: str, tests: int, told: str
) -> None:
    """What is no test's fault is told once, with what became of it."""
    (event,) = [event for event in result.report.events if event.category == category]
    assert (kind, tests, told) == (event.kind, len(event.tests), event.result)


def test_the_hang_of_the_investigation_is_told(result: Result) -> None:
    """An hour of silence in clean-up, at 72 % of the tests."""
    (event,) = [event for event in result.report.events if event.category == "hang"]
    assert "was silent for 58 minutes, at 72 % of the tests" in event.reasons[0]


def test_what_could_not_be_read_is_said(result: Result) -> None:
    """A job without a log is no pass."""
    assert [u.job for u in result.report.unread] == ["trtllm-runtime / test / cuda13.1, amd64"]


@pytest.mark.parametrize(
    ("run_id", "overall", "kind", "level"),
    [
        (20964410275, "flaky", "flaky", "proven"),
        (20989125543, "new-failures", "new", ""),
        (21066480231, "new-failures", "unclassified", ""),
        (21271820466, "flaky", "flaky", "known"),
        (21507731645, "broken", "broken", ""),
    ],
)
def test_the_verdicts_of_earlier_runs(
    earlier: dict[int, Result], run_id: int, overall: str, kind: str, level: str
) -> None:
    """Each was judged by what was known then; too little evidence is unclassified, not new."""
    report = earlier[run_id].report
    verdicts = {(f.verdict.kind.value, f.verdict.level.value) for f in report.findings}
    assert (overall, True) == (report.overall, (kind, level) in verdicts)


@pytest.mark.parametrize(
    ("run_id", "category", "told"),
    [
        (21129954786, "hf-fetch", "still failing after 5 tries"),
        (21205517764, "hf-access", ""),
        (21271820466, "hf-fetch", "recovered after"),
    ],
)
def test_hugging_face_in_earlier_runs(
    earlier: dict[int, Result], run_id: int, category: str, told: str
) -> None:
    """A passing fault is asked again until it recovers or the budget ends; a lasting one never."""
    events = [e for e in earlier[run_id].report.events if e.category == category]
    assert [event.kind for event in events] == ["external"]
    assert told in events[0].result


def test_the_second_plan_is_empty(folder: Path, result: Result) -> None:
    """Written once and never twice."""
    assert all(receipt.done for receipt in result.receipts)
    assert demo._analyse(folder, demo._runs(folder)[1], apply=False).plan.changes == ()


@pytest.mark.parametrize("page", ["example-comment.md", "example-issue.md"])
def test_the_example_pages_are_current(folder: Path, result: Result, page: str) -> None:
    """`docs/example-*.md` is what the real templates say of the sample; BLESS=1 writes them."""
    assert result.receipts
    texts = [path.read_text() for path in sorted((folder / PAGES[page]).glob("*.md"))]
    wanted = "flakebot:pull-request" if page == "example-comment.md" else "crash-sigabrt"
    text = next(text for text in texts if wanted in text).partition("\n---\n")[2].lstrip()
    target = ROOT / "docs" / page
    if BLESS:
        target.write_text(text)
    assert target.read_text() == text
