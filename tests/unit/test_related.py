from __future__ import annotations

import pytest

from flakebot.github_objects import ChangedFile
from flakebot.judging.related import touches

OWN = "touches the test's own file"
CONFTEST = "touches a conftest.py above the test"


@pytest.mark.parametrize(
    ("test", "changed", "clause"),
    [
        ("tests/a/test_router.py::test_x", "tests/a/test_router.py", OWN),
        ("a/test_router.py::test_x", "lib/bindings/a/test_router.py", OWN),
        ("tests/a/test_router.py::test_x", "tests/b/test_router.py", ""),
        ("tests/a/test_router.py::test_x", "tests/conftest.py", CONFTEST),
        ("tests/a/test_router.py::test_x", "tests/a/conftest.py", CONFTEST),
        ("tests/a/test_router.py::test_x", "conftest.py", CONFTEST),
        ("tests/a/test_router.py::test_x", "tests/b/conftest.py", ""),
        (
            "tests/a/test_router.py::test_x",
            "src/dynamo/router.py",
            "touches what the test is named for: src/dynamo/router.py",
        ),
        (
            "tests/router_test.py::test_x",
            "src/router/core.rs",
            "touches what the test is named for: src/router/core.rs",
        ),
        ("tests/a/checks.py::test_x", "src/checks.py", ""),
        (
            "recorder::tests::streams",
            "lib/llm/src/recorder.rs",
            "touches what the test is named for: lib/llm/src/recorder.rs",
        ),
        ("recorder::tests::streams", "conftest.py", ""),
        ("tests/a/test_router.py::test_x", "README.md", ""),
        ("::test_x", "README.md", ""),
        ("tests/test_.py::test_x", "README.md", ""),
    ],
)
def test_touches(test: str, changed: str, clause: str) -> None:
    """The test's own file, a conftest above it, or a module it is named for."""
    assert clause == touches(test, [ChangedFile(filename=changed)])


def test_an_empty_diff_touches_nothing() -> None:
    """No files, no clause."""
    assert touches("tests/test_a.py::test_x", []) == ""


def test_what_a_test_imports_is_told_where_it_is_known() -> None:
    """Before anything that is guessed from names."""
    test = "tests/a/test_router.py"
    changed = [
        ChangedFile(filename="src/engine.py", imported_by=frozenset({test})),
        ChangedFile(filename="src/router.py", imported_by=frozenset({"tests/test_other.py"})),
    ]
    assert touches(f"{test}::test_x", changed) == "touches what the test imports: src/engine.py"
