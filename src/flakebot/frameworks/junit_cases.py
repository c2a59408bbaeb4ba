"""Collect the test cases of a JUnit file while its XML is parsed. Pure.

There is no standard; read are the shapes of pytest, Surefire, nextest, Jest and others: suites in
suites, results as children of `testcase`, and Surefire's `rerun…` and `flaky…` elements
(https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html).
Output of tests is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import re2

from flakebot.model import Status, TestId, value

MAX_DEPTH = 64
MAX_CASES = 100_000
MAX_TEXT = 20_000
"""Characters kept of a message and of the text of a result."""

MAX_RESULTS = 1000
"""Results of one test case: Surefire writes one for each re-run."""

_ROOTS = frozenset({"testsuites", "testsuite"})
_BAD = {"failure": Status.FAILED, "error": Status.ERROR}
_AGAIN = {"rerunFailure": Status.FAILED, "rerunError": Status.ERROR}
_FLAKY = {"flakyFailure": Status.FAILED, "flakyError": Status.ERROR}
_RESULTS = frozenset({*_BAD, *_AGAIN, *_FLAKY, "skipped"})
_NOT_RUN = frozenset({"notrun", "disabled", "skipped"})
"""What GoogleTest and CTest write as the status of a test that was left out."""

_OUTPUT = frozenset({"system-out", "system-err"})
_CRASH = re2.compile(r"worker '(gw\d+)' crashed while running '(.+)'")
_TIMEOUT = re2.compile(r"^(?:failed on \w+ with \")?(?:[\w.]+\.)?Failed: Timeout \(?>")
_MODULE = re2.compile(r"^test_|_tests?$|^tests?$|^conftest$")


class NotJUnitError(Exception):
    """The root is no suite of tests; its argument is the root's name."""


class TooMuchError(Exception):
    """A limit was passed; its argument says which."""


@value
class Result:
    """What a child of `testcase` says."""

    tag: str
    message: str = ""
    type: str = ""
    text: str = ""


@value
class Case:
    """One `testcase` as it was written."""

    name: str
    classname: str = ""
    file: str = ""
    suite: str = ""
    ran: bool = True
    results: tuple[Result, ...] = ()

    @property
    def pytest(self) -> bool:
        """Whether pytest wrote it; the suite's name is a setting, the end of the file is not."""
        return self.suite == "pytest" or self.file.endswith(".py")

    @property
    def told(self) -> Result | None:
        """The result a person would read first."""
        bad = [r for tags in (_BAD, _FLAKY, _AGAIN) for r in self.results if r.tag in tags]
        return bad[0] if bad else None

    @property
    def crash(self) -> tuple[str, str] | None:
        """Worker and test id, when xdist says that its worker crashed."""
        told = self.told
        match = _CRASH.search(told.message or told.text) if told else None
        return (match[1], match[2]) if match else None

    @property
    def outcomes(self) -> tuple[Status, ...]:
        """All statuses in order; Surefire writes the first failure as `failure`, later ones as
        `rerunFailure`, and those before a pass as `flakyFailure`.
        """
        bad = [self._status(r, _BAD) for r in self.results if r.tag in _BAD]
        again = [self._status(r, _AGAIN) for r in self.results if r.tag in _AGAIN]
        flaky = [self._status(r, _FLAKY) for r in self.results if r.tag in _FLAKY]
        if bad:
            return (Status.FAILED if Status.FAILED in bad else bad[0], *again)
        if not self.ran or any(result.tag == "skipped" for result in self.results):
            return (Status.SKIPPED,)
        return (*flaky, *again, Status.PASSED)

    def _status(self, result: Result, statuses: Mapping[str, Status]) -> Status:
        if _CRASH.search(result.message):
            return Status.CRASHED
        return Status.TIMEOUT if _TIMEOUT.search(result.message) else statuses[result.tag]

    @property
    def id(self) -> TestId:
        """The id as the framework prints it: of pytest rebuilt from names with dots, as well as
        that can be done; of others class and name.
        """
        if self.crash:
            return TestId(self.crash[1])
        if self.pytest:
            return TestId(_node_id(self))
        plain = not self.classname or self.name.startswith(self.classname)
        return TestId(self.name if plain else f"{self.classname}::{self.name}")


def dotted(test: str) -> tuple[str, str]:
    """Class name and name pytest writes for an id (`_pytest.junitxml.mangle_test_address`)."""
    path, bracket, parameters = test.partition("[")
    first, *rest = path.split("::")
    *names, last = [first.replace("/", ".").removesuffix(".py"), *rest]
    return ".".join(names), last + bracket + parameters


def _node_id(case: Case) -> str:
    if not case.classname:  # a module that could not be collected
        return case.name.replace(".", "/") + ".py"
    file = case.file.replace("\\", "/")
    module = dotted(file)[1]
    if file and f"{case.classname}.".startswith(f"{module}."):
        names = case.classname[len(module) + 1 :].split(".")
    else:
        parts = case.classname.split(".")
        cut = _module_end(parts)
        file, names = file or "/".join(parts[:cut]) + ".py", parts[cut:]
    return "::".join([file, *filter(None, names), case.name])


def _module_end(parts: list[str]) -> int:
    """Where the module ends and classes begin: after the last name that looks like a test module,
    else before the first capital.
    """
    modules = [n for n, part in enumerate(parts, 1) if _MODULE.search(part)]
    capitals = [n for n, part in enumerate(parts) if n and part[:1].isupper()]
    return modules[-1] if modules else capitals[0] if capitals else len(parts)


class Collector:
    """The target of an XML parser; what was read before an error stays in `cases`."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._tags: list[str] = []
        self._suites: list[str] = []
        self._case: Case | None = None
        self._case_depth = 0
        self._results: list[Result] = []
        self._result: Result | None = None
        self._text: list[str] = []
        self._room = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        tag = _local(tag)
        self._tags.append(tag)
        self._check(tag)
        if tag == "testsuite":
            self._suites.append(attributes.get("name", ""))
        elif tag == "testcase" and self._case is None:
            self._begin_case(attributes)
        elif self._at_result and tag in _RESULTS and len(self._results) < MAX_RESULTS:
            message, kind = attributes.get("message", ""), attributes.get("type", "")
            self._result = Result(tag=tag, message=message[:MAX_TEXT], type=kind[:MAX_TEXT])
            self._text, self._room = [], MAX_TEXT

    def data(self, text: str) -> None:
        """Text, in pieces."""
        if self._result is not None and self._room and self._tags[-1] not in _OUTPUT:
            self._text.append(text[: self._room])
            self._room -= len(self._text[-1])

    def end(self, tag: str) -> None:
        """An element ends."""
        if _local(tag) == "testsuite":
            self._suites.pop()
        elif self._result is not None and self._at_result:
            self._results.append(replace(self._result, text="".join(self._text)))
            self._result = None
        elif self._case is not None and len(self._tags) == self._case_depth:
            self.cases.append(replace(self._case, results=tuple(self._results)))
            self._case = None
        self._tags.pop()

    @property
    def _at_result(self) -> bool:
        """Whether the innermost element is a child of a test case."""
        return self._case is not None and len(self._tags) == self._case_depth + 1

    def _check(self, tag: str) -> None:
        if len(self._tags) == 1 and tag not in _ROOTS:
            raise NotJUnitError(tag)
        if len(self._tags) > MAX_DEPTH:
            raise TooMuchError(f"elements are nested more than {MAX_DEPTH} deep")
        if len(self.cases) >= MAX_CASES:
            raise TooMuchError(f"there are more than {MAX_CASES} tests")

    def _begin_case(self, attributes: Mapping[str, str]) -> None:
        self._case_depth, self._results = len(self._tags), []
        self._case = Case(
            name=attributes.get("name", ""),
            classname=attributes.get("classname", ""),
            file=attributes.get("file", ""),
            suite=self._suites[-1] if self._suites else "",
            ran=attributes.get("status") not in _NOT_RUN,
        )


def _local(tag: str) -> str:
    """The name of an element without its name space."""
    return tag.rpartition("}")[2]
