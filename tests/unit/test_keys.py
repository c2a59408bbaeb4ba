# ruff: noqa: RUF001  # the mark is the one that jest and Playwright print
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.judging.history import tracking_key


@pytest.mark.parametrize(
    ("framework", "test", "key"),
    [
        ("pytest", "tests/x.py::test_y", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/x.py::test_y[True-tcp]", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/x.py::TestA::test_y[a[0]-b]", "pytest:tests/x.py::TestA::test_y"),
        ("pytest", "tests/x.py::test_y[a::b-/p.py::c]", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/x.py::test_y[cut in the mid", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/x.py::test_y[a]@group", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/x.py::test_y@group", "pytest:tests/x.py::test_y"),
        ("pytest", "tests/[old]/x.py::test_y[1]", "pytest:tests/[old]/x.py::test_y"),
        ("pytest", "tests/x.py", "pytest:tests/x.py"),
        ("cargo", "recorder::tests::streams", "cargo:recorder::tests::streams"),
        ("cargo", "src/lib.rs - f<[T; 3]> (line 9)", "cargo:src/lib.rs - f<[T; 3]> (line 9)"),
    ],
)
def test_parameters_are_dropped(framework: str, test: str, key: str) -> None:
    """One key per test function; ids of other frameworks stay as they are."""
    assert key == tracking_key(framework, test)


@given(st.text())
def test_any_parameter_gives_the_same_key(parameter: str) -> None:
    """Whatever stands in the brackets, the function is the same."""
    assert tracking_key("pytest", "a/t.py::test_f") == tracking_key(
        "pytest", f"a/t.py::test_f[{parameter}]"
    )


def test_a_test_of_playwright_keeps_its_key_when_it_moves() -> None:
    """Its id holds the line and the column."""
    ids = ["[chromium] › a.spec.ts:5:3 › c › d 1:2", "[chromium] › a.spec.ts:17:1 › c › d 1:2"]
    expected = {"playwright:[chromium] › a.spec.ts › c › d 1:2"}
    assert {tracking_key("playwright", test) for test in ids} == expected
    assert tracking_key("mocha", "a.ts:5:3 fails") == "mocha:a.ts:5:3 fails"


def test_a_test_of_jest_has_one_key_however_its_suites_are_parted() -> None:
    """A retried test that passed is named with blanks alone, unless each test has a line."""
    ids = ["the server answers", "the server › answers"]
    assert {tracking_key("jest", test) for test in ids} == {"jest:the server answers"}
