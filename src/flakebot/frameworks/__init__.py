"""What flakebot knows of test frameworks: one module per text format, listed here. Pure.

A framework is a module with `NAME` and `parser()`. To add one: write the module, its fixtures, and
one line in `FRAMEWORKS`; mypy says if a function is missing. `junit_xml` reads files, not logs, and
stands beside.
"""

from __future__ import annotations

from typing import Protocol

from flakebot.frameworks import (
    cargo_test,
    ctest,
    dotnet,
    go_test,
    googletest,
    gradle,
    jest,
    maven_surefire,
    minitest,
    mocha,
    mozilla,
    nextest,
    node_test,
    phpunit,
    playwright,
    pytest_text,
    python_traceback,
    pytorch_run_test,
    rspec,
    unittest_text,
    vitest,
)
from flakebot.frameworks.reading import Parser


class Framework(Protocol):
    """A module that reads one framework's output."""

    NAME: str

    def parser(self) -> Parser:
        """A fresh parser for one log."""
        ...


FRAMEWORKS: dict[str, Framework] = {
    pytest_text.NAME: pytest_text,
    pytorch_run_test.NAME: pytorch_run_test,
    cargo_test.NAME: cargo_test,
    nextest.NAME: nextest,
    go_test.NAME: go_test,
    googletest.NAME: googletest,
    ctest.NAME: ctest,
    maven_surefire.NAME: maven_surefire,
    gradle.NAME: gradle,
    dotnet.NAME: dotnet,
    rspec.NAME: rspec,
    minitest.NAME: minitest,
    phpunit.NAME: phpunit,
    unittest_text.NAME: unittest_text,
    jest.NAME: jest,
    vitest.NAME: vitest,
    mocha.NAME: mocha,
    mozilla.NAME: mozilla,
    playwright.NAME: playwright,
    node_test.NAME: node_test,
    python_traceback.NAME: python_traceback,
}
