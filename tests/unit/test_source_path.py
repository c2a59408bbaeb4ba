"""The source file of a test id."""

from __future__ import annotations

import pytest

from flakebot.views.source_path import source_path


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/x.py::test_y[a]", "tests/x.py"),
        ("tests/x.py", "tests/x.py"),
        ("x_test.go", "x_test.go"),
        ("recorder::tests::streams", ""),
        ("/etc/passwd.py::t", ""),
        ("../x.py::t", ""),
        ("a//x.py::t", ""),
        ("a/x y.py::t", ""),
        ("a/x.py,title=::error", ""),
        (f"{'a' * 300}.py::t", ""),
        ("", ""),
    ],
)
def test_source_path(test: str, expected: str) -> None:
    """Only a plain relative path with a suffix is believed."""
    assert expected == source_path(test)
