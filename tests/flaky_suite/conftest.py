"""Of the suite: notes each pytest that begins, and offers `--forked`.

pytest-forked 1.7.5, the newest, cannot send its reports under pytest 9.2, so the suite forks by
itself, in the same way and under the same option.
"""

from __future__ import annotations

import json
import os
import signal

import pytest
import truth
from _pytest.runner import runtestprotocol


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of pytest-forked."""
    parser.addoption("--forked", action="store_true", help="A process for each test.")


def pytest_configure(config: pytest.Config) -> None:
    """Tell all processes of this pytest which level it is, and note that it began."""
    if hasattr(config, "workerinput"):
        return
    processes = getattr(config.option, "numprocesses", None) or 0
    os.environ["FLAKY_SUITE_PROCESSES"] = str(processes)
    os.environ["FLAKY_SUITE_FORKED"] = str(int(config.option.forked))
    truth.note("begin")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Run a test in a child with `--forked`."""
    if not item.config.option.forked:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _forked(item):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _forked(item: pytest.Item) -> list[pytest.TestReport]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        _in_child(item, write)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        content = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return [_crashed(item, os.WTERMSIG(status))]
    hook = item.config.hook
    return [
        hook.pytest_report_from_serializable(config=item.config, data=data)
        for data in json.loads(content)
    ]


def _in_child(item: pytest.Item, write: int) -> None:
    """Run the test, send its reports, and end without any of the parent's clean-up."""
    hook = item.config.hook
    reports = [
        hook.pytest_report_to_serializable(config=item.config, report=report)
        for report in runtestprotocol(item, log=False)
    ]
    with os.fdopen(write, "wb") as file:
        file.write(json.dumps(reports, default=str).encode())
    os._exit(0)


def _crashed(item: pytest.Item, number: int) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=f"running the test CRASHED with signal {number} ({signal.Signals(number).name})",
        when="call",
    )
