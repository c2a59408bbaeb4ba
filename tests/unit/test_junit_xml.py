"""JUnit files are read whatever wrote or broke them, and merged into what the log said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.fingerprint import fingerprint
from flakebot.frameworks import junit_cases, junit_xml
from flakebot.frameworks.junit_cases import dotted
from flakebot.frameworks.junit_xml import JUnitReading, JUnitTest, parse
from flakebot.model import (
    Category,
    Cause,
    JUnitFile,
    LogReading,
    Problem,
    Status,
    TestId,
    TestResult,
)
from flakebot.reading.junit_merge import category_of, merge
from flakebot.secrets_mask import mask

P, F, E, S, C, T = (
    Status.PASSED,
    Status.FAILED,
    Status.ERROR,
    Status.SKIPPED,
    Status.CRASHED,
    Status.TIMEOUT,
)


def read(content: str | bytes) -> JUnitReading | Problem:
    data = content.encode() if isinstance(content, str) else content
    return parse(JUnitFile(artifact="reports", name="junit.xml", content=data), mask)


def found_in(content: str | bytes) -> tuple[JUnitTest, ...]:
    """The tests of a file that is read without a problem."""
    reading = read(content)
    assert isinstance(reading, JUnitReading)
    assert reading.problems == ()
    return reading.tests


def case(inner: str = "", *, name: str = "t", classname: str = "c", more: str = "") -> str:
    attributes = f"name={quoteattr(name)} classname={quoteattr(classname)} {more}"
    return f"<testcase {attributes}>{inner}</testcase>"


def suite(*cases: str, name: str = "s") -> str:
    return (
        f"<testsuites><testsuite name={quoteattr(name)}>{''.join(cases)}</testsuite></testsuites>"
    )


# ------------------------------------------------------------------------------------------
# One file


@pytest.mark.parametrize("status", ["notrun", "disabled", "skipped"])
def test_a_test_that_was_left_out_did_not_pass(status: str) -> None:
    """GoogleTest says so of a disabled test by an attribute alone; what went wrong weighs more."""
    left_out = case(more=f'status="{status}" result="suppressed"')
    failed = case("<failure/>", name="u", more=f'status="{status}"')
    assert [test.outcomes for test in found_in(suite(left_out, failed))] == [(S,), (F,)]


@pytest.mark.parametrize(
    ("inner", "outcomes"),
    [
        ("", (P,)),
        ("<system-out>failure</system-out>", (P,)),
        ("<skipped/>", (S,)),
        ("<failure/>", (F,)),
        ("<error/>", (E,)),
        ("<error/><failure/>", (F,)),
        ("<failure/><skipped/>", (F,)),
        ("<failure/><rerunFailure/><rerunError/>", (F, F, E)),
        ("<flakyFailure/><flakyError/>", (F, E, P)),
        ("<rerunFailure/>", (F, P)),
        ("<properties><failure/></properties>", (P,)),
        ('<failure message="Failed: Timeout (&gt;2.0s) from pytest-timeout."/>', (T,)),
        ('<error message="failed on setup with &quot;Failed: Timeout &gt;2.0s&quot;"/>', (T,)),
        ("<error message=\"worker 'gw3' crashed while running 'a.py::b'\"/>", (C,)),
    ],
)
def test_the_children_of_a_case_say_how_it_went(inner: str, outcomes: tuple[Status, ...]) -> None:
    """Surefire's re-runs are outcomes of their own, and the last one counts."""
    (test,) = found_in(suite(case(inner)))
    assert test.outcomes == outcomes
    assert test.final == outcomes[-1]


@pytest.mark.parametrize(
    ("classname", "name", "file", "expected"),
    [
        ("tests.a.test_x.TestC", "test_y[a.b::c]", "", "tests/a/test_x.py::TestC::test_y[a.b::c]"),
        ("tests.test_x", "test_y", "", "tests/test_x.py::test_y"),
        ("tests.x_test.A.B", "test_y", "", "tests/x_test.py::A::B::test_y"),
        ("test_pkg.test_x", "test_y", "", "test_pkg/test_x.py::test_y"),
        ("checks.health.Health", "test_y", "", "checks/health.py::Health::test_y"),
        ("checks.health", "test_y", "", "checks/health.py::test_y"),
        ("Checks", "test_y", "", "Checks.py::test_y"),
        ("checks.health.Health", "test_y", "checks/health.py", "checks/health.py::Health::test_y"),
        ("checks.health", "test_y", "checks\\health.py", "checks/health.py::test_y"),
        ("tests.test_x.TestC", "test_y", "lib/base.py", "lib/base.py::TestC::test_y"),
        ("", "tests.test_x", "", "tests/test_x.py"),
    ],
)  # fmt: skip
def test_a_node_id_is_rebuilt(classname: str, name: str, file: str, expected: str) -> None:
    """From names with dots, with the file where pytest wrote it."""
    more = f"file={quoteattr(file)}" if file else ""
    (test,) = found_in(suite(case(classname=classname, name=name, more=more), name="pytest"))
    assert (test.id, test.framework) == (expected, "pytest")


@pytest.mark.parametrize(
    ("classname", "name", "expected"),
    [
        ("io.olamy.FlakyTest", "testApp", "io.olamy.FlakyTest::testApp"),
        ("", "factorial", "factorial"),
        ("cart computes", "cart computes total", "cart computes total"),
    ],
)
def test_other_frameworks_keep_their_names(classname: str, name: str, expected: str) -> None:
    """Class and name, unless the name says both."""
    (test,) = found_in(suite(case(classname=classname, name=name)))
    assert (test.id, test.framework) == (expected, "junit")


def test_a_crash_names_its_test_and_worker() -> None:
    """The case of a crashed worker may stand under another name."""
    message = "failed on setup with \"worker 'gw3' crashed while running 'tests/a.py::B::c[x.y]'\""
    (test,) = found_in(suite(case(f"<error message={quoteattr(message)}/>"), name="pytest"))
    assert test == JUnitTest(
        id=TestId("tests/a.py::B::c[x.y]"),
        framework="pytest",
        classname="tests.a.B",
        name="c[x.y]",
        outcomes=(C,),
        text="worker 'gw3' crashed while running 'tests/a.py::B::c[x.y]'",
        worker="gw3",
    )


@pytest.mark.parametrize(
    ("inner", "text", "excerpt"),
    [
        ("<failure message='a&#10;b'>c\n\nd</failure>", "a", ("c", "d")),
        ("<failure>\n  x\ny</failure>", "x", ("  x", "y")),
        ("<failure/>", "failed without a message", ()),
        ("<failure type='a.MyError' message='&#10;Expected: 1'/>", "a.MyError: Expected: 1", ()),
        ("<failure type='AssertionError' message='AssertionError: x'/>", "AssertionError: x", ()),
        ("<failure type='cunit' message='x'/>", "x", ()),
        ("<flakyError message='x'><stackTrace>y</stackTrace></flakyError>", "x", ("y",)),
        ("<flakyError message='x'><system-err>y</system-err></flakyError>", "x", ()),
        ("<error message='failed on setup with \"KeyError: 1\"'/>", "KeyError: 1", ()),
        (
            "<error message='collection failure'>a\nE   ImportError: x\nE   y</error>",
            "collection failure: ImportError: x",
            ("a", "E   ImportError: x", "E   y"),
        ),
        ("<error message='collection failure'/>", "collection failure", ()),
        ("<failure message='at https://u:p@h \u202ex'/>", "at https://***@h x", ()),
        (
            "<failure message='x'>" + "\n".join("abcdefghijklmnopqrstuvwxy") + "</failure>",
            "x",
            tuple("fghijklmnopqrstuvwxy"),
        ),
    ],
)  # fmt: skip
def test_what_went_wrong_is_told_in_one_line(
    inner: str, text: str, excerpt: tuple[str, ...]
) -> None:
    """Clean, masked, with the type of the exception, and the last lines beside it."""
    (test,) = found_in(suite(case(inner)))
    assert (test.text, test.excerpt) == (text, excerpt)


def test_suites_nest_and_the_root_may_be_a_suite() -> None:
    """The nearest suite names the writer."""
    inner = f"<testsuite name='pytest'>{case(classname='tests.test_a')}</testsuite>"
    content = f"<testsuite name='all'>{inner}{case(name='u')}</testsuite>"
    assert [test.id for test in found_in(content)] == ["tests/test_a.py::t", "c::u"]


def test_cases_of_one_name_are_one_test_that_failed() -> None:
    """A file does not say which of them ran first, so a pass never excuses a failure."""
    (test,) = found_in(suite(case("<failure message='x'/>"), case()))
    assert (test.outcomes, test.text) == ((P, F), "x")


def test_a_case_inside_a_case_is_part_of_it() -> None:
    """Only the outer one counts, also without any suite around a suite."""
    (test,) = found_in(suite(case(case("<failure/>", name="inner"))))
    assert (test.name, test.outcomes) == ("t", (P,))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_are_read(encoding: str) -> None:
    """With byte order marks and name spaces too."""
    declared = "" if encoding == "utf-8-sig" else f"<?xml version='1.0' encoding='{encoding}'?>"
    content = declared + "<testsuite xmlns='urn:x'>" + case(name="tä") + "</testsuite>"
    (test,) = found_in(content.encode(encoding))
    assert test.name == "tä"


def test_text_is_kept_up_to_a_limit() -> None:
    """A result of any size costs no more than its limit."""
    long = "y" * (junit_cases.MAX_TEXT - 1)
    (test,) = found_in(suite(case(f"<failure>{long}<b/>\nx<b/>more</failure>")))
    assert test.excerpt == (long[:500],)
    (many,) = found_in(suite(case("<failure/>" + "<rerunFailure/>" * 2000)))
    assert len(many.outcomes) == junit_cases.MAX_RESULTS


BROKEN = "is no well-formed XML: "
REFUSED = "declares a document type, which is refused"
UNKNOWN = "has an encoding that cannot be read"
DTD = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        (b"\0\0\n", "is empty"),
        (b"\xef\xbb\xbf", BROKEN + "no element found: line 1, column 1"),
        ("log text", BROKEN + "syntax error: line 1, column 0"),
        ("<suites/>", "is no JUnit report: its root is `suites`"),
        ("<html/>", "is no JUnit report: its root is `html`"),
        ("<testsuite><testcase name='a'>", BROKEN + "no element found: line 1, column 30"),
        ("<testsuite>\0", BROKEN + "not well-formed (invalid token): line 1, column 11"),
        ("<testsuite>&oob;</testsuite>", BROKEN + "undefined entity: line 1, column 11"),
        (f"{DTD}<testsuite name='&b;'/>", REFUSED),
        ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><testsuite/>", REFUSED),
        ("<?xml version='1.0' encoding='nonsense'?><testsuite/>", UNKNOWN),
        ("<?xml version='1.0' encoding='shift_jis'?><testsuite/>", UNKNOWN),
        ("<testsuite>" * 65, "is too much: elements are nested more than 64 deep"),
        (b"<" * (junit_xml.MAX_BYTES + 1), "is larger than 32 MiB"),
    ],
    ids=range(15),
)
def test_what_cannot_be_read_is_a_problem(content: str | bytes, reason: str) -> None:
    """One reason, and neither an error nor a file of the runner."""
    assert read(content) == Problem(source="reports/junit.xml", reason=reason)


def test_a_file_that_was_cut_is_read_as_far_as_it_goes() -> None:
    """What was read stays, and the problem is told."""
    whole = suite(case("<failure/>"), case(name="u"))
    reading = read(whole[: whole.index("</testcase>", 90)])
    assert isinstance(reading, JUnitReading)
    assert [test.name for test in reading.tests] == ["t"]
    (problem,) = reading.problems
    assert problem.reason.endswith("; 1 results before that were read")


def test_too_many_tests_are_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded whatever a file holds."""
    monkeypatch.setattr(junit_cases, "MAX_CASES", 2)
    reading = read(suite(*(case(name=name) for name in "abc")))
    assert isinstance(reading, JUnitReading)
    assert [test.name for test in reading.tests] == ["a", "b"]
    assert "is too much: there are more than 2 tests" in reading.problems[0].reason


@given(st.binary(max_size=200) | st.text(alphabet="<>/&;'\" testcasuilre=![]", max_size=200))
def test_no_bytes_are_a_crash(content: bytes | str) -> None:
    """Whatever a file holds: tests or a problem."""
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    assert isinstance(read(b"<testsuite>" + data), JUnitReading | Problem)


@given(st.integers(0, 400))
def test_a_cut_anywhere_loses_only_what_comes_after(length: int) -> None:
    """The tests of a part are the first tests of the whole."""
    whole = suite(*(case("<failure>x</failure>", name=name) for name in "abcdef"))
    reading = read(whole[:length])
    found = reading.tests if isinstance(reading, JUnitReading) else ()
    assert found == found_in(whole)[: len(found)]


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)


@given(
    st.lists(NAMES, max_size=3),
    NAMES,
    st.lists(NAMES.map(lambda name: "Test" + name), max_size=2),
    NAMES,
    st.text("ab.:/[]-", max_size=6),
)
def test_pytest_writes_and_we_rebuild(
    folders: list[str], module: str, classes: list[str], name: str, parameters: str
) -> None:
    """An id of the usual shape comes back whole."""
    path = "/".join([*folders, f"test_{module}.py"])
    node = "::".join([path, *classes, f"test_{name}[{parameters}]"])
    classname, last = dotted(node)
    (test,) = found_in(suite(case(classname=classname, name=last), name="pytest"))
    assert test.id == node


# ------------------------------------------------------------------------------------------
# Beside a log

ID = TestId("tests/test_a.py::test_b[x]")


def xml_test(*outcomes: Status, name: str = "test_b[x]", text: str = "KeyError: 1") -> JUnitTest:
    return JUnitTest(
        id=TestId(f"tests/test_a.py::{name}"),
        framework="pytest",
        classname="tests.test_a",
        name=name,
        outcomes=outcomes,
        text=text,
        excerpt=("E   KeyError: 1",),
        worker="gw1",
    )


def xml(*tests: JUnitTest) -> JUnitReading:
    return JUnitReading(source="r/j.xml", artifact="r", tests=tests)


def log(*outcomes: Status) -> LogReading:
    """A log that knows one test."""
    if outcomes == (P,):
        return LogReading(source="job.log", passed=frozenset({ID}), counts={P: 1})
    test = TestResult(id=ID, framework="pytest", outcomes=outcomes, line=5)
    return LogReading(source="job.log", tests=(test,), counts={outcomes[-1]: 1})


def test_a_failure_only_the_file_knows_is_added() -> None:
    """With a cause that stands on no line; a log without counts gets those and the passes too."""
    key = fingerprint(Category.EXCEPTION, "KeyError: 1")
    merged = merge(LogReading(source="job.log"), [xml(xml_test(F), xml_test(P, name="c"))])
    expected = LogReading(
        source="job.log",
        frameworks=("pytest",),
        counts={F: 1, P: 1},
        passed=frozenset({TestId("tests/test_a.py::c")}),
        tests=(
            TestResult(
                id=ID,
                framework="pytest",
                outcomes=(F,),
                line=0,
                category=Category.EXCEPTION,
                fingerprint=key,
                cause=0,
                worker="gw1",
            ),
        ),
        causes=(
            Cause(
                category=Category.EXCEPTION,
                rule="junit-xml",
                line=0,
                text="KeyError: 1",
                fingerprint=key,
                excerpt=("E   KeyError: 1",),
                tests=(ID,),
            ),
        ),
    )
    assert merged == expected


def test_a_log_that_counts_keeps_its_passes() -> None:
    """A pass in a file may be a first attempt that was run again."""
    merged = merge(log(F), [xml(xml_test(P, name="c"), xml_test(P, P, name="d"))])
    assert merged == log(F)
    silent = merge(LogReading(source="job.log"), [xml(xml_test(P, P, name="d"))])
    assert silent == LogReading(source="job.log", counts={P: 2})


@pytest.mark.parametrize(
    ("files", "outcomes"),
    [
        ([(P,), (F,)], (F,)),
        ([(F,), (P,)], (F,)),
        ([(F,), (E,)], (F, E)),
        ([(F,), (F, P)], (F, P, F)),
        ([(F, P), (F,)], (F, P, F)),
    ],
)
def test_a_test_in_several_files_is_one_test_that_failed(
    files: list[tuple[Status, ...]], outcomes: tuple[Status, ...]
) -> None:
    """Files do not say which was written first; the cause has the test once."""
    merged = merge(LogReading(source="j"), [xml(xml_test(*found)) for found in files])
    (test,), (cause,) = merged.tests, merged.causes
    assert test.outcomes == outcomes
    assert (cause.tests, merged.passed) == ((ID,), frozenset())


def test_one_cause_explains_many_tests() -> None:
    """A fingerprint that the log has already is its cause."""
    key = fingerprint(Category.ASSERTION, "x at port 8000")
    cause = Cause(
        category=Category.ASSERTION, rule="r", line=7, text="x at port 8000", fingerprint=key
    )
    reading = LogReading(source="job.log", causes=(cause,), counts={F: 1})
    files = [xml(xml_test(F, text="x at port 1"), xml_test(E, name="c", text="x at port 2"))]
    merged = merge(reading, files, categorise=lambda _: Category.ASSERTION)
    assert [c.tests for c in merged.causes] == [(ID, "tests/test_a.py::c")]
    assert [t.cause for t in merged.tests] == [0, 0]
    assert merged.counts == {F: 1}


def test_a_flake_only_the_file_knows_is_added() -> None:
    """Surefire writes failures before a pass."""
    (test,) = merge(LogReading(source="job.log"), [xml(xml_test(F, P))]).tests
    assert (test.outcomes, test.final) == ((F, P), P)


@pytest.mark.parametrize(
    ("logged", "filed"),
    [
        ((P,), (P,)),
        ((P,), (S,)),
        ((F,), (F,)),
        ((C,), (F,)),
        ((F, P), (F,)),
        ((C, P), (C,)),
        ((Status.RERUN, P), (P, F)),
        ((F, P), (P, P)),
    ],
)
def test_of_tests_both_know_the_log_stays(
    logged: tuple[Status, ...], filed: tuple[Status, ...]
) -> None:
    """A failure that the log shows repaired is no contradiction: files keep the first attempt."""
    assert merge(log(*logged), [xml(xml_test(*filed))]) == log(*logged)


@pytest.mark.parametrize(
    ("logged", "filed", "words"),
    [
        ((P,), (F,), "the file says failed, the log passed"),
        ((F,), (P,), "the file says passed, the log failed"),
        ((P, F), (P, P), "the file says passed, the log failed"),
        ((S,), (F,), "the file says failed, the log skipped"),
    ],
)
def test_a_contradiction_is_told(
    logged: tuple[Status, ...], filed: tuple[Status, ...], words: str
) -> None:
    """The log's outcomes stay beside it."""
    merged = merge(log(*logged), [xml(xml_test(*filed))])
    assert merged.problems == (Problem(source="r/j.xml", reason=f"{ID}: {words}"),)
    assert merged.tests == log(*logged).tests


def test_many_contradictions_are_counted() -> None:
    """Ten are told, the rest is a number."""
    ids = [f"t{number}" for number in range(13)]
    reading = LogReading(
        source="job.log", passed=frozenset(TestId(f"tests/test_a.py::{name}") for name in ids)
    )
    problems = merge(reading, [xml(*(xml_test(F, name=name) for name in ids))]).problems
    assert len(problems) == 11
    assert problems[-1].reason == "3 more tests differ from the log"


def test_problems_of_a_file_are_kept() -> None:
    """They stand after the log's own."""
    own, other = Problem(source="job.log", reason="a"), Problem(source="r/j.xml", reason="b")
    file = JUnitReading(source="r/j.xml", artifact="r", problems=(other,))
    merged = merge(LogReading(source="job.log", problems=(own,)), [file])
    assert merged.problems == (own, other)


@pytest.mark.parametrize(
    ("framework", "classname", "name", "known"),
    [
        ("pytest", "tests.test_a", "test_b", "tests/test_a.py::test_b"),
        ("pytest", "odd.dir.check", "b", "odd/dir/check.py::b"),
        ("pytest", "a.b.C", "x[y::z]", "a/b.py::C::x[y::z]"),
        ("junit", "recorder", "recorder::tests::streams", "recorder::tests::streams"),
        ("junit", "my-crate", "tests::streams", "tests::streams"),
        ("junit", "io.A", "t", "io.A.t"),
        ("junit", "io.A", "t", "io.A::t"),
    ],
)
def test_the_log_knows_a_test_by_another_name(
    framework: str, classname: str, name: str, known: str
) -> None:
    """Pytest's dots, and class or crate before a name."""
    test = JUnitTest(
        id=TestId("other"), framework=framework, classname=classname, name=name, outcomes=(P,)
    )
    result = TestResult(id=TestId(known), framework="x", outcomes=(F,), line=1)
    (problem,) = merge(LogReading(source="j", tests=(result,)), [xml(test)]).problems
    assert problem.reason.startswith(f"{known}: ")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("AssertionError: assert 1 == 2", Category.ASSERTION),
        ("assert 1 == 2", Category.ASSERTION),
        ("org.opentest4j.AssertionFailedError: x", Category.ASSERTION),
        ("[XPASS(strict)] bug", Category.ASSERTION),
        ("Failed: Timeout (>2.0s) from pytest-timeout.", Category.TEST_TIMEOUT),
        ("Test timed out in 5000ms", Category.TEST_TIMEOUT),
        ("Timeout of 2000ms exceeded.", Category.TEST_TIMEOUT),
        ("worker 'gw0' crashed while running 'x'", Category.WORKER_CRASH),
        ("collection failure: ImportError: x", Category.COLLECTION_ERROR),
        ("thread 'x' panicked at lib.rs:1:1", Category.PANIC),
        ("KeyError: 1", Category.EXCEPTION),
        ("TimeoutError", Category.EXCEPTION),
    ],
)
def test_a_message_has_a_category(text: str, category: Category) -> None:
    """By the exception it begins with."""
    assert category_of(text) == category


# ------------------------------------------------------------------------------------------
# What pytest really writes

TESTS = """
import os, time, pytest

class TestC:
    @pytest.mark.parametrize("value", ["a.b", "c::d", "e[0]"])
    def test_params(self, value):
        assert value == "a.b"

def test_dies():
    os.abort()

@pytest.mark.timeout(0.2, method="signal")
def test_hangs():
    time.sleep(30)

@pytest.fixture
def broken():
    raise ConnectionError("port 8080 refused")

def test_setup(broken):
    pass

@pytest.mark.skip
def test_later():
    pass
"""
CLASS = "tests/router/test_x.py::TestC::test_params"
FOUND = {
    f"{CLASS}[a.b]": ((P,), ""),
    f"{CLASS}[c::d]": ((F,), "AssertionError: assert 'c::d' == 'a.b'"),
    f"{CLASS}[e[0]]": ((F,), "AssertionError: assert 'e[0]' == 'a.b'"),
    "tests/router/test_x.py::test_hangs": ((T,), "Failed: Timeout (>0.2s) from pytest-timeout."),
    "tests/router/test_x.py::test_setup": ((E,), "ConnectionError: port 8080 refused"),
    "tests/router/test_x.py::test_later": ((S,), ""),
    "tests/test_broken.py": (
        (E,),
        "collection failure: ModuleNotFoundError: No module named 'missing_module'",
    ),
}


def run_pytest(folder: Path, *arguments: str) -> dict[str, JUnitTest]:
    """Run pytest on the tests above in a process of its own and read what it wrote."""
    tests = folder / "tests" / "router"
    tests.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (tests / "test_x.py").write_text(TESTS)
    (folder / "tests" / "test_broken.py").write_text("import missing_module\n")
    plugins = ["-p", "xdist", "-p", "pytest_timeout", "-p", "no:cacheprovider"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--junitxml=out.xml", *arguments],
        cwd=folder,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        timeout=100,
        check=False,
    )
    return {test.id: test for test in found_in((folder / "out.xml").read_bytes())}


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_what_pytest_writes_is_read(family: str, tmp_path: Path) -> None:
    """In both of its families."""
    found = run_pytest(
        tmp_path, "-o", f"junit_family={family}", "--continue-on-collection-errors",
        "--deselect", "tests/router/test_x.py::test_dies",
    )  # fmt: skip
    assert {name: (test.outcomes, test.text) for name, test in found.items()} == FOUND


def test_a_worker_that_really_crashed_is_a_crash(tmp_path: Path) -> None:
    """Xdist writes an error of a set-up that names test and worker."""
    found = run_pytest(tmp_path, "-n1", "tests/router/test_x.py", "-k", "dies or later")
    crash = found["tests/router/test_x.py::test_dies"]
    assert (crash.outcomes, crash.worker) == ((C,), "gw0")
    assert category_of(crash.text) is Category.WORKER_CRASH
    assert found["tests/router/test_x.py::test_later"].outcomes == (S,)
