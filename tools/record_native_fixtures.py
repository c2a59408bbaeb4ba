"""Record tests/fixtures/logs of test frameworks outside Python: run them for real on toy suites.

Needs Debian's golang-go, googletest, cmake, g++, maven with libsurefire-java, junit4, junit5 and
testng, gradle, gotestsum, ruby-rspec, ruby-minitest and phpunit, and a Rust toolchain with
cargo-nextest; nothing is downloaded. The suites stand in tools/native_suite. Run it only to add a
scenario or a version: the logs are committed, and their expectations beside them are blessed with
`BLESS=1 pytest tests/unit/test_fixture_logs.py`.

    python -m tools.record_native_fixtures [SCENARIO ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.record_pytest_fixtures import OUT, START, STEP, stamp

SUITE = Path(__file__).parent / "native_suite"
HOME = "/home/runner/work/store/store"
SECONDS = 300
"""No scenario runs longer."""

MAVEN = "mvn -o -B -Dmaven.repo.local=/usr/share/maven-repo"
GRADLE = "gradle --offline --no-daemon --console=plain"
BUILD = "cmake -B build -DCMAKE_BUILD_TYPE=Debug . && cmake --build build"


@dataclass(frozen=True)
class Scenario:
    """One log: a suite, the script of one step, its environment, and what is built before."""

    name: str
    suite: str
    script: str
    environ: str = ""
    before: str = ""


SCENARIOS = (
    Scenario("green-go", "go", "go test -v ./steady"),
    Scenario("go", "go", "go test -v ./wrong ./exits ./broken"),
    Scenario("go-plain", "go", "go test ./steady ./wrong ./broken ./untested"),
    Scenario("go-panics", "go", "go test -v ./panics"),
    Scenario("go-times-out", "go", "go test -timeout 1s ./hangs"),
    Scenario("go-races", "go", "go test -race ./races"),
    Scenario("go-json", "go", "go test -json ./steady ./wrong ./exits ./panics ./broken 2>&1"),
    Scenario("gotestsum", "go", "gotestsum -- ./steady ./wrong ./exits ./broken"),
    Scenario("gotestsum-names", "go", "gotestsum --format testname -- ./steady ./wrong ./panics"),
    Scenario(
        "gotestsum-again",
        "go",
        "gotestsum --format standard-verbose --rerun-fails --packages './steady ./wrong'",
    ),
    Scenario("green-googletest", "cpp", "build/steady", before=BUILD),
    Scenario("googletest", "cpp", "build/wrong", before=BUILD),
    Scenario("googletest-aborts", "cpp", "build/wrong", environ="DIE=1", before=BUILD),
    Scenario("green-ctest", "cpp", "ctest --test-dir build -R steady", before=BUILD),
    Scenario("ctest", "cpp", "ctest --test-dir build --output-on-failure", before=BUILD),
    Scenario(
        "ctest-until-pass",
        "cpp",
        "ctest --test-dir build -R second --repeat until-pass:3",
        before=BUILD,
    ),
    Scenario("green-maven", "java/junit4", f"{MAVEN} test", environ="STEADY=1"),
    Scenario("maven", "java/junit4", f"{MAVEN} test"),
    Scenario(
        "maven-reruns",
        "java/junit4",
        f"{MAVEN} -Dsurefire.rerunFailingTestsCount=2 test",
        environ="FLAKY=1",
    ),
    Scenario(
        "maven-flakes",
        "java/junit4",
        f"{MAVEN} -Dsurefire.rerunFailingTestsCount=2 test",
        environ="FLAKY=1 STEADY=1",
    ),
    Scenario("maven-junit5", "java/junit5", f"{MAVEN} test"),
    Scenario("maven-testng", "java/testng", f"{MAVEN} test"),
    Scenario("green-gradle", "java/junit4", f"{GRADLE} test", environ="STEADY=1"),
    Scenario("gradle", "java/junit4", f"{GRADLE} test"),
    Scenario("gradle-full", "java/junit4", f"{GRADLE} -Pfull test"),
    Scenario("green-rspec", "ruby", "rspec spec/shelf_spec.rb", environ="STEADY=1"),
    Scenario("rspec", "ruby", "rspec spec/shelf_spec.rb"),
    Scenario("rspec-loading", "ruby", "rspec"),
    Scenario("green-minitest", "ruby", "ruby test/shelf_test.rb --seed 1", environ="STEADY=1"),
    Scenario("minitest", "ruby", "ruby test/shelf_test.rb --seed 1"),
    Scenario("minitest-verbose", "ruby", "ruby test/shelf_test.rb --seed 1 --verbose"),
    Scenario("green-phpunit", "php", "phpunit --exclude-group wrong tests"),
    Scenario("phpunit", "php", "phpunit tests"),
    Scenario("phpunit-debug", "php", "phpunit --debug tests"),
    Scenario("green-phpunit-prints", "php", "phpunit --debug prints"),
    Scenario("phpunit-testdox", "php", "phpunit --testdox ."),
    Scenario("phpunit-teamcity", "php", "phpunit --teamcity ."),
    Scenario("green-cargo", "cargo", "cargo test"),
    Scenario("cargo", "cargo", "cargo test --no-fail-fast", environ="PARTS=assert"),
    Scenario("cargo-aborts", "cargo", "cargo test", environ="PARTS=abort"),
    Scenario("green-nextest", "cargo", "cargo nextest run"),
    Scenario("nextest", "cargo", "cargo nextest run --no-fail-fast", environ="PARTS=assert"),
    Scenario(
        "nextest-again",
        "cargo",
        "cargo nextest run --no-fail-fast --retries 2",
        environ="PARTS=assert",
    ),
    Scenario("nextest-aborts", "cargo", "cargo nextest run", environ="PARTS=abort"),
    Scenario(
        "cargo-overflows", "cargo", "cargo test -- --test-threads=1", environ="PARTS=overflow"
    ),
)


def run(scenario: Scenario, root: Path) -> tuple[list[str], int]:
    """What the script prints in a fresh copy of its suite, and its exit code."""
    repo = root / "repo"
    shutil.rmtree(repo, ignore_errors=True)
    shutil.copytree(SUITE / scenario.suite, repo)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("RUST")}  # noqa: TID251
    environ = {**inherited, **dict(pair.split("=") for pair in scenario.environ.split())}
    if scenario.before:
        _script(scenario.before, repo, environ).check_returncode()
    done = _script(scenario.script, repo, environ)
    text = done.stdout.decode(errors="replace").replace(str(repo), HOME)
    return text.removesuffix("\n").split("\n"), done.returncode


def _script(script: str, repo: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", f"{script}\nexit $?"],
        cwd=repo,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )


def wrap(scenario: Scenario, output: list[str], code: int) -> str:
    """The log as GitHub serves it."""
    rows = [f"##[group]Run {scenario.script}", f"\x1b[36;1m{scenario.script}\x1b[0m"]
    rows += ["shell: /usr/bin/bash -e {0}", "##[endgroup]", *output]
    rows += [f"##[error]Process completed with exit code {code}."] if code else []
    rows += ["Post job cleanup.", "Cleaning up orphan processes"]
    lines = [f"{stamp(START + STEP * number)} {row}" for number, row in enumerate(rows)]
    return "\ufeff" + "\n".join(lines) + "\n"


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        for scenario in SCENARIOS:
            if not wanted or scenario.name in wanted:
                output, code = run(scenario, Path(place))
                path = OUT / f"{scenario.name}.log"
                path.write_bytes(wrap(scenario, output, code).encode())
                print(f"{path.name}: {path.stat().st_size} bytes, exit code {code}")


if __name__ == "__main__":
    main()
