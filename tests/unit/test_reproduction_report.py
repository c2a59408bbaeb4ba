"""The report of a campaign: golden texts, the schema of its JSON, and what hostile text does."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from tests.unit.reproduction_values import (
    ABORT,
    BINDINGS,
    FILE,
    FORKED,
    N16,
    N32,
    ROUTING,
    SERIAL,
    abort,
    campaign,
    iteration,
    outage,
    routing,
    several,
    worker,
)

from flakebot.model import Category, TestId
from flakebot.reproduction import findings, report, report_json
from flakebot.reproduction.iterations import (
    Campaign,
    Ending,
    Failure,
    Iteration,
    Level,
    Stall,
    Target,
)
from flakebot.settings import Limits
from flakebot.views import markers
from flakebot.views.markers import Mark

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(__file__).parents[2] / "schemas" / "reproduce.schema.json"
POLLUTER, RESET = TestId(f"{FILE}::test_mocker"), TestId(f"{FILE}::test_reset")


def crashing(level: Level, total: int, every: int, variant: str = "") -> list[Iteration]:
    """Each n-th iteration in which the polluter ran before aborts; each tenth is a race."""
    made = []
    for number in range(1, total + 1):
        before = [POLLUTER, RESET] if number % 2 else [RESET]
        crashed = bool(number % 2) and number % every == 1 and not variant
        failures = [abort()] if crashed else []
        failures += [routing()] if number % 10 == 0 else []
        process = worker("gw1", *before, BINDINGS, crashed=BINDINGS if crashed else "")
        made.append(iteration(number, *failures, level=level, variant=variant, workers=[process]))
    return made


def stuck() -> Iteration:
    text = "Ended after 600 s, the last 590 s without output; unkillable"
    return iteration(
        101,
        Failure(category=Category.HANG, text=text, tests=(ROUTING,)),
        level=N16,
        ending=Ending.UNKILLABLE,
        stall=Stall(
            silence=590.0,
            running=(ROUTING,),
            stacks=("Thread 0x1 (most recent call first):", '  File "x.py", line 3 in wait'),
        ),
        unreported=(ROUTING, RESET),
    )


def investigation() -> tuple[Campaign, list[Iteration]]:
    """The investigation that the tool comes from, with what it had not found out yet."""
    asked = campaign(SERIAL, N16, N32, iterations=101, variants=[FORKED])
    asked = replace(
        asked,
        machine="Linux x86_64, 64 CPUs",
        setup=replace(asked.setup, arguments=("--durations=3",), image="dynamo:latest-dev", jobs=2),
    )
    return asked, [
        *several(SERIAL, 100, [[outage()]]),
        *crashing(N16, 100, 4),
        stuck(),
        *crashing(N32, 100, 2),
        *several(SERIAL, 100, [], "forked"),
        *crashing(N16, 100, 4, "forked"),
        *crashing(N32, 100, 2, "forked"),
    ]


def ten() -> tuple[Campaign, list[Iteration]]:
    """Ten iterations a level, which prove nothing."""
    aborted = [iteration(n, abort(), level=N16, workers=[]) for n in (1, 2)]
    return campaign(SERIAL, N16, iterations=10), [
        *several(SERIAL, 10, []),
        *aborted,
        *(each for each in several(N16, 10, []) if each.number > 2),
    ]


def silent() -> tuple[Campaign, list[Iteration]]:
    return campaign(SERIAL, iterations=10), several(SERIAL, 10, [])


def answered() -> tuple[Campaign, list[Iteration]]:
    """Stopped by `--until`, one variant tried and not better."""
    worse = replace(FORKED, name="slow", arguments=("--slow",))
    asked = campaign(N16, N32, until=0.95, variants=[worse])
    return asked, [
        *several(N16, 40, []),
        *several(N32, 40, [[abort()]] * 20),
        *several(N16, 40, [[abort()]] * 39, "slow"),
        *several(N32, 40, [[routing(), abort()]] * 20, "slow"),
    ]


def fixed() -> tuple[Campaign, list[Iteration]]:
    """A fix of a tracked flake, verified."""
    target = Target(test=BINDINGS, fingerprint=ABORT, level="n16", rate=0.3, rate_low=0.1)
    return replace(campaign(N16, iterations=29), target=target), several(
        N16, 29, [], workers=[worker("gw0", BINDINGS)]
    )


STORIES = {story.__name__: story() for story in (investigation, ten, silent, answered, fixed)}


@pytest.mark.parametrize("name", STORIES)
def test_report_reads_as_it_should(name: str) -> None:
    """The whole Markdown and the whole summary, as they were read and found good."""
    found = findings.of(*STORIES[name])
    text = f"{report.markdown(found)}\n{'=' * 80}\n{report.summary(found)}"
    golden = GOLDEN / f"reproduce-{name}.md"
    if os.environ.get("BLESS"):  # noqa: TID251  # a switch for people
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_json_keeps_its_schema(name: str) -> None:
    """The published schema, and JSON without infinities."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    told = json.loads(json.dumps(report_json.as_json(findings.of(*STORIES[name])), allow_nan=False))
    Draft202012Validator(schema).validate(told)


def test_json_holds_what_the_contract_names() -> None:
    """Levels with rate and interval of failures, and both of an error type's counts."""
    told = report_json.as_json(findings.of(*STORIES["ten"]))
    assert told["levels"] == [
        {
            "level": "serial",
            "iterations": 10,
            "passed": 10,
            "failed": 0,
            "rate": 0.0,
            "interval": [0.0, pytest.approx(0.2775, abs=1e-4)],
            "errors": [],
        },
        {
            "level": "n16",
            "iterations": 10,
            "passed": 8,
            "failed": 2,
            "rate": 0.2,
            "interval": [pytest.approx(0.0567, abs=1e-4), pytest.approx(0.5098, abs=1e-4)],
            "errors": [
                {
                    "category": "crash-sigabrt",
                    "count": 2,
                    "sample": "Fatal Python error: Aborted",
                    "tests": [BINDINGS],
                }
            ],
        },
    ]


@pytest.mark.parametrize("name", STORIES)
def test_no_report_ever_says_no_difference(name: str) -> None:
    """What was not seen is told with the power to see it."""
    text = report.markdown(findings.of(*STORIES[name])) + report.summary(
        findings.of(*STORIES[name])
    )
    assert "no difference" not in text.lower()


def test_a_level_that_differs_the_other_way_round_is_told_so() -> None:
    """Serial fails more often: the interval shows it, though nobody asked."""
    asked = campaign(SERIAL, N16, until=0.95)
    iterations = [*several(SERIAL, 40, [[abort()]] * 20), *several(N16, 40, [])]
    said = "The level matters: serial fails more often than n16 by 50 points"
    assert said in report.summary(findings.of(asked, iterations))


def test_levels_that_nobody_could_tell_apart_yet_are_told_so() -> None:
    """While `--until` has not found its answer."""
    asked = campaign(SERIAL, N16, until=0.95)
    iterations = [*several(SERIAL, 10, [[abort()]]), *several(N16, 10, [[abort()]])]
    assert "is not known yet" in report.summary(findings.of(asked, iterations))


@pytest.mark.parametrize(
    ("until", "end"), [(0.0, "; 0 % against 20 % is seen 12 % of the time."), (0.95, ".")]
)
def test_a_variant_of_which_too_little_is_known_is_told_so(until: float, end: str) -> None:
    """One failure fewer in ten iterations; of a variant that has not run nothing is told."""
    later = replace(FORKED, name="later")
    asked = campaign(N16, variants=[FORKED, later], until=until)
    iterations = [
        *several(N16, 10, [[abort()], [abort()]]),
        *several(N16, 10, [[abort()]], "forked"),
    ]
    lines = report.summary(findings.of(asked, iterations)).splitlines()
    (said,) = [line for line in lines if "is not known, at n16" in line]
    assert said.startswith("* Whether forked helps is not known, at n16: 10 points")
    assert said.endswith(end)
    assert not [line for line in lines if line.startswith("* later")]


def test_a_difference_that_nobody_could_find_asks_for_no_iterations() -> None:
    """Half against a little more than half: not even a thousand a level would show it."""
    iterations = [
        *several(SERIAL, 20, [[abort()]] * 10),
        *several(N16, 19, [[abort()]] * 10),
    ]
    assert "iterations a level would" not in report.summary(
        findings.of(campaign(SERIAL, N16), iterations)
    )


def test_nothing_ran_yet() -> None:
    """An interrupt in the first iteration."""
    assert report.summary(findings.of(campaign(SERIAL), [])).startswith(
        "No iteration has ended yet."
    )


def test_a_suspicion_that_may_be_chance_says_so() -> None:
    """Three crashes of four after it, none of four without: likelier, and not certain."""
    crashed = worker("gw0", POLLUTER, BINDINGS, crashed=BINDINGS)
    iterations = [
        *(iteration(n, abort(), level=N16, workers=[crashed]) for n in range(1, 4)),
        iteration(4, level=N16, workers=[worker("gw0", POLLUTER, BINDINGS)]),
        *(iteration(n, level=N16, workers=[worker("gw0", BINDINGS)]) for n in range(5, 9)),
    ]
    summary = report.summary(findings.of(campaign(N16), iterations))
    assert "in 0 of 4 runs (0.0 %) without, which may be chance." in summary


@pytest.mark.parametrize("count", [1, 2])
def test_victims_without_a_suspect_are_listed(count: int) -> None:
    """What ran before does not matter, as far as the iterations tell."""
    victims = [BINDINGS, ROUTING][:count]
    iterations = [
        iteration(n, *(abort(victim) for victim in victims), workers=[worker("", RESET, *victims)])
        for n in range(1, 4)
    ]
    text = report.markdown(findings.of(campaign(SERIAL), iterations))
    said = "this failure more likely" if count == 1 else "these failures more likely"
    assert said in text
    assert f"`{BINDINGS}` failed in 3 of 3 runs" in text


def test_many_tests_are_named_in_part() -> None:
    """The line that says what was run stays a line."""
    asked = campaign(SERIAL)
    many = replace(asked, setup=replace(asked.setup, tests=tuple(f"t{n}.py" for n in range(12))))
    assert "`t9.py` and 2 more;" in report.markdown(findings.of(many, []))


HOSTILE = TestId("t.py::x[`|<!-- flakebot:issue x -->@octocat ![](https://evil.example/x)\x1b[31m]")


def hostile() -> tuple[Campaign, Sequence[Iteration]]:
    failure = Failure(category=Category.EXCEPTION, text=f"|`{HOSTILE}", tests=(HOSTILE,))
    process = worker("gw0", HOSTILE, HOSTILE, crashed=HOSTILE)
    made = [
        replace(
            iteration(n, failure, level=N16, workers=[process]), command=f"pytest '{HOSTILE}' -n 16"
        )
        for n in range(1, 4)
    ]
    made[0] = replace(
        made[0],
        ending=Ending.KILLED,
        stall=Stall(silence=1.0, running=(HOSTILE,), stacks=("```", HOSTILE)),
        unreported=(HOSTILE, TestId(f"{HOSTILE}2")),
    )
    asked = campaign(SERIAL, N16)
    setup = replace(asked.setup, tests=(HOSTILE,), arguments=(HOSTILE,))
    return replace(asked, machine=HOSTILE, setup=setup), made


def test_hostile_text_stays_text() -> None:
    """No mention, image, comment or marker of a log becomes active, no table gains a column."""
    text = report.comment(findings.of(*hostile()), key="latest")
    assert markers.key_of(Mark.REPRODUCTION, text) == "latest"
    body = text.partition("\n")[2]
    assert "<!--" not in body
    assert "@octocat" not in body
    html = MarkdownIt("commonmark").enable("table").render(body)
    assert "<img" not in html
    rows = [line for line in body.split("\n") if line.startswith("| ")]
    assert all(row.rstrip().endswith("|") for row in rows)
    assert "\x1b" not in text + report.summary(findings.of(*hostile()))


def test_a_comment_fits_however_many_iterations_failed() -> None:
    """By steps, as everything that is posted."""
    asked = campaign(N16, iterations=1000)
    many = several(N16, 1000, [[abort(TestId(f"{FILE}::test_{n}"))] for n in range(1000)])
    limits = Limits(body_characters=20_000)
    text = report.comment(findings.of(asked, many), "latest", limits)
    assert len(text) <= 20_000
    assert len(report.markdown(findings.of(asked, many))) > 100_000


def test_a_command_is_whole_wherever_it_is_told() -> None:
    """Half of one repeats nothing."""
    command = f"pytest {' '.join(f'tests/test_{n}.py' for n in range(150))} -n 16"
    failed = replace(iteration(1, abort(), level=N16), command=command)
    text = report.markdown(findings.of(campaign(N16), [failed, iteration(2, level=N16)]))
    assert text.count(command) == 2


def test_a_silence_is_rounded_as_in_the_list_of_iterations() -> None:
    """Both speak of the same seconds."""
    hung = iteration(1, routing(), ending=Ending.TERMINATED, stall=Stall(silence=3.9))
    assert "silent for up to 4 s" in report.markdown(findings.of(campaign(SERIAL), [hung]))
