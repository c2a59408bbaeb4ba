"""What a test file imports, and whether a changed file is that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.record_builders import entry, job, run

from flakebot.errors import GitHubError
from flakebot.github_objects import ChangedFile
from flakebot.judging.imports import MOST_BYTES, MOST_MODULES, imported, modules
from flakebot.model import Category, Status
from flakebot.pipeline.importing import FILES, marked
from flakebot.records import RunRecord

TEST = "tests/router/test_router.py"


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        ("import dynamo.router", "components/src/dynamo/router.py", True),
        ("import dynamo.router as r", "dynamo/router/__init__.py", True),
        ("from dynamo import router", "src/dynamo/router.py", True),
        ("from dynamo.router import Router", "src/dynamo/router.py", True),
        ("from dynamo.router import *", "src/dynamo/router.py", True),
        ("def test_x():\n    from dynamo.router import R", "src/dynamo/router.py", True),
        ("from dynamo import planner", "src/dynamo/router.py", False),
        ("import dynamo.router", "src/dynamo/router.rs", False),
        ("import router", "src/dynamo/router.py", False),
        ("import router", "router.py", True),
        ("import router", "src/router.py", True),
        ("import common", "tests/router/common.py", True),
        ("import common", "tests/planner/common.py", False),
        ("from .common import check", "tests/router/common.py", True),
        ("from . import common", "tests/router/common.py", True),
        ("from ..helpers import check", "tests/helpers.py", True),
        ("from ..helpers import check", "other/tests/helpers.py", False),
        ("from ..... import x", "x.py", True),
        ("import common\npattern = '\\d'", "tests/router/common.py", True),
        ("import common\nassert 1 is 1", "tests/router/common.py", True),
        ("from .common import check", "tests/planner/common.py", False),
        ("def broken(:", "tests/router/common.py", False),
        ("import a\0b", "a.py", False),
        ("(" * 100_000, "a.py", False),
        ("import common\nimport a" + " .\\\n b" * 20_000, "tests/router/common.py", False),
        ("import common\nfrom a" + ".b" * 100_000 + " import c", "tests/router/common.py", False),
        ("import common\n" + "#" * MOST_BYTES, "tests/router/common.py", False),
    ],
)
def test_an_import_leads_to_a_file(source: str, path: str, *, expected: bool) -> None:
    """By the end of its path, or exactly where the import is relative."""
    assert imported(path, TEST, modules(source, TEST)) is expected


def test_no_more_modules_are_kept_than_a_file_has() -> None:
    """A hostile file names as many as it likes."""
    many = "\n".join(f"import a{number}" for number in range(2 * MOST_MODULES))
    assert len(modules(many, TEST)) == MOST_MODULES


@given(source=st.text(), path=st.text())
def test_no_text_raises(source: str, path: str) -> None:
    """Neither a file's text nor a changed file's name is ours."""
    assert imported(path, TEST, modules(source, TEST)) in {True, False}


class Contents:
    """The files of the default branch; what is asked for is written down."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.asked: list[str] = []

    def contents(self, path: str) -> str | None:
        """A file, or none; one that is called `broken` cannot be had."""
        self.asked.append(path)
        if "broken" in path:
            raise GitHubError("no", status=500)
        return self.texts.get(path.rpartition("/")[2].removesuffix(".py"))


def failing(*tests: str, category: Category = Category.ASSERTION) -> RunRecord:
    return run(1, job(*(entry(test, category=category) for test in tests)), pr=7)


def told(
    changed: list[str], record: RunRecord, past: tuple[RunRecord, ...] = (), **texts: str
) -> tuple[dict[str, list[str]], list[str]]:
    """Which changed file is imported by which, and what was asked for."""
    forge = Contents(**texts)
    files = [ChangedFile(filename=name) for name in changed]
    found = marked(files, [record], past, forge)  # type: ignore[arg-type]  # all that is used of a forge
    return {each.filename: sorted(each.imported_by) for each in found}, forge.asked


def test_the_files_of_failing_tests_are_read() -> None:
    """Each once, on the default branch."""
    found, asked = told(
        ["src/a/b.py", "src/c.py"], failing("t/test_x.py::a", "t/test_x.py::b"), test_x="import a.b"
    )
    assert found == {"src/a/b.py": ["t/test_x.py"], "src/c.py": []}
    assert asked == ["t/test_x.py"]


@pytest.mark.parametrize(
    ("changed", "record"),
    [
        (["README.md", "a.rs"], failing("t/test_x.py::a")),
        (["t/test_x.py", "a.py"], failing("t/test_x.py::a")),
        (["a.py"], failing("recorder::tests::streams")),
        (["a.py"], failing("t/test_x.py::a", category=Category.HF_FETCH)),
        (["a.py"], run(1, job(entry("t/test_x.py::a", Status.FAILED, Status.PASSED)), pr=7)),
    ],
)
def test_nothing_is_asked_that_would_tell_nothing(changed: list[str], record: RunRecord) -> None:
    """No Python changed, the test itself did, no Python file failed for a reason of its own."""
    found, asked = told(changed, record, test_x="import a")
    assert set(map(tuple, found.values())) == {()}
    assert asked == []


def test_a_file_that_cannot_be_had_imports_nothing_known() -> None:
    """Nothing else depends on it; and only so many are asked for."""
    record = failing("broken.py::a", "missing.py::a", "x.py::a", "y.py::a")
    found, asked = told(["a.py"], record, x="import a", y="import a")
    assert found == {"a.py": ["x.py"]}
    assert len(asked) == FILES


def test_a_test_that_failed_before_is_not_asked_about() -> None:
    """What it does now says less of the diff; the run itself is no before."""
    record = failing("x.py::a", "y.py::a")
    before = run(0, job(entry("x.py::a")), pr=6)
    found, asked = told(["a.py"], record, (before, record), x="import a", y="import a")
    assert (found, asked) == ({"a.py": ["y.py"]}, ["y.py"])
