"""The answer to `/flakebot explain` fits and is inert, whatever the log said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit import record_builders as b
from tests.unit import view_values as v
from tests.unit.test_view_safety import HOSTILE, SLOW, TEXTS, inert

from flakebot.github_objects import Run
from flakebot.judging import explained
from flakebot.judging.case import Case
from flakebot.judging.explained import ExplainedFinding
from flakebot.judging.history import History
from flakebot.judging.verdicts import judge
from flakebot.settings import Limits, Settings
from flakebot.views import markers, reasons_text, render
from flakebot.views.markers import Mark


def told(name: str, text: str, count: int = 1) -> list[ExplainedFinding]:
    """Findings with the failures behind them, in which a log said this."""
    cases: list[Case] = []
    record = b.failing(1, pr=7)
    report = judge(
        run=Run(id=1, head_sha=record.head_sha),
        records=[record],
        history=History([record]),
        known={},
        changed=(),
        pull=None,
        settings=Settings(),
        repository=b.REPOSITORY,
        problems=(),
        now=b.NOW,
        cases=cases,
    )
    (one,) = explained.explain(report, cases)
    (failure,) = one.failures
    hostile = replace(failure, job=name, text=text, changes=(text, name) * 30)
    return [
        replace(
            one,
            told=v.finding(test=f"tests/x.py::test_{i}[{name}]", reasons=(text, name)),
            failures=(hostile,) * 3,
        )
        for i in range(count)
    ]


@SLOW
@given(TEXTS, TEXTS, st.sampled_from([1, 45]))
def test_an_explanation_fits_and_is_inert(name: str, text: str, count: int) -> None:
    """Every verdict with its rungs, or as many as there is room for."""
    report = v.report(problems=(HOSTILE,))
    records = (v.record(v.RUN_ID, v.job()),)
    found = told(name, text, count)
    body = reasons_text.body("answer to 9", replace(report, records=records), found, Limits())
    assert render.fits(body, Limits())
    assert markers.key_of(Mark.NOTE, body) == "answer to 9"
    inert(body)


def test_an_event_is_told_as_one() -> None:
    """With the tests it hit named by what hit them."""
    event = v.outage()
    records = (v.record(v.RUN_ID, v.job()),)
    report = replace(v.report(events=(event,)), records=records)
    body = reasons_text.body("k", report, [ExplainedFinding(told=event, failures=())], Limits())
    assert f"**{event.kind}, one event**: " in body


def test_a_green_run_is_said_to_be() -> None:
    """Nothing is explained then."""
    report = replace(v.report(), records=(v.record(v.RUN_ID, v.job()),))
    assert "Nothing failed." in reasons_text.body("k", report, [], Limits())
