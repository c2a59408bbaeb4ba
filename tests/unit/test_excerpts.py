# ruff: noqa: RUF001  # the marks are those that the tools print
"""The lines of a report that a person would quote."""

from __future__ import annotations

import pytest

from flakebot.frameworks.reading import Block
from flakebot.logs import Line
from flakebot.reading.excerpts import EXCERPT, excerpt, quote


def quoted(text: str, error: str, kind: str = "call") -> list[str]:
    """The excerpt of a report around the last line with this text."""
    lines = tuple(Line(n, row) for n, row in enumerate(text.strip("\n").split("\n"), 1))
    at = [line for line in lines if line.text == error][-1]
    return list(excerpt(Block(kind=kind, lines=lines), at))


TRACEBACK = """
Traceback (most recent call last):
  File "/home/runner/work/repo/cart.py", line 3, in add
    return self._items[name]
KeyError: 'price'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.11/unittest/case.py", line 57, in run
    test_method()
    ~~~~~~~~~~~^^
  File "/home/runner/work/repo/test_cart.py", line 9, in test_add
    cart.add("book")
RuntimeError: no price
"""


def test_the_last_error_of_a_chain_without_frames_of_libraries() -> None:
    """The chain is cut where the last exception begins."""
    assert quoted(TRACEBACK, "RuntimeError: no price") == [
        "Traceback (most recent call last):",
        '  File "/home/runner/work/repo/test_cart.py", line 9, in test_add',
        '    cart.add("book")',
        "RuntimeError: no price",
    ]


def test_frames_of_libraries_stay_where_there_are_no_others() -> None:
    """Something must say where it was."""
    text = (
        'Traceback:\n  File "/usr/lib/python3.11/json.py", line 1, in loads\n    x\nValueError: y'
    )
    assert quoted(text, "ValueError: y") == text.split("\n")


def test_lines_of_pytest_reports() -> None:
    """The call, all `E ` lines, and the first local variables; not the captured output."""
    text = """
/w/site-packages/pluggy/_callers.py:53: in _multicall
    res = hook()
tests/test_x.py:7: in test_total
    assert total() == 7
E   assert 6 == 7
E    +  where 6 = total()
        cart = <Cart>
        price = 2
        third = 3
---- Captured stdout call ----
noise
"""
    assert quoted(text, "E   assert 6 == 7") == [
        "tests/test_x.py:7: in test_total",
        "    assert total() == 7",
        "E   assert 6 == 7",
        "E    +  where 6 = total()",
        "        cart = <Cart>",
        "        price = 2",
    ]


def test_a_comparison_with_its_values_and_the_code() -> None:
    """Ten lines after the error, without the frames of node and of packages."""
    values = ["Expected: 3", "Received: 2", "    > 8 |  expect(total).toBe(3)"]
    frames = ["    at Object.<anonymous> (test/cart.test.js:8:28)"]
    tools = ["    at run (node:internal/process:1:1)", " ❯ a /w/node_modules/vite/x.js:1:1"]
    text = "\n".join(
        ["expect(received).toBe(expected)", *values, *tools, *frames, *map(str, range(20))]
    )
    found = quoted(text, "expect(received).toBe(expected)")
    assert found[:5] == ["expect(received).toBe(expected)", *values, *frames]
    assert len(found) == 11


def test_what_is_said_again_is_not_quoted_again() -> None:
    """A retry that fails the same way, with or without a heading."""
    assert quoted("Retry #1\n\nError: a\nat x\nRetry #2\nError: b", "Error: a") == [
        "Error: a",
        "at x",
    ]
    lines = tuple(Line(n, row) for n, row in enumerate(["Error: a", "at x", "Error: a", "at x"], 1))
    assert excerpt(Block(kind="call", lines=lines), lines[0]) == ("Error: a", "at x")


def test_an_excerpt_is_bounded() -> None:
    """Of a hundred `E ` lines those around the one that decides are quoted."""
    lines = (Line(1, " "),)
    assert excerpt(Block(kind="call", lines=lines), lines[0]) == ("",)
    text = "\n".join(f"E   {n}" for n in range(100))
    found = quoted(text, "E   50")
    assert (len(found), found[0], found[6]) == (EXCERPT, "E   32", "E   38")


def test_an_error_of_pytest_itself() -> None:
    """Without what pytest puts before its lines, and without its own frames."""
    text = """
INTERNALERROR> Traceback (most recent call last):
INTERNALERROR>   File "/w/lib/python3.11/site-packages/pluggy/x.py", line 1, in y
INTERNALERROR>     raise exception
INTERNALERROR>   File "/home/runner/work/repo/conftest.py", line 6, in pytest_runtest_logreport
INTERNALERROR>     raise NotImplementedError("no")
INTERNALERROR> NotImplementedError: no
"""
    assert quoted(text, "INTERNALERROR> NotImplementedError: no") == [
        "Traceback (most recent call last):",
        '  File "/home/runner/work/repo/conftest.py", line 6, in pytest_runtest_logreport',
        '    raise NotImplementedError("no")',
        "NotImplementedError: no",
    ]


DUMP = """
Fatal Python error: Aborted

Thread 0x01 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 1 in wait

Current thread 0x02 (most recent call first):
  File "/home/runner/work/repo/tests/test_x.py", line 40 in test_aborts
  File "/usr/lib/python3.11/site-packages/_pytest/python.py", line 194 in pytest_pyfunc_call
"""


@pytest.mark.parametrize("kind", ["crash", "timeout"])
def test_of_a_dump_the_thread_that_crashed(kind: str) -> None:
    """The announcement, then the frames of the project."""
    assert quoted(DUMP, "Fatal Python error: Aborted", kind) == [
        "Fatal Python error: Aborted",
        "Current thread 0x02 (most recent call first):",
        '  File "/home/runner/work/repo/tests/test_x.py", line 40 in test_aborts',
    ]


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        ('  Binary file "/home/runner/work/repo/native.so", at router_free+0x12 [0x7f]', True),
        ('  Binary file "/usr/lib/x86_64-linux-gnu/libc.so.6", at abort+0x27 [0x7f]', False),
    ],
)
def test_of_a_native_stack_the_frames_of_the_project(frame: str, shown: bool) -> None:  # noqa: FBT001  a table
    """Below the test's own frames; without those of the interpreter and the C library."""
    title = "Current thread's C stack trace (most recent call first):"
    text = f"""{DUMP}
{title}
  Binary file "/usr/bin/python3.14", at _Py_DumpStack+0x4c [0x5d]
{frame}
  Binary file "/opt/python/lib/libpython3.14.so.1.0" [0x5e]
"""
    assert quoted(text, "Fatal Python error: Aborted", "crash") == [
        "Fatal Python error: Aborted",
        "Current thread 0x02 (most recent call first):",
        '  File "/home/runner/work/repo/tests/test_x.py", line 40 in test_aborts',
        *([title, frame] if shown else []),
    ]


def test_of_a_dump_of_libraries_the_first_frames() -> None:
    """Where no frame is the project's, something must say where it was."""
    text = "Fatal Python error: Aborted\n" + '  File "/usr/lib/python3.11/x.py", line 1 in y\n' * 12
    assert len(quoted(text, "Fatal Python error: Aborted", "crash")) == 9


def test_a_long_line_is_cut_visibly() -> None:
    """It ends with an ellipsis."""
    assert quote("x" * 500) == "x" * 400 + "…"
