"""A history as it was known at a moment is the history of the records of then."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit import record_builders as b

from flakebot.judging.history import History
from flakebot.judging.spans import Spans
from flakebot.records import RunRecord

OTHER = "tests/t.py::test_other"

runs = st.lists(
    st.builds(
        lambda hour, pr, flake, runner: b.run(
            hour,
            b.job(
                b.entry(b.TEST, *((b.FAILED, b.PASSED) if flake else (b.FAILED,))),
                b.entry(OTHER, fingerprint="v1:x"),
                runner=f"host-{runner}",
            ),
            b.job(passed=[b.TEST], name="other"),
            pr=pr,
        ),
        st.integers(1, 40),
        st.integers(0, 3),
        st.booleans(),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda record: record.run_id,
)


def asked(history: History, last: RunRecord) -> object:
    """Whatever the judge and the views ask a history for."""
    return (
        history.records,
        history.observed,
        [history.executions(key) for key in (b.KEY, f"pytest:{OTHER}", "pytest:none")],
        history.trunk_jobs("CI", "test"),
        [history.bad_runner(host, b.PRINT) for host in ("host-0", "host-1", "host-2")],
        history.summary(b.KEY, last.created_at),
    )


@settings(max_examples=60, deadline=None)
@given(runs, st.data())
def test_a_narrowed_history_answers_as_one_of_those_records(
    records: list[RunRecord], data: st.DataObject
) -> None:
    """Whatever lies outside makes no difference, and the whole stays as it was."""
    last = data.draw(st.sampled_from(records))
    since = last.created_at - timedelta(hours=data.draw(st.integers(0, 40)))
    whole = History(records)
    before = asked(whole, last)
    kept = [r for r in records if r.created_at >= since and r.run_id <= last.run_id]
    assert asked(whole.between(since, last), last) == asked(History(kept), last)
    assert asked(whole, last) == before


def test_a_span_has_the_keys_of_the_whole() -> None:
    """Some with nothing left in them."""
    moments = [(b.NOW, n, 1) for n in range(5)]
    span = Spans({"a": moments, "b": moments[:1]}, lambda one: one, moments[1], moments[3])
    assert dict(span) == {"a": moments[1:4], "b": []}
    assert len(span) == 2
