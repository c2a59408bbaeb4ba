# ruff: noqa: RUF001  # jest and Playwright print it between suites and tests
"""The command by which a framework runs one of its tests again."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.frameworks import FRAMEWORKS
from flakebot.rerun_commands import LONGEST, rerun_command

MODULES = "-Dsurefire.failIfNoSpecifiedTests=false"


@pytest.mark.parametrize(
    ("framework", "test", "expected"),
    [
        ("pytest", "a/b.py::t[x y]", "python -m pytest 'a/b.py::t[x y]'"),
        ("python", "test_leader", "python -m pytest -k test_leader"),
        ("pytorch-run-test", "nn/test_pruning", "python test/run_test.py -i nn/test_pruning"),
        ("pytorch-run-test", "test/a.py::A::t", "python -m pytest test/a.py::A::t"),
        ("unittest", "test_a (m.T.test_a)", "python -m unittest m.T.test_a"),
        ("unittest", "test_a (m.T)", "python -m unittest m.T.test_a"),
        ("unittest", "setUpClass (m.T)", "python -m unittest m.T"),
        ("unittest", "test_a (__main__.T)", ""),
        ("unittest", "_ErrorHolder", ""),
        ("cargo-test", "tests::a", "cargo test -- --exact tests::a"),
        (
            "cargo-test",
            "src/lib.rs - shelf (line 3)",
            "cargo test --doc -- --exact 'src/lib.rs - shelf (line 3)'",
        ),
        (
            "nextest",
            "store tests::a",
            "cargo nextest run -E 'binary_id(=store) & test(=tests::a)'",
        ),
        ("nextest", "a)|all(", "cargo nextest run -E 'test(=a\\)|all()'"),
        ("go-test", "TestA/b.c", "go test ./... -count=1 '-run=^TestA$/^b\\.c$'"),
        (
            "googletest",
            "Few/Numbers.AreEven/1",
            '"$TEST_PROGRAM" --gtest_filter=Few/Numbers.AreEven/1',
        ),
        ("googletest", "A.b-c", "\"$TEST_PROGRAM\" '--gtest_filter=A.b?c'"),
        ("ctest", "with spaces", "ctest --output-on-failure -R '^with spaces$'"),
        (
            "maven-surefire",
            "isWide(org.example.ShelfTest)",
            f"mvn test '-Dtest=org.example.ShelfTest#isWide' {MODULES}",
        ),
        (
            "maven-surefire",
            "org.example.ShelfTest.isEven{int}[2]",
            f"mvn test '-Dtest=org.example.ShelfTest#isEven' {MODULES}",
        ),
        (
            "maven-surefire",
            "isEven{int}[2]",
            f"mvn test '-Dtest=*#isEven' {MODULES}",
        ),
        (
            "maven-surefire",
            "org.example.DatabaseTest",
            f"mvn test -Dtest=org.example.DatabaseTest {MODULES}",
        ),
        ("gradle", "o.ShelfTest > isWide", "./gradlew test --tests o.ShelfTest.isWide"),
        ("gradle", "o.ShelfTest > isEven(int) [2]", "./gradlew test --tests o.ShelfTest.isEven"),
        ("gradle", "o.ShelfTest", "./gradlew test --tests o.ShelfTest"),
        ("dotnet", "N.C.M(x: 1)", "dotnet test --filter 'FullyQualifiedName~N.C.M'"),
        ("dotnet", "a|b", "dotnet test --filter 'FullyQualifiedName~a\\|b'"),
        ("rspec", "Shelf is wide", "bundle exec rspec '--example=Shelf is wide'"),
        ("rspec", "./spec/a_spec.rb", "bundle exec rspec ./spec/a_spec.rb"),
        (
            "minitest",
            "ShelfTest#test_a",
            """bundle exec rake test 'TESTOPTS='"'"'--name=ShelfTest#test_a'"'"''""",
        ),
        ("phpunit", "N\\T::Is wide", ""),
        ("phpunit", "N\\T::testA", "vendor/bin/phpunit '--filter=/^N\\\\T::testA$/'"),
        (
            "phpunit",
            'T::testA with data set "a/b" (3)',
            """vendor/bin/phpunit '--filter=/^T::testA with data set "a\\/b"$/'""",
        ),
        ("jest", "cart › adds", "npx jest '--testNamePattern=^cart (?:› )?adds$'"),
        (
            "vitest",
            "a.ts > c > d (1)",
            "npx vitest run a.ts '--testNamePattern=^c (?:> )?d \\(1\\)$'",
        ),
        ("vitest", "a.ts", "npx vitest run a.ts"),
        ("mocha", "cart adds", "npx mocha '--fgrep=cart adds'"),
        ("mocha", 'the db "before all" hook: up for "x"', "npx mocha '--fgrep=the db'"),
        ("node-test", "cart adds", "node --test '--test-name-pattern=cart adds'"),
        ("node-test", "/w/a.test.js", "node --test /w/a.test.js"),
        (
            "playwright",
            "[Mobile Safari] › app/[id]/a.spec.ts:5:3 › c › d",
            "npx playwright test 'app/\\[id\\]/a.spec.ts:5' '--project=Mobile Safari'",
        ),
        ("playwright", "a.spec.ts:5:3 › c", "npx playwright test a.spec.ts:5"),
        ("playwright", "c › d", ""),
        ("mozilla", "dom/a.html", "./mach test dom/a.html"),
        ("mozilla", "xpcshell.toml:dom/a.js", "./mach test dom/a.js"),
        ("mozilla", "Cart.Overflows", "./mach gtest Cart.Overflows"),
        ("junit", "a.b", ""),
        ("pytest", "", ""),
        ("pytest", "--version", ""),
        ("pytest", "x" * (LONGEST + 1), ""),
    ],
)
def test_the_command_of_each_framework(framework: str, test: str, expected: str) -> None:
    """As the framework's own documentation says; empty where the id says too little."""
    assert rerun_command(framework, test) == expected


def test_every_framework_has_a_command() -> None:
    """A new framework brings its own."""
    samples = {"playwright": "a.ts:1:1 › b", "unittest": "test_a (m.T)"}
    assert [name for name in FRAMEWORKS if not rerun_command(name, samples.get(name, "a"))] == []


HOSTILE = "a'; touch pwned; '$(touch pwned)`touch pwned`\n&& touch pwned | x > y"


@pytest.mark.parametrize("framework", FRAMEWORKS)
@given(test=st.one_of(st.just(HOSTILE), st.text(max_size=60)))
def test_an_id_is_never_more_than_one_word(framework: str, test: str) -> None:
    """A shell sees as many words as for a harmless id, and one line."""
    command = rerun_command(framework, test)
    assert "\n" not in command
    words = shlex.split(command)
    assert len(words) <= 9
    assert all(word.strip() for word in words)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_shell_runs_nothing_of_a_hostile_id(framework: str) -> None:
    """What the id holds is text to a real shell, for minitest to a second one as well."""
    texts = {
        "playwright": f"a.ts:1:1 › {HOSTILE}",
        "unittest": f"test_a (m.T) {HOSTILE}",
        "phpunit": f"a with data set {HOSTILE}",
    }
    command = rerun_command(framework, texts.get(framework, HOSTILE))
    done = subprocess.run(
        ["sh", "-c", f"set -- {command}; printf '%s\\n' \"$@\""],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    words = done.stdout.splitlines()
    assert done.stderr == ""
    assert words == shlex.split(command.replace('"$TEST_PROGRAM"', "''"))
    if framework == "minitest":
        inner = shlex.split(words[-1].removeprefix("TESTOPTS="))
        assert len(inner) == 1
