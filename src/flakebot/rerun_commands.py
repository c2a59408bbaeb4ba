# ruff: noqa: RUF001  # jest and Playwright print it between suites and tests
"""The command by which a framework runs one of its tests again. Pure.

A test's id comes from a log, so that anything may stand in it: it is made one visible line, quoted
for a shell, escaped where the framework takes a pattern, and never the begin of an option. A test
whose id does not say enough has no command.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

import re2

from flakebot import untrusted

LONGEST = 2_000
"""Characters of an id that a person would still paste."""

_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_UNITTEST = re2.compile(r"^(\w+) \(([\w.]+)\)")
_FIXTURES = frozenset({"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"})
_MAVEN = re2.compile(r"^([\w$]+)(?:\{[^}]*\})?(?:\[.*\])?\(([\w.$]+)\)")
_MAVEN_METHOD = re2.compile(
    r"^(?:([\w.$]+)\.)?([a-z_$][\w$]*)(?:\{[^}]*\})?(?:\(.*\))?(?:\[.*\])?$"
)
_PLAYWRIGHT = re2.compile(r"^(?:\[(.+?)\] › )?(.+?):(\d+):\d+ › ")
_NEXTEST = re2.compile(r"^(\S+) (\S.*)$")
_GRADLE_SUFFIX = re2.compile(r"(?:\(.*\))?(?: ?\[.*\])?$")


def rerun_command(framework: str, test: str) -> str:
    """The command for one test, empty where none is known.

    Args:
        framework: its name in flakebot, as `go-test`.
        test: the id as the framework printed it.
    """
    name = untrusted.clean(test).strip()
    if not name or name.startswith("-") or len(name) > LONGEST:
        return ""
    command = _COMMANDS.get(framework)
    return "" if command is None else " ".join(command(name))


def _quoted(*words: str) -> list[str]:
    return [shlex.quote(word) for word in words]


def _escaped(text: str) -> str:
    """The text as a regular expression that matches it."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def _pytest(test: str) -> list[str]:
    return _quoted("python", "-m", "pytest", test)


def _python(test: str) -> list[str]:
    """A frame of a traceback names no file that could be given."""
    return _quoted("python", "-m", "pytest", "-k", test)


def _run_test(test: str) -> list[str]:
    return _pytest(test) if "::" in test else _quoted("python", "test/run_test.py", "-i", test)


def _unittest(test: str) -> list[str]:
    """`test_x (tests.test_a.TestA.test_x)`, before Python 3.11 without the last part."""
    found = _UNITTEST.match(test)
    if found is None or found.group(2).startswith("__main__"):
        return []
    method, place = found.groups()
    whole = method in _FIXTURES or place.endswith(f".{method}")
    return _quoted("python", "-m", "unittest", place if whole else f"{place}.{method}")


def _cargo(test: str) -> list[str]:
    doc = ("--doc",) if " - " in test else ()
    return _quoted("cargo", "test", *doc, "--", "--exact", test)


def _nextest(test: str) -> list[str]:
    """`binary-id module::test`, in nextest's language of filters."""
    found = _NEXTEST.match(test)
    binary, name = found.groups() if found is not None else ("", test)
    name = name.replace("\\", "\\\\").replace(")", "\\)")
    where = f"binary_id(={binary}) & " if binary else ""
    return _quoted("cargo", "nextest", "run", "-E", f"{where}test(={name})")


def _go(test: str) -> list[str]:
    pattern = "/".join(f"^{_escaped(part)}$" for part in test.split("/"))
    return _quoted("go", "test", "./...", "-count=1", f"-run={pattern}")


def _googletest(test: str) -> list[str]:
    """A `-` begins the tests that are left out; the program is not in the log."""
    return ['"$TEST_PROGRAM"', *_quoted(f"--gtest_filter={test.replace('-', '?')}")]


def _ctest(test: str) -> list[str]:
    return _quoted("ctest", "--output-on-failure", "-R", f"^{_escaped(test)}$")


def _maven(test: str) -> list[str]:
    """`method(org.example.Class)`, `org.example.Class.method`, a class, or a method alone."""
    named, dotted = _MAVEN.match(test), _MAVEN_METHOD.match(test)
    if named is not None:
        pattern = f"{named.group(2)}#{named.group(1)}"
    elif dotted is not None:
        pattern = f"{dotted.group(1) or '*'}#{dotted.group(2)}"
    else:
        pattern = test
    option = "-Dsurefire.failIfNoSpecifiedTests=false"  # other modules have no such test
    return _quoted("mvn", "test", f"-Dtest={pattern}", option)


def _gradle(test: str) -> list[str]:
    place, *names = test.split(" > ")
    methods = [name[: _GRADLE_SUFFIX.search(name).start()] for name in names[-1:]]
    return _quoted("./gradlew", "test", "--tests", ".".join([place, *methods]))


def _dotnet(test: str) -> list[str]:
    """The name without the arguments of a theory's case."""
    name = test.partition("(")[0].strip()
    escaped = "".join(f"\\{each}" if each in "\\&|=!~" else each for each in name)
    return _quoted("dotnet", "test", "--filter", f"FullyQualifiedName~{escaped}")


def _rspec(test: str) -> list[str]:
    option = (test,) if test.startswith("./") else (f"--example={test}",)
    return _quoted("bundle", "exec", "rspec", *option)


def _minitest(test: str) -> list[str]:
    """Rake hands its options to a second shell."""
    option = f"TESTOPTS={shlex.quote(f'--name={test}')}"
    return _quoted("bundle", "exec", "rake", "test", option)


def _phpunit(test: str) -> list[str]:
    """The name without the data that follows the name of a data set.

    What `--testdox` prints of a method is words, which no filter finds.
    """
    if " " in test.partition(" with data set ")[0]:
        return []
    name = test.partition(" (")[0] if " with data set " in test else test
    pattern = _escaped(name).replace("/", "\\/")
    return _quoted("vendor/bin/phpunit", f"--filter=/^{pattern}$/")


def _jest(test: str) -> list[str]:
    pattern = " (?:› )?".join(map(_escaped, test.split(" › ")))  # a name may hold the separator
    return _quoted("npx", "jest", f"--testNamePattern=^{pattern}$")


def _vitest(test: str) -> list[str]:
    file, *names = test.split(" > ")
    option = [f"--testNamePattern=^{' (?:> )?'.join(map(_escaped, names))}$"] if names else []
    return _quoted("npx", "vitest", "run", file, *option)


def _mocha(test: str) -> list[str]:
    """A hook runs with its suite."""
    title = test.partition(' "')[0] if '" hook' in test else test
    return _quoted("npx", "mocha", f"--fgrep={title}")


def _node(test: str) -> list[str]:
    if test.startswith("/"):
        return _quoted("node", "--test", test)
    return _quoted("node", "--test", f"--test-name-pattern={_escaped(test)}")


def _playwright(test: str) -> list[str]:
    found = _PLAYWRIGHT.match(test)
    if found is None:
        return []
    project, file, line = found.groups()
    option = (f"--project={project}",) if project else ()
    place = _escaped(file).replace("\\.", ".")  # a dot matches itself too, and reads better
    return _quoted("npx", "playwright", "test", f"{place}:{line}", *option)


def _mozilla(test: str) -> list[str]:
    if "/" not in test:
        return _quoted("./mach", "gtest", test)
    return _quoted("./mach", "test", test.rpartition(".toml:")[2].rpartition(".ini:")[2])


_COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "cargo-test": _cargo,
    "ctest": _ctest,
    "dotnet": _dotnet,
    "go-test": _go,
    "googletest": _googletest,
    "gradle": _gradle,
    "jest": _jest,
    "maven-surefire": _maven,
    "minitest": _minitest,
    "mocha": _mocha,
    "mozilla": _mozilla,
    "nextest": _nextest,
    "node-test": _node,
    "phpunit": _phpunit,
    "playwright": _playwright,
    "pytest": _pytest,
    "python": _python,
    "pytorch-run-test": _run_test,
    "rspec": _rspec,
    "unittest": _unittest,
    "vitest": _vitest,
}
