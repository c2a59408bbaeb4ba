"""Which files of a pull request the failing tests import."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from flakebot.errors import FlakebotError
from flakebot.github_objects import ChangedFile
from flakebot.judging import imports
from flakebot.judging.builds import COUNTED
from flakebot.pipeline.tools import attempted
from flakebot.ports import Forge
from flakebot.records import RunRecord, TestEntry

FILES = 3
"""Test files that are read, a request each: a change that breaks more is seen from the first."""


def changed(
    pull_request: int,
    records: Sequence[RunRecord],
    past: Iterable[RunRecord],
    forge: Forge,
    problems: list[str],
) -> Sequence[ChangedFile]:
    """The files of a pull request, 0 for none, marked with what imports them; asked for only when
    there is a failure to hold against them.
    """
    if not pull_request or not any(job.tests or job.causes for r in records for job in r.jobs):
        return ()
    nothing: Sequence[ChangedFile] = ()
    files = attempted(lambda: forge.changed_files(pull_request), nothing, problems)
    return marked(files, records, past, forge)


def marked(
    files: Sequence[ChangedFile],
    records: Sequence[RunRecord],
    past: Iterable[RunRecord],
    forge: Forge,
) -> tuple[ChangedFile, ...]:
    """The changed files, each with the failing test files that import it.

    Read is the default branch, as for settings: nothing of a pull request is. A test file that is
    not there, or cannot be had, imports nothing that is known.

    Args:
        files: those of the pull request.
        records: the attempts of the run under judgement.
        past: what is on record; tests that failed before this run are left out.
        forge: where the test files are.
    """
    paths = {each.filename for each in files}
    if not any(path.endswith(".py") for path in paths):
        return tuple(files)
    tests = [file for file in _first_failing(records, past) if file not in paths]
    named = {file: _modules(file, forge) for file in tests[:FILES]}
    return tuple(
        dataclasses.replace(
            each,
            imported_by=frozenset(
                file
                for file, modules in named.items()
                if imports.imported(each.filename, file, modules)
            ),
        )
        for each in files
    )


def _first_failing(records: Sequence[RunRecord], past: Iterable[RunRecord]) -> list[str]:
    """The Python files of tests that failed for a reason of their own and never did before, in the
    order of the logs.
    """
    failing = dict.fromkeys(
        test.id for test in _tests(records) if test.final.bad and test.category.owner in COUNTED
    )
    own = {record.run_id for record in records}
    before = {
        test.id
        for test in _tests(record for record in past if record.run_id not in own)
        if test.id in failing
    }
    files = dict.fromkeys(test.partition("::")[0] for test in failing if test not in before)
    return [file for file in files if file.endswith(".py")]


def _tests(records: Iterable[RunRecord]) -> Iterator[TestEntry]:
    return (test for record in records for job in record.jobs for test in job.tests)


def _modules(file: str, forge: Forge) -> frozenset[imports.Module]:
    try:
        text = forge.contents(file)
    except FlakebotError:
        return frozenset()
    return imports.modules(text, file) if text else frozenset()
